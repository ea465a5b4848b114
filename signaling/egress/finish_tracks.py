"""What tracks.py has written made into files to keep, each with its place in the film: nothing is encoded again.

Files are read to where they end, as parts are (finish.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import msgspec
import structlog
from av.packet import Packet
from av.stream import Stream
from msgspec import Struct

from rooms.core.model import Source

from .finish import packets_of
from .tracks import LIST, TrackBegun

log = structlog.get_logger(__name__)

TRACKS_MAX: Final = 400  # of one recording
_SECOND: Final = Fraction(1)


class FinishedTrack(Struct, frozen=True):
    """`begins_ms` in the film; a little before it is below 0."""

    path: Path
    participant_id: str
    identity: str
    name: str
    source: Source
    codec: str
    begins_ms: int
    length_ms: int


def finish_tracks(folder: Path, begins_ms: Mapping[str, int]) -> list[FinishedTrack]:
    """Of all parts in `folder`, which begin there in the film, by their files' names.  What holds nothing is left out.

    Blocks, as `finish` does.  Raises OSError when the disk is full.
    """
    found: list[FinishedTrack] = []
    for part, begins in sorted(begins_ms.items()):
        for begun in _list(folder / Path(part).with_suffix(LIST)):
            if len(found) == TRACKS_MAX:
                log.warning("too many tracks to keep them all", part=part)
                return found
            source = folder / Path(begun.file).name
            if source.exists() and (track := _finish(source, begun, begins)) is not None:
                found.append(track)
    return found


def _list(path: Path) -> list[TrackBegun]:
    if not path.exists():
        return []
    found: list[TrackBegun] = []
    for line in path.read_bytes().splitlines():
        try:
            found.append(msgspec.json.decode(line, type=TrackBegun))
        except msgspec.MsgspecError:
            log.warning("a line about a track was cut", path=str(path))
    return found


def _finish(source: Path, begun: TrackBegun, part_begins_ms: int) -> FinishedTrack | None:
    made = source.with_name(f"kept-{source.name}")
    options = {"movflags": "faststart"} if source.suffix == ".mp4" else {}
    ends = Fraction(0)
    try:
        part = av.open(str(source))
    except av.FFmpegError as error:
        log.warning("a track cannot be read", path=str(source), cause=str(error))
        return None
    with part:
        if not part.streams:
            return None
        read = part.streams[0]
        with av.open(str(made), "w", format="mp4" if options else "webm", options=options) as out:
            stream = out.add_stream_from_template(read, opaque=True)
            for packet in packets_of(part):
                ends = max(ends, _end_of(packet))
                packet.stream = stream
                out.mux(packet)
    if not ends:
        return None
    length_ms = int(ends * 1_000)
    codec = read.codec_context.codec.canonical_name
    return FinishedTrack(
        made,
        begun.participant_id,
        begun.identity,
        begun.name,
        begun.source,
        codec,
        part_begins_ms + begun.at_ms,
        length_ms,
    )


def _end_of(packet: Packet[Stream]) -> Fraction:
    return ((packet.pts or 0) + (packet.duration or 0)) * (packet.time_base or _SECOND)
