"""ICE-lite: who is answered, from where, and when media moves to another address."""

from __future__ import annotations

import secrets
import select
import socket
import time

import pytest
from aioice import stun
from aiortc import rtp

from signaling.sfu import _sfu
from tests.unit.signaling.sfu.media_peer import Events, Peer, wait_for
from tests.unit.signaling.sfu.media_stage import (
    VIDEO_SSRC,
    add_audio,
    add_video,
    frames,
    opus,
    subscribe,
    subscribe_audio,
)

SILENT_S = 0.5  # more than TX_MOVE_SILENT_US
HELLO = bytes([22, 254, 253]) + bytes(60)  # shaped like a DTLS record
EVERY_V4, EVERY_V6 = "0.0.0.0", "::"  # noqa: S104 - binding to all is what is tested


@pytest.fixture
def peer(publisher: Peer) -> Peer:
    return publisher


def test_a_check_is_answered_and_announced(worker: _sfu.Worker) -> None:
    events = Events(worker)
    peer = Peer(worker, keyed=False, connected=False)

    answer = peer.check()

    ip, port = peer.socket.getsockname()
    assert answer.message_class == stun.Class.RESPONSE
    assert answer.attributes["XOR-MAPPED-ADDRESS"] == (ip, port)
    connected = events.wait(_sfu.EVENT_CONNECTED, peer.handle)
    assert [e.data for e in connected] == [f"{ip}:{port}".encode()]
    assert worker.transport_stats(peer.handle).address == f"{ip}:{port}".encode()
    peer.close()


def test_a_check_without_nomination_opens_the_way_but_does_not_connect(worker: _sfu.Worker) -> None:
    events = Events(worker)
    peer = Peer(worker, keyed=False, connected=False)
    peer.check(nominate=False)
    peer.socket.send(HELLO)
    assert events.wait(_sfu.EVENT_DTLS, peer.handle)[0].data == HELLO
    assert events.all(_sfu.EVENT_CONNECTED) == []
    peer.close()


@pytest.mark.parametrize("address", [EVERY_V4, EVERY_V6, "::1"])
def test_answers_come_from_the_address_that_was_asked(address: str) -> None:
    # given a worker on every address (the peer's socket is connected, so an answer from elsewhere would not arrive)
    worker = _sfu.Worker(address)
    hosts = {EVERY_V4: ["127.0.0.1", "127.0.0.2"], EVERY_V6: ["127.0.0.3", "::1"], "::1": ["::1"]}[address]
    for host in hosts:
        publisher, subscriber = Peer(worker, host=host), Peer(worker, host=host)
        ip = publisher.socket.getsockname()[0]
        text = f"[{ip}]" if ":" in ip else ip
        assert worker.transport_stats(publisher.handle).address.startswith(text.encode() + b":")
        subscribe(subscriber, add_video(publisher))
        publisher.send(*frames(VIDEO_SSRC, 3))
        subscriber.wait_rtp(6)
        publisher.close()
        subscriber.close()
    worker.close()


def test_wrong_credentials_get_no_answer_and_do_nothing(worker: _sfu.Worker, peer: Peer) -> None:
    stranger = peer.open_socket()
    for request in (
        peer.request(password="not the password at all"),
        peer.request(username="nobody:them"),
        peer.request(username=peer.ufrag),
    ):
        stranger.send(bytes(request))
    unsigned = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    unsigned.attributes["USERNAME"] = f"{peer.ufrag}:them"
    stranger.send(bytes(unsigned))
    before = worker.transport_stats(peer.handle).address
    wait_for(lambda: worker.stats().packets_dropped >= 4, "four packets dropped")

    assert not select.select([stranger], [], [], 0)[0]
    assert worker.transport_stats(peer.handle).address == before
    stranger.close()


def test_a_peer_that_thinks_it_is_controlled_is_told(worker: _sfu.Worker) -> None:
    peer = Peer(worker, keyed=False, connected=False)
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    request.attributes["USERNAME"] = f"{peer.ufrag}:them"
    request.attributes["PRIORITY"] = 1
    request.attributes["ICE-CONTROLLED"] = 1
    request.add_message_integrity(peer.password.encode())
    peer.socket.send(bytes(request))
    assert peer.answer(request).error_code == 487
    peer.close()


def test_a_change_of_address_is_followed_on_an_authenticated_check(worker: _sfu.Worker, peer: Peer) -> None:
    # given a subscriber in a call
    events = Events(worker)
    subscriber = Peer(worker)
    subscribe_audio(subscriber, add_audio(peer))
    peer.send(opus(1))
    subscriber.wait_rtp(1)

    # when packets of its come from elsewhere without a check, nothing moves
    subscriber.move()
    subscriber.send_rtcp(rtp.RtcpRrPacket(ssrc=1))
    peer.send(opus(2))
    peer.round_trip()
    assert events.all(_sfu.EVENT_ADDRESS) == []

    # when a check comes from there, media follows
    subscriber.check()
    ip, port = subscriber.socket.getsockname()
    assert events.wait(_sfu.EVENT_ADDRESS, subscriber.handle)[0].data == f"{ip}:{port}".encode()
    peer.send(opus(3))
    assert subscriber.wait_rtp(2)[-1].payload == opus(3).payload
    subscriber.close()


def test_a_picture_goes_on_at_once_where_the_former_address_had_fallen_silent(worker: _sfu.Worker, peer: Peer) -> None:
    # given a picture on its way to somebody who moves and says nothing for a while
    subscriber = Peer(worker)
    track = add_video(peer)
    subscribe(subscriber, track)
    peer.send(*frames(VIDEO_SSRC, 3))
    subscriber.wait_rtp(6)
    asked = worker.track_stats(track).plis_sent
    silent_from_s = time.monotonic()
    subscriber.move()
    wait_for(lambda: time.monotonic() - silent_from_s > SILENT_S, "the silence")

    # when a check comes from there, then a whole picture is asked for, which nobody had to miss first
    subscriber.check()
    wait_for(lambda: worker.track_stats(track).plis_sent > asked, "a keyframe is asked for")

    # when it moves again without having been silent, nothing was lost
    peer.send(*frames(VIDEO_SSRC, 1, start=1006, timestamp=99_000))
    subscriber.wait_rtp(8)
    asked = worker.track_stats(track).plis_sent
    subscriber.check()
    subscriber.move()
    subscriber.check()
    peer.send(*frames(VIDEO_SSRC, 2, start=1006, timestamp=99_000)[2:])
    subscriber.wait_rtp(10)
    assert worker.track_stats(track).plis_sent == asked
    subscriber.close()


def test_an_address_in_use_is_not_taken_over_by_another_transport(worker: _sfu.Worker, peer: Peer) -> None:
    # given somebody with good credentials of their own who sends from (or forges) a live peer's address
    rival = Peer(worker, keyed=False, connected=False)
    rival.socket.close()
    rival.socket = peer.socket
    peer.socket.send(bytes(rival.request()))

    peer.round_trip()

    assert worker.transport_stats(rival.handle).address == b""
    subscriber = Peer(worker)
    subscribe_audio(subscriber, add_audio(peer))
    peer.send(opus(1))
    subscriber.wait_rtp(1)
    subscriber.close()


def test_ice_restart_takes_new_credentials_and_keeps_the_old_until_they_are_used(peer: Peer) -> None:
    old = peer.ufrag, peer.password
    new = secrets.token_hex(4), secrets.token_hex(12)
    peer.worker.restart_ice(peer.handle, new[0].encode(), new[1].encode())

    peer.check()
    peer.ufrag, peer.password = new
    peer.check()

    peer.ufrag, peer.password = old
    with pytest.raises(TimeoutError):
        wait_answer(peer)


def wait_answer(peer: Peer) -> None:
    request = peer.request()
    peer.socket.send(bytes(request))
    wait_for(lambda: [d for d in peer.others() if d[8:20] == request.transaction_id], patience_s=0.3)


def test_a_plain_binding_request_is_told_its_address_within_a_limit(worker: _sfu.Worker) -> None:
    # given somebody without credentials who asks as one asks a STUN server (RFC 8489 2)
    host = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    host.bind(("127.0.0.9", 0))
    host.connect(("127.0.0.1", worker.port))
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    host.send(bytes(request))
    assert select.select([host], [], [], 15)[0]
    answer = stun.parse_message(host.recv(2048))
    assert answer.transaction_id == request.transaction_id
    assert answer.attributes["XOR-MAPPED-ADDRESS"] == host.getsockname()

    # when it asks a thousand times at once, most go unanswered
    for _ in range(1000):
        host.send(bytes(request))
    wait_for(lambda: worker.stats().packets_received == 1001, "all to arrive")
    answers = 0
    while select.select([host], [], [], 0)[0]:
        answers += len(host.recv(2048)) > 0
    assert 0 < answers < 600
    host.close()
