"""A film for Chromium's fake camera: a control panel before a moving camera, with known truth for every frame.

Each frame carries its own number as dark and bright squares in a corner, so that whoever sees it knows which.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 640, 480
FRAMES_PER_S = 15
FRAMES = 90
CODE_BITS = 7
CODE_SQUARE = 16  # pixels; the code's left top corner is (0, HEIGHT - CODE_SQUARE)
PLATE_WIDTH, PLATE_HEIGHT = 1000, 800
SEED = 41

Point = tuple[float, float]
Matrix = tuple[float, float, float, float, float, float, float, float]  # row by row, the ninth is 1


@dataclass(frozen=True)
class MachineFilm:
    """`mark` is a place on the plate.  It is hidden by a hand in the frames of `covered`."""

    mark: Point
    covered: range

    def place(self, frame: int) -> Point:
        """Where the mark is in a frame, pixels."""
        return apply(_camera(frame), self.mark)


def write_machine_film(path: Path, *, covered: range = range(0)) -> MachineFilm:
    """Write a YUV4MPEG2 file (4:2:0) that repeats without a jump, and say what is in it."""
    rng = random.Random(SEED)
    plate, lamps = _plate(rng)
    film = MachineFilm(mark=lamps[9], covered=covered)
    gray = bytes([128]) * (WIDTH * HEIGHT // 2)
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FRAMES_PER_S}:1 Ip A1:1 C420jpeg\n".encode())
        for number in range(FRAMES):
            frame = plate.transform(
                (WIDTH, HEIGHT), Image.Transform.PERSPECTIVE, _inverse(_camera(number)), Image.Resampling.BILINEAR
            )
            if number in covered:
                _hand(frame, film.place(number))
            _code(frame, number)
            file.write(b"FRAME\n" + frame.tobytes() + gray)
    return film


def apply(matrix: Matrix, point: Point) -> Point:
    a, b, c, d, e, f, g, h = matrix
    x, y = point
    w = g * x + h * y + 1
    return (a * x + b * y + c) / w, (d * x + e * y + f) / w


def _camera(frame: int) -> Matrix:
    """Plate to frame: sways, turns, comes nearer and tilts a little, once through the film."""
    t = 2 * math.pi * frame / FRAMES
    size = 0.78 + 0.05 * math.sin(t)
    turn = 0.06 * math.sin(t + 1)
    cos, sin = size * math.cos(turn), size * math.sin(turn)
    tilt_x, tilt_y = 4e-5 * math.sin(2 * t), 3e-5 * math.cos(t)
    cx, cy = PLATE_WIDTH / 2, PLATE_HEIGHT / 2
    x = WIDTH / 2 + 38 * math.sin(t) + 9 * math.sin(3 * t)
    y = HEIGHT / 2 + 26 * math.sin(2 * t + 0.5)
    # About the plate's middle: what is written below maps (cx, cy) to (x, y).
    a, b, d, e, g, h = cos + tilt_x * x, -sin + tilt_y * x, sin + tilt_x * y, cos + tilt_y * y, tilt_x, tilt_y
    scale = 1 - g * cx - h * cy
    c, f = x - a * cx - b * cy, y - d * cx - e * cy
    return (a / scale, b / scale, c / scale, d / scale, e / scale, f / scale, g / scale, h / scale)


def _inverse(matrix: Matrix) -> Matrix:
    a, b, c, d, e, f, g, h = matrix
    rows = (e - f * h, c * h - b, b * f - c * e, f * g - d, a - c * g, c * d - a * f, d * h - e * g, b * g - a * h)
    last = a * e - b * d
    first, second, third, fourth, fifth, sixth, seventh, eighth = (value / last for value in rows)
    return first, second, third, fourth, fifth, sixth, seventh, eighth


def _plate(rng: random.Random) -> tuple[Image.Image, list[Point]]:
    """Painted metal with speckles, rows of lamps, labels that differ, and a frame."""
    plate = Image.effect_noise((PLATE_WIDTH, PLATE_HEIGHT), 22).filter(ImageFilter.GaussianBlur(1.4))
    draw = ImageDraw.Draw(plate)
    for _ in range(420):
        x, y, side = rng.randrange(PLATE_WIDTH), rng.randrange(PLATE_HEIGHT), rng.randrange(5, 20)
        draw.rectangle((x, y, x + side, y + rng.randrange(5, 20)), fill=rng.randrange(30, 230))
    draw.rectangle((90, 80, PLATE_WIDTH - 90, PLATE_HEIGHT - 80), outline=40, width=6)
    lamps: list[Point] = []
    for row in range(4):
        for column in range(6):
            x, y = 190 + 124 * column, 180 + 148 * row
            draw.ellipse((x - 30, y - 30, x + 30, y + 30), fill=60)
            draw.ellipse((x - 22, y - 22, x + 22, y + 22), fill=rng.randrange(150, 240))
            draw.text((x - 34, y + 36), f"{'ABCD'[row]}{column}-{rng.randrange(10, 99)}", fill=30, font_size=24)
            lamps.append((float(x), float(y)))
    return plate, lamps


def _hand(frame: Image.Image, at: Point) -> None:
    """Over the mark and all around it."""
    x, y = at
    ImageDraw.Draw(frame).ellipse((x - 190, y - 170, x + 190, y + 170), fill=158)


def _code(frame: Image.Image, number: int) -> None:
    draw = ImageDraw.Draw(frame)
    top = HEIGHT - CODE_SQUARE
    for bit in range(CODE_BITS):
        shade = 235 if number >> bit & 1 else 20
        left = bit * CODE_SQUARE
        draw.rectangle((left, top, left + CODE_SQUARE - 1, HEIGHT - 1), fill=shade)
