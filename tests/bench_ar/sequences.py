"""Sequences with known truth: a hand-held camera before a scene, and what its sensor makes of it."""
# mypy: disable-error-code="import-not-found,no-any-return"

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from tests.bench_ar import scenes
from tests.bench_ar.hardship import HARDSHIPS, Hardship, ease

Array = Any
FPS = 30.0
READOUT_S = 0.022  # rolling shutter: first to last row
WALL = 900
EXPOSURE_S = 0.028  # of the blurred sequences


@dataclass(frozen=True)
class Sequence:
    """`frames` n x h x w uint8; `truth` n x 2 pixels; `visible`: in the frame, uncovered. Frame 0 is the keyframe."""

    name: str
    seed: int
    frames: Array
    truth: Array
    visible: Array
    group: str


class Path:
    """Smooth chance motion: position (3, in distances to the scene) and turn (3, radians) at a time in seconds."""

    def __init__(self, rng: Array, shift: float, depth: float, turn: float, roll: float, speed: float = 1.0) -> None:
        self.size = np.array([shift, shift * 0.75, depth, turn, turn, roll])
        self.rate = rng.uniform(0.15, 0.5, (3, 6)) * speed
        self.phase = rng.uniform(0, 2 * np.pi, (3, 6))
        self.shake = rng.uniform(2.0, 6.0, 6)
        self.also: Callable[[float], Array] = lambda _: np.zeros(6)
        self.starts_still = False

    def at(self, t: float) -> Array:
        if self.starts_still:
            # Nobody draws on a smeared frame: the keyframe is one on which the camera stood.
            t = t - 0.25 * (1 - np.exp(-t / 0.25)) if t > 0 else 0.0
        wave = np.sin(2 * np.pi * self.rate * t + self.phase) - np.sin(self.phase)
        pose = self.size * wave.sum(axis=0) * 0.6
        # A hand trembles: about a pixel or two at a few hertz.
        pose[3:5] += 0.0012 * (np.sin(2 * np.pi * self.shake[:2] * t) + np.sin(2 * np.pi * self.shake[2:4] * t))
        return pose + self.also(t)


def rotation(pose: Array) -> Array:
    rx, ry, rz = pose[3:]
    return (
        cv2.Rodrigues(np.array([rx, 0, 0]))[0]
        @ cv2.Rodrigues(np.array([0, ry, 0]))[0]
        @ cv2.Rodrigues(np.array([0, 0, rz]))[0]
    )


def _on_wall(picture: Array) -> Array:
    """The picture with WALL pixels of stained plaster around it."""
    rng = np.random.default_rng(7)
    height, width = (side + 2 * WALL for side in picture.shape)
    wall = cv2.resize(rng.normal(0, 1, (60, 80)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    grain = cv2.resize(rng.normal(0, 1, (height // 6, width // 6)).astype(np.float32), (width, height))
    wall = 135 + 13 * wall + 7 * grain
    wall[WALL:-WALL, WALL:-WALL] = picture
    return wall


class Plane:
    """A flat picture one unit away; at rest it fills the frame with a margin."""

    def __init__(self, picture: Array, width: int, height: int) -> None:
        self.picture, self.width, self.height = _on_wall(picture), width, height
        focal = 0.85 * width
        self.k = np.array([[focal, 0, (width - 1) / 2], [0, focal, (height - 1) / 2], [0, 0, 1]])
        unit = 1.0 / focal * width / picture.shape[1] * 1.45
        self.s = np.array(
            [
                [unit, 0, -unit * (picture.shape[1] / 2 + WALL)],
                [0, unit, -unit * (picture.shape[0] / 2 + WALL)],
                [0, 0, 1],
            ]
        )

    def homography(self, pose: Array) -> Array:
        r = rotation(pose)
        t = r @ (np.array([0, 0, 1.0]) - pose[:3])
        return self.k @ np.column_stack([r[:, 0], r[:, 1], t]) @ self.s

    def project(self, pose: Array, mark: Array) -> Array:
        p = self.homography(pose) @ np.array([mark[0] + WALL, mark[1] + WALL, 1.0])
        return p[:2] / p[2]

    def render(self, pose: Array, fine: bool) -> Array:
        if not fine:
            return cv2.warpPerspective(
                self.picture,
                self.homography(pose),
                (self.width, self.height),
                flags=cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_REFLECT,
            )
        # Twice as fine, then averaged: a sensor's pixel is an area. Pixel centres: X = 2 x + 0.5.
        double = np.array([[2, 0, 0.5], [0, 2, 0.5], [0, 0, 1.0]]) @ self.homography(pose)
        big = cv2.warpPerspective(
            self.picture,
            double,
            (2 * self.width, 2 * self.height),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REFLECT,
        )
        return cv2.resize(big, (self.width, self.height), interpolation=cv2.INTER_AREA)

    def shows(self, pose: Array, mark: Array) -> bool:
        return True


class Relief:
    """A picture with inverse depth, seen from near its own place: real parallax, near parts hide far ones."""

    def __init__(self, picture: Array, inverse: Array, width: int, height: int) -> None:
        self.picture, self.inverse, self.width, self.height = picture, inverse, width, height
        sh, sw = picture.shape
        self.focal = 1.1 * sw
        self.centre = ((sw - 1) / 2, (sh - 1) / 2)
        self.zoom = 1.12 * max(width / sw, height / sh)
        self.backdrop = cv2.resize(cv2.GaussianBlur(picture, (0, 0), 24), (width, height)) * 0.7
        # Points on a step of depth belong to neither side: left out. Steps of 0.6 leave no gaps when the camera nears.
        kernel = np.ones((5, 5), np.uint8)
        clean = cv2.dilate(inverse, kernel) - cv2.erode(inverse, kernel) < 0.08
        fine_y, fine_x = np.mgrid[0 : sh - 1 : 0.6, 0 : sw - 1 : 0.6].astype(np.float32)
        row, column = np.rint(fine_y).astype(int), np.rint(fine_x).astype(int)
        kept = clean[row, column].ravel()
        near = inverse[row, column].ravel()[kept]
        order = np.argsort(near, kind="stable")
        source = np.stack([fine_x.ravel()[kept], fine_y.ravel()[kept]], axis=-1)[order]
        self.far_first_source = source
        self.far_first_inverse = near[order]
        self.far_first_rays = (source - np.array(self.centre, np.float32)) / np.float32(self.focal)

    def _forward(self, pose: Array, rays: Array, inverse: Array) -> Array:
        """Frame pixels of scene points (ray, inverse depth)."""
        r = rotation(pose)
        px, py, pz = (
            v - inverse * pose[k].astype(inverse.dtype) for k, v in enumerate((rays[..., 0], rays[..., 1], 1.0))
        )
        q = [
            px * r[k, 0].astype(inverse.dtype) + py * r[k, 1].astype(inverse.dtype) + pz * r[k, 2].astype(inverse.dtype)
            for k in range(3)
        ]
        f = self.focal * self.zoom
        return np.stack([f * q[0] / q[2] + (self.width - 1) / 2, f * q[1] / q[2] + (self.height - 1) / 2], axis=-1)

    def _source(self, pose: Array) -> Array:
        """For each frame pixel the scene pixel it shows: points are laid down far ones first, near ones over them."""
        size = (self.height, self.width)
        at = self._forward(pose, self.far_first_rays, self.far_first_inverse).astype(np.float32)
        x, y = np.rint(at[:, 0]).astype(np.int32), np.rint(at[:, 1]).astype(np.int32)
        fits = (x >= 0) & (y >= 0) & (x < self.width) & (y < self.height)
        x, y, at = x[fits], y[fits], at[fits]
        out = np.full((*size, 2), -1e4, np.float32)
        # The part of a pixel by which a point misses the pixel's centre is walked back in the picture.
        source = self.far_first_source[fits]
        out[y, x, 0] = source[:, 0] + (x - at[:, 0]) / self.zoom
        out[y, x, 1] = source[:, 1] + (y - at[:, 1]) / self.zoom
        for _ in range(3):
            # Narrow gaps take a neighbour's answer; wide ones are what the photograph did not see.
            empty = out[..., 0] < -9e3
            out[empty] = cv2.dilate(out, np.ones((3, 3), np.uint8))[empty]
        return out

    def project(self, pose: Array, mark: Array) -> Array:
        ray = np.array([(mark[0] - self.centre[0]) / self.focal, (mark[1] - self.centre[1]) / self.focal])
        inverse = cv2.getRectSubPix(self.inverse, (1, 1), (float(mark[0]), float(mark[1])))[0, 0]
        return self._forward(pose, ray, np.asarray(inverse, np.float64))

    def render(self, pose: Array, fine: bool) -> Array:
        self._last = self._source(pose)
        shown = cv2.remap(
            self.picture, self._last[..., 0], self._last[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        unseen = self._last[..., 0] < -9e3
        shown[unseen] = self.backdrop[unseen]
        return shown

    def shows(self, pose: Array, mark: Array) -> bool:
        """Whether the frame rendered last shows the mark where it truly is, not something before it."""
        x, y = self.project(pose, mark)
        if not (0 <= x < self.width and 0 <= y < self.height):
            return False
        seen = (
            cv2.getRectSubPix(np.ascontiguousarray(self._last[..., 0]), (1, 1), (float(x), float(y)))[0, 0],
            cv2.getRectSubPix(np.ascontiguousarray(self._last[..., 1]), (1, 1), (float(x), float(y)))[0, 0],
        )
        return bool(np.hypot(seen[0] - mark[0], seen[1] - mark[1]) < 1.5)


ORDINARY: dict[str, str] = {
    "planar": "planar",
    "panel": "planar",
    "plain": "planar",
    "blur": "planar",
    "light": "planar",
    "walk": "planar",
    "shutter": "planar",
    "rest": "rest",
    "cover": "planar",
    "leave": "return",
    "panel-leave": "return",
    "depth": "depth",
    "depth-walk": "depth",
}
KINDS: dict[str, str] = ORDINARY | {kind: hardship.group for kind, hardship in HARDSHIPS.items()}
NO_HARDSHIP = Hardship("", "")


DRAWN = {"panel": "panel", "plain": "plain", "buttons": "buttons"}


def make(kind: str, seed: int, count: int, width: int, height: int) -> Sequence:
    """One sequence; `count` frames."""
    hardship = HARDSHIPS.get(kind, NO_HARDSHIP)
    number = sorted(ORDINARY).index(kind) if kind in ORDINARY else 100 + sorted(HARDSHIPS).index(kind)
    rng = np.random.default_rng([seed, number])
    name, kind = kind, hardship.base or kind
    if kind.startswith("depth"):
        picture, inverse, mark = scenes.motorcycle(rng)
        scene: Any = Relief(picture, inverse, width, height)
    else:
        picture, mark = getattr(scenes, DRAWN.get(kind.removesuffix("-leave"), "poster"))(rng)
        scene = Plane(picture, width, height)
    size = {
        "walk": (0.30, 0.22, 0.13, 0.25),
        "rest": (0.0, 0.0, 0.0, 0.0),
        "depth": (0.07, 0.05, 0.05, 0.06),
        "depth-walk": (0.13, 0.10, 0.07, 0.12),
        "blur": (0.16, 0.08, 0.09, 0.08),
    }.get(kind, (0.12, 0.10, 0.08, 0.12))
    path = Path(rng, *size, speed=2.2 if kind == "blur" else 1.0)
    path.starts_still = kind == "blur"
    if kind.endswith("leave"):
        away, back = 0.25 * count / FPS, 0.62 * count / FPS
        sign = float(rng.choice([-1, 1]))
        path.also = lambda t: np.array([0, 0, 0, 0, sign * 1.05 * (ease((t - away) / 0.5) - ease((t - back) / 0.5)), 0])
    if hardship.moves:
        path.also = hardship.moves(rng, count / FPS)
    frames = np.empty((count, height, width), np.uint8)
    truth = np.empty((count, 2))
    visible = np.empty(count, bool)
    hand = _hand(rng, width, height)
    mar = hardship.mars(rng, width, height) if hardship.mars else None
    for i in range(count):
        t = i / FPS
        frame, at, shown = _expose(scene, path, t, mark, "blur" if hardship.is_blurred else kind)
        if kind == "cover":
            frame, over = _cover(frame, hand, i / count, truth[0] if i else at, at)
            shown = shown and not over
        if kind == "light":
            frame = _light(frame, t)
        if mar:
            frame, hidden = mar(frame, t, i / count, at)
            shown = shown and not hidden
        noisy = frame + rng.normal(0, 2.0, frame.shape).astype(np.float32)
        frames[i] = np.clip(noisy + 0.5, 0, 255).astype(np.uint8)
        truth[i] = at
        visible[i] = shown and 2 <= at[0] < width - 2 and 2 <= at[1] < height - 2
    return Sequence(name, seed, frames, truth, visible, KINDS[name])


def _expose(scene: Any, path: Path, t: float, mark: Array, kind: str) -> tuple[Array, Array, bool]:
    if kind == "blur":
        ends = [scene.project(path.at(t + EXPOSURE_S * k), mark) for k in (-0.5, 0.5)]
        steps = int(np.clip(np.hypot(*(ends[1] - ends[0])) / 1.5, 3, 20))
        parts = [scene.render(path.at(t + EXPOSURE_S * k), False) for k in np.linspace(-0.5, 0.5, steps)]
        pose = path.at(t)
        return np.mean(parts, axis=0, dtype=np.float32), scene.project(pose, mark), True
    if kind == "shutter":
        height = scene.height
        frame = np.empty((height, scene.width), np.float32)
        for top in range(0, height, height // 16):
            rows = slice(top, top + height // 16)
            when = t + READOUT_S * ((top + height / 32) / height - 0.5)
            frame[rows] = scene.render(path.at(when), False)[rows]
        at = scene.project(path.at(t), mark)
        for _ in range(6):
            at = scene.project(path.at(t + READOUT_S * (at[1] / height - 0.5)), mark)
        return frame, at, True
    pose = path.at(t)
    frame = scene.render(pose, True)
    return frame, scene.project(pose, mark), scene.shows(pose, mark)


def _light(frame: Array, t: float) -> Array:
    width = frame.shape[1]
    xs = np.linspace(-1, 1, width, dtype=np.float32)[None]
    gain = 0.75 + 0.3 * np.sin(2 * np.pi * 0.6 * t)
    edge = np.clip((xs * width / 2 - width * 0.4 * np.sin(2 * np.pi * 0.35 * t)) / 12, 0, 1)
    return frame * gain * (0.55 + 0.45 * edge) + 14 * np.sin(2 * np.pi * 0.9 * t)


def _hand(rng: Array, width: int, height: int) -> tuple[Array, Array]:
    """A smooth blob with skin-like faint texture, and its mask."""
    size = int(0.42 * height)
    ys, xs = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    mask = np.clip((1 - (xs / 0.9) ** 2 - (ys / 0.95) ** 2) * 12, 0, 1).astype(np.float32)
    skin = 165 + 18 * cv2.resize(
        rng.normal(0, 1, (7, 7)).astype(np.float32), (size, size), interpolation=cv2.INTER_CUBIC
    )
    return skin.astype(np.float32), mask


def _cover(frame: Array, hand: tuple[Array, Array], part: float, start: Array, mark: Array) -> tuple[Array, bool]:
    """The hand comes from the right, stays on the mark for a quarter of the time and goes."""
    skin, mask = hand
    size = skin.shape[0]
    away = 1 - ease((part - 0.3) / 0.1) + ease((part - 0.62) / 0.1)
    x0 = int(mark[0] - size / 2 + away * frame.shape[1])
    y0 = int(mark[1] - size / 2 + 0.12 * size)
    out = frame.copy()
    xa, xb = max(0, x0), min(frame.shape[1], x0 + size)
    ya, yb = max(0, y0), min(frame.shape[0], y0 + size)
    if xa >= xb or ya >= yb:
        return out, False
    m = mask[ya - y0 : yb - y0, xa - x0 : xb - x0]
    out[ya:yb, xa:xb] = frame[ya:yb, xa:xb] * (1 - m) + skin[ya - y0 : yb - y0, xa - x0 : xb - x0] * m
    mx, my = int(mark[0]) - x0, int(mark[1]) - y0
    return out, bool(0 <= mx < size and 0 <= my < size and mask[my, mx] > 0.3)
