"""ICE-TCP: the same media over framed TCP connections, and what strangers may do there."""

from __future__ import annotations

import select
import socket
import struct
from collections.abc import Iterator

import pytest

from signaling.sfu import _sfu
from signaling.sfu.ports import open_worker
from tests.unit.signaling.sfu.media_peer import Events, Peer, wait_for
from tests.unit.signaling.sfu.media_stage import VIDEO_SSRC, add_video, frames, subscribe

EVERY_V6 = "::"


class TcpPeer(Peer):
    """A peer whose socket is a TCP connection (RFC 4571 framing)."""

    def open_socket(self) -> socket.socket:
        self.arrived = b""
        return FramedSocket(self.server)

    def datagrams(self) -> Iterator[bytes]:
        while select.select([self.socket], [], [], 0)[0]:
            got = self.socket.recv(65_536)
            if not got:
                break
            self.arrived += got
        while len(self.arrived) >= 2:
            (length,) = struct.unpack("!H", self.arrived[:2])
            if len(self.arrived) < 2 + length:
                break
            frame, self.arrived = self.arrived[2 : 2 + length], self.arrived[2 + length :]
            yield frame


class FramedSocket(socket.socket):
    def __init__(self, server: tuple[str, int]) -> None:
        super().__init__(socket.AF_INET6 if ":" in server[0] else socket.AF_INET, socket.SOCK_STREAM)
        self.connect(server)

    def send(self, data: bytes, flags: int = 0) -> int:  # type: ignore[override]
        self.sendall(struct.pack("!H", len(data)) + data, flags)
        return len(data)


@pytest.fixture
def listening() -> Iterator[_sfu.Worker]:
    worker, listens = open_worker("127.0.0.1", 0, ["127.0.0.1"])
    assert listens
    yield worker
    worker.close()


def worker_and_listener() -> tuple[_sfu.Worker, socket.socket]:
    """A worker without TCP and somebody else's TCP listener of its number, which may be taken for TCP at the time."""
    while True:
        worker = _sfu.Worker("127.0.0.1", 0)
        try:
            return worker, socket.create_server(("127.0.0.1", worker.port))
        except OSError:
            worker.close()


def ended(sock: socket.socket) -> bool:
    """The other side closed it, within the patience of wait_for."""

    def gone() -> bool:
        if not select.select([sock], [], [], 0)[0]:
            return False
        try:
            return sock.recv(65_536) == b""
        except ConnectionResetError:
            return True

    return bool(wait_for(gone, "the end of a connection"))


def test_a_check_is_answered_over_the_connection_that_it_came_by(listening: _sfu.Worker) -> None:
    events = Events(listening)
    peer = TcpPeer(listening, connected=False, keyed=False)

    answer = peer.check()

    ip, port = peer.socket.getsockname()
    assert answer.attributes["XOR-MAPPED-ADDRESS"] == (ip, port)
    assert events.wait(_sfu.EVENT_CONNECTED, peer.handle)[0].data == f"{ip}:{port}".encode()
    assert listening.stats().tcp_connections == 1
    peer.close()
    wait_for(lambda: listening.stats().tcp_connections == 0)


@pytest.mark.parametrize(("up", "down"), [(TcpPeer, Peer), (Peer, TcpPeer), (TcpPeer, TcpPeer)])
def test_video_is_forwarded_between_tcp_and_udp(listening: _sfu.Worker, up: type[Peer], down: type[Peer]) -> None:
    publisher, subscriber = up(listening), down(listening)
    subscribe(subscriber, add_video(publisher))

    sent = frames(VIDEO_SSRC, 100, per_frame=3)
    publisher.send(*sent)

    got = subscriber.wait_rtp(300)
    assert [packet.payload for packet in got] == [packet.payload for packet in sent]
    assert listening.stats().tcp_dropped == 0
    publisher.close()
    subscriber.close()


def test_dtls_goes_up_and_down_by_tcp(listening: _sfu.Worker) -> None:
    events = Events(listening)
    peer = TcpPeer(listening, keyed=False)
    hello = bytes([22, 254, 253]) + bytes(1400)
    peer.socket.send(hello)
    assert events.wait(_sfu.EVENT_DTLS, peer.handle)[0].data == hello
    assert listening.send_dtls(peer.handle, hello[:900])
    wait_for(lambda: hello[:900] in peer.others())
    peer.close()


def test_media_moves_to_tcp_when_it_is_nominated_and_back_when_the_connection_ends(listening: _sfu.Worker) -> None:
    # given a subscriber by UDP
    events = Events(listening)
    publisher, subscriber = Peer(listening), Peer(listening)
    subscribe(subscriber, add_video(publisher))
    publisher.send(*frames(VIDEO_SSRC, 2))
    subscriber.wait_rtp(4)

    # when it nominates a connection
    datagrams = subscriber.socket
    subscriber.socket = FramedSocket(subscriber.server)
    sent = subscriber.request()
    subscriber.socket.send(bytes(sent))
    assert events.wait(_sfu.EVENT_ADDRESS, subscriber.handle)

    # then media comes by it
    publisher.send(*frames(VIDEO_SSRC, 5, start=2000, timestamp=200_000))
    wait_for(lambda: len(subscriber.socket.recv(65_536, socket.MSG_PEEK | socket.MSG_DONTWAIT)) > 5_000)

    # and when the connection ends, by UDP again, without another check
    subscriber.socket.close()
    subscriber.socket = datagrams
    events.wait(_sfu.EVENT_ADDRESS, subscriber.handle, 2)
    publisher.send(*frames(VIDEO_SSRC, 5, start=3000, timestamp=300_000))
    subscriber.wait_rtp(14)
    publisher.close()
    subscriber.close()


@pytest.mark.parametrize(
    "first", [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00" + bytes(20), b"\xff\xff", b"\x00\x14\x00\x01\x00\x09"]
)
def test_who_does_not_begin_with_a_check_is_cut(listening: _sfu.Worker, first: bytes) -> None:
    with socket.create_connection(("127.0.0.1", listening.port)) as stranger:
        stranger.sendall(first)
        assert ended(stranger)
    assert listening.stats().tcp_connections == 0


def test_a_stranger_gets_nothing_but_dtls_and_media_of_others_go_on(listening: _sfu.Worker) -> None:
    peer = TcpPeer(listening)
    stranger = FramedSocket(("127.0.0.1", listening.port))
    stranger.send(bytes(peer.request(password="not the password")))
    for _ in range(10):
        stranger.send(bytes([22, 254, 253]) + bytes(60))
    stranger.send(bytes(2048))
    peer.round_trip()
    assert not select.select([stranger], [], [], 0)[0]
    stranger.sendall(struct.pack("!H", 2049))
    assert ended(stranger)
    peer.round_trip()
    stranger.close()
    peer.close()


def test_a_reader_that_stops_loses_whole_packets_and_nobody_else_does(listening: _sfu.Worker) -> None:
    # given one subscriber that does not read, and one that does
    publisher, slow, good = Peer(listening), TcpPeer(listening), TcpPeer(listening)
    track = add_video(publisher)
    subscribe(slow, track)
    subscribe(good, track, ssrc=7001)

    # when more is sent than its buffers hold
    count = 0
    while not (dropped := listening.stats().tcp_dropped):
        publisher.send(*frames(VIDEO_SSRC, 20, start=1000 + count, timestamp=90_000 + count * 1500))
        count += 40
        good.wait_rtp(count, 7001)

    # then the other has everything, and what the slow one has is whole
    assert dropped
    answers = len(slow.other)

    def answered() -> bool:
        slow.socket.send(bytes(slow.request(nominate=False)))  # without room its answer is dropped too, so ask again
        return len(slow.others()) > answers

    wait_for(answered, "an answer behind all that was queued")
    assert 0 < len(slow.rtp) < count
    for peer in (publisher, slow, good):
        peer.close()


def test_a_closed_transport_closes_its_connections(listening: _sfu.Worker) -> None:
    peer = TcpPeer(listening, keyed=False)
    listening.close_transport(peer.handle)
    assert ended(peer.socket)
    peer.close()


def test_a_connection_that_another_listener_accepted_is_taken_over() -> None:
    worker, door = worker_and_listener()
    with door:
        peer = TcpPeer(worker, connected=False)
        accepted, _ = door.accept()
        worker.adopt_tcp(accepted.detach())
        peer.check()
        peer.close()
    wait_for(lambda: worker.stats().tcp_connections == 0)
    worker.close()


def test_one_wildcard_listener_takes_both_families() -> None:
    worker, _ = open_worker(EVERY_V6, 0, [EVERY_V6])
    for host in ("127.0.0.1", "::1"):
        peer = TcpPeer(worker, host=host)
        assert peer.check().attributes["XOR-MAPPED-ADDRESS"][0] == host
        peer.close()
    worker.close()


def test_a_taken_port_is_an_error_and_costs_tcp_only() -> None:
    first, taken = worker_and_listener()
    first.close()  # its number is free for UDP
    with taken:
        port = taken.getsockname()[1]
        worker, listens = open_worker("127.0.0.1", port, ["127.0.0.1"])
        assert worker.port == port
        assert not listens
        with pytest.raises(OSError, match=f"{port}/tcp"):
            worker.listen_tcp("127.0.0.1")
        worker.close()
