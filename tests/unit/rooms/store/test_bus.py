"""Two nodes on one real Valkey."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from rooms.core.codes import Code
from rooms.ports import BusLink, RemoteRefused
from rooms.store.bus import RedisBus
from rooms.store.frames import CALL_MAX_BYTES, LINK_FRAME_MAX_BYTES
from rooms.store.keys import Keys
from rooms.store.link import WINDOW_FRAMES, Link, LinkState
from tests.support.redis_servers import RedisServer
from tests.support.redis_wire import RedisWire
from tests.support.waiting import until, until_true

BEAT_MS = 50
DEAD_MS = 1_500  # far beyond what a loaded machine holds up a frame


class Echo:
    """Accepts links and sends every frame back."""

    def __init__(self) -> None:
        self.links: list[BusLink] = []
        self.hellos: list[bytes] = []
        self.frames: list[bytes] = []
        self.closed: list[Code] = []

    async def accept(self, link: BusLink, hello: bytes) -> tuple[Callable[[bytes], None], Callable[[Code], None]]:
        if hello == b"refuse me":
            raise RemoteRefused(Code.FORBIDDEN)
        self.links.append(link)
        self.hellos.append(hello)
        return self.frames.append, self.closed.append


class Ear:
    """The opener's side of a link."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.closed: list[Code] = []


@pytest.fixture
async def nodes(valkey: RedisServer, keys: Keys) -> AsyncIterator[tuple[RedisBus, RedisBus]]:
    buses = RedisBus("one", valkey.url, keys, BEAT_MS, DEAD_MS), RedisBus("two", valkey.url, keys, BEAT_MS, DEAD_MS)
    for bus in buses:
        await bus.start()
    yield buses
    for bus in buses:
        await bus.close()


async def open_link(bus: RedisBus, ear: Ear, hello: bytes = b"hello", node: str = "two") -> Link:
    return await bus.open_link(node, "echo", hello, ear.frames.append, ear.closed.append)


async def open_again(bus: RedisBus) -> Link:
    """As clients do after an outage: try until it works."""
    async with asyncio.timeout(15):
        while True:
            try:
                return await open_link(bus, Ear())
            except RemoteRefused:
                await asyncio.sleep(0.02)


async def test_a_call_is_answered_by_the_other_node(nodes: tuple[RedisBus, RedisBus]) -> None:
    one, two = nodes

    async def shout(payload: bytes) -> bytes:
        return payload.upper()

    two.serve("shout", shout)
    assert await one.call("two", "shout", b"hello", 2_000) == b"HELLO"


async def test_calls_fail_with_a_code_or_a_timeout(nodes: tuple[RedisBus, RedisBus]) -> None:
    one, two = nodes
    stuck = asyncio.Event()

    async def refuse(_: bytes) -> bytes:
        raise RemoteRefused(Code.ROOM_FULL)

    async def fail(_: bytes) -> bytes:
        raise ValueError("ours")

    async def wait(_: bytes) -> bytes:
        await stuck.wait()
        return b""

    async def too_much(_: bytes) -> bytes:
        return bytes(CALL_MAX_BYTES + 1)

    for method, handler in {"refuse": refuse, "fail": fail, "wait": wait, "too_much": too_much}.items():
        two.serve(method, handler)
    expected = {
        "refuse": Code.ROOM_FULL,
        "fail": Code.INTERNAL,
        "unknown": Code.NOT_FOUND,
        "too_much": Code.TOO_LARGE,
    }
    for method, code in expected.items():
        with pytest.raises(RemoteRefused) as refused:
            await one.call("two", method, b"", 2_000)
        assert refused.value.code is code
    with pytest.raises(TimeoutError):
        await one.call("two", "wait", b"", 50)
    with pytest.raises(RemoteRefused) as refused:
        await one.call("nowhere", "refuse", b"", 2_000)
    assert refused.value.code is Code.UNAVAILABLE
    with pytest.raises(RemoteRefused) as refused:
        await one.call("two", "refuse", bytes(CALL_MAX_BYTES + 1), 2_000)
    assert refused.value.code is Code.TOO_LARGE


async def test_a_link_keeps_the_order_of_frames_both_ways(nodes: tuple[RedisBus, RedisBus]) -> None:
    one, two = nodes
    echo, ear = Echo(), Ear()
    two.accept_links("echo", echo.accept)
    link = await open_link(one, ear, b"who I am")
    assert echo.hellos == [b"who I am"]
    numbers = [str(number).encode() for number in range(4 * WINDOW_FRAMES)]  # far beyond one window
    for number in numbers:
        await link.send(number)
        await echo.links[0].send(number)
    await until(lambda: len(echo.frames) == len(numbers) and len(ear.frames) == len(numbers))
    assert echo.frames == ear.frames == numbers


async def test_large_frames_pass_and_too_large_ones_are_refused(nodes: tuple[RedisBus, RedisBus]) -> None:
    one, two = nodes
    echo = Echo()
    two.accept_links("echo", echo.accept)
    link = await open_link(one, Ear())
    for _ in range(3):
        await link.send(bytes(LINK_FRAME_MAX_BYTES))
    await until(lambda: len(echo.frames) == 3)
    with pytest.raises(ValueError, match="bytes"):
        await link.send(bytes(LINK_FRAME_MAX_BYTES + 1))


async def test_who_does_not_want_a_link_says_why(nodes: tuple[RedisBus, RedisBus]) -> None:
    one, two = nodes
    two.accept_links("echo", Echo().accept)
    for node, kind, hello, code in (
        ("two", "echo", b"refuse me", Code.FORBIDDEN),
        ("two", "unknown", b"", Code.NOT_FOUND),
        ("nowhere", "echo", b"", Code.UNAVAILABLE),
    ):
        with pytest.raises(RemoteRefused) as refused:
            await one.open_link(node, kind, hello, lambda _: None, lambda _: None)
        assert refused.value.code is code


@pytest.mark.parametrize("by_opener", [True, False])
async def test_closing_one_end_closes_the_other_with_its_code(
    nodes: tuple[RedisBus, RedisBus], by_opener: bool
) -> None:
    one, two = nodes
    echo, ear = Echo(), Ear()
    two.accept_links("echo", echo.accept)
    link = await open_link(one, ear)
    ends = (link, echo.links[0]) if by_opener else (echo.links[0], link)
    await ends[0].close(Code.REMOVED)
    heard, silent = (echo.closed, ear.closed) if by_opener else (ear.closed, echo.closed)
    await until(lambda: heard == [Code.REMOVED])
    assert silent == []
    for end in ends:
        with pytest.raises(RemoteRefused):
            await end.send(b"too late")


async def test_a_node_that_closes_lets_its_links_go_as_moved(nodes: tuple[RedisBus, RedisBus]) -> None:
    one, two = nodes
    echo, ear = Echo(), Ear()
    two.accept_links("echo", echo.accept)
    await open_link(one, ear)
    await two.close()
    await until(lambda: ear.closed == [Code.MOVED])
    assert echo.closed == [Code.MOVED]


async def test_links_of_a_dead_node_are_closed(nodes: tuple[RedisBus, RedisBus]) -> None:
    one, two = nodes
    echo, ear = Echo(), Ear()
    two.accept_links("echo", echo.accept)
    await open_link(one, ear)
    await two._tasks.close()  # as dead as a process that was killed: nothing is said any more
    await until(lambda: ear.closed == [Code.UNAVAILABLE])


async def test_a_lost_frame_closes_the_link_even_when_nothing_follows(nodes: tuple[RedisBus, RedisBus]) -> None:
    one, two = nodes
    echo, ear = Echo(), Ear()
    two.accept_links("echo", echo.accept)
    link = await open_link(one, ear)
    link._sent += 1  # a frame that the bus swallowed
    await until(lambda: echo.closed == [Code.UNAVAILABLE])
    await until(lambda: ear.closed == [Code.UNAVAILABLE])


async def test_a_node_can_link_to_itself(nodes: tuple[RedisBus, RedisBus]) -> None:
    one, _ = nodes
    echo, ear = Echo(), Ear()
    one.accept_links("echo", echo.accept)
    link = await open_link(one, ear, node="one")
    await link.send(b"there")
    await echo.links[0].send(b"back")
    await until(lambda: echo.frames == [b"there"] and ear.frames == [b"back"])


async def test_links_end_when_redis_ends_and_new_ones_work_when_it_is_back(own_redis: RedisServer, keys: Keys) -> None:
    one = RedisBus("one", own_redis.url, keys, BEAT_MS, DEAD_MS)
    two = RedisBus("two", own_redis.url, keys, BEAT_MS, DEAD_MS)
    echo, ear = Echo(), Ear()
    two.accept_links("echo", echo.accept)
    await one.start()
    await two.start()
    link = await open_link(one, ear)
    await asyncio.to_thread(own_redis.stop)
    await until(lambda: ear.closed == [Code.UNAVAILABLE] and echo.closed == [Code.UNAVAILABLE])
    assert link.state is LinkState.CLOSED
    with pytest.raises(RemoteRefused):
        await open_link(one, Ear())
    await asyncio.to_thread(own_redis.start)
    second = await open_again(one)
    await second.send(b"again")
    await until(lambda: echo.frames == [b"again"])
    await one.close()
    await two.close()


async def test_starting_without_redis_is_not_an_error(
    own_redis: RedisServer, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asyncio.to_thread(own_redis.stop)
    monkeypatch.setattr("rooms.store.bus.SUBSCRIBE_TIMEOUT_MS", 50)
    bus = RedisBus("one", own_redis.url, keys, BEAT_MS, DEAD_MS)
    await bus.start()
    await asyncio.to_thread(own_redis.start)
    await until(bus._subscribed.is_set)
    await bus.close()


async def test_a_loop_that_stood_still_takes_nobody_for_dead(nodes: tuple[RedisBus, RedisBus]) -> None:
    one, two = nodes
    echo, ear = Echo(), Ear()
    two.accept_links("echo", echo.accept)
    link = await open_link(one, ear)
    end = time.monotonic() + 1.2 * DEAD_MS / 1_000
    while time.monotonic() < end:
        pass
    await link.send(b"still here")
    await until(lambda: echo.frames == [b"still here"])
    assert ear.closed == echo.closed == []


async def test_a_redis_that_hangs_ends_the_links_and_is_used_again_when_it_answers(
    own_redis: RedisServer, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.store.connection.ANSWER_TIMEOUT_MS", 100)
    monkeypatch.setattr("rooms.store.bus.SUBSCRIBE_TIMEOUT_MS", 200)
    one = RedisBus("one", own_redis.url, keys, BEAT_MS, DEAD_MS)
    two = RedisBus("two", own_redis.url, keys, BEAT_MS, DEAD_MS)
    echo, ear = Echo(), Ear()
    two.accept_links("echo", echo.accept)
    await one.start()
    await two.start()
    await open_link(one, ear)
    os.kill(own_redis.pid, signal.SIGSTOP)
    try:
        await until(lambda: ear.closed == echo.closed == [Code.UNAVAILABLE])
    finally:
        os.kill(own_redis.pid, signal.SIGCONT)
    await (await open_again(one)).send(b"again")
    await until(lambda: echo.frames == [b"again"])
    await one.close()
    await two.close()


async def test_a_subscription_that_went_dead_without_being_cut_is_made_anew(
    valkey: RedisServer, keys: Keys, tmp_path: Path
) -> None:
    wire = RedisWire(valkey.path, tmp_path / "wire.sock")
    await wire.start()
    bus = RedisBus("one", wire.url, keys, BEAT_MS, 300)
    await bus.start()
    await until(lambda: wire.connections == 2)  # one to publish, one to listen
    wire.fall_silent()
    await until(lambda: not bus._subscribed.is_set())
    await until(bus._subscribed.is_set)
    assert wire.connections >= 3

    async def answer(payload: bytes) -> bytes:
        return payload

    bus.serve("echo", answer)

    async def answers() -> bool:
        try:
            return await bus.call("one", "echo", b"hello", 1_000) == b"hello"
        except (RemoteRefused, TimeoutError):
            return False

    await until_true(answers)
    await bus.close()
    await wire.close()
