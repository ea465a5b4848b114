"""Burns the marks into a still, in the look that the marks have on the live pages: coloured, with a dark edge.

Pixels are decoded here, so this runs in the process that makes reports, on files that were checked when they came.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont, ImageOps

from .content import STILL_MAX_PIXELS, BurnedMark, MarkShape, Signature, Still

FONTS: Final = Path(__file__).parent / "fonts"
JPEG_QUALITY: Final = 85
DECODED_MAX_PIXELS: Final = 50_000_000
EDGE: Final = (15, 23, 42, 235)
COLORS: Final = {
    "red": (239, 68, 68),
    "amber": (245, 158, 11),
    "green": (34, 197, 94),
    "blue": (59, 130, 246),
    "white": (255, 255, 255),
}
OVERSAMPLED: Final = 2  # lines are drawn larger and scaled down: Pillow does not smooth them

Point = tuple[float, float]
Color = tuple[int, int, int]


class BadPicture(Exception):
    """Not a JPEG or PNG that can be decoded within DECODED_MAX_PIXELS."""


def burn(still: Still) -> bytes:
    """The still as JPEG, at most STILL_MAX_PIXELS long, with its marks.  Raises BadPicture."""
    picture = opened(still.image)
    picture.thumbnail((STILL_MAX_PIXELS, STILL_MAX_PIXELS), Image.Resampling.LANCZOS)
    if still.marks:
        size = (picture.width * OVERSAMPLED, picture.height * OVERSAMPLED)
        layer = Image.new("RGBA", size, (0, 0, 0, 0))
        for mark in still.marks:
            _Pen(layer, mark).draw()
        layer = layer.resize(picture.size, Image.Resampling.LANCZOS)
        picture.paste(layer, (0, 0), layer)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=JPEG_QUALITY, optimize=True)  # a fresh file: no EXIF, no place
    return out.getvalue()


def drawn_signature(signature: Signature, height: int = 240) -> bytes:
    """PNG of the strokes on a transparent ground, three times as wide as high."""
    size = (height * 3 * OVERSAMPLED, height * OVERSAMPLED)
    layer = Image.new("RGBA", size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    for stroke in signature.strokes:
        _line(draw, _points(stroke, size), (15, 23, 42, 255), max(2, size[1] // 60))
    out = io.BytesIO()
    layer.resize((height * 3, height), Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
    return out.getvalue()


def opened(image: bytes) -> Image.Image:
    """Upright, in RGB.  Raises BadPicture."""
    try:
        with Image.open(io.BytesIO(image), formats=("JPEG", "PNG")) as file:
            if file.width * file.height > DECODED_MAX_PIXELS:
                raise BadPicture(f"{file.width}x{file.height}")
            return ImageOps.exif_transpose(file).convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise BadPicture(str(error)) from error


class _Pen:
    """Draws one mark on one layer."""

    def __init__(self, layer: Image.Image, mark: BurnedMark) -> None:
        self._draw = ImageDraw.Draw(layer)
        self._mark = mark
        self._size = layer.size
        self._unit = max(2.0, mark.width * max(layer.size))
        self._color: Color = COLORS.get(mark.color, COLORS["red"])
        self._points = _points(mark.points, layer.size)

    def draw(self) -> None:
        match self._mark.kind:
            case MarkShape.ARROW:
                self._arrow()
            case MarkShape.CIRCLE:
                self._twice(self._ellipse)
            case MarkShape.RECTANGLE:
                self._twice(self._rectangle)
            case MarkShape.FREEHAND:
                self._stroke(self._points)
            case MarkShape.MEASURE:
                self._measure()
            case MarkShape.TEXT:
                self._label(self._points[0], self._mark.text)
            case MarkShape.NUMBER:
                self._number()
        if self._mark.text and self._mark.kind not in (MarkShape.TEXT, MarkShape.MEASURE, MarkShape.NUMBER):
            self._label(
                (min(p[0] for p in self._points), max(p[1] for p in self._points) + self._unit), self._mark.text
            )

    def _stroke(self, points: Sequence[Point]) -> None:
        for color, width in ((EDGE, self._unit * 1.7), ((*self._color, 255), self._unit)):
            _line(self._draw, points, color, round(width))

    def _box(self) -> tuple[float, float, float, float]:
        xs, ys = [point[0] for point in self._points], [point[1] for point in self._points]
        return min(xs), min(ys), max(xs), max(ys)

    def _twice(self, outline: Callable[[tuple[int, ...], int], None]) -> None:
        for color, width in ((EDGE, self._unit * 1.7), ((*self._color, 255), self._unit)):
            outline(color, max(1, round(width)))

    def _ellipse(self, color: tuple[int, ...], width: int) -> None:
        x0, y0, x1, y1 = self._box()
        self._draw.ellipse((x0 - width / 2, y0 - width / 2, x1 + width / 2, y1 + width / 2), outline=color, width=width)

    def _rectangle(self, color: tuple[int, ...], width: int) -> None:
        x0, y0, x1, y1 = self._box()
        box = (x0 - width / 2, y0 - width / 2, x1 + width / 2, y1 + width / 2)
        self._draw.rounded_rectangle(box, radius=width * 2, outline=color, width=width)

    def _arrow(self) -> None:
        if len(self._points) < 2:
            return
        (x0, y0), (x1, y1) = self._points[0], self._points[-1]
        length = math.hypot(x1 - x0, y1 - y0) or 1.0
        ux, uy = (x1 - x0) / length, (y1 - y0) / length
        head = min(length, self._unit * 5)
        neck = (x1 - ux * head, y1 - uy * head)
        side = head * 0.55
        tip = [(x1, y1), (neck[0] - uy * side, neck[1] + ux * side), (neck[0] + uy * side, neck[1] - ux * side)]
        self._stroke([(x0, y0), neck])
        self._draw.polygon(tip, fill=(*self._color, 255), outline=EDGE, width=max(1, round(self._unit * 0.35)))

    def _measure(self) -> None:
        if len(self._points) < 2:
            return
        (x0, y0), (x1, y1) = self._points[0], self._points[-1]
        length = math.hypot(x1 - x0, y1 - y0) or 1.0
        nx, ny = -(y1 - y0) / length * self._unit * 2.5, (x1 - x0) / length * self._unit * 2.5
        self._stroke([(x0, y0), (x1, y1)])
        for x, y in ((x0, y0), (x1, y1)):
            self._stroke([(x - nx, y - ny), (x + nx, y + ny)])
        if self._mark.text:
            self._label(((x0 + x1) / 2 + abs(nx), (y0 + y1) / 2 + abs(ny)), self._mark.text)

    def _number(self) -> None:
        x, y = self._points[0]
        text = str(self._mark.number)
        font = _font(self._unit * 5)
        radius = max(self._unit * 4, font.getlength(text) * 0.75)
        fill = (*self._color, 255)
        self._draw.ellipse(
            (x - radius, y - radius, x + radius, y + radius),
            fill=fill,
            outline=EDGE,
            width=max(1, round(self._unit * 0.5)),
        )
        self._draw.text((x, y), text, font=font, fill=_readable_on(self._color), anchor="mm")
        if self._mark.text:
            self._label((x + radius * 1.2, y - radius * 0.8), self._mark.text)

    def _label(self, at: Point, text: str) -> None:
        font, gap = _font(self._unit * 4.5), self._unit
        x0, y0, x1, y1 = self._draw.textbbox(at, text, font=font)
        # A label stays inside the picture: what cannot be read is no label.
        dx = min(0.0, self._size[0] - x1 - gap) - min(0.0, x0 - gap)
        dy = min(0.0, self._size[1] - y1 - gap) - min(0.0, y0 - gap)
        box = (x0 + dx - gap, y0 + dy - gap, x1 + dx + gap, y1 + dy + gap)
        self._draw.rounded_rectangle(box, radius=gap, fill=(*self._color, 255))
        self._draw.text((at[0] + dx, at[1] + dy), text, font=font, fill=_readable_on(self._color))


def _points(shares: Sequence[float], size: tuple[int, int]) -> list[Point]:
    pairs = zip(shares[::2], shares[1::2], strict=False)  # an odd last number belongs to no point
    return [(x * size[0], y * size[1]) for x, y in pairs]


def _line(draw: ImageDraw.ImageDraw, points: Sequence[Point], color: tuple[int, ...], width: int) -> None:
    if len(points) > 1:
        draw.line(points, fill=color, width=width, joint="curve")
    radius = width / 2
    for x, y in (points[0], points[-1]) if points else ():  # round ends
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=color)


def _font(size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONTS / "NotoSansSC-700.ttf", max(8, round(size)))


def _readable_on(color: Color) -> tuple[int, int, int]:
    """Dark on light colours, white on dark ones."""
    luma = (299 * color[0] + 587 * color[1] + 114 * color[2]) / 1_000
    return (15, 23, 42) if luma > 140 else (255, 255, 255)
