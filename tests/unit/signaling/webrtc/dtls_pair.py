"""Our DTLS server and aiortc's client, joined by two queues."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsParameters, RTCDtlsTransport

from signaling.webrtc.dtls import Datagrams, DtlsServer, ServerCertificate
from signaling.webrtc.sdp import Fingerprint

CERTIFICATE = ServerCertificate.generateCertificate()
CLIENT_CERTIFICATE = RTCCertificate.generateCertificate()


def fingerprints(certificate: RTCCertificate) -> tuple[Fingerprint, ...]:
    return tuple(Fingerprint(item.algorithm, item.value) for item in certificate.getFingerprints())


class ClientSide:
    """What aiortc takes for an ICE transport.  `rewrite` may turn one datagram into several, or none."""

    role = "controlling"

    def __init__(self) -> None:
        self.inbound: asyncio.Queue[bytes] = asyncio.Queue()
        self.server: Datagrams | None = None
        self.rewrite: Callable[[bytes], list[bytes]] = lambda datagram: [datagram]

    async def _recv(self) -> bytes:
        return await self.inbound.get()

    async def _send(self, datagram: bytes) -> None:
        assert self.server is not None
        for part in self.rewrite(datagram):
            self.server.deliver(part)


@dataclass
class Pair:
    server: DtlsServer
    client: RTCDtlsTransport
    side: ClientSide
    keys: list[tuple[int, bytes, bytes]] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)

    async def shake(self) -> bool:
        """Both sides at once; what the server says of it."""
        served, _ = await asyncio.gather(self.server.run(), self.client.start(parameters()))
        return served


def parameters() -> RTCDtlsParameters:
    return RTCDtlsParameters(CERTIFICATE.getFingerprints())


@contextlib.asynccontextmanager
async def paired(handshakes: int = 8) -> AsyncIterator[Pair]:
    side = ClientSide()
    keys: list[tuple[int, bytes, bytes]] = []
    sent: list[bytes] = []

    def send(datagram: bytes) -> None:
        sent.append(datagram)
        side.inbound.put_nowait(datagram)

    side.server = Datagrams(send)
    server = DtlsServer(side.server, CERTIFICATE, asyncio.Semaphore(handshakes), lambda *found: keys.append(found))
    client = RTCDtlsTransport(side, [CLIENT_CERTIFICATE])  # type: ignore[arg-type]
    client._set_role("client")
    try:
        yield Pair(server, client, side, keys, sent)
    finally:
        await server.stop_reading()
        reader = client._task
        await client.stop()
        if reader is not None:
            await asyncio.wait([reader])
