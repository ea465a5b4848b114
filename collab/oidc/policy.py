"""Who gets an account when they first come from the provider: the operator's rules as values.  Pure.

`*=Optics Valley` makes everybody a member of that organization, `factory.example=Laser Works` those with a verified
address there; several with semicolons between them, the nearest counts; none: nobody gets one.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

RULES_MAX: Final = 200
EVERYBODY: Final = "*"


class Rule(Struct, frozen=True):
    domain: str  # EVERYBODY, or lower case
    organization: str  # its name

    def __str__(self) -> str:
        return f"{self.domain}={self.organization}"


def rules_of(text: str) -> tuple[Rule, ...]:
    """Raises ValueError."""
    rules = []
    for part in filter(None, (one.strip() for one in text.split(";"))):
        domain, sign, organization = (one.strip() for one in part.partition("="))
        domain = domain.lower().lstrip("@")
        if not sign or not organization or (domain != EVERYBODY and not _is_domain(domain)):
            raise ValueError(part)
        rules.append(Rule(domain, organization))
    if len(rules) > RULES_MAX or len({one.domain for one in rules}) != len(rules):
        raise ValueError(text)
    return tuple(rules)


def organization_for(rules: tuple[Rule, ...], email: str) -> str | None:
    """By the whole domain: `evil-factory.example` and `factory.example.evil` are other ones."""
    by_domain = {one.domain: one.organization for one in rules}
    return by_domain.get(email.rpartition("@")[2].lower()) or by_domain.get(EVERYBODY)


def _is_domain(text: str) -> bool:
    return "." in text.strip(".") and all(character.isalnum() or character in ".-" for character in text)
