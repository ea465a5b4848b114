"""A report with everything in it: pictures with every kind of mark, steps of every result, two signatures."""

from __future__ import annotations

import io
import math

from PIL import Image, ImageDraw

from collab.reports.content import (
    BurnedMark,
    Machine,
    MarkShape,
    OpenItem,
    Party,
    Report,
    Signature,
    Step,
    StepResult,
    Still,
    Visit,
)

AT_MS = 1_763_800_000_000
MARKS = (
    BurnedMark(MarkShape.CIRCLE, "red", (0.2, 0.2, 0.35, 0.45)),
    BurnedMark(MarkShape.ARROW, "amber", (0.6, 0.8, 0.45, 0.5), text="拧紧 M8"),
    BurnedMark(MarkShape.NUMBER, "blue", (0.7, 0.3), number=3, text="third"),
    BurnedMark(MarkShape.RECTANGLE, "green", (0.75, 0.6, 0.95, 0.9)),
    BurnedMark(MarkShape.FREEHAND, "white", (0.05, 0.9, 0.15, 0.95, 0.25, 0.88)),
    BurnedMark(MarkShape.MEASURE, "amber", (0.1, 0.6, 0.35, 0.62), text="120 mm"),
    BurnedMark(MarkShape.TEXT, "red", (0.95, 0.02), text="危险 high voltage"),
)


def picture(width: int = 640, height: int = 480, kind: str = "JPEG", seed: int = 0) -> bytes:
    image = Image.new("RGB", (width, height), (60, 70, 80))
    draw = ImageDraw.Draw(image)
    for number in range(12):
        x, y = (number * 97 + seed * 31) % width, (number * 61 + seed * 17) % height
        draw.rectangle((x, y, x + width // 9, y + height // 9), fill=(number * 20, 255 - number * 20, seed * 40 % 256))
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def full_report(stills: int = 3) -> Report:
    wave = tuple(value for step in range(40) for value in (0.1 + step * 0.02, 0.5 + 0.3 * math.sin(step / 3)))
    return Report(
        number="R-2026-0001",
        title="Commissioning 激光切割机调试 <b>",
        machine=Machine("Star", "LX-3000", 'SN "00<1>23"', "Hall 4 四号厂房"),
        enterprise="Star Laser",
        installer="North Installers",
        made_at_ms=AT_MS + 900_000,
        time_zone="Asia/Shanghai",
        visits=(
            Visit(AT_MS, AT_MS + 800_000, (Party("on_site", "Operator", "Star Laser"), Party("expert", "Fitter"))),
        ),
        steps=(
            Step("Tighten 拧紧", StepResult.DONE, "25.3 N·m", "25 ± 2 N·m", True, "", "Fitter", AT_MS, ("s0", "s1")),
            Step("Coolant <script>", StepResult.FAILED, "41 ℃", "20-35 ℃", False, "hot & <i>loud</i>", "Fitter", AT_MS),
            Step("Guard", StepResult.SKIPPED),
            Step("Handover", StepResult.OPEN),
        ),
        stills=tuple(
            Still(f"s{number}", AT_MS + number, f"Spindle {number} 主轴", picture(seed=number), MARKS if number else ())
            for number in range(stills)
        ),
        open_items=(OpenItem("Replace hose 更换软管", "Operator", "2026-12-01"),),
        signatures=(
            Signature("on_site", "Operator", "Star Laser", AT_MS + 850_000, (wave,)),
            Signature("expert", "Fitter", "North Installers", AT_MS + 860_000, (wave, (0.5, 0.5))),
        ),
    )
