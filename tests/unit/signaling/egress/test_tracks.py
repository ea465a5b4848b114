"""Tracks kept by themselves: what was received is in the file, at its place in the film, however its process ended."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame

from rooms.core.model import Source
from signaling.egress import wire
from signaling.egress.film import FRAGMENT_MS
from signaling.egress.finish_tracks import FinishedTrack, finish_tracks
from signaling.egress.rtp import Packet
from signaling.egress.tracks import FILES_MAX, KeptTrack, Shelf
from signaling.ingest.rtp import H264Packets

BEGAN_MS = 1_700_000_000_000.0  # of the film, in Unix time
FRAME_MS = 40
KEY_EVERY = 25
PART_BEGINS_MS = 10_000
ENCODERS = {wire.VP8_TYPE: ("libvpx", "vp8"), wire.H264_TYPE: ("libx264", "h264")}


def pictures(payload_type: int, count: int, width: int = 160) -> list[bytes]:
    encoder: Any = av.CodecContext.create(ENCODERS[payload_type][0], "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, 96, "yuv420p"
    encoder.time_base, encoder.gop_size, encoder.max_b_frames = Fraction(1, 25), KEY_EVERY, 0
    encoder.thread_count = 1
    encoder.options = (
        {"deadline": "realtime", "cpu-used": "8"}
        if payload_type == wire.VP8_TYPE
        else {"preset": "ultrafast", "tune": "zerolatency"}
    )
    found: list[bytes] = []
    for number in range(count):
        frame = VideoFrame.from_ndarray(np.full((144, width), number * 4 % 256, np.uint8), format="yuv420p")
        frame.pts = number
        found += [bytes(packet) for packet in encoder.encode(frame)]
    return [*found, *(bytes(packet) for packet in encoder.encode(None))]


class Seat:
    """Sends one track, and says how far the film is; the first picture is taken `late_ms` after the film began."""

    def __init__(
        self, folder: Path, source: Source, payload_type: int, late_ms: float = 0.0, files_max: int = FILES_MAX
    ) -> None:
        self.folder = folder
        shelf = Shelf(folder / "part-001.mp4", files_max)
        self.kept = KeptTrack(wire.Stream(1, 0, "p1-track", "p1", source, owner_name="Lin"), shelf)
        self._type = payload_type
        self._h264 = H264Packets()
        self._sequence = 0
        self.now_ms = late_ms
        self.kept.report(0, BEGAN_MS)

    def send(self, data: bytes, every_ms: float, rate: int) -> None:
        timestamp = round(self.now_ms * rate / 1_000)
        payloads = self._h264.payloads(data)[1] if self._type == wire.H264_TYPE else [data]
        for at, payload in enumerate(payloads, 1):
            self._sequence += 1
            packet = Packet(self._type, self._sequence, timestamp, at == len(payloads), payload)
            self.kept.put(packet, BEGAN_MS + self.now_ms)
        self.now_ms += every_ms
        self.film()

    def film(self) -> None:
        self.kept.write(BEGAN_MS + self.now_ms - wire.DELAY_MS, self.now_ms - wire.DELAY_MS)

    def show(self, shown: list[bytes]) -> None:
        for data in shown:
            self.send(b"\x10" + data if self._type == wire.VP8_TYPE else data, FRAME_MS, 90_000)

    def finished(self) -> list[FinishedTrack]:
        return finish_tracks(self.folder, {"part-001.mp4": PART_BEGINS_MS})


def decoded(path: Path) -> int:
    with av.open(str(path)) as file:
        return sum(1 for _ in file.decode(file.streams[0]))


@pytest.mark.parametrize("payload_type", ENCODERS)
def test_a_picture_track_is_kept_as_it_came(tmp_path: Path, payload_type: int) -> None:
    seat = Seat(tmp_path, Source.CAMERA, payload_type, late_ms=320)
    shown = pictures(payload_type, 60)
    seat.show(shown)
    seat.kept.close()
    [found] = seat.finished()
    assert (found.participant_id, found.name, found.source) == ("p1", "Lin", Source.CAMERA)
    assert found.codec == ENCODERS[payload_type][1]
    assert found.begins_ms == PART_BEGINS_MS + 320
    assert found.length_ms == pytest.approx(60 * FRAME_MS, abs=FRAME_MS)
    assert decoded(found.path) == 60
    if payload_type == wire.VP8_TYPE:
        with av.open(str(found.path)) as file:
            assert [bytes(packet) for packet in file.demux(video=0) if packet.pts is not None] == shown


def test_what_was_written_is_there_when_its_process_is_killed(tmp_path: Path) -> None:
    seat = Seat(tmp_path, Source.CAMERA, wire.VP8_TYPE)
    seat.show(pictures(wire.VP8_TYPE, 100))
    [found] = seat.finished()  # nothing was closed
    lost_ms = 100 * FRAME_MS - found.length_ms
    assert wire.DELAY_MS <= lost_ms <= wire.DELAY_MS + 2 * FRAGMENT_MS
    assert decoded(found.path) == pytest.approx(found.length_ms / FRAME_MS, abs=1)


def test_a_microphone_is_kept_with_its_pauses(tmp_path: Path) -> None:
    seat = Seat(tmp_path, Source.MICROPHONE, wire.OPUS_TYPE)
    silence = bytes([0xFC, 0xFF, 0xFE])  # 20 ms
    for _ in range(50):
        seat.send(silence, 20, 48_000)
    seat.now_ms += 1_000  # muted: nothing is sent
    for _ in range(50):
        seat.send(silence, 20, 48_000)
    seat.kept.close()
    [found] = seat.finished()
    assert found.codec == "opus"
    assert found.path.suffix == ".webm"
    assert found.length_ms == pytest.approx(3_000, abs=50)


def test_a_pause_ends_the_file_and_another_begins_with_a_key_after_it(tmp_path: Path) -> None:
    seat = Seat(tmp_path, Source.SCREEN, wire.VP8_TYPE)
    shown = pictures(wire.VP8_TYPE, 100)
    seat.show(shown[:40])
    seat.kept.pause()
    for data in shown[40:60]:  # nobody sees this
        seat.kept.put(Packet(wire.VP8_TYPE, 0, 0, True, b"\x10" + data), BEGAN_MS)
    seat.kept.resume()
    assert seat.kept.wants_key
    seat.show(shown[60:])
    seat.kept.close()
    first, second = seat.finished()
    assert (decoded(first.path), decoded(second.path)) == (40, 25)
    assert second.begins_ms == PART_BEGINS_MS + 55 * FRAME_MS  # picture 75


def test_an_encoder_that_changes_its_size_gets_another_file(tmp_path: Path) -> None:
    seat = Seat(tmp_path, Source.CAMERA, wire.H264_TYPE)
    seat.show([*pictures(wire.H264_TYPE, 25), *pictures(wire.H264_TYPE, 25, width=320)])
    seat.kept.close()
    assert [decoded(found.path) for found in seat.finished()] == [25, 25]


def test_files_are_bounded(tmp_path: Path) -> None:
    seat = Seat(tmp_path, Source.CAMERA, wire.H264_TYPE, files_max=2)
    for width in (160, 320, 160, 320):
        seat.show(pictures(wire.H264_TYPE, 5, width=width))
    seat.kept.close()
    assert len(seat.finished()) == 2
    assert not seat.kept.wants_key
