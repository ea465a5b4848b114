"""The archive that is made of an export: a ZIP in a temporary file, written a piece at a time off the event loop."""

from __future__ import annotations

import asyncio
import tempfile
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Final

import msgspec
from msgspec import Struct

from collab.files.store import Files

from .exporting import ExportReader, KeptFile
from .found import Person
from .rules import Area

FORMAT: Final = 1
PIECE_BYTES: Final = 1_048_576

Advance = Callable[[int, int], Awaitable[None]]


class Made(Struct, frozen=True):
    size_bytes: int
    left_out: int


class Archive:
    """Entries are written one after another; `zipfile` may not be used from two places at once."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6)

    async def add(self, name: str, pieces: AsyncIterator[bytes], *, packed: bool) -> None:
        info = zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0))
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        info.external_attr = 0o600 << 16
        entry = await asyncio.to_thread(lambda: self._zip.open(info, "w", force_zip64=True))
        try:
            async for piece in pieces:
                await asyncio.to_thread(entry.write, piece)
        finally:
            await asyncio.to_thread(entry.close)

    async def close(self) -> None:
        await asyncio.to_thread(self._zip.close)


@asynccontextmanager
async def archive_of(
    person: Person, reader: ExportReader, files: Files, at_ms: int, advance: Advance
) -> AsyncIterator[tuple[Path, Made]]:
    """A file of this machine until the block ends.  Raises UNAVAILABLE while the store of files is away."""
    file: IO[bytes] = await asyncio.to_thread(tempfile.NamedTemporaryFile)
    try:
        archive = await asyncio.to_thread(Archive, file)
        try:
            left_out = await _fill(archive, person, reader, files, at_ms, advance)
        finally:
            await archive.close()  # also one that is given up: else it would end itself in a file that is gone
        await asyncio.to_thread(file.flush)
        path = Path(file.name)
        yield path, Made((await asyncio.to_thread(path.stat)).st_size, left_out)
    finally:
        await asyncio.to_thread(file.close)


async def _fill(
    archive: Archive, person: Person, reader: ExportReader, files: Files, at_ms: int, advance: Advance
) -> int:
    """How many files are not in it."""
    kept, left_out = await reader.files(person)
    total, done = len(Area) + len(kept) + 1, 0
    cut: list[str] = []
    for area in Area:
        await archive.add(f"{area.value}.json", _area(reader, area, person, cut), packed=True)
        done += 1
        await advance(done, total)
    missing: list[str] = []
    for one in kept:
        await archive.add(f"files/{one.name}", _file(files, one, missing), packed=False)
        done += 1
        await advance(done, total)
    manifest = {
        "format": FORMAT,
        "account": person.id,
        "made_at_ms": at_ms,
        "tables_with_more_rows": cut,
        "files_left_out": left_out,
        "files_missing": missing,
    }
    await archive.add("manifest.json", _whole(msgspec.json.format(msgspec.json.encode(manifest))), packed=True)
    await advance(total, total)
    return left_out + len(missing)


async def _area(reader: ExportReader, area: Area, person: Person, cut: list[str]) -> AsyncIterator[bytes]:
    """One object: each table with its rows."""
    yield b"{"
    begun = ""
    if area is Area.ACCOUNT:
        yield b'"accounts":[' + await reader.account(person)
        begun = "accounts"
    async for page in reader.rows(area, person):
        if page.cut:
            cut.append(page.table)
        lead = b""
        if page.table != begun:
            lead = b"%b%b:[" % (b"],\n" if begun else b"", msgspec.json.encode(page.table))
            begun = page.table
        elif page.rows:
            lead = b",\n"
        yield lead + b",\n".join(page.rows)
    yield b"]}" if begun else b"}"


async def _file(files: Files, one: KeptFile, missing: list[str]) -> AsyncIterator[bytes]:
    try:
        async for piece in files.stream(one.sha256):
            yield piece
    except FileNotFoundError:
        missing.append(one.name)


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content
