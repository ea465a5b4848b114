"""Text in a picture, read in a process of its own: 450 MB and two seconds of a core are not the web server's.

    JPEG or PNG on its stdin -> python -m collab.nameplates.reader -> JSON list of Line on its stdout

The engine (rapidocr, models in its package, nothing fetched) is the optional extra `ocr`; see `is_installed`.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import sys
from asyncio.subprocess import DEVNULL, PIPE
from importlib.util import find_spec
from typing import Final

import msgspec
import structlog

from collab.problems import Refusal
from rooms.core.codes import Code

from .fields import LINES_MAX, Line

READ_MAX_S: Final = 30.0
WAITING_MAX: Final = 8
SIDE_MAX: Final = 1_600  # pixels: larger pictures are read scaled down
DECODED_MAX_PIXELS: Final = 50_000_000
_BAD_PICTURE: Final = 3

log = structlog.get_logger("nameplates")


def is_installed() -> bool:
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


class TextReader:
    """One picture at a time."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def read(self, picture: bytes) -> list[Line]:
        """Raises BAD_FILE for what is no picture, UNAVAILABLE when too many wait or it takes too long."""
        if self._waiting >= WAITING_MAX:
            raise Refusal(Code.UNAVAILABLE, "too many pictures wait", retry_after_ms=10_000)
        self._waiting += 1
        try:
            async with self._turn:
                return await _read_elsewhere(picture)
        finally:
            self._waiting -= 1


async def _read_elsewhere(picture: bytes) -> list[Line]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "collab.nameplates.reader", stdin=PIPE, stdout=PIPE, stderr=DEVNULL
    )
    try:
        async with asyncio.timeout(READ_MAX_S):
            said, _ = await process.communicate(picture)
    except TimeoutError:
        raise Refusal(Code.UNAVAILABLE, "reading took too long", retry_after_ms=10_000) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode == _BAD_PICTURE:
        raise Refusal(Code.BAD_FILE, "no picture")
    if process.returncode != 0:
        log.error("text_not_read", exit_code=process.returncode)
        raise Refusal(Code.UNAVAILABLE, "the reading process failed", retry_after_ms=10_000)
    return msgspec.json.decode(said, type=list[Line])


def main() -> int:
    from PIL import Image, ImageOps  # noqa: PLC0415 -- the server itself needs none of this

    try:
        with Image.open(io.BytesIO(sys.stdin.buffer.read()), formats=("JPEG", "PNG")) as file:
            if file.width * file.height > DECODED_MAX_PIXELS:
                return _BAD_PICTURE
            picture = ImageOps.exif_transpose(file).convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return _BAD_PICTURE
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
