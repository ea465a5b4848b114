"""A film cut for viewers: FFmpeg plays what the cuts are put together to, and every part says how long it is."""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from signaling.egress import wire
from signaling.egress.film import Film
from signaling.egress.fragments import length_prefixed
from signaling.egress.renditions import Renditions
from signaling.egress.segments import KEPT_SEGMENTS, PART_MS, SEGMENT_MS, SegmentWriter
from signaling.egress.sound import RATE

FRAMES_PER_S = 25
FRAME_MS = 1_000 // FRAMES_PER_S
BEGAN_MS = 1_700_000_000_000.0
SIZES = (wire.Rendition("big", 320, 180, 500_000), wire.Rendition("small", 160, 90, 100_000))


def cut(folder: Path, frames: int, left_out: frozenset[int] = frozenset(), first: int = 7) -> list[wire.PartWritten]:
    """A film of `frames` pictures, some of them left out, with a tone."""
    parts: list[wire.PartWritten] = []
    film = Film(folder / "film.mp4", 320, 180, FRAMES_PER_S)
    renditions = Renditions(wire.Hls(str(folder / "hls"), first, SIZES), FRAMES_PER_S, parts.append)
    noise = np.random.default_rng(1).integers(0, 255, (180, 320, 3), np.uint8)
    for number in range(frames):
        moved = av.VideoFrame.from_ndarray(np.roll(noise, number * 4, axis=1), format="rgb24")
        picture = None if number in left_out else moved.reformat(format="yuv420p")
        times = (np.arange(RATE // FRAMES_PER_S) + number * RATE // FRAMES_PER_S) / RATE
        sound = np.repeat(np.sin(times * 440 * 2 * np.pi).astype(np.float32)[:, None], 2, axis=1)
        before = film.frames
        renditions.add(film.add(picture, sound), picture, before, BEGAN_MS + number * FRAME_MS)
    renditions.close(film.close(), film.frames)
    return parts


def of(parts: list[wire.PartWritten], name: str) -> list[wire.PartWritten]:
    return [part for part in parts if part.rendition == name]


def played(folder: Path, parts: list[wire.PartWritten]) -> tuple[list[float], float]:
    """(times of the pictures in seconds, length of the sound) of these parts behind their head."""
    own = folder / "hls" / parts[0].rendition
    data = (own / parts[0].init).read_bytes()
    data += b"".join((own / f"{part.segment}.{part.part}.m4s").read_bytes() for part in parts)
    with av.open(io.BytesIO(data), "r") as film:
        pictures = [frame.time for frame in film.decode(video=0)]
    with av.open(io.BytesIO(data), "r") as film:
        samples = sum(frame.samples for frame in film.decode(audio=0))
    return pictures, samples / RATE


def test_parts_play_one_after_the_other_in_every_size(tmp_path: Path) -> None:
    parts = cut(tmp_path, 120)
    for size in SIZES:
        own = of(parts, size.name)
        pictures, sound_s = played(tmp_path, own)
        assert pictures == pytest.approx([number * FRAME_MS / 1_000 for number in range(120)])
        assert sound_s == pytest.approx(4.8, abs=0.06)
        assert [part.duration_ms for part in own] == [PART_MS] * 12
        assert [part.segment for part in own if part.part == 0] == [7, 8, 9]
        assert [part.independent for part in own] == [part.part == 0 for part in own]
        assert [part.last for part in own] == [False] * 4 + [True] + [False] * 4 + [True, False, True]
        assert [part.shown_ms for part in own] == [BEGAN_MS + number * PART_MS for number in range(12)]


def test_a_segment_is_its_parts(tmp_path: Path) -> None:
    parts = of(cut(tmp_path, 60), "big")
    own = tmp_path / "hls" / "big"
    first = [part for part in parts if part.segment == 7]
    assert (own / "7.m4s").read_bytes() == b"".join((own / f"7.{part.part}.m4s").read_bytes() for part in first)
    assert sum(part.duration_ms for part in first) == SEGMENT_MS


@pytest.mark.parametrize(
    "left_out", [frozenset(range(21, 25)), frozenset(range(48, 53)), frozenset(range(3, 9)), frozenset({0, 1, 2, 50})]
)
def test_pictures_that_were_left_out_leave_the_times_of_the_others(tmp_path: Path, left_out: frozenset[int]) -> None:
    parts = of(cut(tmp_path, 100, left_out), "small")
    pictures, _ = played(tmp_path, parts)
    there = [number for number in range(100) if number not in left_out]
    begins = there[0]
    assert pictures == pytest.approx([number * FRAME_MS / 1_000 for number in there])
    assert all(part.duration_ms <= PART_MS for part in parts)
    assert sum(part.duration_ms for part in parts) == (100 - begins) * FRAME_MS
    for before, after in pairwise(parts):
        assert after.shown_ms == pytest.approx(before.shown_ms + before.duration_ms)
        assert (after.part == 0) == before.last


def test_what_nobody_asks_for_any_more_is_deleted(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, "one", 0, FRAMES_PER_S, b"head", lambda _part: None)
    segments = KEPT_SEGMENTS + 3
    for number in range(segments * 50):
        writer.picture(b"\x00\x00\x01\x65x", number, number % 50 == 0, 0.0)
    writer.close()
    whole = sorted(
        int(path.name.split(".")[0]) for path in (tmp_path / "one").glob("*.m4s") if path.name.count(".") == 1
    )
    assert whole == list(range(segments - KEPT_SEGMENTS, segments))


def test_start_codes_become_lengths() -> None:
    stream = b"\x00\x00\x00\x01\x67ab\x00\x00\x01\x68c\x00\x00\x00\x01\x65\x00\x00\x03\x01"
    assert length_prefixed(stream) == b"\x00\x00\x00\x03\x67ab\x00\x00\x00\x02\x68c\x00\x00\x00\x05\x65\x00\x00\x03\x01"
    assert length_prefixed(b"") == b""
