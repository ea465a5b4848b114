"""A wire to a Redis server that can go dead without being cut, as a firewall that forgot a connection makes it."""

from __future__ import annotations

import asyncio
from pathlib import Path


class RedisWire:
    """Connections made after `fall_silent` work; on those made before, nothing arrives from the server any more."""

    def __init__(self, server: Path, path: Path) -> None:
        self._server = server
        self._path = path
        self.url = f"unix://{path}"
        self.connections = 0
        self._alive: set[asyncio.StreamWriter] = set()
        self._silent: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listening: asyncio.Server | None = None

    async def start(self) -> None:
        self._listening = await asyncio.start_unix_server(self._accept, str(self._path))

    def fall_silent(self) -> None:
        self._silent = set(self._alive)

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._alive.add(writer)
        far_reader, far_writer = await asyncio.open_unix_connection(str(self._server))
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._carry(reader, far_writer, None))
                group.create_task(self._carry(far_reader, writer, writer))
        finally:
            self._alive.discard(writer)
            for each in (writer, far_writer):
                each.close()
            self._tasks.discard(task)

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, client: asyncio.StreamWriter | None
    ) -> None:
        while data := await reader.read(65_536):
            if client not in self._silent:
                writer.write(data)
                await writer.drain()
        writer.close()
