"""What uploaded bytes are, by looking at them; pictures lose whatever is no picture (where and with what it was taken).

Pure.  JPEG: ITU-T T.81 annex B; the orientation is the one thing kept of Exif 2.32.  PNG: the third edition, clause 5.
Pixels are not decoded: a picture that is broken further in shows as such in the browser.
"""

from __future__ import annotations

import re
import struct
import zlib
from typing import Final

from msgspec import Struct

from .models import MediaType

SIDE_MAX: Final = 16_384
PIXELS_MAX: Final = 120_000_000
SEGMENTS_MAX: Final = 4_096
PDF_LOOK_BYTES: Final = 1_024

_PNG_BEGIN: Final = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT: Final = frozenset(
    (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"pHYs")
)
_PNG_DEPTHS: Final = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}

_MARKER: Final = re.compile(rb"\xff+[\x01-\xcf\xd8-\xfe]")  # in a scan: neither a stuffed zero nor a restart
_SOI, _EOI, _SOS, _DNL = 0xD8, 0xD9, 0xDA, 0xDC
_FRAMES: Final = (0xC0, 0xC1, 0xC2)  # baseline, extended, progressive: what browsers show
_TABLES: Final = (0xC4, 0xDB, 0xDD)  # Huffman, quantization, restart interval
_APP0, _APP1, _APP2, _APP14 = 0xE0, 0xE1, 0xE2, 0xEE

_KEYFRAME_MAGIC: Final = 0x52415854  # "TXAR"
_KEYFRAME_SIDE_MAX: Final = 4_096
_KEYFRAME_VIEWS_MAX: Final = 5
_KEYFRAME_COORDINATES_MAX: Final = 40_000


class BadFile(Exception):
    """The bytes are not what they are said to be; the text is for the log."""


class Picture(Struct, frozen=True):
    media_type: MediaType
    width: int  # pixels, as it is shown
    height: int
    content: bytes


def read_picture(content: bytes) -> Picture:
    """A JPEG or PNG without what else it carried.  Raises BadFile."""
    if content.startswith(b"\xff\xd8\xff"):
        return _read_jpeg(content)
    if content.startswith(_PNG_BEGIN):
        return _read_png(content)
    raise BadFile("neither JPEG nor PNG")


def check_pdf(begin: bytes, end: bytes) -> None:
    """`begin`, `end`: the first and the last PDF_LOOK_BYTES.  Raises BadFile.  ISO 32000-2, 7.5.2 and 7.5.5."""
    if not re.match(rb"%PDF-[12]\.\d", begin):
        raise BadFile("no PDF header")
    if b"%%EOF" not in end:
        raise BadFile("no end of a PDF")


def check_keyframe(content: bytes) -> None:
    """What static/src/ar/storage.ts writes.  Raises BadFile."""
    try:
        magic, version, width, height, views = struct.unpack_from("<5I", content)
        if (magic, version) != (_KEYFRAME_MAGIC, 1):
            raise BadFile("no keyframe")
        if not (
            0 < width <= _KEYFRAME_SIDE_MAX and 0 < height <= _KEYFRAME_SIDE_MAX and 0 < views <= _KEYFRAME_VIEWS_MAX
        ):
            raise BadFile("a keyframe out of bounds")
        at = 20
        for _ in range(views):
            (coordinates,) = struct.unpack_from("<I", content, at)
            if coordinates < 2 or coordinates % 2 or coordinates > _KEYFRAME_COORDINATES_MAX:
                raise BadFile("points of a keyframe")
            at += 4 + 72 + 4 * coordinates + width * height
    except struct.error:
        raise BadFile("a keyframe cut short") from None
    if at != len(content):
        raise BadFile("a keyframe of another length")


# ---------------------------------------------------------------- JPEG


def _read_jpeg(content: bytes) -> Picture:
    kept: list[bytes] = [b"\xff\xd8"]
    size: tuple[int, int] | None = None
    orientation, scans, at = 1, 0, 2
    for _ in range(SEGMENTS_MAX):
        marker, at = _next_marker(content, at)
        if marker == _EOI:
            break
        body = _segment(content, at)
        whole = b"\xff" + bytes([marker]) + content[at : at + 2 + len(body)]
        at += 2 + len(body)
        if marker in _FRAMES:
            if size is not None or len(body) < 6:
                raise BadFile("a second frame, or a short one")
            size = _checked_size(*struct.unpack_from(">HH", body, 1)[::-1])
            kept.append(whole)
        elif marker == _SOS:
            if size is None:
                raise BadFile("a scan before its frame")
            found = _MARKER.search(content, at)
            if found is None:
                raise BadFile("cut short in a scan")
            kept += (whole, content[at : found.start()])
            at, scans = found.start(), scans + 1
        elif marker in _TABLES or _is_about_the_picture(marker, body):
            kept.append(whole)
        elif marker == _APP1 and body[:6] == b"Exif\0\0":
            orientation = _orientation(body[6:])
        elif 0xC0 <= marker <= 0xDF and marker != _DNL:
            raise BadFile(f"a marker that browsers do not show: {marker:#x}")
    else:
        raise BadFile("too many segments")
    if size is None or not scans:
        raise BadFile("no picture inside")
    if orientation != 1:
        kept.insert(1, _only_orientation(orientation))
    width, height = size if orientation < 5 else size[::-1]
    return Picture(MediaType.JPEG, width, height, b"".join(kept) + b"\xff\xd9")


def _next_marker(content: bytes, at: int) -> tuple[int, int]:
    """(marker, where its segment begins); any number of 0xFF may stand before it (B.1.1.2)."""
    if content[at : at + 1] != b"\xff":
        raise BadFile("no marker where one belongs")
    while at < len(content) and content[at] == 0xFF:
        at += 1
    if at >= len(content):
        raise BadFile("cut short")
    return content[at], at + 1


def _segment(content: bytes, at: int) -> bytes:
    if at + 2 > len(content):
        raise BadFile("cut short")
    length = int.from_bytes(content[at : at + 2], "big")
    if length < 2 or at + length > len(content):
        raise BadFile("a segment beyond the end")
    return content[at + 2 : at + length]


def _is_about_the_picture(marker: int, body: bytes) -> bool:
    """How its numbers become colours: JFIF without a thumbnail, an ICC profile, Adobe's transform."""
    return (
        (marker == _APP0 and body[:5] == b"JFIF\0" and len(body) == 14)
        or (marker == _APP2 and body[:12] == b"ICC_PROFILE\0")
        or (marker == _APP14 and body[:5] == b"Adobe")
    )


def _orientation(tiff: bytes) -> int:
    """1..8 (Exif 2.32, 4.6.4); 1 when it does not say."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return 1
    try:
        (directory,) = struct.unpack_from(order + "I", tiff, 4)
        (entries,) = struct.unpack_from(order + "H", tiff, directory)
        for number in range(min(entries, 512)):
            tag, kind, count, value = struct.unpack_from(order + "HHIH", tiff, directory + 2 + 12 * number)
            if (tag, kind, count) == (0x0112, 3, 1):
                return value if 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1


def _only_orientation(orientation: int) -> bytes:
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


# ---------------------------------------------------------------- PNG


def _read_png(content: bytes) -> Picture:
    kept: list[bytes] = [_PNG_BEGIN]
    size: tuple[int, int] | None = None
    at, data = len(_PNG_BEGIN), 0
    while True:
        if at + 12 > len(content):
            raise BadFile("cut short")
        length = int.from_bytes(content[at : at + 4], "big")
        kind = content[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(content) or not kind.isalpha():
            raise BadFile("a chunk beyond the end")
        if zlib.crc32(content[at + 4 : end - 4]) != int.from_bytes(content[end - 4 : end], "big"):
            raise BadFile("a chunk with a wrong checksum")
        if (size is None) != (kind == b"IHDR"):
            raise BadFile("the header is not the first and only one")
        if kind == b"IHDR":
            size = _png_size(content[at + 8 : end - 4])
        if kind in _PNG_KEPT:
            kept.append(content[at:end])
        elif kind[:1].isupper():
            raise BadFile("a critical chunk that nobody knows")
        data += kind == b"IDAT"
        at = end
        if kind == b"IEND":
            break
        if len(kept) > SEGMENTS_MAX:
            raise BadFile("too many chunks")
    if size is None or not data:
        raise BadFile("no picture inside")
    return Picture(MediaType.PNG, *size, b"".join(kept))


def _png_size(header: bytes) -> tuple[int, int]:
    if len(header) != 13:
        raise BadFile("a header of another length")
    width, height, depth, color, compression, filtering, interlace = struct.unpack(">IIBBBBB", header)
    if depth not in _PNG_DEPTHS.get(color, ()) or compression or filtering or interlace > 1:
        raise BadFile("a kind of PNG that there is not")
    return _checked_size(width, height)


def _checked_size(width: int, height: int) -> tuple[int, int]:
    if not (0 < width <= SIDE_MAX and 0 < height <= SIDE_MAX) or width * height > PIXELS_MAX:
        raise BadFile(f"a picture of {width}x{height}")
    return width, height
