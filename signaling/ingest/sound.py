"""Whatever an encoder's sound is made of becomes Opus of 20 ms, in stereo."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

RATE: Final = 48_000
FRAME_SAMPLES: Final = 960
BPS: Final = 128_000
APART_MS: Final = 60.0  # the sound's own count and its times may differ by so much before they are brought together


class OpusEncoder:
    """Decoded sound in, (packet, its time in ms) out."""

    def __init__(self) -> None:
        context = av.CodecContext.create("libopus", "w")
        if not isinstance(context, AudioCodecContext):
            raise TypeError("libopus encodes sound")
        context.sample_rate, context.layout, context.format = RATE, "stereo", "s16"
        context.bit_rate = BPS
        context.time_base = Fraction(1, RATE)
        context.options = {"application": "audio", "frame_duration": "20"}
        context.open()
        self._context = context
        self._resampler = AudioResampler("s16", "stereo", RATE)
        self._fifo = AudioFifo()
        self._next_ms: float | None = None  # of the first sample in the fifo

    def encode(self, frame: AudioFrame, at_ms: float) -> Iterator[tuple[bytes, float]]:
        """`at_ms`: when the frame begins."""
        frame.pts = None
        held_ms = self._fifo.samples * 1_000 / RATE
        if self._next_ms is None or abs(self._next_ms + held_ms - at_ms) > APART_MS:
            self._next_ms = at_ms - held_ms
        for part in self._resampler.resample(frame):
            part.pts = None
            self._fifo.write(part)
        while (ready := self._fifo.read(FRAME_SAMPLES)) is not None:
            ready.pts = None
            ready.time_base = Fraction(1, RATE)
            ready.sample_rate = RATE
            for packet in self._context.encode(ready):
                yield bytes(packet), self._next_ms
            self._next_ms += FRAME_SAMPLES * 1_000 / RATE
