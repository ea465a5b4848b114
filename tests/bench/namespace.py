"""A network namespace of the bench's own, with one address: Janus ignores loopback addresses, so all run here.

`enter` moves the calling process itself (setns), so children inherit it; nothing outside is touched.  It needs root.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
from collections.abc import Iterator

ADDRESS = "10.99.41.1"
CLONE_NEWNET = 0x4000_0000


@contextlib.contextmanager
def enter() -> Iterator[str]:
    """The address to use.  PermissionError without root; the namespace goes with the last process in it."""
    if os.geteuid() != 0:
        raise PermissionError("the bench makes a network namespace and needs root: run it with sudo")
    libc = ctypes.CDLL(None, use_errno=True)
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    try:
        if libc.unshare(CLONE_NEWNET) != 0:
            raise PermissionError(f"unshare: {os.strerror(ctypes.get_errno())}")
        for command in (
            "ip link set lo up",
            "ip link add bench0 type veth peer name bench1",
            f"ip addr add {ADDRESS}/24 dev bench0",
            "ip link set bench0 up",
            "ip link set bench1 up",
        ):
            subprocess.run(command.split(), check=True)
        yield ADDRESS
    finally:
        libc.setns(home, CLONE_NEWNET)
        os.close(home)
