"""Words in the two languages of the product, as they stand in types of requests.  Pure."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct

WORDS_MAX_CHARS: Final = 1_000

Phrase = Annotated[str, Meta(max_length=WORDS_MAX_CHARS)]


class Words(Struct, frozen=True, forbid_unknown_fields=True):
    """The same in Chinese and English."""

    zh: Phrase = ""
    en: Phrase = ""

    def in_language(self, language: str) -> str:
        """`language`: a locale; the other language where this one is missing."""
        chosen, other = (self.zh, self.en) if language.startswith("zh") else (self.en, self.zh)
        return chosen or other

    @property
    def whole(self) -> bool:
        return bool(self.zh.strip() and self.en.strip())


NO_WORDS: Final = Words()
