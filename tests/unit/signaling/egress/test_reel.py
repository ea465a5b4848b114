"""An encoder's H.264 through a recorder: passed on untouched while it fills the stage, composed when there is more."""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from signaling.egress import wire
from signaling.egress.finish import Finished, Source, finish
from signaling.egress.fragments import units_of
from signaling.egress.segments import PART_MS
from tests.bench_live.clips import clip
from tests.support.egress_line import FRAME_MS, EgressLine

BIG = wire.Rendition("big", 640, 360, 800_000)
SMALL = wire.Rendition("small", 320, 180, 200_000)
FULL = (640, 360, 800_000)
HALF = (320, 180, 200_000)
KEY_EVERY = 50
SHOWN_LATE = wire.DELAY_MS // FRAME_MS + 1  # steps after which a picture is in the film
SENT = {1, 5, 7, 8}  # what the encoder sends: slices and parameter sets


def slices(data: bytes) -> list[bytes]:
    return [unit for unit in units_of(data) if unit[0] & 0x1F in SENT]


def prefixed(sample: bytes) -> list[bytes]:
    found, at = [], 0
    while at < len(sample):
        size = int.from_bytes(sample[at : at + 4], "big")
        found.append(sample[at + 4 : at + 4 + size])
        at += 4 + size
    return found


def media(line: EgressLine, name: str, init: str) -> bytes:
    folder = line.folder / "hls" / name
    pieces = [f"{part.segment}.{part.part}.m4s" for part in line.parts(name) if part.init == init]
    return (folder / init).read_bytes() + b"".join((folder / piece).read_bytes() for piece in pieces)


def inits(line: EgressLine, name: str) -> list[str]:
    return list(dict.fromkeys(part.init for part in line.parts(name)))


def samples(data: bytes) -> list[tuple[float, bytes]]:
    """(time in ms, access unit) of each picture."""
    with av.open(io.BytesIO(data), "r") as film:
        return [
            (float(packet.pts * packet.time_base) * 1_000, bytes(packet))
            for packet in film.demux(video=0)
            if packet.pts is not None
        ]


def decoded(source: str | io.BytesIO, size: tuple[int, int] = HALF[:2]) -> list[NDArray[np.int16]]:
    """Luma of all pictures, in one size."""
    with av.open(source, "r") as film:
        return [np.asarray(frame.reformat(*size, "gray").to_ndarray(), np.int16) for frame in film.decode(video=0)]


def kept(line: EgressLine) -> tuple[Path, Finished]:
    names = ["part-001.mp4", *(splice.name for splice in line.splices)]
    film = line.folder / "film.mp4"
    return film, finish([Source(line.folder / name) for name in names], film, "Open day")


def test_one_source_goes_to_viewers_untouched_and_back_to_a_composed_film(tmp_path: Path) -> None:
    line, shown = EgressLine(tmp_path, (BIG,)), clip("H264", FULL).pictures
    line.play(shown, 200)
    line.show("Dr. Wei")  # a lower third
    line.play(shown, 75, first=200)
    line.recorder.end()
    assert [splice.passed for splice in line.splices] == [True, False]

    _, passed, _ = inits(line, "big")
    found = samples(media(line, "big", passed))
    first = KEY_EVERY  # the first key after it was steady
    assert len(found) == pytest.approx(200 - first - SHOWN_LATE, abs=1)
    for number, (at_ms, data) in enumerate(found):
        assert prefixed(data) == slices(shown[(first + number) % len(shown)])
        assert at_ms == pytest.approx(number * FRAME_MS)
    parts = line.parts("big")
    assert all(part.duration_ms <= PART_MS for part in parts)
    for before, after in pairwise(parts):
        assert after.shown_ms == pytest.approx(before.shown_ms + before.duration_ms, abs=1, rel=0)
        assert (after.segment, after.part) == (
            (before.segment + 1, 0) if before.last else (before.segment, before.part + 1)
        )
        if after.init != before.init:
            assert before.last
            assert after.independent
    # what is kept: one film, every picture in its place, whatever made it
    film, finished = kept(line)
    pictures, clear = decoded(str(film)), decoded(io.BytesIO(b"".join(shown)))
    assert len(pictures) * FRAME_MS == pytest.approx(275 * FRAME_MS - wire.DELAY_MS, abs=2 * FRAME_MS)
    assert finished.film_ms == pytest.approx(len(pictures) * FRAME_MS, abs=80)
    for number in range(2, len(pictures), 7):
        off = [float(np.abs(pictures[number] - clear[(number + by) % len(clear)]).mean()) for by in (-3, 0, 3)]
        assert off[1] == min(off), number


def test_sizes_beside_the_first_keep_its_segments(tmp_path: Path) -> None:
    line, shown = EgressLine(tmp_path, (BIG, SMALL)), clip("H264", FULL).pictures
    line.play(shown, 190)
    line.recorder.end()
    passed = inits(line, "big")[1]
    told = {
        name: [(part.segment, part.part, part.duration_ms) for part in line.parts(name) if part.init == passed]
        for name in ("big", "small")
    }
    assert told["big"] == told["small"]
    assert len(decoded(io.BytesIO(media(line, "small", passed)))) == len(samples(media(line, "big", passed)))


def test_nothing_broken_is_passed_on_after_a_loss(tmp_path: Path) -> None:
    line, shown = EgressLine(tmp_path, (BIG,)), clip("H264", FULL).pictures
    line.play(shown, 120)
    asked = line.keys_asked
    line.play(shown, 400, first=120, lost=lambda number: number == 120)
    line.recorder.end()
    assert line.keys_asked > asked
    # the picture stands, composed, until the next key; after a rest the source is passed on again
    assert [splice.passed for splice in line.splices] == [True, False, True]
    passed = [init for init, splice in zip(inits(line, "big")[1:], line.splices, strict=True) if splice.passed]
    found = samples(media(line, "big", passed[0]))
    assert len(found) == 120 - KEY_EVERY
    assert prefixed(found[-1][1]) == slices(shown[119 % len(shown)])
    assert prefixed(samples(media(line, "big", passed[1]))[0][1]) == slices(shown[0])


def test_another_size_of_the_source_has_a_head_of_its_own(tmp_path: Path) -> None:
    line = EgressLine(tmp_path, (BIG,))
    line.play(clip("H264", FULL).pictures, 100)
    line.play(clip("H264", HALF).pictures, 100)
    line.recorder.end()
    assert [splice.passed for splice in line.splices] == [True, True]
    sizes = []
    for init in inits(line, "big"):
        with av.open(io.BytesIO(media(line, "big", init)), "r") as film:
            sizes.append(film.streams.video[0].width)
    assert sizes == [640, 640, 320]
    path, finished = kept(line)
    assert (finished.width, finished.height) == FULL[:2]
    assert len(decoded(str(path))) == pytest.approx(200 - SHOWN_LATE, abs=1)


@pytest.mark.parametrize("size", [(640, 480, 800_000), (160, 90, 100_000)])
def test_what_has_not_the_shape_of_the_film_is_composed(tmp_path: Path, size: tuple[int, int, int]) -> None:
    line = EgressLine(tmp_path, (BIG,))
    line.play(clip("H264", size).pictures, 110)
    line.recorder.end()
    assert line.splices == []


def test_a_source_without_keys_is_asked_for_them_and_composed_when_none_come(tmp_path: Path) -> None:
    line, shown = EgressLine(tmp_path, (BIG,)), clip("H264", FULL).pictures
    line.play(shown, 100)
    asked = line.keys_asked
    for _ in range(2):  # the pictures between two keys, again and again
        line.play(shown[51:100], 49)
    assert line.keys_asked > asked
    assert [splice.passed for splice in line.splices] == [True, False]
    line.recorder.end()
