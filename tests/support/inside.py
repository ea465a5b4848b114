"""Do something in a network namespace without moving the process: what is opened there stays there."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

CLONE_NEWNET = 0x4000_0000
T = TypeVar("T")


def inside(namespace: str, make: Callable[[], T]) -> T:
    """What `make` returns, or raises, when it is called in this named namespace (`ip netns`)."""

    def run() -> T:
        with Path(f"/run/netns/{namespace}").open("rb") as home:
            if ctypes.CDLL(None, use_errno=True).setns(home.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        return make()

    with ThreadPoolExecutor(max_workers=1) as thread:  # setns moves one thread alone, and this one ends here
        return thread.submit(run).result()
