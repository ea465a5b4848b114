"""Tables that wait to be read by a job: in the store of files, because the worker may be on another machine.

Each lies there until it has been read; what a crash leaves goes with its import.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import IO

from collab.files.store import Files


class WaitingTables:
    def __init__(self, files: Files) -> None:
        self._files = files

    async def put(self, import_id: str, path: Path) -> None:
        """Raises UNAVAILABLE."""
        await self._files.put_aside(_name(import_id), path)

    @asynccontextmanager
    async def fetched(self, import_id: str) -> AsyncIterator[Path]:
        """A file of this machine, until the block ends.  Raises FileNotFoundError, UNAVAILABLE."""
        file: IO[bytes] = await asyncio.to_thread(tempfile.NamedTemporaryFile)
        try:
            async for piece in self._files.stream_aside(_name(import_id)):
                await asyncio.to_thread(file.write, piece)
            await asyncio.to_thread(file.flush)
            yield Path(file.name)
        finally:
            await asyncio.to_thread(file.close)

    async def drop(self, import_id: str) -> None:
        with suppress(FileNotFoundError):
            await self._files.drop_aside(_name(import_id))


def _name(import_id: str) -> str:
    return f"imports/{import_id}"
