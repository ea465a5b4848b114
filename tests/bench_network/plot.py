"""Bit rate and round trip over time as SVG text: no library, no fonts but the reader's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, LEFT, RIGHT, HEAD = 920, 56, 12, 46
PANEL, GAP, CAPTION = 92, 34, 20
COLOURS = ("#0f8b6d", "#3b6fb6", "#c2571a")
GRID = "#9ca3af"


@dataclass(frozen=True)
class Curve:
    name: str
    points: Sequence[tuple[float, float]]  # seconds, value


@dataclass(frozen=True)
class Panel:
    title: str
    unit: str
    curves: Sequence[Curve]
    marks: Sequence[tuple[float, str]]  # when a phase begins, and its name
    top: float  # the scale's end; what is above is drawn there


def picture(title: str, panels: Sequence[Panel]) -> str:
    names = list(dict.fromkeys(curve.name for panel in panels for curve in panel.curves))
    colour = dict(zip(names, COLOURS, strict=False))
    height = HEAD + len(panels) * (CAPTION + PANEL + GAP)
    body = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"',
        'font-family="system-ui, sans-serif" font-size="11" fill="#6b7280" role="img">',
        f'<title>{escape(title)}</title><text x="12" y="22" font-size="15">{escape(title)}</text>',
    ]
    x = WIDTH - RIGHT - 110 * len(names)
    for name in names:
        body.append(f'<rect x="{x}" y="13" width="16" height="4" fill="{colour[name]}"/>')
        body.append(f'<text x="{x + 22}" y="19">{escape(name)}</text>')
        x += 110
    for number, panel in enumerate(panels):
        body += _panel(panel, HEAD + number * (CAPTION + PANEL + GAP) + CAPTION, colour)
    return "\n".join([*body, "</svg>", ""])


def _panel(panel: Panel, y: int, colour: dict[str, str]) -> list[str]:
    end_s = max((at for curve in panel.curves for at, _ in curve.points), default=1.0) or 1.0
    across: Callable[[float], float] = lambda at: LEFT + (WIDTH - LEFT - RIGHT) * at / end_s  # noqa: E731
    up: Callable[[float], float] = lambda value: y + PANEL - PANEL * min(max(value / panel.top, 0), 1)  # noqa: E731
    lines = [f'<text x="12" y="{y - 7}" font-size="12">{escape(panel.title)} ({escape(panel.unit)})</text>']
    for value in (0.0, panel.top / 2, panel.top):
        lines.append(f'<text x="{LEFT - 6}" y="{up(value) + 4:.0f}" text-anchor="end">{value:.0f}</text>')
        lines.append(
            f'<path d="M{LEFT} {up(value):.1f}H{WIDTH - RIGHT}" stroke="{GRID}" stroke-width="0.5" opacity="0.5"/>'
        )
    for at, name in panel.marks:
        lines.append(f'<path d="M{across(at):.1f} {y}V{y + PANEL}" stroke="{GRID}" stroke-dasharray="3 3"/>')
        lines.append(f'<text x="{across(at) + 3:.1f}" y="{y + PANEL + 13}">{escape(name)}</text>')
    for curve in panel.curves:
        way = "".join(
            f"{'L' if number else 'M'}{across(at):.1f} {up(value):.1f}"
            for number, (at, value) in enumerate(curve.points)
        )
        lines.append(f'<path d="{way}" fill="none" stroke="{colour[curve.name]}" stroke-width="1.5"/>')
    return lines
