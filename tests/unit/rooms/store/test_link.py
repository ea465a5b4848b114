"""One end of a link, with a peer that the test plays."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from rooms.core.codes import Code
from rooms.ports import RemoteRefused
from rooms.store.frames import AnyFrame, LinkAck, LinkClose, LinkCount, LinkData
from rooms.store.link import ACK_EVERY_FRAMES, WINDOW_BYTES, WINDOW_FRAMES, Link, LinkState


class End:
    """A link, what it said, what it heard."""

    def __init__(self) -> None:
        self.said: list[AnyFrame] = []
        self.failures: list[Callable[[], None]] = []
        self.frames: list[bytes] = []
        self.closed: list[Code] = []
        self.gone = 0
        self.link = Link("one", "two", "id", True, self._post, self._on_gone)
        self.link.state = LinkState.OPEN
        self.link.on_frame = self.frames.append
        self.link.on_close = self.closed.append

    def _post(self, peer: str, frame: AnyFrame, on_failure: Callable[[], None]) -> None:
        assert peer == "two"
        self.said.append(frame)
        self.failures.append(on_failure)

    def _on_gone(self, link: Link) -> None:
        assert link is self.link
        self.gone += 1

    def data(self, seq: int, payload: bytes = b"x") -> None:
        self.link.take(LinkData("two", "id", False, seq, payload))


@pytest.fixture
def end() -> End:
    return End()


def test_frames_in_order_are_heard(end: End) -> None:
    for seq in (1, 2, 3):
        end.data(seq, str(seq).encode())
    assert end.frames == [b"1", b"2", b"3"]
    assert end.said == []


def test_a_frame_said_twice_is_heard_once(end: End) -> None:
    for seq in (1, 1, 2, 1, 2):
        end.data(seq, str(seq).encode())
    assert end.frames == [b"1", b"2"]
    assert end.closed == []


def test_a_missing_frame_breaks_the_link_for_both_ends(end: End) -> None:
    end.data(1)
    end.data(3)
    end.data(4)
    assert end.frames == [b"x"]
    assert end.closed == [Code.UNAVAILABLE]
    assert end.said == [LinkClose("one", "id", True, Code.UNAVAILABLE)]
    assert end.gone == 1


def test_the_last_frames_missing_is_seen_by_the_count(end: End) -> None:
    end.data(1)
    end.link.compare(LinkCount("id", False, sent=1, received=0))
    assert end.closed == []
    end.link.compare(LinkCount("id", False, sent=2, received=0))
    assert end.closed == [Code.UNAVAILABLE]


def test_what_was_heard_is_acknowledged_now_and_then(end: End) -> None:
    for seq in range(1, 2 * ACK_EVERY_FRAMES + 1):
        end.data(seq)
    assert end.said == [LinkAck("one", "id", True, ACK_EVERY_FRAMES), LinkAck("one", "id", True, 2 * ACK_EVERY_FRAMES)]


async def test_no_more_than_a_window_is_under_way(end: End) -> None:
    for _ in range(WINDOW_FRAMES):
        await end.link.send(b"x")
    late = asyncio.ensure_future(end.link.send(b"late"))
    await asyncio.sleep(0)
    assert len(end.said) == WINDOW_FRAMES
    end.link.acknowledged(1)
    await late
    assert end.said[-1] == LinkData("one", "id", True, WINDOW_FRAMES + 1, b"late")


async def test_a_large_frame_waits_until_it_is_alone(end: End) -> None:
    await end.link.send(b"small")
    large = asyncio.ensure_future(end.link.send(bytes(WINDOW_BYTES)))
    behind = asyncio.ensure_future(end.link.send(b"behind"))
    await asyncio.sleep(0)
    assert len(end.said) == 1
    end.link.acknowledged(1)
    await large
    await asyncio.sleep(0)
    assert len(end.said) == 2
    end.link.compare(LinkCount("id", False, sent=0, received=2))
    await behind
    assert end.link.count() == LinkCount("id", True, sent=3, received=0)


async def test_a_peer_that_takes_nothing_is_too_slow(end: End, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rooms.store.link.SEND_TIMEOUT_MS", 10)
    for _ in range(WINDOW_FRAMES):
        await end.link.send(b"x")
    with pytest.raises(RemoteRefused) as refused:
        await end.link.send(b"one too many")
    assert refused.value.code is Code.SLOW_CONSUMER
    assert end.closed == [Code.SLOW_CONSUMER]


async def test_closing_wakes_those_who_wait_to_send(end: End) -> None:
    for _ in range(WINDOW_FRAMES):
        await end.link.send(b"x")
    waiting = asyncio.ensure_future(end.link.send(b"late"))
    await asyncio.sleep(0)
    await end.link.close(Code.IDLE)
    with pytest.raises(RemoteRefused):
        await waiting
    assert end.closed == []
    assert end.said[-1] == LinkClose("one", "id", True, Code.IDLE)
    await end.link.close(Code.IDLE)
    assert end.gone == 1


async def test_a_frame_that_nobody_got_closes_the_link(end: End) -> None:
    await end.link.send(b"x")
    end.failures[-1]()
    assert end.closed == [Code.UNAVAILABLE]
    with pytest.raises(RemoteRefused):
        await end.link.send(b"more")


def test_a_listener_that_raises_does_not_break_the_link(end: End) -> None:
    def raising(_: bytes) -> None:
        raise RuntimeError("a bug above")

    end.link.on_frame = raising
    end.data(1)
    end.link.on_frame = end.frames.append
    end.data(2, b"two")
    assert end.frames == [b"two"]
    assert end.closed == []


def test_after_the_end_nothing_is_heard(end: End) -> None:
    end.link.fail(Code.MOVED)
    end.link.fail(Code.REMOVED)
    end.data(1)
    assert end.frames == []
    assert end.closed == [Code.MOVED]
