"""Files that come in: read only once the handler has asked who sends them; each to a file, counted and digested."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Final

from aiohttp import web
from msgspec import Struct

from collab.problems import Refusal
from rooms.core.codes import Code

PIECE_BYTES: Final = 1_048_576
PIECE_MAX_S: Final = 30.0  # for each PIECE_BYTES, or what is left
UPLOADS_MAX: Final = 32  # at once, of one server process
RETRY_MS: Final = 2_000


class Received(Struct, frozen=True):
    path: Path  # until the block ends
    sha256: str
    size_bytes: int

    async def content(self) -> bytes:
        """For files that are small enough to hold."""
        return await asyncio.to_thread(self.path.read_bytes)

    async def ends(self, length: int) -> tuple[bytes, bytes]:
        """(the first, the last `length` bytes)."""
        return await asyncio.to_thread(self._ends, length)

    def _ends(self, length: int) -> tuple[bytes, bytes]:
        with self.path.open("rb") as file:
            begin = file.read(length)
            file.seek(max(0, self.size_bytes - length))
            return begin, file.read(length)


class Uploads:
    """The folder that uploads pass through, and how many may do so at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._under_way = 0

    @asynccontextmanager
    async def receive(self, request: web.BaseRequest, max_bytes: int) -> AsyncIterator[Received]:
        """Raises TOO_LARGE (at once, if the length is announced), IDLE, UNAVAILABLE, INVALID for nothing."""
        if (request.content_length or 0) > max_bytes:
            raise Refusal(Code.TOO_LARGE, f"announced {request.content_length}")
        if request.headers.get("Content-Encoding", "identity") != "identity":
            raise web.HTTPUnsupportedMediaType
        if self._under_way >= UPLOADS_MAX:
            raise Refusal(Code.UNAVAILABLE, "too many uploads at once", retry_after_ms=RETRY_MS)
        self._under_way += 1
        try:
            file = await asyncio.to_thread(self._open)
            try:
                yield await _read(request, file, max_bytes)
            finally:
                await asyncio.to_thread(_discard, file)
        finally:
            self._under_way -= 1

    def _open(self) -> IO[bytes]:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return tempfile.NamedTemporaryFile(dir=self._folder, delete=False)


async def _read(request: web.BaseRequest, file: IO[bytes], max_bytes: int) -> Received:
    digest, size = hashlib.sha256(), 0
    while True:
        try:
            async with asyncio.timeout(PIECE_MAX_S):
                piece = await _piece(request)
        except TimeoutError:
            raise Refusal(Code.IDLE, "slow upload") from None
        if not piece:
            break
        size += len(piece)
        if size > max_bytes:
            raise Refusal(Code.TOO_LARGE, "more than was announced")
        digest.update(piece)
        await asyncio.to_thread(file.write, piece)
    if not size:
        raise Refusal(Code.BAD_FILE, "nothing")
    await asyncio.to_thread(file.flush)
    return Received(Path(file.name), digest.hexdigest(), size)


async def _piece(request: web.BaseRequest) -> bytes:
    """PIECE_BYTES, fewer at the end, none after it."""
    parts: list[bytes] = []
    length = 0
    while length < PIECE_BYTES:
        part = await request.content.read(PIECE_BYTES - length)
        if not part:
            break
        parts.append(part)
        length += len(part)
    return b"".join(parts)


def _discard(file: IO[bytes]) -> None:
    file.close()
    Path(file.name).unlink(missing_ok=True)
