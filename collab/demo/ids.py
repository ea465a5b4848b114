"""Ids of an invented park: made by chance that can be had again."""

from __future__ import annotations

from random import Random
from typing import Final

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_ROOM_LETTERS: Final = "abcdefghijkmnopqrstuvwxyz"


def new_id(at_ms: int, chance: Random) -> str:
    """As collab.clock.new_id."""
    value = (at_ms << 80) | chance.getrandbits(80)
    return "".join(_ALPHABET[(value >> shift) & 31] for shift in range(125, -1, -5))


def new_label(chance: Random) -> str:
    """As collab.clock.new_label."""
    return letters(10, _ALPHABET, chance)


def new_room_code(chance: Random) -> str:
    """As collab.clock.new_room_code."""
    code = letters(10, _ROOM_LETTERS, chance)
    return f"{code[:3]}-{code[3:7]}-{code[7:]}"


def letters(count: int, alphabet: str, chance: Random) -> str:
    return "".join(chance.choice(alphabet) for _ in range(count))
