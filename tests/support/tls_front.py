"""TLS in front of a server that has none, as stunnel or nginx's stream module are for nginx-rtmp."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from rooms.tasks import TaskOwner

PIECE_BYTES = 65_536


@asynccontextmanager
async def tls_front(certificate: tuple[Path, Path], port: int, backend_port: int) -> AsyncIterator[None]:
    """`certificate`: (certificate, key)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    carrying = TaskOwner()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            try:
                while data := await reader.read(PIECE_BYTES):
                    writer.write(data)
                    await writer.drain()
            finally:
                writer.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", backend_port)
            carrying.start(carry(reader, behind_writer), "to the server")
            carrying.start(carry(behind_reader, writer), "from the server")

    server = await asyncio.start_server(accept, "127.0.0.1", port, ssl=context)
    try:
        yield
    finally:
        server.close()
        await carrying.close()
