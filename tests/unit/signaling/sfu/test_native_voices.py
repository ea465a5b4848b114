"""Large rooms in the core: only the loudest are forwarded, by themselves or joined onto the room's voices."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from signaling.sfu import _sfu
from tests.unit.signaling.sfu.media_peer import EXTENSIONS, Packet, Peer, wait_for
from tests.unit.signaling.sfu.media_stage import (
    AUDIO_SSRC,
    OUT_SSRC,
    add_audio,
    add_video,
    assert_gapless,
    opus,
    subscribe_audio,
)

LOUD, LOUDER, SILENT = 30, 15, 127
PLACES = 2
CROWD = 6


class Crowd:
    """CROWD microphones in a room with PLACES; each packet's payload ends in the number of its sender."""

    def __init__(self, worker: _sfu.Worker) -> None:
        self.worker = worker
        self.room = worker.open_room(PLACES)
        self.peers = [Peer(worker) for _ in range(CROWD)]
        self.tracks = [self._add(number) for number in range(CROWD)]
        self.sequence = 0

    def _add(self, number: int) -> int:
        return self.worker.add_track(
            self.peers[number].handle, self.room, _sfu.AUDIO, _sfu.CODEC_OPUS, 48_000, 111, 0, AUDIO_SSRC, 0, b"1",
            EXTENSIONS, seat=1 + number,
        )  # fmt: skip

    def say(self, **levels: int) -> None:
        """One packet of everybody, silent but for those named p0, p1, ..., in this order."""
        order = [int(name[1:]) for name in levels]
        order += [number for number in range(CROWD) if number not in order]
        for number in order:
            packet = opus(self.sequence, levels.get(f"p{number}", SILENT))
            stamped = Packet(**{**packet.__dict__, "payload": packet.payload + bytes([number])})
            # each sender's numbers begin elsewhere, as SSRCs' do
            moved = {"sequence": self.sequence + 1000 * number, "timestamp": self.sequence * 960 + 77_777 * number}
            self.peers[number].send(Packet(**{**stamped.__dict__, **moved}))
            self.peers[number].round_trip()
        self.sequence += 1

    def settle(self) -> None:
        """Until the core has counted the crowd, which it does five times a second."""
        listener = Peer(self.worker)
        for number, track in enumerate(self.tracks):
            subscribe_audio(listener, track, ssrc=9_000 + number)

        def silent() -> bool:
            self.say()
            listener.rtp.clear()
            self.say()
            listener.round_trip()
            return not listener.rtp

        wait_for(silent, "the room is taken for a crowd")
        self.worker.close_transport(listener.handle)
        listener.close()

    def close(self) -> None:
        for peer in self.peers:
            peer.close()


@pytest.fixture
def crowd(worker: _sfu.Worker) -> Iterator[Crowd]:
    crowd = Crowd(worker)
    crowd.settle()
    yield crowd
    crowd.close()


def speakers_of(packets: list[Packet]) -> list[int]:
    return [packet.payload[-1] for packet in packets]


def subscribe_voices(peer: Peer, voices: tuple[int, ...], seat: int = 0) -> list[int]:
    return [
        peer.worker.add_subscription(peer.handle, voice, OUT_SSRC + i, 0, 120, 0, b"", EXTENSIONS, seat=seat)
        for i, voice in enumerate(voices)
    ]


def by_ssrc(packets: list[Packet], ssrc: int) -> list[Packet]:
    return [packet for packet in packets if packet.ssrc == ssrc]


def test_only_the_loudest_are_forwarded_and_nobody_sees_a_gap(crowd: Crowd, subscriber: Peer) -> None:
    for number, track in enumerate(crowd.tracks):
        subscribe_audio(subscriber, track, ssrc=OUT_SSRC + number)
    for _ in range(10):
        crowd.say(p0=LOUD, p1=LOUD, p2=LOUD)
    for _ in range(10):
        crowd.say(p2=LOUDER, p0=LOUD, p1=LOUD)
    subscriber.round_trip()
    received = subscriber.rtp
    # the third is heard from its second loud packet on, in place of one of the others
    assert len(by_ssrc(received, OUT_SSRC + 2)) == 9
    assert sorted(len(by_ssrc(received, OUT_SSRC + n)) for n in (0, 1)) == [11, 20]
    assert not [p for p in received if p.ssrc > OUT_SSRC + 2]
    for number in range(3):
        assert_gapless(by_ssrc(received, OUT_SSRC + number))


def test_a_voice_runs_on_when_the_speaker_changes(crowd: Crowd, subscriber: Peer) -> None:
    voices = crowd.worker.open_voices(crowd.room)
    assert len(voices) == PLACES
    assert crowd.worker.open_voices(crowd.room) == voices
    subscribe_voices(subscriber, voices)
    for turn in range(12):
        loud = f"p{turn % CROWD}"
        for _ in range(5):
            crowd.say(**{loud: LOUDER if turn % 2 else LOUD})
        crowd.worker.set_track_blocked(crowd.tracks[turn % CROWD], True)
        crowd.worker.set_track_blocked(crowd.tracks[turn % CROWD], False)
    received = subscriber.wait_rtp(60)
    assert len(received) == 60
    assert speakers_of(received) == [turn % CROWD for turn in range(12) for _ in range(5)]
    for ssrc in {packet.ssrc for packet in received}:
        line = by_ssrc(received, ssrc)
        assert_gapless(line)
        steps = [(b.timestamp - a.timestamp) & 0xFFFFFFFF for a, b in itertools.pairwise(line)]
        assert all(0 < step < 48_000 * 60 for step in steps)


def test_the_lead_carries_one_speaker_after_the_other(crowd: Crowd, subscriber: Peer) -> None:
    lead = crowd.worker.open_lead(crowd.room)
    assert crowd.worker.open_lead(crowd.room) == lead
    assert lead not in crowd.worker.open_voices(crowd.room)
    subscribe_voices(subscriber, (lead,))

    def heard(**levels: int) -> list[int]:
        crowd.say(**levels)
        subscriber.round_trip()
        return speakers_of(subscriber.rtp)

    # given somebody who speaks, and another who speaks as loud: the first goes on leading
    assert heard(p3=LOUD) == [3]
    for packets in range(2, 6):
        assert heard(p3=LOUD, p4=LOUD) == [3] * packets

    # when the first is quiet, the other leads
    wait_for(lambda: heard(p4=LOUD)[-1] == 4, "the other speaker")

    # and who is much louder leads although somebody speaks
    wait_for(lambda: heard(p4=LOUD, p5=LOUDER)[-1] == 5, "the louder speaker")
    assert_gapless(subscriber.rtp)
    crowd.worker.set_track_blocked(crowd.tracks[5], True)
    assert heard(p4=LOUD)[-1] == 4
    assert_gapless(subscriber.rtp)


def test_nobody_is_sent_their_own_voice(crowd: Crowd) -> None:
    voices = crowd.worker.open_voices(crowd.room)
    for number, peer in enumerate(crowd.peers):
        subscribe_voices(peer, voices, seat=1 + number)
    for _ in range(10):
        crowd.say(p3=LOUD)
    for _ in range(10):
        crowd.say(p4=LOUD, p3=LOUD)
    for peer in crowd.peers:
        peer.round_trip()
    assert set(speakers_of(crowd.peers[3].rtp)) == {4}
    assert set(speakers_of(crowd.peers[4].rtp)) == {3}
    assert len(crowd.peers[4].rtp) == 20
    for number in (0, 1, 2, 5):
        heard = speakers_of(crowd.peers[number].rtp)
        assert heard.count(3) == 20
        assert heard.count(4) == 10
    # who was heard and then listens hears the next one in the same place, without a gap
    for ssrc in (OUT_SSRC, OUT_SSRC + 1):
        for peer in crowd.peers:
            if line := by_ssrc(peer.rtp, ssrc):
                assert_gapless(line)


def test_a_muted_one_gives_the_place_up_at_once(crowd: Crowd, subscriber: Peer) -> None:
    subscribe_voices(subscriber, crowd.worker.open_voices(crowd.room))
    crowd.say(p0=LOUD, p1=LOUD)
    crowd.worker.set_track_blocked(crowd.tracks[0], True)
    crowd.say(p2=LOUD, p1=LOUD, p0=LOUD)
    assert speakers_of(subscriber.wait_rtp(4)) == [0, 1, 2, 1]


def test_who_is_set_apart_takes_nobodys_place(crowd: Crowd) -> None:
    # given as many loud people back stage as are heard at once
    apart = range(PLACES)
    for number in apart:
        crowd.worker.set_track_apart(crowd.tracks[number], True)
    listener, behind = crowd.peers[-1], crowd.peers[-2]
    subscribe_audio(listener, crowd.tracks[PLACES])
    subscribe_audio(behind, crowd.tracks[0])
    levels = {f"p{number}": LOUDER for number in apart}

    # when somebody on stage speaks, softer than all of them
    for _ in range(60):
        crowd.say(**levels, **{f"p{PLACES}": LOUD})

    # then all of it is heard, and so is who is back stage by those who may hear them
    assert len(listener.wait_rtp(60)) == 60
    assert len(behind.wait_rtp(60)) == 60


def test_voices_live_and_end_with_their_room(crowd: Crowd, subscriber: Peer) -> None:
    voices = crowd.worker.open_voices(crowd.room)
    subscriptions = subscribe_voices(subscriber, voices)
    with pytest.raises(ValueError, match="track"):
        crowd.worker.remove_track(voices[0])
    crowd.say(p0=LOUD)
    crowd.worker.remove_track(crowd.tracks[0])
    crowd.worker.close_room(crowd.room)
    for handle in subscriptions:
        with pytest.raises(KeyError):
            crowd.worker.subscription_stats(handle)
    for number, track in enumerate(crowd.tracks[1:]):  # without a room everybody is forwarded
        subscribe_audio(subscriber, track, ssrc=OUT_SSRC + 10 + number)
    subscriber.rtp.clear()
    for number in range(1, CROWD):
        crowd.peers[number].send(opus(5_000 + 1000 * number, SILENT))
    subscriber.wait_rtp(CROWD - 1)


def test_a_sender_that_tells_no_level_is_heard(worker: _sfu.Worker, publisher: Peer, subscriber: Peer) -> None:
    room = worker.open_room(1)
    track = add_audio(publisher, room=room)
    subscribe_audio(subscriber, track)
    publisher.send(*(opus(i) for i in range(20)))
    assert_gapless(subscriber.wait_rtp(20))


def test_what_has_no_room_competes_for_nothing(crowd: Crowd, subscriber: Peer) -> None:
    screen = add_audio(crowd.peers[5], ssrc=AUDIO_SSRC + 50, mid=b"7")
    video = add_video(crowd.peers[5])
    subscribe_audio(subscriber, screen)
    crowd.say(p0=LOUD, p1=LOUD)
    crowd.peers[5].send(*(opus(i, SILENT, ssrc=AUDIO_SSRC + 50) for i in range(5)))
    assert_gapless(subscriber.wait_rtp(5))
    assert video
