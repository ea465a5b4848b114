"""Who gets an account: by the whole domain of the address, the nearest rule first."""

from __future__ import annotations

import pytest

from collab.oidc.policy import organization_for, rules_of
from collab.oidc.service import NEXT, local_path

RULES = rules_of("factory.example=Laser Works; *=Optics Valley")


@pytest.mark.parametrize(
    ("email", "organization"),
    [
        ("li@factory.example", "Laser Works"),
        ("li@FACTORY.example", "Laser Works"),
        ("li@sub.factory.example", "Optics Valley"),
        ("li@evil-factory.example", "Optics Valley"),
        ("factory.example@evil.example", "Optics Valley"),
    ],
)
def test_the_whole_domain_counts(email: str, organization: str) -> None:
    assert organization_for(RULES, email) == organization


def test_without_a_rule_nobody_gets_one() -> None:
    assert organization_for((), "li@factory.example") is None
    assert organization_for(rules_of("factory.example=Laser Works"), "li@factory.example.evil") is None


@pytest.mark.parametrize("text", ["Optics Valley", "=Optics", "a b.example=X", "*=", "x=Y", "*=A;*=B"])
def test_rules_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        rules_of(text)


@pytest.mark.parametrize(
    "path", ["", "home", "//evil.example", "/\\evil.example", "https://evil.example", "/a b", "/a\r\n", "/ü", "/" * 600]
)
def test_no_other_page_than_ours_is_led_to(path: str) -> None:
    assert local_path(path) == NEXT
    assert local_path("/requests/new?type=x") == "/requests/new?type=x"
