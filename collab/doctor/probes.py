"""Looks at this machine for `tongxin doctor`: ports, folder, database, Redis.  Every wait is bounded."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import shutil
import socket
from pathlib import Path

from cryptography import x509
from sqlalchemy import text

from collab.addresses import LOOPBACK
from collab.clock import now_ms
from collab.db.engine import Database, is_away
from collab.db.migrate import pending
from collab.keys import prepare_data_folder
from collab.meetings.turn_servers import TurnServers
from collab.problems import StartFailure
from signaling.captions.model import Lack, lacking
from signaling.webrtc.probe import RelayState, answers_by_udp, any_certificate, try_relay

from .findings import Check, Cure, Finding, Sentence, State, clock, media_by_udp

ANSWER_MAX_S = 2.0
RELAY_CREDENTIAL_MS = 60_000
DISK_LOW_MB = 500
CERTIFICATE_SOON_DAYS = 14


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


async def server_answers(host: str, port: int, *, tls: bool) -> bool:
    """Whether one of ours answers on this machine, where `host` is what it listens on."""
    asked = LOOPBACK if ipaddress.ip_address(host).is_unspecified else host
    context = any_certificate() if tls else None
    try:
        async with asyncio.timeout(ANSWER_MAX_S):
            reader, writer = await asyncio.open_connection(asked, port, ssl=context)
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
        return media_by_udp(await answers_by_udp(advertised, port), values, State.WARNING)
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


_RELAY_FINDINGS = {
    RelayState.WORKS: (State.OK, Sentence.RELAY_WORKS, Cure.NONE),
    RelayState.DENIED: (State.FAULT, Sentence.RELAY_DENIED, Cure.MATCH_TURN_SECRET),
    RelayState.AWAY: (State.FAULT, Sentence.RELAY_AWAY, Cure.START_RELAY),
    RelayState.SHUT: (State.FAULT, Sentence.RELAY_SHUT, Cure.ALLOW_PEER),
}


async def relays(turn: TurnServers, media_host: str, media_port: int) -> list[Finding]:
    """Each relay tried with credentials as participants get them, and a packet to the media plane through it."""
    found = []
    for server in turn.of("doctor", now_ms(), now_ms() + RELAY_CREDENTIAL_MS):
        for url in server.urls:
            if url.startswith("stun:"):
                continue
            state = await try_relay(url, server.username, server.credential, (media_host, media_port))
            level, sentence, cure = _RELAY_FINDINGS[state]
            values: dict[str, str | int] = {"url": url, "media_host": media_host}
            found.append(Finding(Check.RELAY, level, sentence, cure, values))
    return found


def disk(folder: Path) -> Finding:
    free_mb = shutil.disk_usage(folder).free // 1_000_000
    values: dict[str, str | int] = {"path": str(folder.absolute()), "free_mb": free_mb}
    if free_mb >= DISK_LOW_MB:
        return Finding(Check.DISK, State.OK, Sentence.DISK_FINE, values=values)
    return Finding(Check.DISK, State.WARNING, Sentence.DISK_LOW, Cure.FREE_DISK, values)


_CAPTIONS_LACK = {
    Lack.PACKAGE: (Sentence.CAPTIONS_NO_PACKAGE, Cure.INSTALL_CAPTIONS),
    Lack.FOLDER: (Sentence.CAPTIONS_NO_FOLDER, Cure.SET_CAPTIONS_MODEL),
    Lack.FILES: (Sentence.CAPTIONS_NO_MODEL, Cure.SET_CAPTIONS_MODEL),
}


def captions(folder: Path | None) -> Finding:
    """None is missing where none are wanted."""
    if folder is None:
        return Finding(Check.CAPTIONS, State.OK, Sentence.CAPTIONS_OFF)
    values: dict[str, str | int] = {"path": str(folder.absolute())}
    lack = lacking(folder)
    if lack is None:
        return Finding(Check.CAPTIONS, State.OK, Sentence.CAPTIONS_READY, values=values)
    return Finding(Check.CAPTIONS, State.WARNING, *_CAPTIONS_LACK[lack], values)


def certificate(path: Path) -> Finding:
    """How long the certificate that we serve with is still good."""
    try:
        ends = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    except (OSError, ValueError) as error:
        return Finding(
            Check.CERTIFICATE,
            State.FAULT,
            Sentence.CERTIFICATE_BAD,
            Cure.RENEW_CERTIFICATE,
            {"path": str(path), "cause": str(error)},
        )
    days = (int(ends.timestamp() * 1_000) - now_ms()) // 86_400_000
    values: dict[str, str | int] = {"path": str(path), "days": days}
    if days < 0:
        return Finding(Check.CERTIFICATE, State.FAULT, Sentence.CERTIFICATE_OVER, Cure.RENEW_CERTIFICATE, values)
    if days < CERTIFICATE_SOON_DAYS:
        return Finding(Check.CERTIFICATE, State.WARNING, Sentence.CERTIFICATE_SOON, Cure.RENEW_CERTIFICATE, values)
    return Finding(Check.CERTIFICATE, State.OK, Sentence.CERTIFICATE_FINE, values=values)
