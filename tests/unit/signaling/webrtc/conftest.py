"""What the negotiation tests share: captured SDPs, our own transport, numbers that count."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from signaling.webrtc.sdp import Fingerprint
from signaling.webrtc.transport import Candidate, LocalTransport

CAPTURED = Path(__file__).parent / "captured"


@pytest.fixture
def captured() -> Callable[[str], str]:
    """The text of captured/NAME.sdp, as browsers send it (CRLF)."""
    return lambda name: (CAPTURED / f"{name}.sdp").read_text().replace("\n", "\r\n")


@pytest.fixture
def local() -> LocalTransport:
    fingerprint = Fingerprint("sha-256", ":".join(["AB"] * 32))
    candidates = (Candidate("192.0.2.10", 8080), Candidate("2001:db8::10", 8080))
    return LocalTransport("0123456789ab", "0123456789abcdef0123456789abcdef", fingerprint, candidates)


@pytest.fixture
def draw_ssrc() -> Callable[[], int]:
    numbers = itertools.count(1000)
    return lambda: next(numbers)
