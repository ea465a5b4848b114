"""A film as it is written: H.264 and AAC in a fragmented MP4, so that what is on the disk can always be played.

Every fragment stands for itself (ISO/IEC 14496-12 8.8), is handed to the system as soon as it is full and lasts
FRAGMENT_MS: a process that is killed takes no more than that with it.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from .sound import RATE, Samples

FRAGMENT_MS: Final = 500
KEY_EVERY_S: Final = 2
VIDEO_PRESET: Final = "superfast"  # 23 % of a core at 1280x720, 25 a second; veryfast costs 30 %
AUDIO_BPS: Final = 128_000


def _mp4_options(fragment_ms: int) -> dict[str, str]:
    return {
        "movflags": "empty_moov+default_base_moof+frag_keyframe+skip_trailer+cmaf",
        "frag_duration": str(fragment_ms * 1_000),
        "flush_packets": "1",
    }


class Film:
    """Raises OSError (av.FFmpegError is one where the disk is the cause) when it cannot be written."""

    def __init__(self, path: Path, width: int, height: int, frames_per_s: int) -> None:
        self._path = path
        self._rate = frames_per_s
        self._container = av.open(str(path), "w", format="mp4", options=_mp4_options(FRAGMENT_MS))
        self._video: VideoStream = self._container.add_stream("libx264", rate=frames_per_s)
        self._video.width, self._video.height = width, height
        self._video.pix_fmt = "yuv420p"
        self._video.time_base = Fraction(1, frames_per_s)
        context = self._video.codec_context
        context.gop_size = KEY_EVERY_S * frames_per_s
        context.max_b_frames = 0
        context.thread_count = 1
        context.options = {
            "preset": VIDEO_PRESET,
            "tune": "zerolatency",
            "crf": "25",
            "maxrate": "3M",
            "bufsize": "6M",
            "profile": "high",
            "sc_threshold": "0",  # keyframes at even distances only, where players seek to
        }
        self._audio: AudioStream = self._container.add_stream("aac", rate=RATE, layout="stereo")
        self._audio.bit_rate = AUDIO_BPS
        self._fifo = AudioFifo()
        self._samples = 0
        self._container.start_encoding()
        self.frames = 0  # where the film stands; the next picture is number `frames`
        self._closed = False

    @property
    def film_ms(self) -> int:
        return self.frames * 1_000 // self._rate

    @property
    def size_bytes(self) -> int:
        return self._path.stat().st_size

    def add(self, picture: VideoFrame | None, sound: Samples) -> None:
        """One step of 1/frames_per_s: `sound` is RATE / frames_per_s samples.  No picture: the last one stays on."""
        if picture is not None:
            picture.pts = self.frames
            picture.time_base = Fraction(1, self._rate)
            self._container.mux(self._video.encode(picture))
        self.frames += 1
        self._fifo.write(self._audio_frame(sound))
        while (frame := self._fifo.read(self._audio.codec_context.frame_size or 1_024)) is not None:
            self._container.mux(self._audio.encode(frame))

    def close(self) -> None:
        """Write what is still in the encoders.  Idempotent."""
        if self._closed:
            return
        self._closed = True
        try:
            self._container.mux(self._video.encode(None))
            rest = self._fifo.read(0, partial=True)
            if rest is not None:
                self._container.mux(self._audio.encode(rest))
            self._container.mux(self._audio.encode(None))
        finally:
            self._container.close()

    def _audio_frame(self, sound: Samples) -> AudioFrame:
        whole = np.clip(sound * 32_767, -32_768, 32_767).astype(np.int16).reshape(1, -1)
        frame = AudioFrame.from_ndarray(whole, format="s16", layout="stereo")
        frame.sample_rate = RATE
        frame.pts = self._samples
        frame.time_base = Fraction(1, RATE)
        self._samples += len(sound)
        return frame
