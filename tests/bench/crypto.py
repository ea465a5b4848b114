"""What SRTP alone costs, by profile and by library: tests/native/bench_srtp.c, built and run by `make bench` there."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

NATIVE = Path(__file__).parents[1] / "native"
LINE = re.compile(r"(\S+) +(\S+) +protect +(\d+) ns +unprotect +(\d+) ns")


@dataclass(frozen=True)
class Cipher:
    library: str  # "openssl" or "ipsec-mb"
    profile: str
    protect_ns: int
    unprotect_ns: int


def measure() -> list[Cipher]:
    """CalledProcessError when it does not build."""
    done = subprocess.run(
        ["make", "--no-print-directory", "-C", str(NATIVE), "bench"], check=True, capture_output=True, text=True
    )
    return [Cipher(m[1], m[2], int(m[3]), int(m[4])) for m in LINE.finditer(done.stdout)]
