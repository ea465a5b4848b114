"""Many HLS viewers in one process: each plays as a low-latency player does, or as an ordinary one, and throws away
what it gets.  Bare sockets: what is measured is the server, on a machine that has to carry both.
"""

from __future__ import annotations

import asyncio
import re
import time
from typing import Final

from msgspec import Struct

_HINT: Final = re.compile(rb'PRELOAD-HINT:TYPE=PART,URI="(\d+)\.(\d+)\.m4s"')
_SEGMENT: Final = re.compile(rb"\n([a-z0-9-]+\.(?:m4s|ts))\n(?!.*\n[a-z0-9-]+\.(?:m4s|ts)\n)", re.DOTALL)
_LENGTH: Final = re.compile(rb"(?i)\r\ncontent-length: *(\d+)\r\n")
PLAIN_EVERY_S: Final = 2.0


class Counted(Struct):
    requests: int = 0
    playlists: int = 0
    media: int = 0
    media_bytes: int = 0
    refused: int = 0
    late_ms: float = 0.0  # from the playlist that told of a part to its last byte, summed up


class Viewer:
    def __init__(self, port: int, base: str, counted: Counted) -> None:
        self._port = port
        self._base = base
        self._counted = counted

    async def low_latency(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 18)
        try:
            body = await self._get(reader, writer, "live.m3u8")
            while (found := _HINT.search(body)) is not None:
                segment, part = int(found[1]), int(found[2])
                body = await self._get(reader, writer, f"live.m3u8?_HLS_msn={segment}&_HLS_part={part}")
                begun = time.perf_counter()
                await self._get(reader, writer, f"{segment}.{part}.m4s", media=True)
                self._counted.late_ms += (time.perf_counter() - begun) * 1_000
        finally:
            writer.close()

    async def ordinary(self, playlist: str = "plain.m3u8") -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 18)
        seen = b""
        loop = asyncio.get_running_loop()
        due = loop.time()
        try:
            while True:
                body = await self._get(reader, writer, playlist)
                found = _SEGMENT.search(body)
                if found is not None and found[1] != seen:
                    seen = found[1]
                    begun = time.perf_counter()
                    await self._get(reader, writer, seen.decode(), media=True)
                    self._counted.late_ms += (time.perf_counter() - begun) * 1_000
                due += PLAIN_EVERY_S
                await asyncio.sleep(due - loop.time())
        finally:
            writer.close()

    async def _get(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, name: str, *, media: bool = False
    ) -> bytes:
        writer.write(f"GET {self._base}/{name} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        found = _LENGTH.search(head)
        length = int(found[1]) if found is not None else 0
        body = b""
        if media:
            left = length
            while left > 0:
                left -= len(await reader.read(min(left, 1 << 18)))
        else:
            body = await reader.readexactly(length)
        counted = self._counted
        counted.requests += 1
        if not head.startswith(b"HTTP/1.1 200"):
            counted.refused += 1
        elif media:
            counted.media += 1
            counted.media_bytes += length
        else:
            counted.playlists += 1
        return body
