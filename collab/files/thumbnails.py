"""Small pictures for lists: made when somebody first looks, in a process of its own, and kept beside the file.

    JPEG or PNG on its stdin -> python -m collab.files.thumbnails -> JPEG on its stdout

Made here and not in the browser, which would load and decode 12 megapixels for each tile of a list; made at the first
look and not with the upload, so that a phone on a narrow line waits for nothing and older stills have theirs too.
"""

from __future__ import annotations

import io
import sys
from collections.abc import AsyncIterator
from typing import Final, Protocol

from collab.apart import BAD_INPUT, Apart
from collab.problems import Refusal

SIDE_MAX: Final = 480  # pixels: a tile of 240 on a screen with two pixels each
QUALITY: Final = 78
MAKE_MAX_S: Final = 15.0
WAITING_MAX: Final = 64  # a page of pictures; whoever comes then gets the picture itself
RETRY_AFTER_MS: Final = 2_000


class Pictures(Protocol):
    """What is needed of the files."""

    async def load(self, sha256: str) -> bytes: ...

    async def derived(self, sha256: str) -> bytes | None: ...

    async def keep_derived(self, sha256: str, content: bytes) -> None: ...


class Thumbnails:
    def __init__(self, files: Pictures) -> None:
        self._files = files
        self._apart = Apart(
            "collab.files.thumbnails", waiting_max=WAITING_MAX, max_s=MAKE_MAX_S, retry_after_ms=RETRY_AFTER_MS
        )

    async def of(self, sha256: str) -> bytes | None:
        """A JPEG of at most SIDE_MAX; None where it cannot be made now."""
        kept = await self._files.derived(sha256)
        if kept is not None:
            return kept
        try:
            made = await self._apart.run(await self._files.load(sha256))
        except (Refusal, FileNotFoundError):
            return None  # what is wrong is in the log; the picture itself is still there
        await self._files.keep_derived(sha256, made)
        return made


async def in_part(content: bytes, begin: int, end: int) -> AsyncIterator[bytes]:
    """As files are streamed."""
    yield content[begin:end]


def main() -> int:
    from collab.reports.pictures import BadPicture, opened  # noqa: PLC0415 -- the server itself needs no Pillow

    try:
        picture = opened(sys.stdin.buffer.read())
    except BadPicture as error:
        sys.stderr.write(str(error))
        return BAD_INPUT
    picture.thumbnail((SIDE_MAX, SIDE_MAX))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, optimize=True)
    sys.stdout.buffer.write(out.getvalue())
    return 0


if __name__ == "__main__":
    sys.exit(main())
