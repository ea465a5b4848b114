"""One peer connection of a synthetic participant: a socket that can be exchanged, ICE checks, DTLS and SRTP over it.

It is the controlling side in the smallest form (RFC 8445 8.1.1, one candidate pair), as `tests/bench/peer.py` is, but
driven by the event loop: a soak has a hundred of them in one process, for hours.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Callable

from aioice import stun
from OpenSSL import SSL

from tests.bench.peer import EXPORTER_LABEL, Certificate
from tests.bench.sdp import Remote

from .srtp import KEY_BYTES, SALT_BYTES, SrtpKeys

CHECK_EVERY_S = 2.5
CHECK_AGAIN_S = 0.1
DTLS_AGAIN_S = 0.3
CONNECT_WITHIN_S = 10.0
BATCH = 64


class LineDied(Exception):
    """No answer came within the time that a live server needs."""


class Line:
    """`receive` gets every SRTP packet as it came; `receive_rtcp` gets compound packets that proved themselves.

    `port` is of the first socket; 0 is any.
    """

    def __init__(
        self,
        certificate: Certificate,
        source: str,
        receive: Callable[[bytes], None],
        receive_rtcp: Callable[[bytes], None],
        port: int = 0,
    ) -> None:
        self._certificate = certificate
        self._receive = receive
        self._receive_rtcp = receive_rtcp
        self._loop = asyncio.get_running_loop()
        self.session_id = secrets.randbits(62)  # o= of all that it says: a server knows a new connection by it
        self.ufrag = ""
        self.password = ""
        self.renew()
        self.remote: Remote | None = None
        self.sending: SrtpKeys | None = None
        self.receiving: SrtpKeys | None = None
        self.answered_at = 0.0  # when the server last answered a check, loop time
        self._answered = asyncio.Event()
        self._check_id = b""
        self._handshake: SSL.Connection | None = None
        self._shaken = asyncio.Event()  # secure, or failed for good
        self._failure = ""
        self._socket = self._open(source, port)
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def secure(self) -> bool:
        return self.sending is not None

    def renew(self) -> None:
        """New credentials of ours, for an ICE restart."""
        self.ufrag, self.password = secrets.token_hex(4), secrets.token_hex(12)

    async def connect(self, remote: Remote) -> None:
        """Checks, then the handshake as DTLS client.  Raises LineDied.

        Who is cancelled or gives up here may call it again: a line has one handshake, which goes on by itself until
        the line is closed, as a browser's connection does.
        """
        await self.follow(remote)
        if self._handshake is None:
            self._handshake = SSL.Connection(self._certificate.context, None)
            self._handshake.set_connect_state()
            self._handshake.set_ciphertext_mtu(1200)
            self._shake_hands()
            self._tasks = [self._loop.create_task(one) for one in (self._keep_shaking(), self._keep_checking())]
        try:
            async with asyncio.timeout(CONNECT_WITHIN_S):
                await self._shaken.wait()
        except TimeoutError:
            raise LineDied("DTLS was not finished in time") from None
        if self._failure:
            raise LineDied(self._failure)

    async def follow(self, remote: Remote, source: str = "") -> None:
        """Check the way to `remote`, from a new socket at `source` when one is named.  Raises LineDied."""
        self.remote = remote
        if source:
            self._close_socket()
            self._socket = self._open(source)
        self._answered.clear()
        try:
            async with asyncio.timeout(CONNECT_WITHIN_S):
                while not self._answered.is_set():
                    self._check()
                    try:
                        async with asyncio.timeout(CHECK_AGAIN_S):
                            await self._answered.wait()
                    except TimeoutError:
                        continue
        except TimeoutError:
            raise LineDied("no answer to a check") from None

    def send(self, packet: bytes) -> None:
        if self.remote is None:
            return
        try:
            self._socket.sendto(packet, self.remote.address)
        except OSError:
            return  # a full buffer, or nobody at the other end: a network loses packets too

    def send_rtcp(self, packet: bytes) -> None:
        if self.sending is not None:
            self.send(self.sending.protect_rtcp(packet))

    def read_dtls(self, data: bytes) -> None:
        if self._handshake is not None and not self._shaken.is_set():
            self._handshake.bio_write(data)
            self._shake_hands()

    def rest(self) -> None:
        """Read no more; checks go on, unanswered for all that is known here."""
        self._loop.remove_reader(self._socket)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        self.sending = self.receiving = None
        self._close_socket()

    # ------------------------------------------------------------ inside

    def _open(self, source: str, port: int = 0) -> socket.socket:
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        opened.setblocking(False)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        opened.bind((source, port))
        self._loop.add_reader(opened, self._read)
        return opened

    def _close_socket(self) -> None:
        if self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket)
            self._socket.close()

    def _read(self) -> None:
        for _ in range(BATCH):
            try:
                data = self._socket.recv(2048)
            except OSError:
                return
            first = data[0] if data else 255
            if 128 <= first <= 191:  # RFC 7983 7
                if 192 <= data[1] <= 223:
                    self._read_rtcp(data)
                else:
                    self._receive(data)
            elif 20 <= first <= 63:
                self.read_dtls(data)
            elif first == 1 and data[8:20] == self._check_id:  # a success response to our last check
                self.answered_at = self._loop.time()
                self._answered.set()

    def _read_rtcp(self, data: bytes) -> None:
        plain = self.receiving.unprotect_rtcp(data) if self.receiving is not None else None
        if plain is not None:
            self._receive_rtcp(plain)

    def _shake_hands(self) -> None:
        connection = self._handshake
        assert connection is not None
        try:
            connection.do_handshake()
        except SSL.WantReadError:
            self._flush()
            return
        except SSL.Error as error:
            self._failure = f"DTLS failed: {error!r}"
            self._flush()
            self._shaken.set()
            return
        self._flush()
        material = connection.export_keying_material(EXPORTER_LABEL, 2 * (KEY_BYTES + SALT_BYTES))
        ours, theirs = material[:KEY_BYTES], material[KEY_BYTES : 2 * KEY_BYTES]
        salts = material[2 * KEY_BYTES :]
        self.sending = SrtpKeys(ours + salts[:SALT_BYTES])
        self.receiving = SrtpKeys(theirs + salts[SALT_BYTES:])
        self._shaken.set()

    def _flush(self) -> None:
        assert self._handshake is not None
        while True:
            try:
                data = self._handshake.bio_read(65_536)
            except SSL.WantReadError:
                return
            while data:  # one record a datagram
                length = 13 + int.from_bytes(data[11:13], "big")
                self.send(data[:length])
                data = data[length:]

    def _check(self) -> None:
        assert self.remote is not None
        request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        request.attributes["USERNAME"] = f"{self.remote.ufrag}:{self.ufrag}"
        request.attributes["PRIORITY"] = 1_853_817_087
        request.attributes["ICE-CONTROLLING"] = secrets.randbits(64)
        request.attributes["USE-CANDIDATE"] = None
        request.add_message_integrity(self.remote.password.encode())
        self._check_id = request.transaction_id
        self.send(bytes(request))

    async def _keep_shaking(self) -> None:
        """Send the last flight again when OpenSSL finds it time (RFC 6347 4.2.4)."""
        while not self._shaken.is_set():
            try:
                async with asyncio.timeout(DTLS_AGAIN_S):
                    await self._shaken.wait()
            except TimeoutError:
                assert self._handshake is not None
                self._handshake.DTLSv1_handle_timeout()
                self._flush()

    async def _keep_checking(self) -> None:
        """Consent (RFC 7675 5.1)."""
        while True:
            await asyncio.sleep(CHECK_EVERY_S)
            self._check()
