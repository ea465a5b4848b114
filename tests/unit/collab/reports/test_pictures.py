from __future__ import annotations

import io
import struct
import zlib

import pytest
from msgspec.structs import replace
from PIL import Image, ImageChops

from collab.reports.content import STILL_MAX_PIXELS, BurnedMark, MarkShape, Signature, Still
from collab.reports.pictures import BadPicture, burn, drawn_signature
from tests.support.reports import MARKS, picture

BLANK = Still("s", 1, "", picture(800, 600))


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGB")


def changed(still: Still) -> tuple[int, int, int, int] | None:
    """Where the burned picture differs from the one without marks, beyond what JPEG does to its edges."""
    plain, marked = opened(burn(replace(still, marks=()))), opened(burn(still))
    difference = ImageChops.difference(plain, marked).convert("L")
    return difference.point([0] * 41 + [255] * 215).getbbox()


@pytest.mark.parametrize("mark", MARKS, ids=lambda mark: mark.kind.value)
def test_each_kind_of_mark_is_drawn_where_it_belongs(mark: BurnedMark) -> None:
    box = changed(replace(BLANK, marks=(replace(mark, text=""),) if mark.kind is not MarkShape.TEXT else (mark,)))
    assert box is not None
    middle_x, middle_y = (box[0] + box[2]) / 2 / 800, (box[1] + box[3]) / 2 / 600
    xs, ys = mark.points[::2], mark.points[1::2]
    if mark.kind is MarkShape.TEXT:  # pulled back into the picture, where it can be read
        assert box[2] <= 800
        assert middle_x < 0.95
    else:
        assert abs(middle_x - (min(xs) + max(xs)) / 2) < 0.05
        assert abs(middle_y - (min(ys) + max(ys)) / 2) < 0.06


def test_a_large_photograph_is_scaled_and_loses_its_exif() -> None:
    image = Image.new("RGB", (4_000, 3_000))
    exif = Image.Exif()
    exif[0x8825] = {1: "N"}
    exif[0x0112] = 6  # lies on its side
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    burned = Image.open(io.BytesIO(burn(replace(BLANK, image=out.getvalue()))))
    assert burned.size == (STILL_MAX_PIXELS * 3 // 4, STILL_MAX_PIXELS)
    assert not burned.getexif()


def test_png_is_taken_and_other_things_are_not() -> None:
    assert opened(burn(replace(BLANK, image=picture(kind="PNG")))).size == (640, 480)
    for bad in (b"", b"GIF89a", picture(kind="GIF"), picture()[:200], b"\xff\xd8\xff\xe0" + bytes(100)):
        with pytest.raises(BadPicture):
            burn(replace(BLANK, image=bad))


def test_a_picture_that_would_unpack_to_gigabytes_is_refused() -> None:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(1_000)))
        + chunk(b"IEND", b"")
    )
    with pytest.raises(BadPicture):
        burn(replace(BLANK, image=bomb))


def test_marks_that_make_no_sense_do_no_harm() -> None:
    for kind in MarkShape:
        for points in ((0.5, 0.5), (0.5,) * 3, (-1.0, -1.0, 2.0, 2.0), (0.5, 0.5, 0.5, 0.5)):
            assert burn(replace(BLANK, marks=(BurnedMark(kind, "plaid", points, text="x" * 200, number=999),)))


def test_a_signature_is_ink_on_nothing() -> None:
    drawn = Image.open(io.BytesIO(drawn_signature(Signature("expert", "n", "o", 1, ((0.2, 0.5, 0.8, 0.5),)))))
    assert drawn.size == (720, 240)
    alpha = drawn.getchannel("A")
    assert alpha.crop((355, 115, 365, 125)).getextrema()[1] == 255
    assert alpha.crop((0, 0, 720, 100)).getextrema() == (0, 0)
    assert drawn_signature(Signature("expert", "n", "o", 1, ((), (0.1,))))
