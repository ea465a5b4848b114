"""One peer connection on our side: a native transport, the DTLS over it, and data channels where they were agreed on.

new -> connected (ICE) -> secure (the core has the keys) -> closed
  \\_______________\\_______________________________________^
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

import structlog
from msgspec import Struct

from rooms.tasks import TaskOwner
from signaling.webrtc.dtls import Datagrams, DtlsServer, ServerCertificate
from signaling.webrtc.sctp import Channel, DataAssociation
from signaling.webrtc.sdp import Fingerprint
from signaling.webrtc.transport import Candidate, LocalTransport

from . import _sfu
from .pump import WorkerPump

log = structlog.get_logger(__name__)

CONNECT_WITHIN_MS: Final = 30_000


class LinkState(StrEnum):
    NEW = "new"
    CONNECTED = "connected"
    SECURE = "secure"
    CLOSED = "closed"


TRANSITIONS: Final[Mapping[LinkState, frozenset[LinkState]]] = {
    LinkState.NEW: frozenset({LinkState.CONNECTED, LinkState.SECURE, LinkState.CLOSED}),
    LinkState.CONNECTED: frozenset({LinkState.SECURE, LinkState.CLOSED}),
    LinkState.SECURE: frozenset({LinkState.CLOSED}),
    LinkState.CLOSED: frozenset(),
}


class LinkServices(Struct, frozen=True):
    """What all links of a process share."""

    certificate: ServerCertificate
    handshakes: asyncio.Semaphore
    tasks: TaskOwner
    addresses: tuple[str, ...]  # advertised, best first


class Link:
    """Implements pump.TransportOwner.

    `on_lost(over)` is told when the peer never came or went silent (`over` False: an ICE restart can still bring it
    back) and when DTLS failed or ended (`over` True: only a new connection can).
    """

    def __init__(
        self,
        services: LinkServices,
        pump: WorkerPump,
        on_lost: Callable[[bool], None],
        on_estimate: Callable[[int, bool], None] | None = None,
    ) -> None:
        self._services = services
        self._pump = pump
        self._on_lost = on_lost
        self._on_estimate = on_estimate
        self._ufrag, self._password = ice_credentials()
        self._restarts = 0
        self.handle = pump.worker.open_transport(self._ufrag.encode(), self._password.encode())
        self.state = LinkState.NEW
        self.was_secure = False
        self._datagrams = Datagrams(self._send)
        self._dtls = DtlsServer(self._datagrams, services.certificate, services.handshakes, self._on_keys)
        self._running: asyncio.Task[None] | None = None
        self._data: DataAssociation | None = None
        self._data_port = 0
        self._deadline = asyncio.get_running_loop().call_later(CONNECT_WITHIN_MS / 1000, self._never_connected)
        pump.add_transport(self.handle, self)

    @property
    def local(self) -> LocalTransport:
        port = self._pump.worker.port
        ways = (False, True) if self._pump.listens_tcp else (False,)
        candidates = tuple(Candidate(address, port, tcp) for tcp in ways for address in self._services.addresses)
        fingerprint = self._services.certificate.fingerprint
        return LocalTransport(self._ufrag, self._password, fingerprint, candidates, self._restarts)

    def expect(self, fingerprints: tuple[Fingerprint, ...]) -> None:
        """The peer's SDP is known: the handshake may be completed, with this certificate only."""
        self._dtls.expect(fingerprints)

    def use_keys(self, receive_master: bytes, send_master: bytes) -> None:
        """For a process of ours that has got them by another way: nobody needs DTLS."""
        self._on_keys(_sfu.PROFILE_AES128_CM_SHA1_80, receive_master, send_master)

    def restart_ice(self) -> None:
        """New credentials; the former stay good until a check with the new ones comes (RFC 8445 9)."""
        self._ufrag, self._password = ice_credentials()
        self._restarts += 1
        self._pump.worker.restart_ice(self.handle, self._ufrag.encode(), self._password.encode())

    def agree_on_data(
        self, remote_port: int, remote_max_message_bytes: int, on_message: Callable[[Channel, bytes], None]
    ) -> None:
        """Data channels open when DTLS stands.  A second call changes nothing (RFC 8841 9.3)."""
        if self._data is not None or self.state is LinkState.CLOSED:
            return
        self._data = DataAssociation(self._dtls, remote_max_message_bytes, on_message)
        self._data_port = remote_port
        if self.state is LinkState.SECURE:
            self._services.tasks.start(self._data.open(remote_port), "open data channels")

    def send_data(self, channel: Channel, message: bytes) -> bool:
        return self._data is not None and self.state is LinkState.SECURE and self._data.send(channel, message)

    def close(self) -> None:
        """Say goodbye and cut: from here on nothing is sent or received.  Idempotent."""
        if self.state is LinkState.CLOSED:
            return
        if self._data is not None:
            self._data.cut()
        self._dtls.say_goodbye()
        self._move(LinkState.CLOSED)
        self._deadline.cancel()
        if self._running is not None:
            self._running.cancel()
        self._pump.forget_transport(self.handle)
        self._pump.worker.close_transport(self.handle)

    # ------------------------------------------------------------ pump.TransportOwner

    def on_dtls(self, datagram: bytes) -> None:
        self._datagrams.deliver(datagram)
        if self._running is None:
            self._running = self._services.tasks.start(self._run(), f"dtls of transport {self.handle}")

    def on_connected(self, address: str) -> None:
        log.debug("a peer is connected", transport=self.handle, address=address)
        self._deadline.cancel()
        if self.state is LinkState.NEW:
            self._move(LinkState.CONNECTED)

    def on_disconnected(self) -> None:
        log.info("a peer went silent", transport=self.handle)
        self._on_lost(False)

    def on_estimate(self, bps: int, limited: bool) -> None:
        if self._on_estimate is not None:
            self._on_estimate(bps, limited)

    # ------------------------------------------------------------ inside

    async def _run(self) -> None:
        """Owned by the process's tasks; ends with the link."""
        try:
            if await self._dtls.run():
                if self._data is not None:
                    await self._data.open(self._data_port)
                await self._dtls.wait_ended()
        finally:
            await self._dtls.stop_reading()
        if self.state is not LinkState.CLOSED:
            log.info("a peer's DTLS ended", transport=self.handle, state=self._dtls.state)
            self._on_lost(True)

    def _never_connected(self) -> None:
        log.info("a peer never connected", transport=self.handle)
        self._on_lost(False)

    def _on_keys(self, profile: int, receive_master: bytes, send_master: bytes) -> None:
        if self.state is not LinkState.CLOSED:
            self._pump.worker.set_srtp(self.handle, profile, receive_master, send_master)
            self.was_secure = True
            self._move(LinkState.SECURE)

    def _send(self, datagram: bytes) -> None:
        if self.state is not LinkState.CLOSED:
            self._pump.worker.send_dtls(self.handle, datagram)

    def _move(self, to: LinkState) -> None:
        if to not in TRANSITIONS[self.state]:
            raise AssertionError(f"a link cannot go from {self.state} to {to}")
        log.debug("a link moved", transport=self.handle, before=self.state, after=to)
        self.state = to


def ice_credentials() -> tuple[str, str]:
    """RFC 8839 5.4: hexadecimal digits are ice-chars; 48 random bits of ufrag, 128 of password."""
    return secrets.token_hex(6), secrets.token_hex(16)
