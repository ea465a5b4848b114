"""Asks the media plane for an answer, as a browser's first packet would: straight over UDP or TCP, or by a relay.

The question is a plain STUN binding request (RFC 8489 2), which the media plane answers to anybody, at a low rate.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import ssl
from enum import StrEnum
from typing import Final

from aioice import stun
from aioice.turn import create_turn_endpoint

ANSWER_MAX_S: Final = 3.0
_MAGIC: Final = 0x2112A442.to_bytes(4, "big")  # RFC 8489 5
_HEADER_BYTES: Final = 20
_RELAY: Final = re.compile(
    r"(?P<scheme>turns?):(?P<host>\[[0-9A-Fa-f:.]+\]|[^:?/\[\]]+)(?::(?P<port>\d{1,5}))?(?:\?transport=(?P<transport>udp|tcp))?",
    re.IGNORECASE,
)


class RelayState(StrEnum):
    WORKS = "works"
    DENIED = "denied"  # it does not take the credentials
    AWAY = "away"  # it does not answer
    SHUT = "shut"  # it takes the credentials, but nothing comes back from the media plane through it


def _question() -> bytes:
    return b"\x00\x01\x00\x00" + _MAGIC + secrets.token_bytes(12)


def _answers(question: bytes, data: bytes) -> bool:
    """A success response to just this request."""
    return data[:2] == b"\x01\x01" and data[4:_HEADER_BYTES] == question[4:_HEADER_BYTES]


class _Asker(asyncio.DatagramProtocol):
    def __init__(self, question: bytes) -> None:
        self._question = question
        self.answered: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, _address: object) -> None:
        if _answers(self._question, data) and not self.answered.done():
            self.answered.set_result(True)


async def answers_by_udp(host: str, port: int, within_s: float = ANSWER_MAX_S) -> bool:
    question = _question()
    loop = asyncio.get_running_loop()
    try:
        transport, asker = await loop.create_datagram_endpoint(lambda: _Asker(question), remote_addr=(host, port))
    except OSError:
        return False
    try:
        async with asyncio.timeout(within_s):
            transport.sendto(question)
            return await asker.answered
    except TimeoutError:
        return False
    finally:
        transport.close()


async def answers_by_tcp(host: str, port: int, within_s: float = ANSWER_MAX_S) -> bool:
    """Framed as ICE-TCP frames it: a 16-bit length before each message (RFC 4571 2)."""
    question = _question()
    try:
        async with asyncio.timeout(within_s):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(len(question).to_bytes(2, "big") + question)
                length = int.from_bytes(await reader.readexactly(2), "big")
                return _answers(question, await reader.readexactly(length))
            finally:
                writer.close()
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return False


async def try_relay(
    url: str, username: str, credential: str, peer: tuple[str, int], within_s: float = ANSWER_MAX_S
) -> RelayState:
    """Allocate at the relay (RFC 8656) and ask `peer`, the media plane, through it.  ValueError for another URL than
    RFC 7065's."""
    found = _RELAY.fullmatch(url)
    if found is None:
        raise ValueError(f"{url} is no TURN address")
    secure = found["scheme"].lower() == "turns"
    host, port = found["host"].strip("[]"), int(found["port"] or (5349 if secure else 3478))
    transport = "tcp" if secure else (found["transport"] or "udp").lower()
    question = _question()
    try:
        async with asyncio.timeout(within_s):
            relay, asker = await create_turn_endpoint(
                lambda: _Asker(question),
                (host, port),
                username,
                credential,
                ssl=any_certificate() if secure else None,
                transport=transport,
            )
    except stun.TransactionFailed as failed:
        return RelayState.DENIED if failed.response.attributes.get("ERROR-CODE", (0,))[0] == 401 else RelayState.AWAY
    except (OSError, TimeoutError, stun.TransactionError):
        return RelayState.AWAY
    try:
        async with asyncio.timeout(within_s):
            relay.sendto(question, peer)
            await asker.answered
            return RelayState.WORKS
    except TimeoutError:
        return RelayState.SHUT
    finally:
        relay.close()


def any_certificate() -> ssl.SSLContext:
    """For looking at who answers; whether browsers trust the certificate, browsers say."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
