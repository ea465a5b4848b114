"""TLS that is read and written at the same time, against Python's own server."""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from collab.certificates import self_signed_certificate
from signaling.restream.tls import TlsSocket

CHUNK = os.urandom(32_768)
CHUNKS = 150


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return self_signed_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def echo(certificate: tuple[Path, Path]) -> Iterator[int]:
    """The port of a server that sends back what it gets, one connection long."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):  # whoever does not trust it goes away
            plain, _ = listening.accept()
            with context.wrap_socket(plain, server_side=True) as connection:
                while data := connection.recv(65_536):
                    connection.sendall(data)

    thread = threading.Thread(target=serve)
    thread.start()
    yield int(listening.getsockname()[1])
    listening.close()
    thread.join()


def connected(port: int) -> socket.socket:
    plain = socket.create_connection(("127.0.0.1", port))
    plain.settimeout(20)
    return plain


def test_one_thread_reads_while_another_writes(echo: int, certificate: tuple[Path, Path]) -> None:
    with connected(echo) as plain:
        way = TlsSocket(plain, "127.0.0.1", ssl.create_default_context(cafile=str(certificate[0])))
        got, size = hashlib.sha256(), 0

        def write() -> None:
            for _ in range(CHUNKS):
                way.sendall(CHUNK)

        writing = threading.Thread(target=write)
        writing.start()
        while size < len(CHUNK) * CHUNKS and (data := way.recv(65_536)):
            got.update(data)
            size += len(data)
        writing.join()
    assert got.hexdigest() == hashlib.sha256(CHUNK * CHUNKS).hexdigest()


def test_a_certificate_of_nobody_that_is_known_is_refused(echo: int) -> None:
    with connected(echo) as plain, pytest.raises(ssl.SSLCertVerificationError):
        TlsSocket(plain, "127.0.0.1", ssl.create_default_context())


def test_a_certificate_of_somebody_else_is_refused(echo: int, certificate: tuple[Path, Path]) -> None:
    with connected(echo) as plain, pytest.raises(ssl.SSLCertVerificationError):
        TlsSocket(plain, "elsewhere.example", ssl.create_default_context(cafile=str(certificate[0])))
