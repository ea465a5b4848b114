"""A film as it is written: H.264 and AAC in a fragmented MP4, so that what is on the disk can always be played.

Every fragment stands for itself (ISO/IEC 14496-12 8.8), is handed to the system as soon as it is full and lasts
FRAGMENT_MS: a process that is killed takes no more than that with it.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Final, cast

import av
import numpy as np
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream
from msgspec import Struct

from .encoders import chosen, prepare
from .sound import RATE, Samples
from .wire import AUDIO_BPS, AUTO, VIDEO_BPS

FRAGMENT_MS: Final = 500
KEY_EVERY_S: Final = 2
_FRAGMENTED: Final = "empty_moov+default_base_moof+frag_keyframe+skip_trailer+cmaf"


class Encoded(Struct, frozen=True):
    """What one step came to, as it is muxed: (data, pts and duration in the encoder's units, whether it is a key)."""

    video: tuple[tuple[bytes, int, int, bool], ...]
    audio: tuple[tuple[bytes, int, int, bool], ...]


class Head:
    """The head of a fragmented MP4 of these encoders: `data`, written without a file."""

    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> int:
        self.data += data
        return len(data)


def open_fragmented(file: str | Head, fragment_ms: int) -> OutputContainer:
    options = {"movflags": _FRAGMENTED, "frag_duration": str(fragment_ms * 1_000), "flush_packets": "1"}
    return av.open(file, "w", format="mp4", options={**options, "video_track_timescale": "90000"})


def add_video(
    container: OutputContainer, width: int, height: int, frames_per_s: int, bps: int, encoder: str
) -> VideoStream:
    """An H.264 encoder that waits for nothing: each picture comes out as it goes in."""
    one = chosen(encoder, width, height)
    stream = cast(VideoStream, container.add_stream(one.name, rate=frames_per_s))
    stream.width, stream.height = width, height
    stream.time_base = Fraction(1, frames_per_s)
    prepare(stream.codec_context, one, frames_per_s, KEY_EVERY_S * frames_per_s, bps)
    return stream


def add_audio(container: OutputContainer) -> AudioStream:
    stream: AudioStream = container.add_stream("aac", rate=RATE, layout="stereo")
    stream.bit_rate = AUDIO_BPS
    return stream


def encode_picture(stream: VideoStream, picture: VideoFrame, number: int, *, key: bool) -> list[Packet[VideoStream]]:
    picture.pts = number
    picture.time_base = stream.codec_context.time_base
    picture.pict_type = PictureType.I if key else PictureType.NONE
    return stream.encode(picture)


class SoundTrack:
    """Mixed sound into an encoder, whatever frames it wants."""

    def __init__(self, stream: AudioStream) -> None:
        self._stream = stream
        self._fifo = AudioFifo()
        self._samples = 0

    def add(self, sound: Samples) -> list[Packet[AudioStream]]:
        packets: list[Packet[AudioStream]] = []
        self._fifo.write(self._frame(sound))
        while (frame := self._fifo.read(self._stream.codec_context.frame_size or 1_024)) is not None:
            packets += self._stream.encode(frame)
        return packets

    def rest(self) -> list[Packet[AudioStream]]:
        """What is still in the encoder, which takes nothing more."""
        packets: list[Packet[AudioStream]] = []
        if (frame := self._fifo.read(0, partial=True)) is not None:
            packets += self._stream.encode(frame)
        return packets + self._stream.encode(None)

    def _frame(self, sound: Samples) -> AudioFrame:
        whole = np.clip(sound * 32_767, -32_768, 32_767).astype(np.int16).reshape(1, -1)
        frame = AudioFrame.from_ndarray(whole, format="s16", layout="stereo")
        frame.sample_rate = RATE
        frame.pts = self._samples
        frame.time_base = Fraction(1, RATE)
        self._samples += len(sound)
        return frame


def plain(packet: Packet[VideoStream] | Packet[AudioStream]) -> tuple[bytes, int, int, bool]:
    """To be called before it is muxed, which empties it."""
    return bytes(packet), packet.pts or 0, packet.duration or 0, packet.is_keyframe


class Film:
    """Raises OSError (av.FFmpegError is one where the disk is the cause) when it cannot be written."""

    def __init__(self, path: Path, width: int, height: int, frames_per_s: int, encoder: str = AUTO) -> None:
        self._path = path
        self._rate = frames_per_s
        self._container = open_fragmented(str(path), FRAGMENT_MS)
        self._video = add_video(self._container, width, height, frames_per_s, VIDEO_BPS, encoder)
        self._sound = SoundTrack(add_audio(self._container))
        self._container.start_encoding()
        self.frames = 0  # where the film stands; the next picture is number `frames`
        self._next_key = 0
        self._closed = False

    @property
    def film_ms(self) -> int:
        return self.frames * 1_000 // self._rate

    @property
    def size_bytes(self) -> int:
        return self._path.stat().st_size

    def add(self, picture: VideoFrame | None, sound: Samples) -> Encoded:
        """One step of 1/frames_per_s: `sound` is RATE / frames_per_s samples.  No picture: the last one stays on."""
        video: list[Packet[VideoStream]] = []
        if picture is not None:
            video = encode_picture(self._video, picture, self.frames, key=self.key_is_due)
            if self.key_is_due:
                every = KEY_EVERY_S * self._rate
                self._next_key = (self.frames // every + 1) * every
        self.frames += 1
        return self._mux(video, self._sound.add(sound))

    @property
    def key_is_due(self) -> bool:
        """The next picture stands for itself: the first of every KEY_EVERY_S, or the next after it."""
        return self.frames >= self._next_key

    def close(self) -> Encoded:
        """Write what is still in the encoders, and say what that was.  Idempotent."""
        if self._closed:
            return Encoded((), ())
        self._closed = True
        try:
            return self._mux(self._video.encode(None), self._sound.rest())
        finally:
            self._container.close()

    def _mux(self, video: list[Packet[VideoStream]], audio: list[Packet[AudioStream]]) -> Encoded:
        encoded = Encoded(tuple(map(plain, video)), tuple(map(plain, audio)))
        self._container.mux(video)
        self._container.mux(audio)
        return encoded
