"""The smallest real files of assistance, and marks."""

from __future__ import annotations

import struct
import zlib

from tests.support.api import Json


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int = 4, height: int = 3) -> bytes:
    """Grey, 8 bits."""
    rows = b"".join(b"\0" + bytes([40 * y + x for x in range(width)]) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def keyframe(value: int = 0) -> bytes:
    """One view of 8x4, as static/src/ar/storage.ts writes it."""
    view = struct.pack("<I9d2f", 2, 1, 0, 0, 0, 1, 0, 0, 0, 1, 4.0, 2.0) + bytes([value]) * 32
    return struct.pack("<5I", 0x52415854, 1, 8, 4, 1) + view


PNG = png()
KEYFRAME = keyframe()
PDF = b"%PDF-1.7\n1 0 obj << >> endobj\ntrailer << >>\nstartxref\n9\n%%EOF\n"


def mark(key: str, **changes: object) -> Json:
    """A red circle on a frame of 640x480."""
    return {
        "id": key,
        "author_id": "p1",
        "author_name": "李工",
        "kind": "circle",
        "color": "red",
        "width": 6.0,
        "points": [100.0, 100.0, 160.0, 160.0],
        "text": "",
        "number": 0,
        "frame": {"rtp_timestamp": 90_000, "width": 640, "height": 480},
        "made_at_ms": 1_000,
        "state": "ok",
        **changes,
    }
