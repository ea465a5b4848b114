from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.core.model import CHAT_TEXT_MAX_CHARS, NAME_MAX_CHARS
from rooms.core.text import clean_chat, clean_name, is_token

BIDI_CONTROLS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("王小明", "王小明"),
        ("  Ann \t\n Lee ", "Ann Lee"),
        ("Ann\u202egnp.exe", "Anngnp.exe"),
        (f"{BIDI_CONTROLS}Ann{BIDI_CONTROLS}", "Ann"),
        ("A\u0000n\u0007n\u001b[31m", "Ann[31m"),
        ("\ud800Ann\udfff", "Ann"),
        ("e\u0301", "\u00e9"),
        ("مريم\u200cها", "مريم\u200cها"),
        ("👩\u200d🔧", "👩\u200d🔧"),
        ("\u200d\u200c", ""),
        ("\u200b\ufeff\u2060", ""),
        ("Ann\u2028Lee", "Ann Lee"),
        ("\ue000Ann", "Ann"),
        ("Z" + "\u0301\u0302\u0303\u0304\u0305" * 9, "Ź\u0302\u0303\u0304"),
        ("x" * 500, "x" * NAME_MAX_CHARS),
        ("", ""),
    ],
)
def test_names_are_made_harmless(raw: str, name: str) -> None:
    assert clean_name(raw) == name


@given(st.text(st.characters(), max_size=300))
def test_a_clean_name_is_one_short_line_without_controls_and_stays_as_it_is(raw: str) -> None:
    name = clean_name(raw)
    assert len(name) <= NAME_MAX_CHARS
    assert not set(name) & set(BIDI_CONTROLS)
    assert len(name.split("\n")) == 1
    assert name == name.strip()
    name.encode()
    assert clean_name(name) == name


@given(st.text(st.characters(), max_size=300))
def test_a_clean_text_can_be_stored_and_stays_as_it_is(raw: str) -> None:
    text = clean_chat(raw)
    if text is not None:
        text.encode()
        assert not set(text) & set(BIDI_CONTROLS)
        assert clean_chat(text) == text


def test_a_text_may_be_as_long_as_the_limit() -> None:
    assert clean_chat("x" * CHAT_TEXT_MAX_CHARS) == "x" * CHAT_TEXT_MAX_CHARS
    assert clean_chat("x" * (CHAT_TEXT_MAX_CHARS + 1)) is None


@pytest.mark.parametrize("raw", ["abc-123_~!", "é", "x" * 8])
def test_tokens_are_short_and_printable(raw: str) -> None:
    assert is_token(raw, limit=10)


@pytest.mark.parametrize("raw", ["", "a b", "a\nb", "\ud800", "\u202ea", "x" * 11])
def test_anything_else_is_no_token(raw: str) -> None:
    assert not is_token(raw, limit=10)
