"""Byte mutation for parsers in Python: no coverage to guide it, but seeds of real traffic and a bound on the time."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator, Sequence

SECONDS = float(os.environ.get("TONGXIN_FUZZ_SECONDS", "3"))
INPUT_MAX_S = 0.5  # of CPU: no input may take longer


def mutate(chance: random.Random, seeds: Sequence[bytes], tokens: Sequence[bytes] = ()) -> bytes:
    """One seed after up to six changes."""
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.randrange(1, 7)):
        at, length = chance.randrange(len(data) + 1), chance.choice((1, 1, 2, 4, 16, 64))
        match chance.randrange(7):
            case 0 if data:
                data[at % len(data)] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
            case 1:
                del data[at : at + length]
            case 2:
                data[at:at] = chance.randbytes(length)
            case 3:
                data[at:at] = data[at : at + length] * chance.choice((1, 2, 50))
            case 4:
                other = chance.choice(seeds)
                begin = chance.randrange(len(other) + 1)
                data[at:at] = other[begin : begin + 4 * length]
            case 5 if tokens:
                data[at:at] = chance.choice(tokens)
            case _:
                del data[at:]
    return bytes(data)


def for_a_while(seed: int) -> Iterator[random.Random]:
    """Chances, one after the other, until the time is over; fails when what was done with one took too long."""
    end, number = time.monotonic() + SECONDS, 0
    while time.monotonic() < end:
        number += 1
        began = time.thread_time()
        yield random.Random(f"{seed} {number}")
        took = time.thread_time() - began
        assert took < INPUT_MAX_S, f"input {number} took {took:.1f} s"
