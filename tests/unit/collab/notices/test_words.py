"""Every kind of notice has its words in both languages, its way and its part of the product."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collab.notices.kinds import KINDS, NoticeKind
from collab.notices.words import TITLE_MAX_CHARS, WORDS, Language, Lines, language_of, lines_of


def test_no_kind_lacks_words_or_a_way() -> None:
    assert set(WORDS) == set(KINDS) == set(NoticeKind)


@pytest.mark.parametrize("kind", list(NoticeKind))
def test_both_languages_say_the_same(kind: NoticeKind) -> None:
    words = WORDS[kind]
    assert words.zh.places == words.en.places
    assert all((words.zh.title, words.en.title, words.zh.action, words.en.action))


@given(title=st.text(), other=st.text())
def test_a_value_is_text_whatever_it_looks_like(title: str, other: str) -> None:
    params = {"title": "{from}" + title, "from": other, "text": ""}
    lines = lines_of(NoticeKind.ANNOUNCEMENT, Language.EN, params)
    assert lines.title == f"Announcement: {{from}}{title}"[:TITLE_MAX_CHARS]


def test_what_a_notice_lacks_stays_empty() -> None:
    assert Lines("{a}-{b}", "", "x").filled({"a": "1"}).title == "1-"


@pytest.mark.parametrize(("locale", "language"), [("en", "en"), ("en-GB", "en"), ("zh-CN", "zh"), ("", "zh")])
def test_languages(locale: str, language: str) -> None:
    assert language_of(locale) is Language(language)
