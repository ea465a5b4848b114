"""A server that people come to and leave all day does not grow: the whole path, HTTP, ICE, DTLS and media."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.bench import sdp, web
from tests.bench.cpu import rss_bytes
from tests.bench.peer import Certificate, Peer
from tests.support.server import Tongxin

ADDRESS = "127.0.0.1"
AT_A_TIME = 8
# Until pools, caches and the allocator's arenas are full: measured, it grows by 7 MB up to here, and by some 2 MB in
# the thousand behind.
WARM_UP = 1_100
KEPT_SESSION_BYTES = 60 << 10


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Tongxin]:
    """Behind a proxy in its own eyes, so that each viewer can come from an address of its own."""
    trusting = {"TONGXIN_TRUSTED_PROXIES": ADDRESS, "TONGXIN_LOG_LEVEL": "warning"}
    with Tongxin(tmp_path / "server", environment=trusting) as running:
        yield running


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("joins", "growth_max_bytes"),
    [(500, 500 * KEPT_SESSION_BYTES // 5), pytest.param(20_000, 12 << 20, marks=pytest.mark.long)],
)
def test_viewers_come_and_go_and_the_server_is_as_it_was(server: Tongxin, joins: int, growth_max_bytes: int) -> None:
    token = server.command("admin", "token", "--room", server.room_code, "--subscribe").split()[-1]
    certificate = Certificate()
    addresses = (f"10.{number >> 8}.{number & 255}.1" for number in itertools.count(256))

    def come_and_go(_: int) -> None:
        peer = Peer(certificate, ADDRESS)
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/sdp",
            "X-Forwarded-For": next(addresses),
        }
        offer = sdp.describe(peer, certificate.fingerprint, direction="recvonly", setup="actpass")
        host = (ADDRESS, server.http_port)
        made = web.ask(host, "POST", f"/whep/{server.room_code}", offer.encode(), headers)
        remote = sdp.read_remote(made.body.decode(), ADDRESS)
        peer.connect(remote.address, remote.ufrag, remote.password)
        web.ask(host, "DELETE", made.headers["location"], headers=headers)
        peer.close()

    with ThreadPoolExecutor(AT_A_TIME) as viewers:
        list(viewers.map(come_and_go, range(WARM_UP)))
        before = rss_bytes(server.program.pid)
        list(viewers.map(come_and_go, range(joins)))
    grown = rss_bytes(server.program.pid) - before

    assert grown < growth_max_bytes
