"""Uploaded bytes: what they are, and pictures without whatever is no picture."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from collab.files.contents import BadFile, check_keyframe, check_pdf, read_picture
from collab.files.models import MediaType

WIDTH, HEIGHT = 48, 32
SECRET = b"where it was taken"


def drawing() -> Image.Image:
    image = Image.new("RGB", (WIDTH, HEIGHT))
    image.putdata([(x * 5 % 256, y * 7 % 256, (x * y) % 256) for y in range(HEIGHT) for x in range(WIDTH)])
    return image


def jpeg(*, orientation: int = 0, progressive: bool = False) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()  # a description
    exif.get_ifd(0x8825)[1] = "N"  # GPS
    if orientation:
        exif[0x0112] = orientation
    out = io.BytesIO()
    drawing().save(
        out, "JPEG", exif=exif, comment=SECRET, progressive=progressive, icc_profile=b"a profile", quality=90
    )
    return out.getvalue()


def png() -> bytes:
    text = PngImagePlugin.PngInfo()
    text.add_text("Location", SECRET.decode())
    out = io.BytesIO()
    drawing().save(out, "PNG", pnginfo=text)
    return out.getvalue()


def keyframe(*, width: int = 8, height: int = 4, views: int = 2) -> bytes:
    view = struct.pack("<I9d2f", 2, *[0.0] * 9, 1.0, 2.0) + bytes(width * height)
    return struct.pack("<5I", 0x52415854, 1, width, height, views) + view * views


@pytest.mark.parametrize("content", [jpeg(), jpeg(progressive=True), png()], ids=["jpeg", "progressive", "png"])
def test_a_picture_stays_the_same_to_the_pixel_and_loses_the_rest(content: bytes) -> None:
    picture = read_picture(content + b"and a film behind it")
    assert (picture.width, picture.height) == (WIDTH, HEIGHT)
    assert SECRET in content
    assert SECRET not in picture.content
    assert b"film" not in picture.content
    before, after = Image.open(io.BytesIO(content)), Image.open(io.BytesIO(picture.content))
    assert after.tobytes() == before.tobytes()
    assert after.info.get("icc_profile") == before.info.get("icc_profile")
    assert not after.getexif().get_ifd(0x8825)
    assert read_picture(picture.content) == picture


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_stays_the_right_way_up(orientation: int) -> None:
    picture = read_picture(jpeg(orientation=orientation))
    exif = Image.open(io.BytesIO(picture.content)).getexif()
    assert exif.get(0x0112, 1) == orientation
    assert set(exif) <= {0x0112}
    assert (picture.width, picture.height) == ((WIDTH, HEIGHT) if orientation < 5 else (HEIGHT, WIDTH))


def with_size(content: bytes, width: int, height: int) -> bytes:
    at = content.index(b"\xff\xc0") + 5
    return content[:at] + struct.pack(">HH", height, width) + content[at + 4 :]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        jpeg()[:-400],
        jpeg()[:30],
        b"\xff\xd8\xff\xd9",
        with_size(jpeg(), 0, 10),
        with_size(jpeg(), 65_000, 65_000),
        png()[:-12],
        png().replace(b"IDAT", b"IDAx"),
        b"\x89PNG\r\n\x1a\n" + bytes(12),
    ],
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(BadFile):
        read_picture(content)


@given(st.data())
def test_no_bytes_do_more_than_to_be_refused(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from([jpeg(), jpeg(progressive=True), png(), keyframe()])))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(content[: data.draw(st.integers(0, len(content)))])
    for read in (read_picture, check_keyframe):
        try:
            read(cut)
        except BadFile:
            continue


def test_a_pdf_begins_and_ends_as_one() -> None:
    check_pdf(b"%PDF-1.7\n1 0 obj", b"startxref\n9\n%%EOF\n")
    for begin, end in ((b"%PDF-9.0", b"%%EOF"), (b"<html>%PDF-1.7", b"%%EOF"), (b"%PDF-1.7", b"nothing")):
        with pytest.raises(BadFile):
            check_pdf(begin, end)


def test_a_keyframe_is_as_long_as_it_says() -> None:
    check_keyframe(keyframe())
    for content in (
        keyframe()[:-1],
        keyframe() + b"\0",
        keyframe(width=0),
        keyframe(views=6),
        keyframe(width=5_000, height=1),
        b"TXAR",
        bytes(64),
    ):
        with pytest.raises(BadFile):
            check_keyframe(content)


def test_kinds_of_pictures() -> None:
    assert read_picture(jpeg()).media_type is MediaType.JPEG
    assert read_picture(png()).media_type is MediaType.PNG
