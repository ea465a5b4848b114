"""Horizontal bars as SVG text: no library, no fonts but the reader's own, readable on light and dark pages."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, LABEL_WIDTH, FIGURE_WIDTH = 920, 310, 90
BAR, GAP, GROUP_GAP, HEAD = 13, 2, 12, 64
COLOURS = ("#8a8f98", "#0f8b6d", "#c2571a", "#3b6fb6")


@dataclass(frozen=True)
class Group:
    label: str
    values: Mapping[str, float]  # series -> value; NaN: it has none


def bars(title: str, unit: str, series: Sequence[str], groups: Sequence[Group]) -> str:
    """One group of bars for each label, in the order of `series`; a missing value is a dash."""
    top = max((v for group in groups for v in group.values.values() if not math.isnan(v)), default=1.0)
    scale = (WIDTH - LABEL_WIDTH - FIGURE_WIDTH) / top
    body: list[str] = []
    x = LABEL_WIDTH
    for name, colour in zip(series, COLOURS, strict=False):
        body.append(f'<rect x="{x}" y="36" width="11" height="11" fill="{colour}"/>')
        body.append(f'<text x="{x + 16}" y="46">{escape(name)}</text>')
        x += 30 + 7 * len(name)
    y = HEAD
    for group in groups:
        middle = y + len(series) * (BAR + GAP) / 2 + 3
        body.append(f'<text x="{LABEL_WIDTH - 10}" y="{middle:.0f}" text-anchor="end">{escape(group.label)}</text>')
        for name, colour in zip(series, COLOURS, strict=False):
            value = group.values.get(name, math.nan)
            long = 0.0 if math.isnan(value) else value * scale
            figure = "-" if math.isnan(value) else f"{value:.2f}"
            body.append(f'<rect x="{LABEL_WIDTH}" y="{y}" width="{long:.1f}" height="{BAR}" fill="{colour}"/>')
            body.append(f'<text x="{LABEL_WIDTH + long + 6:.1f}" y="{y + BAR - 2}">{figure}</text>')
            y += BAR + GAP
        y += GROUP_GAP
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}" '
        f'font-family="system-ui, sans-serif" font-size="12" fill="#6b7280" role="img">'
    )
    name = f'<title>{escape(title)}</title><text x="12" y="22" font-size="15">{escape(title)} ({escape(unit)})</text>'
    return "\n".join([head, name, *body, "</svg>", ""])
