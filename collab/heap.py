"""What a program is made of stays until it ends, so the garbage collector need not look through it again and again.

Importing makes a quarter of a million objects and no garbage: collecting meanwhile, and once more at the end, takes a
third of the time of a start.  In a running server a full round over them would hold up the event loop, packets of
signaling and all, for a few tenths of a second.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Nothing is collected within; what there is at the end stays, and is not looked at from then on."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        stays()


def stays() -> None:
    """What has been made up to now."""
    gc.freeze()
