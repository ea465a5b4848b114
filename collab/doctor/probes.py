"""Looks at this machine for `tongxin doctor`: ports, folder, database, Redis.  Every wait is bounded."""

from __future__ import annotations

import asyncio
import errno
import secrets
import socket
import ssl
from pathlib import Path

from sqlalchemy import text

from collab.clock import now_ms
from collab.db.engine import Database, is_away
from collab.db.migrate import pending
from collab.keys import prepare_data_folder
from collab.problems import StartFailure

from .findings import Check, Cure, Finding, Sentence, State, clock

ANSWER_MAX_S = 2.0
STUN_MAGIC = 0x2112A442.to_bytes(4, "big")  # RFC 8489 5


def data_folder(folder: Path) -> Finding:
    try:
        prepare_data_folder(folder)
    except StartFailure as failure:
        return Finding(
            Check.DATA_FOLDER, State.FAULT, Sentence.DATA_FOLDER_BAD, Cure.FIX_DATA_FOLDER, {"cause": str(failure)}
        )
    return Finding(Check.DATA_FOLDER, State.OK, Sentence.DATA_FOLDER_FINE, values={"path": str(folder.absolute())})


async def database(opened: Database) -> list[Finding]:
    """Reachable, of the newest schema, with a clock like ours."""
    kind = opened.engine.dialect.name
    try:
        async with asyncio.timeout(ANSWER_MAX_S * 3):
            await opened.ping()
            old = await pending(opened)
            skew_ms = await _skew_ms(opened)
    except Exception as error:
        if not is_away(error) and not hasattr(error, "orig"):
            raise
        cause = (
            str(getattr(error, "orig", None) or error).strip().partition("\n")[0].rstrip(".") or type(error).__name__
        )
        values: dict[str, str | int] = {"kind": kind, "cause": cause}
        return [Finding(Check.DATABASE, State.FAULT, Sentence.DATABASE_AWAY, Cure.START_DATABASE, values)]
    state = Finding(Check.DATABASE, State.OK, Sentence.DATABASE_ANSWERS, values={"kind": kind})
    if old:
        state = Finding(Check.DATABASE, State.WARNING, Sentence.DATABASE_OLD, Cure.MIGRATE, {"kind": kind})
    return [state] if skew_ms is None else [state, clock(skew_ms)]


async def _skew_ms(opened: Database) -> int | None:
    """None for SQLite, which has no clock of its own."""
    if opened.engine.dialect.name != "postgresql":
        return None
    async with opened.read() as session:
        theirs = await session.scalar(text("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint"))
    return now_ms() - int(theirs or 0)


async def server_answers(port: int, *, tls: bool) -> bool:
    """Whether one of ours answers on this machine."""
    context = None
    if tls:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = (
            False,
            ssl.CERT_NONE,
        )  # the question is who listens, not who signed
    try:
        async with asyncio.timeout(ANSWER_MAX_S):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
            try:
                writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                return b"Server: tongxin" in await reader.read(4_096)
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False


def web_port(host: str, port: int, *, ours: bool) -> Finding:
    values: dict[str, str | int] = {"port": port}
    if ours:
        return Finding(Check.WEB_PORT, State.OK, Sentence.SERVER_ANSWERS, values=values)
    if can_bind(socket.SOCK_STREAM, host, port):
        return Finding(Check.WEB_PORT, State.OK, Sentence.WEB_PORT_FREE, values=values)
    return Finding(Check.WEB_PORT, State.FAULT, Sentence.WEB_PORT_TAKEN, Cure.FREE_WEB_PORT, values)


async def media_port(host: str, port: int, advertised: str, *, running: bool) -> Finding:
    """While the server runs: does a STUN request to the advertised address come back?  Else: is the port free?"""
    values: dict[str, str | int] = {"port": port, "host": advertised}
    if running:
        if await stun_answers(advertised, port):
            return Finding(Check.MEDIA_PORT, State.OK, Sentence.MEDIA_PORT_OPEN, values=values)
        return Finding(Check.MEDIA_PORT, State.WARNING, Sentence.MEDIA_PORT_SILENT, Cure.OPEN_UDP, values)
    if can_bind(socket.SOCK_DGRAM, host, port):
        return Finding(Check.MEDIA_PORT, State.OK, Sentence.MEDIA_PORT_FREE, values=values)
    return Finding(Check.MEDIA_PORT, State.FAULT, Sentence.MEDIA_PORT_TAKEN, Cure.FREE_MEDIA_PORT, values)


def can_bind(kind: socket.SocketKind, host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, kind) as trial:
        if kind is socket.SOCK_STREAM:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            return error.errno not in (errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL)
    return True


async def stun_answers(host: str, port: int) -> bool:
    """A binding request without credentials (RFC 8489 2), as a browser sends it to a STUN server."""
    loop = asyncio.get_running_loop()
    transaction = secrets.token_bytes(12)
    answered: asyncio.Future[bool] = loop.create_future()

    class Probe(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, _address: object) -> None:
            if data[4:20] == STUN_MAGIC + transaction and not answered.done():
                answered.set_result(True)

    try:
        transport, _ = await loop.create_datagram_endpoint(Probe, remote_addr=(host, port))
    except OSError:
        return False
    try:
        async with asyncio.timeout(ANSWER_MAX_S):
            transport.sendto(b"\x00\x01\x00\x00" + STUN_MAGIC + transaction)
            return await answered
    except TimeoutError:
        return False
    finally:
        transport.close()
