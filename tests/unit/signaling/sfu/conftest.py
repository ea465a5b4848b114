"""Fixtures of the media worker's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from signaling.sfu import _sfu
from tests.unit.signaling.sfu.media_peer import Peer


@pytest.fixture
def worker() -> Iterator[_sfu.Worker]:
    worker = _sfu.Worker("127.0.0.1")
    yield worker
    worker.close()


@pytest.fixture
def publisher(worker: _sfu.Worker) -> Iterator[Peer]:
    peer = Peer(worker)
    yield peer
    peer.close()


@pytest.fixture
def subscriber(worker: _sfu.Worker) -> Iterator[Peer]:
    peer = Peer(worker)
    yield peer
    peer.close()
