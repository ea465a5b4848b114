"""A published track as the plane knows it, and the translation of negotiated values into those of the native core."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from msgspec import Struct

from rooms.core.model import Source, TrackKind
from signaling.webrtc.codecs import Bitstream, Codec
from signaling.webrtc.extensions import ExtensionIds
from signaling.webrtc.publishing import PublishedStream
from signaling.webrtc.subscribing import Wanted

from . import _sfu

NATIVE_KIND: Final = {TrackKind.AUDIO: _sfu.AUDIO, TrackKind.VIDEO: _sfu.VIDEO}
NATIVE_CODEC: Final = {
    Codec.OPUS: _sfu.CODEC_OPUS,
    Codec.VP8: _sfu.CODEC_VP8,
    Codec.H264: _sfu.CODEC_H264,
    Codec.VP9: _sfu.CODEC_VP9,
    Codec.AV1: _sfu.CODEC_AV1,
}


def native_extensions(ids: ExtensionIds) -> _sfu.Extensions:
    return _sfu.Extensions(**ids._asdict())


class Encoding(Struct, frozen=True):
    """One RTP stream of a source; `rid` is empty when it is the only one."""

    rid: str
    handle: int  # of the track in the core


@dataclass(slots=True)
class LiveTrack:
    """One published source.  Without encodings its publisher's connection is gone, but the room still lists the track:
    it may come back.

    `generation` counts the streams that this track has been; the id stays, so that others keep their tiles.
    """

    id: str
    participant_id: str
    stream: PublishedStream
    encodings: tuple[Encoding, ...]  # lowest first
    generation: int = 0
    blocked: bool = False
    known: bool = False  # the room has it; before, nothing is forwarded
    known_at_ms: int = 0
    assists: bool = False  # of the camera on site: strokes are drawn on its frames, which are named by their timestamps

    @property
    def handle(self) -> int:
        """The encoding that is sent unless another is chosen: the highest.  0 = there is none."""
        return self.encodings[-1].handle if self.encodings else 0

    @property
    def keeps_timestamps(self) -> bool:
        """RTP timestamps stay as published.  Where there are several encodings each has timestamps of its own."""
        return self.assists and len(self.encodings) == 1

    @property
    def handles(self) -> tuple[int, ...]:
        """Of all its encodings, lowest first."""
        return tuple(encoding.handle for encoding in self.encodings)

    @property
    def source(self) -> Source:
        return self.stream.source

    @property
    def bitstream(self) -> Bitstream:
        return self.stream.bitstream

    def as_wanted(self) -> Wanted:
        return Wanted(self.id, self.participant_id, self.source, self.bitstream, self.generation)
