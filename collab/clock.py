"""The one place in collab that reads the clock and draws random numbers."""

from __future__ import annotations

import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u
_CODE_LETTERS = "abcdefghijkmnopqrstuvwxyz"  # a room code is read aloud: no l beside i


def now_ms() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


class _Ids:
    """Ids of one millisecond count on from the first, so that what one process made in order also sorts in order."""

    def __init__(self) -> None:
        self._last = 0

    def next(self, at_ms: int) -> int:
        """48 bits of milliseconds, 80 bits of chance: the layout of a ULID."""
        if at_ms == self._last >> 80:
            self._last += 1 + secrets.randbits(32)
        else:
            self._last = (at_ms << 80) | secrets.randbits(79)  # room to count on
        return self._last


_ids = _Ids()


def new_id(at_ms: int | None = None) -> str:
    """26 characters that sort by time: a ULID in lower case."""
    value = _ids.next(now_ms() if at_ms is None else at_ms)
    return "".join(_ALPHABET[(value >> shift) & 31] for shift in range(125, -1, -5))


def new_room_code() -> str:
    """`abc-defg-hij`: 46 bits of chance, so a room cannot be found by trying (visits are rate-limited as well)."""
    letters = "".join(secrets.choice(_CODE_LETTERS) for _ in range(10))
    return f"{letters[:3]}-{letters[3:7]}-{letters[7:]}"


def new_label() -> str:
    """Ten characters for a sticker on a machine: 50 bits of chance."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(10))


def new_link_token() -> str:
    """Twenty characters, 100 bits of chance: short enough for a text message; trying them out is rate-limited."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(20))


def new_feed_token() -> str:
    """32 characters, 192 bits of chance: the address of a calendar, which programs keep asking for."""
    return secrets.token_urlsafe(24)


def new_secret() -> str:
    """A bearer secret of 256 bits, safe in URLs and headers."""
    return secrets.token_urlsafe(32)
