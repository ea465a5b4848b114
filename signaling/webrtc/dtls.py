"""DTLS over the shared UDP socket: aiortc's transport, fed with one peer's datagrams and giving its SRTP keys away.

aiortc asks of its lower layer only `role`, `async _recv()` and `async _send()`; a bounded queue is enough.  The
handshake may run before the peer's SDP is known (RFC 8842 5: an offerer must be ready for it), but neither keys nor
data leave this file before the certificate's fingerprint was compared.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable, Sequence
from typing import Final

import structlog
from aiortc.rtcdtlstransport import (
    SRTP_AEAD_AES_128_GCM,
    SRTP_AEAD_AES_256_GCM,
    SRTP_AES128_CM_SHA1_80,
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    SRTPProtectionProfile,
    State,
    certificate_digest,
)
from OpenSSL import SSL

from .sdp import Fingerprint

log = structlog.get_logger(__name__)

INBOUND_QUEUE_MAX_DATAGRAMS: Final = 64  # overflow: the newest is dropped, DTLS and SCTP send it again
DATAGRAM_MAX_BYTES: Final = 1_500
HANDSHAKES_MAX: Final = 256  # at once; the others' first flights wait in their queues
HANDSHAKE_MAX_MS: Final = 15_000
FINGERPRINT_WAIT_MAX_MS: Final = 30_000

# IANA SRTP protection profiles (RFC 5764 4.1.2, RFC 7714 14.2), in the order in which we choose.  OpenSSL lets the
# server's order win; AES-GCM costs a fraction of AES-CM with HMAC-SHA1.
_PROFILES: Final = (
    (SRTP_AEAD_AES_128_GCM, 0x0007),
    (SRTP_AEAD_AES_256_GCM, 0x0008),
    (SRTP_AES128_CM_SHA1_80, 0x0001),
)
_EXPORTER_LABEL: Final = b"EXTRACTOR-dtls_srtp"  # RFC 5764 4.2


class ServerCertificate(RTCCertificate):
    """One self-signed ECDSA certificate and one OpenSSL context for all connections of the process.

    A context of its own for each connection would cost a tenth of the handshake's time and 30 kB.
    """

    _context: SSL.Context | None = None

    @property
    def fingerprint(self) -> Fingerprint:
        return Fingerprint("sha-256", certificate_digest(self._cert, "sha-256"))

    def _create_ssl_context(self, srtp_profiles: list[SRTPProtectionProfile]) -> SSL.Context:
        if self._context is None:
            self._context = super()._create_ssl_context(srtp_profiles)
        return self._context


class Datagrams:
    """The lower layer of one DTLS connection: what arrived from its peer, and how to answer."""

    role = "controlled"

    def __init__(self, send: Callable[[bytes], object]) -> None:
        self._send_datagram = send
        self._queue: asyncio.Queue[bytes] = asyncio.Queue(INBOUND_QUEUE_MAX_DATAGRAMS)
        self.dropped = 0

    def deliver(self, datagram: bytes) -> None:
        try:
            self._queue.put_nowait(datagram)
        except asyncio.QueueFull:
            self.dropped += 1

    def send(self, datagram: bytes) -> None:
        self._send_datagram(datagram)

    async def _recv(self) -> bytes:
        return await self._queue.get()

    async def _send(self, datagram: bytes) -> None:
        self.send(datagram)


class DtlsServer(RTCDtlsTransport):
    """Server side of one connection.  `on_keys(profile, receive_master, send_master)` gets master keys with salts."""

    def __init__(
        self,
        datagrams: Datagrams,
        certificate: ServerCertificate,
        handshakes: asyncio.Semaphore,
        on_keys: Callable[[int, bytes, bytes], None],
    ) -> None:
        super().__init__(datagrams, [certificate])  # type: ignore[arg-type]  # wants an RTCIceTransport, uses three names
        self._srtp_profiles = [profile for profile, _ in _PROFILES]
        self._set_role("server")
        self._datagrams = datagrams
        self._handshakes = handshakes
        self._on_keys = on_keys
        self._expected: tuple[Fingerprint, ...] = ()
        self._expecting = asyncio.Event()

    def expect(self, fingerprints: Sequence[Fingerprint]) -> None:
        """The peer's SDP arrived.  The first one counts: a connection keeps its certificate (RFC 8842 5.1)."""
        if not self._expecting.is_set():
            self._expected = tuple(fingerprints)
            self._expecting.set()

    async def run(self) -> bool:
        """Shake hands, check the fingerprint, hand the keys out.  False when any of it failed or took too long."""
        unknown_yet = RTCDtlsParameters([RTCDtlsFingerprint("sha-256", "")])
        try:
            async with asyncio.timeout((HANDSHAKE_MAX_MS + FINGERPRINT_WAIT_MAX_MS) / 1000):
                await self.start(unknown_yet)
        except TimeoutError:
            self._set_state(State.FAILED)
        return self._state is State.CONNECTED

    async def wait_ended(self) -> None:
        """Until the peer says close_notify or reading fails."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def stop_reading(self) -> None:
        reader = self._task
        if reader is not None:
            reader.cancel()
            await asyncio.wait([reader])
            if not reader.cancelled() and (error := reader.exception()) is not None:
                log.warning("the DTLS reader failed", error=repr(error))

    def say_goodbye(self) -> None:
        """close_notify, without waiting for anything (RFC 5246 7.2.1)."""
        if self._ssl is not None and self._state is State.CONNECTED:
            try:
                self._ssl.shutdown()
                self._datagrams.send(self._ssl.bio_read(DATAGRAM_MAX_BYTES))
            except SSL.Error:
                log.debug("no goodbye could be said")

    async def _do_handshake(self) -> None:
        try:
            async with self._handshakes, asyncio.timeout(HANDSHAKE_MAX_MS / 1000):
                await super()._do_handshake()
        except TimeoutError:
            self._set_state(State.FAILED)
        if self._state is not State.FAILED:
            await self._expecting.wait()

    def _validate_peer_identity(self, remoteParameters: RTCDtlsParameters) -> None:  # noqa: N803  # aiortc's name
        """RFC 8122 6.2: one matching fingerprint of a hash that we know is needed; we ask it of all that are given."""
        connection = self._ssl
        certificate = connection.get_peer_certificate(as_cryptography=True) if connection is not None else None
        matches = [
            certificate is not None and hmac.compare_digest(certificate_digest(certificate, item.algorithm), item.value)
            for item in self._expected
        ]
        if not matches or not all(matches):
            log.info("the peer's certificate is not the one of its SDP")
            self._set_state(State.FAILED)

    def _setup_srtp(self) -> None:
        """Export the master keys (RFC 5764 4.2).  The client's write key is what we, the server, receive with."""
        if self._ssl is None:
            raise RuntimeError("no handshake took place")
        chosen = self._ssl.get_selected_srtp_profile()
        for profile, number in _PROFILES:
            if profile.openssl_profile == chosen:
                size = 2 * (profile.key_length + profile.salt_length)
                material = self._ssl.export_keying_material(_EXPORTER_LABEL, size)
                self._on_keys(number, profile.get_key_and_salt(material, 0), profile.get_key_and_salt(material, 1))
                return
        log.info("no SRTP profile in common")
        self._set_state(State.FAILED)
