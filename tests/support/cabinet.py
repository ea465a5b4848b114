"""A film for the fake camera in pictures of the product: a control cabinet before a hand-held phone."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

FONT = Path(__file__).parents[2] / "collab" / "reports" / "fonts" / "NotoSansSC-700.ttf"
FRAMES_PER_S = 10
FRAMES = 40
SIDE = 1500  # of the square that is drawn, its own pixels
FINE = 2  # drawn so many times larger, for smooth edges
SEED = 7

Box = tuple[float, float, float, float]
Point = tuple[float, float]

STEEL, SHADE, DARK, INK = (196, 201, 203), (150, 157, 160), (46, 52, 56), (28, 32, 35)
GREEN, RED, AMBER, WHITE, BLUE = (46, 160, 84), (200, 44, 40), (240, 180, 40), (238, 240, 240), (30, 92, 168)
LAMPS = (("H1", GREEN, "运行"), ("H2", GREEN, "冷却"), ("H3", AMBER, "气压"), ("H4", (92, 34, 32), "故障"))
OFF = 4  # of the breakers
BREAKERS = ("Q1 主电源", "Q2 激光", "Q3 冷水机", "Q4 伺服", "Q5 除尘", "Q6 照明")


@dataclass(frozen=True)
class View:
    """What the camera sees: pixels of the film, and the middle and the width of the part of the cabinet."""

    width: int
    height: int
    middle: Point
    across: float

    def place(self, on_cabinet: Point) -> Point:
        """Where a place of the cabinet is in the middle of the film's sway, in shares of width and height."""
        tall = self.across * self.height / self.width
        return (
            0.5 + (on_cabinet[0] - self.middle[0]) / self.across,
            0.5 + (on_cabinet[1] - self.middle[1]) / tall,
        )


LANDSCAPE = View(1280, 720, (750, 560), 1380)

# Places on the cabinet that are worth a mark.
AIR_LAMP: Point = (815, 640)
STOP: Point = (1015, 850)
KEY: Point = (750, 850)


def write_cabinet(path: Path, view: View, *, gloved: range = range(0)) -> Path:
    """Write a YUV4MPEG2 file (4:2:0) that repeats without a jump; in frames of `gloved` a glove is on the air lamp."""
    cabinet = _cabinet()
    touched = _touched(cabinet) if gloved else cabinet
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{view.width} H{view.height} F{FRAMES_PER_S}:1 Ip A1:1 C420jpeg\n".encode())
        for number in range(FRAMES):
            file.write(b"FRAME\n" + _frame(touched if number in gloved else cabinet, view, number))
    return path


def _frame(cabinet: Image.Image, view: View, number: int) -> bytes:
    t = 2 * math.pi * number / FRAMES
    size = view.across / view.width * (1 + 0.01 * math.sin(t))
    turn = 0.008 * math.sin(t + 1)
    a, b = size * math.cos(turn), size * math.sin(turn)
    x, y = view.middle[0] + 9 * math.sin(t), view.middle[1] + 7 * math.sin(2 * t)
    shift_x = x - a * view.width / 2 - b * view.height / 2
    shift_y = y + b * view.width / 2 - a * view.height / 2
    seen = cabinet.transform(
        (view.width, view.height), Image.Transform.AFFINE, (a, b, shift_x, -b, a, shift_y), Image.Resampling.BICUBIC
    )
    luma, blue, red = seen.convert("YCbCr").split()
    half = (view.width // 2, view.height // 2)
    return luma.tobytes() + b"".join(plane.resize(half).tobytes() for plane in (blue, red))


class _Pen:
    """Draws in pixels of the cabinet on a canvas that is FINE times as large."""

    def __init__(self, canvas: Image.Image) -> None:
        self._draw = ImageDraw.Draw(canvas)

    def plate(self, box: Box, fill: tuple[int, int, int], *, round_px: float = 8, edge: bool = True) -> None:
        outline = tuple(part * 2 // 3 for part in fill) if edge else None
        scaled = [FINE * value for value in box]
        self._draw.rounded_rectangle(scaled, FINE * round_px, fill=fill, outline=outline, width=2 * FINE)

    def disc(self, at: Point, radius: float, fill: tuple[int, int, int]) -> None:
        x, y = at
        self._draw.ellipse([FINE * v for v in (x - radius, y - radius, x + radius, y + radius)], fill=fill)

    def line(self, points: list[Point], fill: tuple[int, int, int], width: float) -> None:
        self._draw.line([(FINE * x, FINE * y) for x, y in points], fill=fill, width=round(FINE * width))

    def text(self, at: Point, words: str, size: float, fill: tuple[int, int, int], *, anchor: str = "mm") -> None:
        font = ImageFont.truetype(str(FONT), FINE * size)
        self._draw.text((FINE * at[0], FINE * at[1]), words, font=font, fill=fill, anchor=anchor)


def _cabinet() -> Image.Image:
    canvas = Image.new("RGB", (FINE * SIDE, FINE * SIDE), (112, 120, 124))
    pen = _Pen(canvas)
    pen.plate((120, 60, 1380, 1470), STEEL, round_px=18)
    pen.plate((150, 90, 1350, 1440), (205, 209, 211), round_px=10)
    for x in (180, 1320):
        for y in (120, 765, 1410):
            pen.disc((x, y), 13, SHADE)
            pen.line([(x - 8, y - 5), (x + 8, y + 5)], DARK, 3)
    _screen(pen)
    _nameplate(pen)
    _lamps(pen)
    _buttons(pen)
    _breakers(pen)
    noise = Image.effect_noise((SIDE // 2, SIDE // 2), 26).resize((SIDE, SIDE)).convert("RGB")
    drawn = canvas.reduce(FINE)
    light = Image.linear_gradient("L").resize((SIDE, SIDE)).rotate(28, expand=False, fillcolor=128).convert("RGB")
    return Image.blend(Image.blend(drawn, light.filter(ImageFilter.GaussianBlur(60)), 0.07), noise, 0.05)


def _touched(cabinet: Image.Image) -> Image.Image:
    """A worker's glove from the right, its forefinger on the air lamp."""
    glove = Image.new("RGBA", (SIDE, SIDE))
    draw = ImageDraw.Draw(glove)
    x, y = AIR_LAMP
    cloth, fold = (58, 74, 92, 255), (38, 50, 64, 255)
    draw.rounded_rectangle((x + 150, y - 20, SIDE + 60, y + 250), 90, fill=cloth)
    draw.rounded_rectangle((x - 62, y - 52, x + 330, y + 62), 57, fill=cloth)
    for finger in range(3):
        draw.rounded_rectangle((x + 120, y + 52 + 66 * finger, x + 330, y + 122 + 66 * finger), 34, fill=cloth)
        draw.arc((x + 112, y + 50 + 66 * finger, x + 330, y + 124 + 66 * finger), 100, 200, fill=fold, width=7)
    for crease in (60, 150, 240):
        draw.arc((x + crease, y - 48, x + crease + 40, y + 58), 110, 250, fill=fold, width=6)
    draw.rounded_rectangle((x + 400, y - 60, SIDE + 60, y + 290), 30, fill=(222, 166, 40, 255))
    seen = cabinet.copy()
    glove = glove.filter(ImageFilter.GaussianBlur(1.5))
    seen.paste(glove, (0, 0), glove)
    return seen


def _screen(pen: _Pen) -> None:
    rng = random.Random(SEED)
    pen.plate((430, 140, 1070, 540), DARK, round_px=16)
    pen.plate((460, 168, 1040, 512), (16, 42, 58), round_px=4)
    pen.plate((460, 168, 1040, 212), BLUE, round_px=4, edge=False)
    pen.text((478, 190), "3 号激光切割机", 24, WHITE, anchor="lm")
    pen.text((1022, 190), "09:42", 24, WHITE, anchor="rm")
    for row, (name, value, colour) in enumerate(
        (("激光功率", "2.8 kW", WHITE), ("冷却水温", "21.4 °C", WHITE), ("辅助气压", "0.42 MPa", AMBER))
    ):
        y = 252 + 52 * row
        pen.text((484, y), name, 25, (150, 180, 190), anchor="lm")
        pen.text((728, y), value, 29, colour, anchor="rm")
    levels: list[Point] = [(770 + 18 * step, 352 - rng.randrange(0, 90) + 3 * step) for step in range(14)]
    pen.line([(764, 240), (764, 372), (1016, 372)], (70, 110, 124), 3)
    pen.line(levels, (80, 210, 170), 4)
    pen.plate((478, 420, 1022, 490), (60, 50, 20), round_px=6)
    pen.text((500, 455), "! 气压偏低，请检查减压阀", 27, AMBER, anchor="lm")


def _nameplate(pen: _Pen) -> None:
    pen.plate((1110, 150, 1300, 330), (228, 228, 222), round_px=6)
    for row, line in enumerate(("TX-3015", "NO. 20260317", "380 V  50 Hz", "IP54  42 kVA")):
        pen.text((1126, 180 + 40 * row), line, 23, INK, anchor="lm")
    pen.plate((210, 150, 380, 300), AMBER, round_px=8)
    pen.line([(295, 172), (352, 274), (238, 274), (295, 172)], INK, 9)
    pen.line([(295, 204), (286, 234), (302, 234), (293, 260)], INK, 7)
    pen.text((295, 326), "当心触电", 27, INK)


def _lamps(pen: _Pen) -> None:
    for column, (name, colour, words) in enumerate(LAMPS):
        x, y = 555 + 130 * column, AIR_LAMP[1]
        pen.disc((x, y), 38, SHADE)
        pen.disc((x, y), 30, colour)
        pen.disc((x - 9, y - 10), 8, tuple(min(255, part + 70) for part in colour))  # type: ignore[arg-type]
        pen.text((x, y + 58), f"{name} {words}", 22, INK)


def _buttons(pen: _Pen) -> None:
    y = STOP[1]
    pen.disc((485, y), 52, SHADE)
    pen.disc((485, y), 40, GREEN)
    pen.text((485, y), "I", 34, WHITE)
    pen.text((485, y + 82), "S1 启动", 24, INK)
    pen.disc(KEY, 54, SHADE)
    pen.disc(KEY, 42, DARK)
    pen.line([(KEY[0] - 22, y + 22), (KEY[0] + 22, y - 22)], WHITE, 11)
    pen.text((KEY[0], y + 82), "S2 手动 / 自动", 24, INK)
    pen.disc(STOP, 84, AMBER)
    pen.disc(STOP, 58, (150, 26, 24))
    pen.disc((STOP[0] - 3, y - 4), 52, RED)
    pen.text((STOP[0], y + 106), "S3 急停", 24, INK)


def _breakers(pen: _Pen) -> None:
    pen.plate((350, 1030, 1150, 1370), SHADE, round_px=10)
    pen.line([(360, 1200), (1140, 1200)], (120, 126, 130), 60)
    for column, words in enumerate(BREAKERS):
        left = 376 + 127 * column
        pen.plate((left, 1060, left + 113, 1340), (232, 234, 232), round_px=6)
        pen.plate((left + 32, 1140, left + 81, 1240), (60, 66, 70), round_px=5)
        is_on = column != OFF
        pen.plate((left + 38, 1146 if is_on else 1192, left + 75, 1188 if is_on else 1234), GREEN if is_on else RED)
        pen.text((left + 56, 1096), words.split()[0], 26, INK)
        pen.text((left + 56, 1290), words.split()[1], 22, INK)
        for y in (1076, 1326):
            pen.disc((left + 16, y), 7, SHADE)
            pen.disc((left + 97, y), 7, SHADE)
