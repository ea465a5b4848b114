"""What the browsers of a call say of a stretch of time (W3C webrtc-stats), five times a second."""

from __future__ import annotations

import asyncio
import itertools
import math
from dataclasses import dataclass
from statistics import median
from typing import TypedDict

from .calls import Call

PERIOD_MS = 200
SETTLED_S = 3.0  # a queue that has built up before anybody could know is gone after this
STALL_S = 0.5  # pictures that stand still for this long count as stalled

RECORD = """([peer, period]) => {
  window.samples = [];
  const connection = () => peer.split(".").reduce((at, name) => at[name], globalThis);
  window.sampling = setInterval(async () => {
    const at = performance.now() / 1000;
    const lines = [...(await connection().getStats()).values()];
    const video = lines.filter((line) => line.type === "inbound-rtp" && line.kind === "video");
    const audio = lines.filter((line) => line.type === "inbound-rtp" && line.kind === "audio");
    const pair = lines.find((line) => line.type === "candidate-pair" && line.nominated && line.state === "succeeded");
    const sum = (of, key) => of.reduce((total, line) => total + (line[key] ?? 0), 0);
    window.samples.push({
      at,
      frames: sum(video, "framesDecoded"),
      freezes: sum(video, "freezeCount"),
      frozen_s: sum(video, "totalFreezesDuration"),
      width: Math.max(0, ...video.map((line) => line.frameWidth ?? 0)),
      video_bytes: sum(video, "bytesReceived") + sum(video, "headerBytesReceived"),
      bytes: sum(video, "bytesReceived") + sum(audio, "bytesReceived"),
      samples: sum(audio, "totalSamplesReceived"),
      concealed: sum(audio, "concealedSamples") - sum(audio, "silentConcealedSamples"),
      trip_s: pair?.currentRoundTripTime ?? 0,
      trips: pair?.responsesReceived ?? 0,
    });
  }, period);
}"""
TAKE = """() => {
  clearInterval(window.sampling);
  return window.samples;
}"""


class Sample(TypedDict):
    """Counters that grow, and gauges: `width` (pixels), `trip_s` of the last of `trips` checks that were answered."""

    at: float
    frames: int
    freezes: int
    frozen_s: float
    width: int
    video_bytes: int
    bytes: int
    samples: int
    concealed: int
    trip_s: float
    trips: int


@dataclass(frozen=True)
class Stretch:
    """Figures of one phase.  `stalled_s` counts pictures that stood still for STALL_S or more, open ends included."""

    seconds: float
    frames_per_s: float
    width: int
    stalled_s: float
    longest_stall_s: float
    freezes: int
    frozen_s: float
    concealed_share: float
    bits_per_s: float
    trip_ms: float
    worst_trip_ms: float
    settled_trip_ms: float  # worst of the checks that were answered once SETTLED_S had passed
    first_frame_s: float  # until the first new picture; infinite when there was none
    widest_at_s: float  # until the picture first was as large as the widest of the call; infinite when it never was


@dataclass(frozen=True)
class Recording:
    subscriber: list[Sample]
    steady: list[Sample]
    publisher: list[Sample]


async def record(call: Call, seconds: float) -> Recording:
    """All at the same time.  Of the publisher only the round trip says anything."""
    pages = {call.subscriber: call.peer, call.steady: call.peer, call.publisher: call.sender}
    for page, connection in pages.items():
        await page.evaluate(RECORD, [connection.removeprefix("window."), PERIOD_MS])
    await asyncio.sleep(seconds)  # the length of the stretch is what is measured
    taken: list[list[Sample]] = await asyncio.gather(*(page.evaluate(TAKE) for page in pages))
    return Recording(*taken)


def widest(samples: list[Sample]) -> int:
    return max(sample["width"] for sample in samples)


def figures(samples: list[Sample], call_width: int) -> Stretch:
    """`call_width`: of the widest picture of the whole call."""
    first, last = samples[0], samples[-1]
    seconds = last["at"] - first["at"]
    stalls = _stalls(samples)
    heard = max(last["samples"] - first["samples"], 1)
    return Stretch(
        seconds=seconds,
        frames_per_s=(last["frames"] - first["frames"]) / seconds,
        width=int(median(sample["width"] for sample in samples)),
        stalled_s=sum(stalls),
        longest_stall_s=max(stalls, default=0.0),
        freezes=last["freezes"] - first["freezes"],
        frozen_s=last["frozen_s"] - first["frozen_s"],
        concealed_share=max(last["concealed"] - first["concealed"], 0) / heard,
        bits_per_s=(last["bytes"] - first["bytes"]) * 8 / seconds,
        trip_ms=median(sample["trip_s"] for sample in samples) * 1_000,
        worst_trip_ms=max(sample["trip_s"] for sample in samples) * 1_000,
        settled_trip_ms=_settled_trip_s(samples) * 1_000,
        first_frame_s=next((one["at"] - first["at"] for one in samples if one["frames"] != first["frames"]), math.inf),
        widest_at_s=_widest_at_s(samples, call_width),
    )


def _settled_trip_s(samples: list[Sample]) -> float:
    """A browser's check is seconds apart from the next: until then its gauge says what was before.  Where none was
    answered in time, that has to do."""
    settled = [sample for sample in samples if sample["at"] - samples[0]["at"] >= SETTLED_S]
    fresh = [sample for sample in settled if sample["trips"] > settled[0]["trips"]]
    return max((sample["trip_s"] for sample in fresh or settled), default=0.0)


def _widest_at_s(samples: list[Sample], call_width: int) -> float:
    first = samples[0]
    for sample in samples:
        if sample["width"] >= call_width and sample["frames"] > first["frames"]:
            return sample["at"] - first["at"]
    return math.inf


def _stalls(samples: list[Sample]) -> list[float]:
    """Seconds without a new frame, each at least STALL_S."""
    stalls = []
    moved_at = samples[0]["at"]
    for before, sample in itertools.pairwise(samples):
        if sample["frames"] != before["frames"]:  # less, when a new connection begins to count
            if before["at"] - moved_at >= STALL_S:
                stalls.append(before["at"] - moved_at)
            moved_at = sample["at"]
    if samples[-1]["at"] - moved_at >= STALL_S:
        stalls.append(samples[-1]["at"] - moved_at)
    return stalls
