"""One picture made of many: tiles are scaled and laid side by side, with names on them."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from .wire import Scene, Tile

Plane = NDArray[np.uint8]

# Y, U, V (BT.601, studio swing): near-black of the stage, the accent ring, the plate under a name.
GROUND: Final = (28, 129, 127)
EMPTY: Final = (46, 130, 126)
RING: Final = (120, 140, 92)
RING_PIXELS: Final = 4
PLATE: Final = 0.55  # how dark the plate makes what is under it
WHITE: Final = 235
NAME_MAX_CHARS: Final = 64


class Planes(NamedTuple):
    """Full size, and both colour planes of half the size."""

    y: Plane
    u: Plane
    v: Plane


class Canvas:
    """`font` is the path of a TrueType font; "" draws no names."""

    def __init__(self, width: int, height: int, font: str) -> None:
        if width % 2 or height % 2:
            raise ValueError("sides are even")
        self._width = width
        self._height = height
        self._font = font
        self._scaled: dict[str, tuple[VideoFrame, int, int, bool, Planes]] = {}

    def compose(self, scene: Scene, picture: Callable[[str], VideoFrame | None]) -> VideoFrame:
        """yuv420p.  `picture` gives the frame to show of a track."""
        out = _empty(self._width, self._height, GROUND)
        for tile in scene.tiles:
            if _outside(tile, self._width, self._height):
                continue
            frame = picture(tile.track_id) if tile.track_id else None
            if frame is not None:
                self._lay(out, tile, frame)
            else:
                _fill(out, tile.x, tile.y, tile.width, tile.height, EMPTY)
            self._name(out, tile, alone=frame is None)
            if tile.speaking:
                _ring(out, tile)
        wanted = {tile.track_id for tile in scene.tiles}
        for track_id in self._scaled.keys() - wanted:
            del self._scaled[track_id]
        return _frame_of(out)

    # ------------------------------------------------------------ inside

    def _lay(self, out: Planes, tile: Tile, frame: VideoFrame) -> None:
        known = self._scaled.get(tile.track_id)
        if known is None or known[0] is not frame or known[1:4] != (tile.width, tile.height, tile.cover):
            planes = _fitted(frame, tile.width, tile.height, tile.cover)
            known = (frame, tile.width, tile.height, tile.cover, planes)
            self._scaled[tile.track_id] = known
        planes = known[4]
        height, width = planes.y.shape
        left = tile.x + (tile.width - width) // 4 * 2
        top = tile.y + (tile.height - height) // 4 * 2
        if (width, height) != (tile.width, tile.height):
            _fill(out, tile.x, tile.y, tile.width, tile.height, GROUND)
        out.y[top : top + height, left : left + width] = planes.y
        half = np.s_[top // 2 : (top + height) // 2, left // 2 : (left + width) // 2]
        out.u[half] = planes.u
        out.v[half] = planes.v

    def _name(self, out: Planes, tile: Tile, *, alone: bool) -> None:
        """A plate at the lower left; large and in the middle where there is no picture."""
        if not self._font or not tile.name:
            return
        size = max(14, tile.height // (8 if alone else 18)) if tile.height >= 90 else 12
        mask = _text(self._font, tile.name[:NAME_MAX_CHARS], min(size, 64), tile.width - 16)
        if mask is None:
            return
        height, width = mask.shape
        if alone:
            left, top = tile.x + (tile.width - width) // 4 * 2, tile.y + (tile.height - height) // 4 * 2
        else:
            left, top = tile.x + 8, tile.y + (tile.height - height - 8) // 2 * 2
        if top < tile.y or height > tile.height or width > tile.width - 8:
            return
        under = out.y[top : top + height, left : left + width].astype(np.float32)
        if not alone:
            under *= 1 - PLATE
            out.u[top // 2 : (top + height) // 2, left // 2 : (left + width) // 2] = 128
            out.v[top // 2 : (top + height) // 2, left // 2 : (left + width) // 2] = 128
        out.y[top : top + height, left : left + width] = (under * (1 - mask) + WHITE * mask).astype(np.uint8)


def _outside(tile: Tile, width: int, height: int) -> bool:
    whole = tile.x >= 0 and tile.y >= 0 and tile.x + tile.width <= width and tile.y + tile.height <= height
    even = not (tile.x % 2 or tile.y % 2 or tile.width % 2 or tile.height % 2)
    return not (whole and even and tile.width > 0 and tile.height > 0)


def _empty(width: int, height: int, colour: tuple[int, int, int]) -> Planes:
    y, u, v = colour
    return Planes(
        np.full((height, width), y, np.uint8),
        np.full((height // 2, width // 2), u, np.uint8),
        np.full((height // 2, width // 2), v, np.uint8),
    )


def _fill(out: Planes, x: int, y: int, width: int, height: int, colour: tuple[int, int, int]) -> None:
    out.y[y : y + height, x : x + width] = colour[0]
    half = np.s_[y // 2 : (y + height) // 2, x // 2 : (x + width) // 2]
    out.u[half] = colour[1]
    out.v[half] = colour[2]


def _ring(out: Planes, tile: Tile) -> None:
    thick = RING_PIXELS
    for x, y, width, height in (
        (tile.x, tile.y, tile.width, thick),
        (tile.x, tile.y + tile.height - thick, tile.width, thick),
        (tile.x, tile.y, thick, tile.height),
        (tile.x + tile.width - thick, tile.y, thick, tile.height),
    ):
        _fill(out, x, y, width, height, RING)


def _fitted(frame: VideoFrame, width: int, height: int, cover: bool) -> Planes:
    """Scaled to the tile with its shape kept: cut on two sides (`cover`), or smaller on two."""
    choose = max if cover else min
    scale = choose(width / frame.width, height / frame.height)
    wide = max(2, round(frame.width * scale / 2) * 2)
    high = max(2, round(frame.height * scale / 2) * 2)
    scaled = frame
    if (frame.width, frame.height, frame.format.name) != (wide, high, "yuv420p"):
        scaled = frame.reformat(wide, high, "yuv420p", interpolation=Interpolation.FAST_BILINEAR)
    left, top = max(0, wide - width) // 4 * 2, max(0, high - height) // 4 * 2
    wide, high = min(wide, width), min(high, height)
    y, u, v = (_plane(scaled, index) for index in range(3))
    return Planes(
        y[top : top + high, left : left + wide],
        u[top // 2 : (top + high) // 2, left // 2 : (left + wide) // 2],
        v[top // 2 : (top + high) // 2, left // 2 : (left + wide) // 2],
    )


def _plane(frame: VideoFrame, index: int) -> Plane:
    plane = frame.planes[index]
    size = plane.line_size * plane.height
    return np.frombuffer(memoryview(plane), np.uint8)[:size].reshape(plane.height, plane.line_size)[:, : plane.width]


def _frame_of(planes: Planes) -> VideoFrame:
    height, width = planes.y.shape
    frame = VideoFrame(width, height, "yuv420p")
    for index, plane in enumerate(planes):
        _plane(frame, index)[:] = plane
    return frame


@lru_cache(maxsize=256)
def _text(font: str, text: str, size: int, width_max: int) -> NDArray[np.float32] | None:
    """How much of each pixel the letters cover, 0 to 1, with a margin; even sides.  None where nothing fits."""
    shape = ImageFont.truetype(font, size)
    shown = text
    while shown and shape.getlength(shown) + 12 > width_max:
        shown = shown[:-2] + "…" if len(shown) > 2 else ""
    if not shown:
        return None
    width = (int(shape.getlength(shown)) + 13) // 2 * 2
    height = (int(size * 1.6) + 1) // 2 * 2
    image = Image.new("L", (width, height))
    ImageDraw.Draw(image).text((6, height / 2), shown, fill=255, font=shape, anchor="lm")
    return np.divide(np.asarray(image, np.float32), 255, dtype=np.float32)
