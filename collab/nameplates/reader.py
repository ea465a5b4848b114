"""Text in a picture, read in a process of its own: 450 MB and two seconds of a core are not the web server's.

    JPEG or PNG on its stdin -> python -m collab.nameplates.reader -> JSON list of Line on its stdout

The engine (rapidocr, models in its package, nothing fetched) is the optional extra `ocr`; see `is_installed`.
"""

from __future__ import annotations

import contextlib
import sys
from importlib.util import find_spec
from typing import Final

import msgspec

from collab.apart import BAD_INPUT, Apart

from .fields import LINES_MAX, Line

READ_MAX_S: Final = 30.0
WAITING_MAX: Final = 8
SIDE_MAX: Final = 1_600  # pixels: larger pictures are read scaled down
RETRY_AFTER_MS: Final = 10_000


def is_installed() -> bool:
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


class TextReader:
    """One picture at a time."""

    def __init__(self) -> None:
        self._apart = Apart(
            "collab.nameplates.reader", waiting_max=WAITING_MAX, max_s=READ_MAX_S, retry_after_ms=RETRY_AFTER_MS
        )

    async def read(self, picture: bytes) -> list[Line]:
        """Raises BAD_FILE for what is no picture, UNAVAILABLE when too many wait or it takes too long."""
        return msgspec.json.decode(await self._apart.run(picture), type=list[Line])


def main() -> int:
    from collab.reports.pictures import BadPicture, opened  # noqa: PLC0415 -- the server itself needs none of this

    try:
        picture = opened(sys.stdin.buffer.read())
    except BadPicture as error:
        sys.stderr.write(str(error))
        return BAD_INPUT
    picture.thumbnail((SIDE_MAX, SIDE_MAX))
    with contextlib.redirect_stdout(sys.stderr):  # it tells what it loads
        lines = _recognized(picture)
    sys.stdout.buffer.write(msgspec.json.encode(lines[:LINES_MAX]))
    return 0


def _recognized(picture: object) -> list[Line]:
    import numpy as np  # noqa: PLC0415
    from rapidocr import RapidOCR  # noqa: PLC0415

    engine = RapidOCR(params={"EngineConfig.onnxruntime.intra_op_num_threads": 1})
    found = engine(np.asarray(picture)[:, :, ::-1])  # it wants BGR
    if found.boxes is None:
        return []
    lines = []
    for corners, text, score in zip(found.boxes, found.txts, found.scores, strict=True):
        a, b, c, d = ((float(x), float(y)) for x, y in corners)
        lines.append(Line(str(text), (a, b, c, d), float(score)))
    return lines


if __name__ == "__main__":
    sys.exit(main())
