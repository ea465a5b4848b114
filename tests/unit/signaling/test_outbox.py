"""The outbox keeps order and bounds, lets the latest of a key replace the former, and ends once."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from rooms.core.codes import Code
from signaling.messages import Closing
from signaling.outbox import Outbox


async def drained(outbox: Outbox) -> list[bytes]:
    frames = []
    while (frame := await outbox.take()) is not None:
        frames.append(frame)
    return frames


async def test_frames_leave_in_order_and_then_the_end() -> None:
    outbox = Outbox()
    for frame in (b"1", b"2", b"3"):
        assert outbox.put(frame)
    closing = Closing(code=Code.MOVED)
    outbox.finish(closing)
    assert await drained(outbox) == [b"1", b"2", b"3"]
    assert outbox.closing == closing


async def test_take_waits_for_the_next_frame() -> None:
    outbox = Outbox()
    taking = asyncio.create_task(outbox.take())
    await asyncio.sleep(0)
    assert not taking.done()
    outbox.put(b"late")
    assert await taking == b"late"


async def test_the_latest_of_a_key_replaces_the_former_at_the_end_of_the_queue() -> None:
    outbox = Outbox()
    for frame, key in ((b"s1", "speakers"), (b"e1", ""), (b"s2", "speakers"), (b"q1", "quality:a")):
        assert outbox.put(frame, key)
    outbox.finish()
    assert await drained(outbox) == [b"e1", b"s2", b"q1"]


async def test_a_key_starts_anew_once_its_frame_has_left() -> None:
    outbox = Outbox()
    outbox.put(b"s1", "speakers")
    assert await outbox.take() == b"s1"
    outbox.put(b"s2", "speakers")
    outbox.finish()
    assert await drained(outbox) == [b"s2"]


async def test_what_does_not_fit_is_not_taken() -> None:
    by_count = Outbox(frames_max=2, bytes_max=100)
    assert by_count.put(b"1")
    assert by_count.put(b"2")
    assert not by_count.put(b"3")
    by_size = Outbox(frames_max=10, bytes_max=10)
    assert by_size.put(b"12345678")
    assert not by_size.put(b"901")
    assert by_size.put(b"90")


async def test_one_frame_of_any_size_fits_an_empty_outbox() -> None:
    """A snapshot of a large room must not make a fresh client a slow one."""
    outbox = Outbox(frames_max=2, bytes_max=10)
    assert outbox.put(b"x" * 1_000)
    assert not outbox.put(b"y")


async def test_dropping_leaves_only_the_last_word() -> None:
    outbox = Outbox()
    outbox.put(b"1")
    outbox.put(b"2", "key")
    outbox.finish(Closing(code=Code.SLOW_CONSUMER), drop=True)
    outbox.put(b"3")
    assert await drained(outbox) == []
    assert (len(outbox), outbox.size_bytes) == (0, 0)
    assert outbox.closing == Closing(code=Code.SLOW_CONSUMER)


async def test_only_the_first_end_counts() -> None:
    outbox = Outbox()
    ended: list[int] = []
    outbox.on_finish(lambda: ended.append(1))
    outbox.finish(Closing(code=Code.REMOVED))
    outbox.finish(Closing(code=Code.MOVED))
    assert outbox.closing == Closing(code=Code.REMOVED)
    assert ended == [1]


async def test_whoever_listens_late_hears_of_the_end() -> None:
    outbox = Outbox()
    outbox.finish()
    ended: list[int] = []
    outbox.on_finish(lambda: ended.append(1))
    assert ended == [1]


async def test_replacing_a_key_for_ever_takes_no_memory() -> None:
    """A stuck client, and a speaker who changes all the time."""
    outbox = Outbox(frames_max=8)
    for number in range(10_000):
        assert outbox.put(str(number).encode(), "speakers")
    assert len(outbox) == 1
    assert len(outbox._entries) <= 16


@given(st.lists(st.tuples(st.binary(max_size=20), st.sampled_from(["", "", "a", "b"])), max_size=60))
async def test_bounds_and_counts_hold_whatever_is_put(puts: list[tuple[bytes, str]]) -> None:
    outbox = Outbox(frames_max=5, bytes_max=40)
    taken: list[bytes] = []
    for frame, key in puts:
        if not outbox.put(frame, key):
            first = await outbox.take()
            assert first is not None
            taken.append(first)
        assert len(outbox) <= 5
        assert outbox.size_bytes <= 40
    waiting = len(outbox)
    outbox.finish()
    assert len(await drained(outbox)) == waiting
    assert (len(outbox), outbox.size_bytes) == (0, 0)
