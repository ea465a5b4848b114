"""In a real process of its own, over the files of a folder."""

from __future__ import annotations

import io
import random

from PIL import Image

from collab.files.thumbnails import SIDE_MAX, Thumbnails


class Shelf:
    """Files in memory."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.kept: dict[str, bytes] = {}
        self.loads = 0

    async def load(self, sha256: str) -> bytes:
        self.loads += 1
        if sha256 not in self.files:
            raise FileNotFoundError
        return self.files[sha256]

    async def derived(self, sha256: str) -> bytes | None:
        return self.kept.get(sha256)

    async def keep_derived(self, sha256: str, content: bytes) -> None:
        self.kept[sha256] = content


def photo(width: int, height: int, orientation: int) -> bytes:
    out = io.BytesIO()
    picture = Image.frombytes("RGB", (width, height), random.Random(1).randbytes(width * height * 3))
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture.save(out, "JPEG", exif=exif)
    return out.getvalue()


async def test_a_small_picture_is_made_once_upright_and_without_what_else_there_was() -> None:
    shelf = Shelf({"a": photo(1_600, 1_200, 6)})
    thumbnails = Thumbnails(shelf)
    small = await thumbnails.of("a")
    assert small is not None
    with Image.open(io.BytesIO(small)) as picture:
        assert (picture.format, picture.size, dict(picture.getexif())) == ("JPEG", (360, SIDE_MAX), {})
    assert len(small) < len(shelf.files["a"]) / 4
    assert await thumbnails.of("a") == small
    assert shelf.loads == 1


async def test_what_cannot_be_made_is_told_and_not_kept() -> None:
    shelf = Shelf({"broken": photo(64, 64, 1)[:200]})
    thumbnails = Thumbnails(shelf)
    assert [await thumbnails.of("broken"), await thumbnails.of("gone")] == [None, None]
    assert shelf.kept == {}
