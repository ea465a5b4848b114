"""What a notice says, for each kind in Chinese and English.  {names} are its parameters; the text may be empty.

Every text is one line in an inbox, the subject of a mail and what a locked phone shows: short, and nothing that only
the person may see beyond what the title needs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct

from .kinds import NoticeKind

TITLE_MAX_CHARS: Final = 200
TEXT_MAX_CHARS: Final = 1_000

_PLACE = re.compile(r"\{([a-z_]+)\}")


class Language(StrEnum):
    ZH = "zh"
    EN = "en"


def language_of(locale: str) -> Language:
    return Language.EN if locale.lower().startswith("en") else Language.ZH


class Lines(Struct, frozen=True):
    title: str
    text: str
    action: str  # the button that leads to where one acts

    def filled(self, params: Mapping[str, str]) -> Lines:
        """What a notice lacks stays empty: an old one must still be readable by a newer release."""
        return Lines(
            _fill(self.title, params)[:TITLE_MAX_CHARS], _fill(self.text, params)[:TEXT_MAX_CHARS], self.action
        )

    @property
    def places(self) -> frozenset[str]:
        return frozenset(_PLACE.findall(self.title + self.text))


def _fill(template: str, params: Mapping[str, str]) -> str:
    """Not str.format: a value that looks like a place is text, and attributes cannot be reached."""
    return _PLACE.sub(lambda place: params.get(place[1], ""), template)


class Bilingual(Struct, frozen=True):
    zh: Lines
    en: Lines

    def of(self, language: Language) -> Lines:
        return self.zh if language is Language.ZH else self.en


WORDS: Mapping[NoticeKind, Bilingual] = {
    NoticeKind.ANNOUNCEMENT: Bilingual(
        zh=Lines("通知：{title}", "{from}：{text}", "阅读全文"),
        en=Lines("Announcement: {title}", "{from}: {text}", "Read it"),
    ),
    NoticeKind.CALL: Bilingual(
        zh=Lines("{from} 正在呼叫您", "事由：{about}", "接听"),
        en=Lines("{from} is calling you", "About: {about}", "Answer"),
    ),
    NoticeKind.CALL_MISSED: Bilingual(
        zh=Lines("未接来电：{from}", "事由：{about}", "查看"),
        en=Lines("Missed call from {from}", "About: {about}", "Open"),
    ),
}


def lines_of(kind: NoticeKind, language: Language, params: Mapping[str, str]) -> Lines:
    return WORDS[kind].of(language).filled(params)
