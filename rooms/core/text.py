"""Text that people and programs bring into a room, made harmless once, on the way in.

Names are shown beside other people's words, so what could disguise a name or disturb the line is taken out: control and
invisible characters, and the bidirectional controls of UAX #9 (embeddings, overrides, isolates, marks) which would turn
the text after them around.  Zero-width joiner and non-joiner stay: Persian and Indic names and emoji need them.
"""

from __future__ import annotations

import unicodedata

from .model import CHAT_TEXT_MAX_CHARS, NAME_MAX_CHARS

TOKEN_MAX_CHARS = 512
COMBINING_RUN_MAX = 3  # Vietnamese and Thai need two; stacks of dozens cover the lines around them
JOINERS = frozenset("\u200c\u200d")
KEPT_IN_CHAT = frozenset("\n\t") | JOINERS
# Cc control, Cf format (all bidirectional controls and invisible operators), Cs lone surrogates (no UTF-8 exists for
# them), Co private use, Zl and Zp line and paragraph separators.
DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
# Emoji flags of England, Scotland and Wales are spelled with tag characters (Cf); they stay out, the flag's base stays.


def clean_name(raw: str, limit: int = NAME_MAX_CHARS) -> str:
    """A name on one line, at most `limit` characters, NFC; "" when nothing visible is left."""
    spaced = "".join(" " if character.isspace() else character for character in raw[: 8 * limit])
    kept = _kept(unicodedata.normalize("NFC", _without_surrogates(spaced)), JOINERS)
    name = " ".join(kept.split())[:limit].strip()
    return name if any(character not in JOINERS and character != " " for character in name) else ""


def clean_chat(raw: str) -> str | None:
    """A chat text with its lines; None when it is empty or too long."""
    if len(raw) > CHAT_TEXT_MAX_CHARS:
        return None
    return clean_lines(raw, CHAT_TEXT_MAX_CHARS) or None


def clean_lines(raw: str, limit: int) -> str:
    """A text with its lines, at most `limit` characters; "" when nothing is left."""
    return _kept(raw.replace("\r\n", "\n"), KEPT_IN_CHAT).strip()[:limit].rstrip()


def is_token(raw: str, limit: int = TOKEN_MAX_CHARS) -> bool:
    """Whether this can be an id, key or code: 1..limit characters, all printable, none of them white space."""
    return 0 < len(raw) <= limit and raw.isprintable() and not any(character.isspace() for character in raw)


def _without_surrogates(raw: str) -> str:
    return "".join(character for character in raw if not "\ud800" <= character <= "\udfff")


def _kept(raw: str, exceptions: frozenset[str]) -> str:
    kept: list[str] = []
    run = 0
    for character in raw:
        category = unicodedata.category(character)
        if category in DROPPED and character not in exceptions:
            continue
        run = run + 1 if category in ("Mn", "Me") else 0
        if run <= COMBINING_RUN_MAX:
            kept.append(character)
    return "".join(kept)
