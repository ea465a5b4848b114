"""Viewers' tokens: nobody makes one, changes one, or takes one elsewhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collab.livestream.tokens import Viewer, ViewerKind, read, registration_of, registration_token, sign
from collab.problems import Refusal
from rooms.core.codes import Code

KEY, OTHER = "ab" * 32, "cd" * 32
VIEWER = Viewer(livestream_id="l", id="v", kind=ViewerKind.ANONYMOUS, name="李", expires_at_ms=1_000)


def test_a_token_says_who_it_was_made_for_until_it_runs_out() -> None:
    token = sign(VIEWER, KEY)
    assert read(token, KEY, "l", 999) == VIEWER
    with pytest.raises(Refusal) as refused:
        read(token, KEY, "l", 1_000)
    assert refused.value.code is Code.EXPIRED


@pytest.mark.parametrize(("key", "livestream_id"), [(OTHER, "l"), (KEY, "other")])
def test_it_opens_one_livestream_only(key: str, livestream_id: str) -> None:
    with pytest.raises(Refusal) as refused:
        read(sign(VIEWER, KEY), key, livestream_id, 0)
    assert refused.value.code is Code.UNAUTHENTICATED


@given(st.text(max_size=1_200))
def test_any_text_is_refused_and_nothing_else_happens(text: str) -> None:
    with pytest.raises(Refusal):
        read(text, KEY, "l", 0)
    assert registration_of(text, KEY) == ""


def test_a_registration_is_found_by_its_own_token_only() -> None:
    token = registration_token("0" * 26, KEY)
    assert registration_of(token, KEY) == "0" * 26
    assert registration_of(token, OTHER) == ""
    assert registration_of("1" * 26 + token[26:], KEY) == ""
