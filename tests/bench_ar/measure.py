"""What one tracker did on one sequence, in figures."""
# mypy: disable-error-code="import-not-found,no-any-return"

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

Array = Any
FRAME_MS = 1000 / 30


@dataclass
class Run:
    """Per frame: state, place, CPU milliseconds; and the keyframe's cost."""

    states: list[str]
    places: Array
    cpu_ms: list[float]
    keyframe_ms: float
    keyframe_cpu_ms: float = 0.0


@dataclass
class Figures:
    """Pooled over sequences. Errors are of visible frames on which the mark was shown."""

    errors: list[float] = field(default_factory=list)
    visible: int = 0
    within5: int = 0
    frames: int = 0
    shown_off: int = 0
    ok_off: int = 0
    cpu_ms: list[float] = field(default_factory=list)
    keyframe_ms: list[float] = field(default_factory=list)
    jitter: list[float] = field(default_factory=list)
    back_ms: list[float] = field(default_factory=list)

    def add(self, sequence: Any, run: Run) -> None:
        shown = np.array([s != "lost" for s in run.states])
        ok = np.array([s == "ok" for s in run.states])
        error = np.hypot(*(run.places - sequence.truth).T)
        height, width = sequence.frames.shape[1:]
        inside = (
            (run.places[:, 0] >= 0) & (run.places[:, 0] < width) & (run.places[:, 1] >= 0) & (run.places[:, 1] < height)
        )
        # A mark placed outside the frame is not drawn: it is an arrow at the edge.
        drawn = shown & inside
        seen = sequence.visible
        self.errors += list(error[seen & drawn])
        self.visible += int(seen.sum())
        self.within5 += int((seen & drawn & (error < 5)).sum())
        self.frames += len(seen)
        # An arrow at the edge towards a mark that is in sight is as wrong as a mark in a wrong place.
        wrong = shown & (inside | seen) & (error > 20)
        self.shown_off += int(wrong.sum())
        self.ok_off += int((wrong & ok).sum())
        self.cpu_ms += run.cpu_ms
        self.keyframe_ms.append(run.keyframe_cpu_ms or run.keyframe_ms)
        if sequence.group == "rest":
            # The hand's tremble is in the truth: what is left over is the tracker's.
            left = (run.places - sequence.truth)[seen & drawn]
            if len(left) > 10:
                self.jitter.append(float(np.sqrt(((left - left.mean(axis=0)) ** 2).sum(axis=1).mean())))
        if sequence.group == "return":
            self.back_ms.append(_back_ms(seen, drawn & (error < 5)))

    def line(self) -> dict[str, float | None]:
        errors = np.array(self.errors) if self.errors else np.array([np.nan])
        return {
            "median_px": _round(np.median(errors)),
            "p95_px": _round(np.percentile(errors, 95)),
            "within5": _round(100 * self.within5 / max(1, self.visible), 1),
            "off20": _round(100 * self.shown_off / max(1, self.frames), 2),
            "ok_off20": float(self.ok_off),
            "jitter_px": _round(np.mean(self.jitter)) if self.jitter else None,
            "back_ms": _round(np.percentile(self.back_ms, 95), 0) if self.back_ms else None,
            "cpu_p50": _round(np.percentile(self.cpu_ms, 50), 1),
            "cpu_p95": _round(np.percentile(self.cpu_ms, 95), 1),
            "key_ms": _round(np.median(self.keyframe_ms), 0),
        }


def _back_ms(seen: Array, right: Array) -> float:
    """From the mark's return into the frame to the first right frame; 9999 when never."""
    gone = np.nonzero(~seen)[0]
    if len(gone) == 0:
        return 0.0
    after = np.nonzero(seen[gone[-1] :])[0]
    if len(after) == 0:
        return 0.0
    first = gone[-1] + after[0]
    hits = np.nonzero(right[first:])[0]
    return float(hits[0] * FRAME_MS) if len(hits) else 9999.0


def _round(value: Any, digits: int = 2) -> float | None:
    return round(float(value), digits) if np.isfinite(value) else None
