"""What else befalls a camera at a machine: dark halls, glints, hands, jumping exposure, pans, zoom, another side."""
# mypy: disable-error-code="import-not-found,no-any-return"

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

Array = Any
HIDDEN = 0.4  # opacity from which a mark is not in sight
EXPOSURES = (1.0, 0.5, 1.45, 0.7, 1.8, 0.4)


def ease(x: float) -> float:
    x = min(1.0, max(0.0, x))
    return x * x * (3 - 2 * x)


@dataclass(frozen=True)
class Hardship:
    """`base`: the kind of scene; `moves(rng, seconds)`: added to the pose by time; `mars`: done to each frame."""

    base: str
    group: str
    moves: Callable[[Array, float], Callable[[float], Array]] | None = None
    mars: Callable[[Array, int, int], Mars] | None = None
    is_blurred: bool = False


# (frame, seconds, share of the sequence, where the mark is) -> frame, and whether the mark is hidden by it.
Mars = Callable[[Array, float, float, Array], tuple[Array, bool]]


def _dark(rng: Array, width: int, height: int) -> Mars:
    """A tenth of the light and the sensor's gain up: coarse noise, twice as much where it is bright."""

    def mar(frame: Array, _t: float, _part: float, _mark: Array) -> tuple[Array, bool]:
        grain = rng.normal(0, 1, frame.shape).astype(np.float32)
        return 22 + 0.4 * frame + grain * (5 + 0.02 * frame), False

    return mar


def _glints(rng: Array, width: int, height: int) -> Mars:
    """Reflections that move against the texture: spots and a streak, saturated in the middle."""
    count = 9
    at = rng.uniform(0.05, 0.95, (count, 2)) * (width, height)
    size = rng.uniform(0.02, 0.06, count) * width
    rate = rng.uniform(0.2, 0.5, (count, 2))
    phase = rng.uniform(0, 2 * np.pi, (count, 2))
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)

    def mar(frame: Array, t: float, _part: float, mark: Array) -> tuple[Array, bool]:
        shine = np.zeros_like(frame)
        for k in range(count):
            x, y = at[k] + 0.12 * width * np.sin(2 * np.pi * rate[k] * t + phase[k])
            long = 4.0 if k == 0 else 1.0
            far = ((xs - x) / long) ** 2 + (ys - y) ** 2
            shine += 260 * np.exp(-far / (2 * (0.5 * size[k]) ** 2))
        mx, my = (int(np.clip(v, 0, side - 1)) for v, side in zip(mark, (width, height), strict=True))
        return np.minimum(255, frame + shine), bool(shine[my, mx] > 110)

    return mar


def _fingers(rng: Array, size: int) -> tuple[Array, Array]:
    """A hand of `size` pixels: four fingers and a palm with folds, and its mask."""
    mask = np.zeros((size, size), np.float32)
    for k in range(4):
        x = int(size * (0.2 + 0.2 * k))
        top = int(size * (0.12 + 0.06 * abs(k - 1.4)))
        cv2.line(mask, (x, top), (x, int(0.6 * size)), 1.0, int(0.15 * size), cv2.LINE_AA)
    cv2.ellipse(mask, (size // 2, int(0.72 * size)), (int(0.42 * size), int(0.3 * size)), 0, 0, 360, 1.0, -1)
    skin = 160 + 16 * cv2.resize(
        rng.normal(0, 1, (9, 9)).astype(np.float32), (size, size), interpolation=cv2.INTER_CUBIC
    )
    for _ in range(14):
        ends = rng.integers(0, size, 4)
        cv2.line(skin, (int(ends[0]), int(ends[1])), (int(ends[2]), int(ends[3])), 110.0, 2, cv2.LINE_AA)
    return skin.astype(np.float32), cv2.GaussianBlur(mask, (0, 0), 1.2)


def _laid(frame: Array, hand: tuple[Array, Array], scale: float, x: float, y: float) -> tuple[Array, Array]:
    """The hand drawn with its middle at (x, y); also its opacity over the frame."""
    skin, mask = hand
    height, width = frame.shape
    half = scale * skin.shape[0] / 2
    place = np.array([[scale, 0, x - half], [0, scale, y - half]], np.float32)
    over = cv2.warpAffine(mask, place, (width, height))
    drawn = cv2.warpAffine(skin, place, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return frame * (1 - over) + drawn * over, over


def _at(over: Array, mark: Array) -> float:
    height, width = over.shape
    mx, my = int(mark[0]), int(mark[1])
    return float(over[my, mx]) if 0 <= mx < width and 0 <= my < height else 0.0


def _pointing(rng: Array, width: int, height: int) -> Mars:
    """A fingertip or a tool, small: covers the marked part alone, for a quarter of the time, and trembles."""
    size = int(rng.uniform(0.11, 0.2) * height)
    ys, xs = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    mask = np.clip((1 - xs**2 - ys**2) * 10, 0, 1).astype(np.float32)
    skin = 120 + 25 * cv2.resize(
        rng.normal(0, 1, (5, 5)).astype(np.float32), (size, size), interpolation=cv2.INTER_CUBIC
    )

    def mar(frame: Array, t: float, part: float, mark: Array) -> tuple[Array, bool]:
        away = 1 - ease((part - 0.3) / 0.06) + ease((part - 0.62) / 0.06)
        if away >= 1:
            return frame, False
        x = mark[0] + 3 * np.sin(9 * t) + away * 0.7 * width
        y = mark[1] + 3 * np.sin(11 * t + 1)
        out, over = _laid(frame, (skin.astype(np.float32), mask), 1.0, x, y)
        return out, _at(over, mark) > HIDDEN

    return mar


def _waving(rng: Array, width: int, height: int) -> Mars:
    """A hand that works before the machine: to and fro, nearer and farther, over the mark now and then."""
    hand = _fingers(rng, int(0.5 * height))
    rate, phase = rng.uniform(0.25, 0.6, 3), rng.uniform(0, 2 * np.pi, 3)

    def mar(frame: Array, t: float, part: float, mark: Array) -> tuple[Array, bool]:
        if part < 0.1:
            return frame, False
        x = width * (0.5 + 0.45 * np.sin(2 * np.pi * rate[0] * t + phase[0]))
        y = height * (0.6 + 0.3 * np.sin(2 * np.pi * rate[1] * t + phase[1]))
        out, over = _laid(frame, hand, 1.0 + 0.45 * np.sin(2 * np.pi * rate[2] * t + phase[2]), x, y)
        return out, _at(over, mark) > HIDDEN

    return mar


def _jumps(rng: Array, width: int, height: int) -> Mars:
    """The camera's exposure jumps by up to a factor of four, twice a second, and clips."""
    turn = int(rng.integers(len(EXPOSURES)))

    def mar(frame: Array, t: float, _part: float, _mark: Array) -> tuple[Array, bool]:
        step = int(2 * t)
        gain = 1.0 if step == 0 else EXPOSURES[(step + turn) % len(EXPOSURES)]
        return np.minimum(255, frame * gain), False

    return mar


def _pans(rng: Array, seconds: float) -> Callable[[float], Array]:
    """Four looks aside, each there in a fifth of a second, and back."""
    sides = rng.choice([-1.0, 1.0], 4) * rng.uniform(0.14, 0.26, 4)
    starts = (np.arange(4) + 0.5) * seconds / 4.5

    def move(t: float) -> Array:
        turn = sum(s * (ease((t - a) / 0.2) - ease((t - a - 0.4) / 0.2)) for s, a in zip(sides, starts, strict=True))
        return np.array([0, 0, 0, 0.3 * turn, turn, 0])

    return move


def _zooms(rng: Array, seconds: float) -> Callable[[float], Array]:
    """Twice as large, back, half as large, back."""
    first, second = (0.5, -1.0) if rng.random() < 0.5 else (-1.0, 0.5)

    def bump(t: float, start: float) -> float:
        part = t / seconds
        return ease((part - start) / 0.14) - ease((part - start - 0.26) / 0.14)

    return lambda t: np.array([0, 0, first * bump(t, 0.05) + second * bump(t, 0.52), 0, 0, 0])


def _other_side(rng: Array, seconds: float) -> Callable[[float], Array]:
    """Looks away, walks half a distance aside meanwhile, and looks at the machine from there."""
    sign = float(rng.choice([-1, 1]))
    lift = float(rng.uniform(-0.12, 0.12))

    def move(t: float) -> Array:
        gone = ease((t - 0.25 * seconds) / 0.5) - ease((t - 0.6 * seconds) / 0.5)
        walked = ease((t - 0.25 * seconds - 0.5) / max(0.2, 0.35 * seconds - 0.5))
        turn = sign * (1.05 * gone + 0.42 * walked)
        return np.array([sign * 0.45 * walked, lift * walked, 0.05 * walked, 0, turn, 0])

    return move


HARDSHIPS: dict[str, Hardship] = {
    "dark": Hardship("planar", "planar", mars=_dark),
    "dark-depth": Hardship("depth", "depth", mars=_dark),
    "glints": Hardship("planar", "planar", mars=_glints),
    "glints-plain": Hardship("plain", "planar", mars=_glints),
    "finger": Hardship("planar", "planar", mars=_pointing),
    "finger-panel": Hardship("panel", "planar", mars=_pointing),
    "waving": Hardship("planar", "planar", mars=_waving),
    "waving-depth": Hardship("depth", "depth", mars=_waving),
    "jumps": Hardship("planar", "planar", mars=_jumps),
    "pans": Hardship("planar", "planar", moves=_pans, is_blurred=True),
    "zoom": Hardship("planar", "planar", moves=_zooms),
    "side": Hardship("planar", "return", moves=_other_side),
    "buttons": Hardship("buttons", "planar"),
    "buttons-leave": Hardship("buttons-leave", "return"),
    "plain-leave": Hardship("plain-leave", "return"),
}
