"""Movie fragments with edges of our own choosing: what FFmpeg's muxer cannot be told (ISO/IEC 14496-12 8.8).

A fragment holds one run of pictures and one of sounds.  Times are in the units of their tracks: VIDEO_SCALE and the
sound's rate.  The file's head comes from FFmpeg, which knows the codecs.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

VIDEO_SCALE: Final = 90_000
VIDEO_TRACK: Final = 1
AUDIO_TRACK: Final = 2

_BASE_IS_MOOF: Final = 0x020000
_DEFAULT_FLAGS: Final = 0x000020
_OFFSET: Final = 0x000001
_DURATIONS: Final = 0x000100
_SIZES: Final = 0x000200
_FLAGS: Final = 0x000400
_SYNC: Final = 0x0200_0000  # depends on no other
_NO_SYNC: Final = 0x0101_0000
_START: Final = b"\x00\x00\x01"


class Sample(Struct, frozen=True):
    data: bytes
    duration: int
    sync: bool = True


class Run(Struct, frozen=True):
    """Samples one after the other, from `begins` on."""

    track: int
    begins: int
    samples: Sequence[Sample]


def fragment(sequence: int, runs: Sequence[Run]) -> bytes:
    """One moof and its mdat; runs without samples are left out."""
    runs = [run for run in runs if run.samples]
    lengths = [sum(len(sample.data) for sample in run.samples) for run in runs]
    head = _moof(sequence, runs, [0] * len(runs))
    offsets: list[int] = []
    at = len(head) + 8
    for length in lengths:
        offsets.append(at)
        at += length
    head = _moof(sequence, runs, offsets)
    return b"".join(
        [head, struct.pack(">I4s", 8 + sum(lengths), b"mdat"), *(s.data for run in runs for s in run.samples)]
    )


def units_of(annex_b: bytes) -> Iterator[bytes]:
    """The NAL units of an access unit with start codes (ITU-T H.264 B.1)."""
    at = annex_b.find(_START)
    while at >= 0:
        begins = at + 3
        at = annex_b.find(_START, begins)
        unit = annex_b[begins : at if at >= 0 else len(annex_b)].rstrip(b"\x00")  # a longer start code's first zero
        if unit:
            yield unit


def length_prefixed(annex_b: bytes) -> bytes:
    """An access unit of an encoder as a sample: lengths instead of start codes (ISO/IEC 14496-15 5.3.2)."""
    return b"".join(struct.pack(">I", len(unit)) + unit for unit in units_of(annex_b))


def _box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def _full(kind: bytes, version: int, flags: int, *content: bytes) -> bytes:
    return _box(kind, struct.pack(">I", version << 24 | flags), *content)


def _moof(sequence: int, runs: Sequence[Run], offsets: Sequence[int]) -> bytes:
    fragments = [_traf(run, offset) for run, offset in zip(runs, offsets, strict=True)]
    return _box(b"moof", _full(b"mfhd", 0, 0, struct.pack(">I", sequence)), *fragments)


def _traf(run: Run, offset: int) -> bytes:
    head = _full(b"tfhd", 0, _BASE_IS_MOOF | _DEFAULT_FLAGS, struct.pack(">II", run.track, _SYNC))
    time = _full(b"tfdt", 1, 0, struct.pack(">Q", run.begins))
    with_flags = any(not sample.sync for sample in run.samples)
    flags = _OFFSET | _DURATIONS | _SIZES | (_FLAGS if with_flags else 0)
    table = [struct.pack(">Ii", len(run.samples), offset)]
    for sample in run.samples:
        table.append(struct.pack(">II", sample.duration, len(sample.data)))
        if with_flags:
            table.append(struct.pack(">I", _SYNC if sample.sync else _NO_SYNC))
    return _box(b"traf", head, time, _full(b"trun", 0, flags, *table))
