"""Captions of a replay (WebVTT): uploaded ones are checked, those of the engine have no label; kept and served."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Final

from msgspec import Struct
from sqlalchemy import delete, select

from collab.clock import now_ms
from collab.db.engine import Database
from collab.problems import Refusal
from collab.recordings.transcript import joined
from rooms.core.codes import Code

from .models import LivestreamCaptionRow

CAPTIONS_MAX_BYTES: Final = 1_000_000
LANGUAGES_MAX: Final = 10
CUES_MAX: Final = 20_000
HEAD: Final = "WEBVTT\n"

# A cue's times (WebVTT 4.1): hours are optional.
_TIMES: Final = re.compile(
    r"(?:(\d{2,4}):)?([0-5]\d):([0-5]\d)\.(\d{3})[ \t]+-->[ \t]+(?:(\d{2,4}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
)


class Caption(Struct, frozen=True):
    language: str
    label: str  # "" = of the engine


def cleaned(content: bytes) -> str:
    """The file as it may be served, with \\n for every line's end.  Raises BAD_FILE."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refusal(Code.BAD_FILE, "not UTF-8") from None
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    first, _, _ = text.partition("\n")
    if first != "WEBVTT" and not first.startswith(("WEBVTT ", "WEBVTT\t")):
        raise Refusal(Code.BAD_FILE, "no WEBVTT line")
    cues = 0
    for line in text.split("\n"):
        if "-->" not in line:
            continue
        found = _TIMES.match(line.strip())
        if found is None:
            raise Refusal(Code.BAD_FILE, f"times: {line[:80]!r}")
        begins, ends = _at_ms(found.groups()[:4]), _at_ms(found.groups()[4:])
        if ends <= begins:
            raise Refusal(Code.BAD_FILE, f"ends before it begins: {line[:80]!r}")
        cues += 1
    if not 0 < cues <= CUES_MAX:
        raise Refusal(Code.BAD_FILE, f"{cues} cues")
    return text


def _at_ms(parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, thousandths = (int(part or 0) for part in parts)
    return ((hours * 60 + minutes) * 60 + seconds) * 1_000 + thousandths


class CaptionRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, livestream_id: str, language: str, label: str, text: str, at_ms: int) -> None:
        """Raises TOO_MANY."""
        async with self._database.write() as session:
            row = await session.get(LivestreamCaptionRow, (livestream_id, language))
            if row is None:
                there = await session.scalars(
                    select(LivestreamCaptionRow.language).where(LivestreamCaptionRow.livestream_id == livestream_id)
                )
                if len(there.all()) >= LANGUAGES_MAX:
                    raise Refusal(Code.TOO_MANY, "languages")
                row = LivestreamCaptionRow(livestream_id=livestream_id, language=language)
                session.add(row)
            row.label, row.text, row.size_bytes, row.at_ms = label, text, len(text.encode()), at_ms

    def keeping(self, language: str) -> Callable[[str, str], Awaitable[None]]:
        """Takes (livestream, captions of the engine)."""

        async def keep(livestream_id: str, text: str) -> None:
            await self.put_automatic(livestream_id, language, text, now_ms())

        return keep

    async def put_automatic(self, livestream_id: str, language: str, text: str, at_ms: int) -> None:
        """What the engine has understood, without a label.  What somebody has brought stays; a film that goes on has
        what was said before as well."""
        row = await self._row(livestream_id, language)
        if row is not None and (row.label or text.removeprefix(HEAD) in row.text):
            return
        text = joined(row.text, text) if row is not None else text
        await self.put(livestream_id, language, "", text, at_ms)

    async def remove(self, livestream_id: str, language: str) -> bool:
        query = delete(LivestreamCaptionRow).where(
            LivestreamCaptionRow.livestream_id == livestream_id, LivestreamCaptionRow.language == language
        )
        async with self._database.write() as session:
            return await session.scalar(query.returning(LivestreamCaptionRow.language)) is not None

    async def all(self, livestream_id: str) -> list[Caption]:
        query = select(LivestreamCaptionRow.language, LivestreamCaptionRow.label).where(
            LivestreamCaptionRow.livestream_id == livestream_id
        )
        async with self._database.read() as session:
            rows = await session.execute(query.order_by(LivestreamCaptionRow.language))
            return [Caption(language, label) for language, label in rows.all()]

    async def text(self, livestream_id: str, language: str) -> str | None:
        row = await self._row(livestream_id, language)
        return row.text if row else None

    async def _row(self, livestream_id: str, language: str) -> LivestreamCaptionRow | None:
        async with self._database.read() as session:
            return await session.get(LivestreamCaptionRow, (livestream_id, language))
