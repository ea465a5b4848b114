"""The one place in collab that reads the clock and draws random numbers."""

from __future__ import annotations

import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u
_CODE_LETTERS = "abcdefghijkmnopqrstuvwxyz"  # a room code is read aloud: no l beside i


def now_ms() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def new_id(at_ms: int | None = None) -> str:
    """26 characters that sort by time: 48 bits of milliseconds, 80 bits of chance (a ULID in lower case)."""
    value = ((now_ms() if at_ms is None else at_ms) << 80) | secrets.randbits(80)
    return "".join(_ALPHABET[(value >> shift) & 31] for shift in range(125, -1, -5))


def new_room_code() -> str:
    """`abc-defg-hij`: 46 bits of chance, so a room cannot be found by trying (visits are rate-limited as well)."""
    letters = "".join(secrets.choice(_CODE_LETTERS) for _ in range(10))
    return f"{letters[:3]}-{letters[3:7]}-{letters[7:]}"


def new_secret() -> str:
    """A bearer secret of 256 bits, safe in URLs and headers."""
    return secrets.token_urlsafe(32)
