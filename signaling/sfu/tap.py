"""What an egress process of ours is sent of a room: a transport without SDP and DTLS, since both ends are ours.

Its ICE credentials and SRTP keys are made here and go to the process over its own pipe (egress/wire.py).  It has no
bandwidth estimation: what it asks for it gets.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

import msgspec

from rooms.core.model import Source, TrackKind
from signaling.egress import wire
from signaling.webrtc.codecs import Codec

from . import _sfu
from .link import ice_credentials
from .pump import WorkerPump
from .subscriber import draw_ssrc
from .tracks import NATIVE_CODEC, LiveTrack

EVERYTHING_MAX: Final = 32  # tracks; more of a room are not kept by themselves
_NO_EXTENSIONS: Final = _sfu.Extensions()
_FORMATS: Final = tuple(
    _sfu.PayloadFormat(NATIVE_CODEC[codec], payload_type, payload_type + 1)
    for codec, payload_type in (
        (Codec.VP8, wire.VP8_TYPE),
        (Codec.H264, wire.H264_TYPE),
        (Codec.VP9, wire.VP9_TYPE),
        (Codec.AV1, wire.AV1_TYPE),
    )
)


@dataclass(slots=True)
class _Tapped:
    track_handle: int
    subscription: int
    stream: wire.Stream
    chosen: int  # the encoding


class Tap:
    """Implements pump.TransportOwner.  `on_streams` is told all streams whenever they are others than before."""

    def __init__(
        self,
        pump: WorkerPump,
        host: str,
        on_streams: Callable[[tuple[wire.Stream, ...]], None],
        *,
        audience: bool = False,
        everything: bool = False,
    ) -> None:
        """`host` is where the process reaches the worker.  `everything`: what is neither shown nor heard too, whole."""
        self._pump = pump
        self._on_streams = on_streams
        self.audience = audience  # it films what an audience gets
        self._everything = everything
        ufrag, password = ice_credentials()
        sent, received = secrets.token_bytes(wire.MASTER_BYTES), secrets.token_bytes(wire.MASTER_BYTES)
        self._handle = pump.worker.open_transport(ufrag.encode(), password.encode())
        pump.worker.set_srtp(self._handle, _sfu.PROFILE_AES128_CM_SHA1_80, received, sent)
        pump.add_transport(self._handle, self)
        self.connect = wire.Connect(host, pump.worker.port, ufrag, password, receive_master=sent, send_master=received)
        self._tapped: dict[str, _Tapped] = {}
        self._heights: Mapping[str, int] = {}
        self._closed = False

    def show(self, heights: Mapping[str, int]) -> None:
        """Pictures that are wanted: by track, how many pixels high they are shown.  Takes hold with the next update."""
        self._heights = heights

    def update(self, tracks: Mapping[str, LiveTrack], sounds: Iterable[LiveTrack]) -> None:
        """`tracks` are all of the room by id, `sounds` those that are to be heard."""
        if self._closed:
            return
        heard = {track.id: track for track in sounds if track.handle}
        wanted = dict(heard)
        wanted |= {track_id: tracks[track_id] for track_id in self._heights if track_id in tracks}
        if self._everything:
            wanted |= dict(islice(tracks.items(), EVERYTHING_MAX))
        wanted = {track_id: track for track_id, track in wanted.items() if track.handle}
        changed = False
        for track_id, tapped in list(self._tapped.items()):
            track = wanted.get(track_id)
            if track is None or track.handle != tapped.track_handle:
                changed = True
                self._end(track_id)
        for track_id, track in wanted.items():
            if track_id not in self._tapped:
                changed = True
                self._tapped[track_id] = self._begin(track)
            tapped, is_heard = self._tapped[track_id], track_id in heard
            if tapped.stream.heard is not is_heard:
                changed = True
                tapped.stream = msgspec.structs.replace(tapped.stream, heard=is_heard)
        self._choose(wanted)
        if changed:
            self._on_streams(tuple(tapped.stream for tapped in self._tapped.values()))

    def close(self) -> None:
        """Idempotent."""
        if not self._closed:
            self._closed = True
            self._tapped.clear()
            self._pump.forget_transport(self._handle)
            self._pump.worker.close_transport(self._handle)

    # ------------------------------------------------------------ pump.TransportOwner

    def on_dtls(self, datagram: bytes) -> None:
        """There is none: whoever sends some has not got our keys."""

    def on_connected(self, address: str) -> None: ...

    def on_disconnected(self) -> None:
        """Its process is gone or stuck: who watches over that ends the tap."""

    def on_estimate(self, bps: int, limited: bool) -> None: ...

    # ------------------------------------------------------------ inside

    def _begin(self, track: LiveTrack) -> _Tapped:
        video = track.source.kind is TrackKind.VIDEO
        ssrc, rtx_ssrc = draw_ssrc(), draw_ssrc() if video else 0
        worker = self._pump.worker
        if video:
            worker.request_keyframe(track.handle)
        subscription = worker.add_subscription(
            self._handle,
            track.handle,
            ssrc,
            rtx_ssrc,
            wire.VP8_TYPE if video else wire.OPUS_TYPE,
            wire.VP8_TYPE + 1 if video else 0,
            b"",
            _NO_EXTENSIONS,
            formats=_FORMATS if video else (),
        )
        stream = wire.Stream(ssrc, rtx_ssrc, track.id, track.participant_id, track.source)
        return _Tapped(track.handle, subscription, stream, track.handle)

    def _end(self, track_id: str) -> None:
        tapped = self._tapped.pop(track_id)
        try:
            self._pump.worker.remove_subscription(tapped.subscription)
        except KeyError:
            return  # it went with its track

    def _choose(self, wanted: Mapping[str, LiveTrack]) -> None:
        """Of each picture the smallest encoding that fills its tile."""
        for track_id, tapped in self._tapped.items():
            track = wanted[track_id]
            if len(track.encodings) < 2:
                continue
            handle = self._fitting(track, self._heights.get(track_id, 0))
            if handle != tapped.chosen:
                tapped.chosen = handle
                self._pump.worker.choose_layers([_sfu.LayerChoice(tapped.subscription, handle)])

    def _fitting(self, track: LiveTrack, height: int) -> int:
        """An encoding that nobody has seen yet is taken for half of the next larger one."""
        if track.source is Source.SCREEN or self._everything:
            return track.handle
        worker = self._pump.worker
        known: int | None = None
        found = track.handle
        for encoding in reversed(track.encodings):
            layers = worker.track_stats(encoding.handle).layers
            heights = [layer.height for layer in layers if layer.height]
            known = max(heights) if heights else known // 2 if known else None
            if known is not None and known * 10 < height * 9:
                break
            if known is not None:
                found = encoding.handle
        return found
