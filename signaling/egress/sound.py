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

from .rtp import Packet
from .sender_clock import SenderClock

log = structlog.get_logger(__name__)

RATE: Final = 48_000
CHANNELS: Final = 2
SAMPLES_PER_MS: Final = RATE // 1_000
# A source goes on without a seam while its clock says the same as the counted samples, give or take this ...
SLACK_SAMPLES: Final = 40 * SAMPLES_PER_MS
EXACT_SAMPLES: Final = 4 * SAMPLES_PER_MS  # ... and where it is off by more than this, is drawn after it, unheard:
DRAWN_SHARE: Final = 400  # by one sample in so many
KEPT_MAX: Final = 200  # blocks of 20 ms: four seconds
LOUD: Final = 0.8  # of full scale; beyond, peaks are bent instead of cut

Samples = NDArray[np.float32]  # (samples, CHANNELS), full scale is 1


class SoundSource:
    def __init__(self) -> None:
        self._clock = SenderClock(RATE)
        self._decoder: AudioCodecContext = av.CodecContext.create("libopus", "r")
        self._decoder.sample_rate = RATE
        self._decoder.layout = "stereo"
        self._waiting: deque[tuple[int, Samples]] = deque(maxlen=KEPT_MAX)  # (place by its own clock, samples)
        self._laid: deque[tuple[int, Samples]] = deque(maxlen=KEPT_MAX)
        self._next = self._next_place = 0  # where what was laid down ends, and by its own clock
        self.faults = 0

    def report(self, timestamp: int, unix_ms: float) -> None:
        self._clock.report(timestamp, unix_ms)

    def put(self, packet: Packet, arrival_ms: float) -> None:
        if not packet.payload:
            return
        place = self._clock.arrived(packet.timestamp, arrival_ms)
        try:
            frames = self._decoder.decode(av.Packet(packet.payload))
        except av.FFmpegError as error:
            self.faults += 1
            log.info("a sound could not be decoded", cause=str(error), faults=self.faults)
            return
        for frame in frames:
            samples = _samples_of(frame)
            self._waiting.append((place, samples))
            place += len(samples)

    def add_to(self, mixed: Samples, start: int) -> bool:
        """Add what belongs to `start` and after it; what lies before is thrown away.  Whether there was any."""
        end = start + len(mixed)
        found = False
        self._lay_down(end)
        while self._laid and self._laid[0][0] + len(self._laid[0][1]) <= start:
            self._laid.popleft()
        for begins, samples in self._laid:
            if begins >= end:
                break
            first, last = max(begins, start), min(begins + len(samples), end)
            if first < last:
                mixed[first - start : last - start] += samples[first - begins : last - begins]
                found = True
        return found

    def _lay_down(self, end: int) -> None:
        """Whatever begins before `end`."""
        while self._waiting:
            place, samples = self._waiting[0]
            begins = round(self._clock.taken_ms(place) * SAMPLES_PER_MS)
            follows = self._next + place - self._next_place
            early = begins - follows
            if abs(early) <= SLACK_SAMPLES:
                begins = follows
                if abs(early) > EXACT_SAMPLES:
                    step = len(samples) // DRAWN_SHARE
                    samples = _drawn(samples, len(samples) + (step if early > 0 else -step))
            if begins >= end:
                return
            _, whole = self._waiting.popleft()
            self._laid.append((begins, samples))
            self._next, self._next_place = begins + len(samples), place + len(whole)


def _drawn(samples: Samples, count: int) -> Samples:
    """The same, in `count` samples."""
    at = np.linspace(0, len(samples) - 1, count)
    before = np.arange(len(samples))
    drawn = np.empty((count, CHANNELS), np.float32)
    for channel in range(CHANNELS):
        drawn[:, channel] = np.interp(at, before, samples[:, channel])
    return drawn


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
