"""`python -m collab.reports.build_fonts FOLDER`: unpack the fonts of the @fontsource/noto-sans-sc package for reports.

typst and Pillow read TrueType, the package ships WOFF2.  Run once by the build; what it makes goes into the wheel.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Final

from fontTools.ttLib import TTFont

FONTS: Final = Path(__file__).parent / "fonts"
WEIGHTS: Final = (400, 700)


def build(package: Path) -> None:
    FONTS.mkdir(exist_ok=True)
    for weight in WEIGHTS:
        with TTFont(package / "files" / f"noto-sans-sc-chinese-simplified-{weight}-normal.woff2") as font:
            font.flavor = None
            font.save(FONTS / f"NotoSansSC-{weight}.ttf")
    shutil.copyfile(package / "LICENSE", FONTS / "LICENSE")


if __name__ == "__main__":
    build(Path(sys.argv[1]))
