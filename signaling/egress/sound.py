"""The sound of all sources as one: each is decoded and laid down where it belongs in time, then they are added.

Positions are samples at RATE since the Unix epoch, so that pictures and sounds of one person meet again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final

import av
import numpy as np
import structlog
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

from .rtp import Packet, SenderClock

log = structlog.get_logger(__name__)

RATE: Final = 48_000
CHANNELS: Final = 2
SAMPLES_PER_MS: Final = RATE // 1_000
# A source goes on without a seam while its clock says the same as the counted samples, give or take this.
SLACK_SAMPLES: Final = 40 * SAMPLES_PER_MS
KEPT_MAX: Final = 200  # blocks of 20 ms: four seconds
LOUD: Final = 0.8  # of full scale; beyond, peaks are bent instead of cut

Samples = NDArray[np.float32]  # (samples, CHANNELS), full scale is 1


class SoundSource:
    def __init__(self) -> None:
        self._clock = SenderClock(RATE)
        self._decoder: AudioCodecContext = av.CodecContext.create("libopus", "r")
        self._decoder.sample_rate = RATE
        self._decoder.layout = "stereo"
        self._blocks: deque[tuple[int, Samples]] = deque(maxlen=KEPT_MAX)
        self._next = 0
        self.faults = 0

    def report(self, timestamp: int, unix_ms: float) -> None:
        self._clock.report(timestamp, unix_ms)

    def put(self, packet: Packet, arrival_ms: float) -> None:
        if not packet.payload:
            return
        begins = round(self._clock.captured_ms(packet.timestamp, arrival_ms) * SAMPLES_PER_MS)
        try:
            frames = self._decoder.decode(av.Packet(packet.payload))
        except av.FFmpegError as error:
            self.faults += 1
            log.info("a sound could not be decoded", cause=str(error), faults=self.faults)
            return
        for frame in frames:
            samples = _samples_of(frame)
            if abs(begins - self._next) <= SLACK_SAMPLES:
                begins = self._next
            self._blocks.append((begins, samples))
            begins += len(samples)
            self._next = begins

    def add_to(self, mixed: Samples, start: int) -> bool:
        """Add what belongs to `start` and after it; what lies before is thrown away.  Whether there was any."""
        end = start + len(mixed)
        found = False
        while self._blocks and self._blocks[0][0] + len(self._blocks[0][1]) <= start:
            self._blocks.popleft()
        for begins, samples in self._blocks:
            if begins >= end:
                break
            first, last = max(begins, start), min(begins + len(samples), end)
            if first < last:
                mixed[first - start : last - start] += samples[first - begins : last - begins]
                found = True
        return found


def mix(sources: Iterable[SoundSource], start: int, count: int) -> Samples:
    """`count` samples from `start` on; silence where nothing is."""
    mixed = np.zeros((count, CHANNELS), np.float32)
    if sum(source.add_to(mixed, start) for source in sources) > 1:
        bent = np.abs(mixed) > LOUD
        if bent.any():
            over = np.abs(mixed[bent]) - LOUD
            mixed[bent] = np.sign(mixed[bent]) * (LOUD + (1 - LOUD) * np.tanh(over / (1 - LOUD)))
    return mixed


def _samples_of(frame: AudioFrame) -> Samples:
    """libopus decodes to packed 16-bit samples, of as many channels as it was told."""
    whole = np.asarray(frame.to_ndarray(), np.float32).reshape(-1, CHANNELS)
    return np.divide(whole, 32_768, dtype=np.float32)
