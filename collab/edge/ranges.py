"""A part of a file, as a client asks for it (RFC 9110, 14.1.2): so that a phone loads the pages that it shows."""

from __future__ import annotations

import re
from typing import Final

HEADER_MAX_CHARS: Final = 64
_ONE_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class Unsatisfiable(Exception):
    """No byte of the file is asked for: 416."""


def parse_range(header: str, size_bytes: int) -> tuple[int, int] | None:
    """(first byte, the one after the last); None: the whole file.

    Several ranges, other units and what makes no sense are answered with the whole (14.2 allows that); so is a range
    that is the whole.  Raises Unsatisfiable.
    """
    found = _ONE_RANGE.fullmatch(header) if len(header) <= HEADER_MAX_CHARS else None
    if found is None or found[0] == "bytes=-":
        return None
    first, last = found[1], found[2]
    if not first:  # the last so many
        begin, end = max(0, size_bytes - int(last)), size_bytes
    else:
        begin, end = int(first), min(size_bytes, int(last) + 1) if last else size_bytes
        if last and int(last) < begin:
            return None
    if begin >= end:
        raise Unsatisfiable
    return None if (begin, end) == (0, size_bytes) else (begin, end)
