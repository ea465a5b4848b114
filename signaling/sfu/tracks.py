"""A published track as the plane knows it, and the translation of negotiated values into those of the native core."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from msgspec import Struct

from rooms.core.model import Source, TrackKind
from signaling.webrtc.codecs import Bitstream, Codec
from signaling.webrtc.extensions import ExtensionIds
from signaling.webrtc.publishing import PublishedFormat, PublishedStream
from signaling.webrtc.subscribing import BoundFormat, Wanted
from signaling.webrtc.viewing import ViewedFormat

from . import _sfu
from .codec_policy import SourceCodecs

NATIVE_KIND: Final = {TrackKind.AUDIO: _sfu.AUDIO, TrackKind.VIDEO: _sfu.VIDEO}
NATIVE_CODEC: Final = {
    Codec.OPUS: _sfu.CODEC_OPUS,
    Codec.VP8: _sfu.CODEC_VP8,
    Codec.H264: _sfu.CODEC_H264,
    Codec.VP9: _sfu.CODEC_VP9,
    Codec.AV1: _sfu.CODEC_AV1,
}


def native_format(item: PublishedFormat | BoundFormat | ViewedFormat) -> _sfu.PayloadFormat:
    return _sfu.PayloadFormat(NATIVE_CODEC[item.bitstream.codec], item.payload_type, item.rtx_payload_type)


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
    codecs: SourceCodecs | None = None  # of a picture: what it is sent in
    backup: Encoding | None = None  # a second stream, in another codec
    backup_stream: PublishedStream | None = None

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
        """Of all its encodings, lowest first, and of its backup."""
        backup = (self.backup.handle,) if self.backup is not None else ()
        return (*(encoding.handle for encoding in self.encodings), *backup)

    def handles_for(self, codecs: Collection[Codec]) -> tuple[int, ...]:
        """Of those encodings that somebody can be sent who decodes these."""
        if self.backup is not None and self.codecs is not None and self.codecs.decision.codec not in codecs:
            return (self.backup.handle,)
        return tuple(encoding.handle for encoding in self.encodings)

    @property
    def source(self) -> Source:
        return self.stream.source

    @property
    def codec(self) -> Codec:
        """That it is sent in, as its publisher was asked."""
        return self.codecs.decision.codec if self.codecs is not None else self.stream.bitstream.codec

    @property
    def bitstreams(self) -> tuple[Bitstream, ...]:
        """All that it may come in, in one order whichever it comes in now."""
        order = list(Codec)
        return tuple(sorted((item.bitstream for item in self.stream.formats), key=lambda it: order.index(it.codec)))

    @property
    def is_scalable(self) -> bool:
        """One stream may have layers of several sizes, as many as its publisher's line carries just now."""
        return self.codec in (Codec.VP9, Codec.AV1)

    def as_wanted(self) -> Wanted:
        first, *others = self.bitstreams
        return Wanted(self.id, self.participant_id, self.source, first, self.generation, tuple(others))
