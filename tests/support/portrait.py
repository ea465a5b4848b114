"""A drawn person for a fake camera: for pictures of the product that show a meeting and not a test card."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

WIDTH = 640
HEIGHT = 360
FRAMES_PER_S = 5
FRAMES = 10

Colour = tuple[float, float, float]  # red, green, blue, each 0..1


@dataclass(frozen=True)
class Portrait:
    """Colours of the wall (top and bottom), the clothes, the skin and the hair."""

    wall: tuple[Colour, Colour]
    clothes: Colour
    skin: Colour
    hair: Colour


PORTRAITS = (
    Portrait(((0.86, 0.90, 0.89), (0.66, 0.74, 0.73)), (0.11, 0.36, 0.37), (0.93, 0.78, 0.67), (0.16, 0.12, 0.11)),
    Portrait(((0.93, 0.89, 0.82), (0.79, 0.71, 0.60)), (0.25, 0.30, 0.42), (0.84, 0.65, 0.52), (0.10, 0.09, 0.10)),
    Portrait(((0.80, 0.85, 0.92), (0.57, 0.64, 0.76)), (0.62, 0.28, 0.24), (0.95, 0.82, 0.73), (0.42, 0.28, 0.18)),
    Portrait(((0.87, 0.91, 0.82), (0.65, 0.73, 0.58)), (0.93, 0.92, 0.88), (0.72, 0.54, 0.43), (0.08, 0.07, 0.08)),
)


def write_portrait(path: Path, portrait: Portrait) -> Path:
    """Write a YUV4MPEG2 file of a head and shoulders that sways a little, and return its path."""
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FRAMES_PER_S}:1 Ip A1:1 C420jpeg\n".encode())
        for number in range(FRAMES):
            sway = 0.006 * math.sin(2 * math.pi * number / FRAMES)
            file.write(b"FRAME\n" + _frame(portrait, sway))
    return path


def _colour_at(portrait: Portrait, x: float, y: float, sway: float) -> Colour:
    """`x` from -0.89 to 0.89, `y` from -0.5 (top) to 0.5; the head sits a little above the middle."""

    def within(cx: float, cy: float, rx: float, ry: float) -> bool:
        return ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 < 1

    head = sway
    if within(head, -0.08, 0.135, 0.175):
        fringe = within(head, -0.20, 0.15, 0.11)
        return portrait.hair if fringe else portrait.skin
    if within(head, -0.11, 0.155, 0.185):
        return portrait.hair
    if abs(x - head / 2) < 0.055 and -0.02 < y < 0.17:
        return tuple(0.9 * part for part in portrait.skin)  # type: ignore[return-value]
    if within(head / 2, 0.62, 0.40, 0.47):
        return portrait.clothes
    share = y + 0.5
    top, bottom = portrait.wall
    return tuple(a + (b - a) * share for a, b in zip(top, bottom, strict=True))  # type: ignore[return-value]


def _frame(portrait: Portrait, sway: float) -> bytes:
    """One 4:2:0 picture, full range BT.601."""
    luma = bytearray(WIDTH * HEIGHT)
    blue = bytearray(WIDTH * HEIGHT // 4)
    red = bytearray(WIDTH * HEIGHT // 4)
    for row in range(0, HEIGHT, 2):
        for column in range(0, WIDTH, 2):
            r, g, b = _colour_at(portrait, (column - WIDTH / 2) / HEIGHT, row / HEIGHT - 0.5, sway)
            y = 0.299 * r + 0.587 * g + 0.114 * b
            at = row * WIDTH + column
            luma[at] = luma[at + 1] = luma[at + WIDTH] = luma[at + WIDTH + 1] = round(255 * y)
            half = row // 2 * (WIDTH // 2) + column // 2
            blue[half] = round(128 + 255 * 0.564 * (b - y))
            red[half] = min(255, round(128 + 255 * 0.713 * (r - y)))
    return bytes(luma + blue + red)
