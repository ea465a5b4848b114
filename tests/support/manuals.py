"""Manuals as PDF: one with pages that can be told apart, and those that give trouble."""

from __future__ import annotations

import random
import struct
import zlib
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import typst
from pypdf import PdfWriter

FONTS: Final = Path(__file__).parents[2] / "collab" / "reports" / "fonts"

# Of each page, the colour of the square whose middle is at SQUARE (in shares of width and height).
PAGE_COLORS: Final = ((208, 16, 32), (16, 96, 208), (16, 144, 64))
SQUARE: Final = (0.3, 0.25)
# Chinese words stand in this band of each page: left, top, right, bottom.
WORDS: Final = (0.05, 0.72, 0.9, 0.82)

_PAGE: Final = """
#place(dx: 30pt, dy: 40pt, rect(width: 120pt, height: 120pt, fill: rgb({red}, {green}, {blue})))
#place(dx: 20pt, dy: 290pt, text(size: 28pt)[激光切割机手册 {page}])
"""


def manual(noise_bytes: int = 0) -> bytes:
    """Three pages of 300 x 400 points; a picture that nothing makes smaller fills so many bytes of the last one."""
    pages = [
        _PAGE.format(red=red, green=green, blue=blue, page=number)
        for number, (red, green, blue) in enumerate(PAGE_COLORS, 1)
    ]
    if noise_bytes:
        pages[-1] += '#place(dx: 160pt, dy: 40pt, image("noise.png", width: 120pt))'
    source = '#set page(width: 300pt, height: 400pt, margin: 0pt)\n#set text(font: "Noto Sans SC")\n'
    with TemporaryDirectory() as folder:
        (Path(folder) / "manual.typ").write_text(source + "#pagebreak()".join(pages))
        (Path(folder) / "noise.png").write_bytes(_noise(noise_bytes or 256))
        made = typst.compile(f"{folder}/manual.typ", root=folder, font_paths=[str(FONTS)], ignore_system_fonts=True)
        assert made is not None
        return made


def encrypted_manual(password: str) -> bytes:
    with PdfWriter() as writer, BytesIO() as out:
        writer.add_blank_page(width=300, height=400)
        writer.encrypt(password)
        writer.write(out)
        return out.getvalue()


def manual_without_its_font() -> bytes:
    """Chinese as many drawing programs write it: by a named encoding, in a font that the reader is to have."""
    text = "激光切割机".encode("utf-16-be").hex().upper()
    drawing = f"BT /F1 40 Tf 20 90 Td <{text}> Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Resources 8 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawing), drawing),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [6 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /FontDescriptor 7 0 R /CIDSystemInfo 9 0 R >>",
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /StemV 93 >>",
        b"<< /Font << /F1 5 0 R >> >>",
        b"<< /Registry (Adobe) /Ordering (GB1) /Supplement 2 >>",
    ]
    content, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    begin = len(content)
    content += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    content += b"".join(b"%010d 00000 n \n" % place for place in places)
    content += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, begin)
    return bytes(content)


def _noise(size_bytes: int) -> bytes:
    """A square PNG, grey, of about so many bytes."""
    side = int(size_bytes**0.5)
    rows = b"".join(b"\0" + random.Random(row).randbytes(side) for row in range(side))

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
