"""Two nodes serve one park: who connects to either reaches the room, on Valkey and on Redis 7.

A node that does not own a room opens a link to the one that does; here the link carries just enough of a protocol to
see that the rooms' half of it works: the owner seats the caller and sends every event down the link.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import msgspec
import pytest

from rooms.core.codes import Code
from rooms.core.commands import AnyCommand, Remove, SendChat, SetTracks
from rooms.core.events import AnyEvent
from rooms.core.events_apply import apply
from rooms.core.model import Grant, Presence, Role, RoomView, Source, Track
from rooms.core.outcomes import DONE
from rooms.core.state import RoomState
from rooms.live import HostedRoom
from rooms.ports import BusLink, Delivery, OwnedElsewhere, Seated
from rooms.store.bus import RedisBus
from rooms.store.keys import Keys
from rooms.store.link import Link
from tests.support.hosting import RECORD, Host, Person, hosting
from tests.support.redis_servers import RedisServer
from tests.support.waiting import until, until_true

BEAT_MS = 50
DEAD_MS = 1_500


class Down(msgspec.Struct, tag_field="type", tag=True):
    """From the owner to the caller's node."""


class Snapshot(Down):
    seat: str
    resume: str
    resumed: bool
    room: RoomView


class Happened(Down):
    seq: int
    event: AnyEvent


class Over(Down):
    code: Code


class Hello(msgspec.Struct):
    grant: Grant
    resume: str


@dataclass
class Distant:
    """At the owner: one who listens over a link."""

    link: BusLink
    frames: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)

    def deliver(self, delivery: Delivery) -> None:
        self.frames.put_nowait(msgspec.json.encode(Happened(delivery.seq, delivery.event)))

    def admitted(self, seated: Seated) -> None:
        self.frames.put_nowait(
            msgspec.json.encode(Snapshot(seated.participant_id, seated.resume, seated.resumed, seated.snapshot))
        )

    def closed(self, code: Code) -> None:
        self.frames.put_nowait(msgspec.json.encode(Over(code)))

    async def pump(self) -> None:
        while True:
            await self.link.send(await self.frames.get())

    __hash__ = object.__hash__


@dataclass
class Caller:
    """At the other node: a client's copy of the room."""

    view: RoomView | None = None
    seat: str = ""
    resume: str = ""
    resumed: bool = False
    over: Code | None = None
    lost: Code | None = None

    def hear(self, frame: bytes) -> None:
        heard: Snapshot | Happened | Over = msgspec.json.decode(frame, type=Snapshot | Happened | Over)
        match heard:
            case Snapshot(seat, resume, resumed, room):
                self.view, self.seat, self.resume, self.resumed = room, seat, resume, resumed
            case Happened(seq, event):
                assert self.view is not None
                if seq > self.view.seq:
                    apply(self.view, seq, event)
            case Over(code):
                self.over = code

    def lose(self, code: Code) -> None:
        self.lost = code


@dataclass
class Node:
    host: Host
    bus: RedisBus
    pumps: list[asyncio.Task[None]] = field(default_factory=list)

    async def accept(self, link: BusLink, hello: bytes) -> tuple[Callable[[bytes], None], Callable[[Code], None]]:
        asked = msgspec.json.decode(hello, type=Hello)
        room = await self.host.manager.open(RECORD)
        listener = Distant(link)
        seated = await room.join(asked.grant, asked.resume, listener)
        assert isinstance(seated, Seated)
        listener.admitted(seated)
        self.pumps.append(asyncio.ensure_future(listener.pump()))

        def ask(frame: bytes) -> None:
            command: AnyCommand = msgspec.json.decode(frame, type=SendChat | SetTracks)
            self.pumps.append(asyncio.ensure_future(_ask(room, command)))

        return ask, lambda _: room.detach(listener)

    async def enter(self, name: str, resume: str = "") -> tuple[Caller, Link]:
        """As a session of this node does for a room that another node owns."""
        with pytest.raises(OwnedElsewhere) as elsewhere:
            await self.host.manager.open(RECORD)
        caller = Caller()
        hello = msgspec.json.encode(Hello(Grant(f"id-{name}", name, Role.PARTICIPANT), resume))
        link = await self.bus.open_link(elsewhere.value.node, "seat", hello, caller.hear, caller.lose)
        await until(lambda: caller.view is not None)
        return caller, link


async def _ask(room: HostedRoom, command: AnyCommand) -> None:
    assert await room.ask(command) == DONE


@pytest.fixture(params=["valkey", "debian_redis"])
def server(request: pytest.FixtureRequest) -> RedisServer:
    server: RedisServer = request.getfixturevalue(request.param)
    return server


@pytest.fixture
async def nodes(server: RedisServer) -> AsyncIterator[tuple[Node, Node]]:
    keys = Keys(f"test-{secrets.token_hex(6)}:")
    async with hosting(server.url, keys, "one") as first, hosting(server.url, keys, "two") as second:
        made = []
        for name, host in (("one", first), ("two", second)):
            bus = RedisBus(name, server.url, keys, BEAT_MS, DEAD_MS)
            node = Node(host, bus)
            bus.accept_links("seat", node.accept)
            await bus.start()
            made.append(node)
        yield made[0], made[1]
        for node in made:
            await node.bus.close()
            for pump in node.pumps:
                pump.cancel()
            await asyncio.gather(*node.pumps, return_exceptions=True)


async def test_people_on_both_nodes_share_one_room(nodes: tuple[Node, Node]) -> None:
    one, two = nodes
    room = await one.host.manager.open(RECORD)
    ann = Person("Ann", Role.HOST)
    await ann.join(room)
    bo, link = await two.enter("Bo")
    await link.send(msgspec.json.encode(SetTracks(bo.seat, (Track("cam", Source.CAMERA, "VP8"),))))
    await link.send(msgspec.json.encode(SendChat(bo.seat, "from the other side", "n1", "m1")))
    await until(lambda: bo.view == ann.view == room.view and len(room.view.chat) == 1)
    await room.ask(Remove(ann.seat, bo.seat))
    await until(lambda: bo.over is Code.REMOVED)


async def test_a_seat_is_resumed_through_the_other_node(nodes: tuple[Node, Node]) -> None:
    one, two = nodes
    room = await one.host.manager.open(RECORD)
    ann = Person("Ann", Role.HOST)
    await ann.join(room)
    bo, link = await two.enter("Bo")
    await link.close(Code.IDLE)
    await until(lambda: room.view.participants[bo.seat].presence is Presence.AWAY)
    again, _ = await two.enter("Bo", bo.resume)
    assert (again.seat, again.resumed) == (bo.seat, True)
    # And the other way round: who sat at the owner comes back through the other node.
    room.detach(ann)
    back, _ = await two.enter("Ann", ann.resume)
    assert (back.seat, back.resumed) == (ann.seat, True)


async def test_when_the_owner_dies_its_links_end_and_the_room_lives_on_elsewhere(nodes: tuple[Node, Node]) -> None:
    one, two = nodes
    room = await one.host.manager.open(RECORD)
    ann = Person("Ann", Role.HOST)
    await ann.join(room)
    bo, _ = await two.enter("Bo")

    async def stored() -> bool:  # all of it, not only on its way: what is on its way dies with the node
        kept = await one.host.snapshots.load(RECORD.id)
        return kept is not None and _timeless(kept) == _timeless(room.dump())

    await until_true(stored)
    # As good as killed: no beat, no renewal, no word.
    await one.bus._tasks.close()
    await one.host.manager._tasks.close()
    await until(lambda: bo.lost is Code.UNAVAILABLE)
    async with one.host.store.client() as redis:  # rather than wait for the ten seconds of the lease
        await redis.delete(*[key async for key in redis.scan_iter("*:lease")])
    moved = await two.host.manager.open(RECORD)
    again = Person("Bo")
    await again.join(moved, bo.resume)
    assert (again.seat, again.resumed) == (bo.seat, True)
    assert ann.seat in moved.view.participants


def _timeless(stored: bytes) -> RoomState:
    """A room's clock goes on with every tick, which is no reason to store it anew."""
    state = msgspec.msgpack.decode(stored, type=RoomState)
    state.now_ms = 0
    return state


async def test_a_crowd_through_links_keeps_up(nodes: tuple[Node, Node]) -> None:
    one, two = nodes
    room = await one.host.manager.open(RECORD)
    await Person("Host", Role.HOST).join(room)
    callers = [await two.enter(f"caller-{number}") for number in range(20)]
    for line in range(10):
        for caller, link in callers:
            await link.send(
                msgspec.json.encode(SendChat(caller.seat, f"line {line}", f"n{line}", f"{caller.seat}-{line}"))
            )
    await until(lambda: len(room.view.chat) == 200)
    await until(lambda: all(caller.view == room.view.for_role(Role.PARTICIPANT) for caller, _ in callers))
