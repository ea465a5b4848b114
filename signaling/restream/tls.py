"""TLS over a connection that one thread reads while another one writes.

An SSLSocket may not be used so: OpenSSL's object is of one thread at a time.  Here it is, behind a lock that nobody
holds while waiting for the network to bring something; the bytes themselves go through memory.
"""

from __future__ import annotations

import socket
import ssl
import threading
from typing import Final

CHUNK_BYTES: Final = 65_536


class TlsSocket:
    """The client's end.  Raises OSError, of which ssl.SSLError is one; TimeoutError as the socket does."""

    def __init__(self, plain: socket.socket, host: str, context: ssl.SSLContext) -> None:
        """Shakes hands, and checks that the certificate is `host`'s."""
        self._plain = plain
        self._came, self._goes = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._came, self._goes, server_hostname=host)
        self._lock = threading.Lock()
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._flush()
                self._fill()
            except ssl.SSLError:
                self._flush()  # the alert that says why
                raise
            else:
                self._flush()
                return

    def settimeout(self, seconds: float) -> None:
        self._plain.settimeout(seconds)

    def sendall(self, data: bytes) -> None:
        with self._lock:  # records go out in the order in which they were made
            self._tls.write(data)
            self._flush()

    def recv(self, size: int) -> bytes:
        """b"" at the end."""
        while True:
            with self._lock:
                try:
                    return self._tls.read(size)
                except ssl.SSLWantReadError:
                    self._flush()  # an answer that TLS itself gives
                except ssl.SSLZeroReturnError:
                    return b""
            if not self._fill():
                return b""

    def shutdown(self, how: int) -> None:
        self._plain.shutdown(how)

    # ------------------------------------------------------------ inside

    def _flush(self) -> None:
        if data := self._goes.read():
            self._plain.sendall(data)

    def _fill(self) -> bool:
        data = self._plain.recv(CHUNK_BYTES)
        with self._lock:
            if data:
                self._came.write(data)
            else:
                self._came.write_eof()
        return bool(data)
