"""No right outlives its grant: with it, media and data end at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from collab.meetings.models import TokenKind
from rooms.core.commands import End
from rooms.core.model import Grant, Role
from rooms.keeper import Timing
from signaling.ports import Admission
from signaling.sfu.plane import SfuPlane
from signaling.streams import Open, StreamKind, Streams
from tests.support.live_park import LivePark, Stream, WireSeat, open_live_park, until
from tests.support.redis_servers import RedisServer
from tests.support.rtc_client import StreamClient
from tests.support.stream_node import running_stream_node
from tests.support.wire import ROOM

STOPS_WITHIN_S = 0.5
TICK_S = Timing().tick_every_ms / 1_000  # how often a room looks for grants that ran out
EXPIRES_IN_MS = 4_000  # time enough to connect on a busy machine


@pytest.fixture
async def live(tmp_path: Path, valkey: RedisServer) -> AsyncIterator[LivePark]:
    async with open_live_park(tmp_path / "data", f"{valkey.url}?db=6") as opened:
        yield opened


Receiver = Stream | WireSeat


async def flows_to(*receivers: Receiver) -> None:
    """Everyone gets more than what connecting alone brings."""
    before = [receiver.packets for receiver in receivers]
    await until(lambda: all(one.packets >= had + 25 for one, had in zip(receivers, before, strict=True)))


async def stops_at(cut: Receiver, witness: Receiver, reports: int = 0) -> None:
    """From half a second after this moment on `cut` gets nothing, while `witness` goes on getting fifty packets a
    second: what is waited for are its packets, not a time.  `reports`: of RTCP, where the connection itself stays."""
    begin = time.monotonic()
    await until(lambda: time.monotonic() - begin >= STOPS_WITHIN_S and witness.packets > 0)
    had = cut.packets
    await flows_to(witness)
    assert cut.packets <= had + reports


async def within(limit_s: float, holds: Callable[[], bool]) -> None:
    begin = time.monotonic()
    await until(holds)
    assert time.monotonic() - begin <= limit_s


# ---------------------------------------------------------------- removal


async def test_who_is_removed_gets_no_packet_and_no_message_any_more(live: LivePark) -> None:
    """Both ends of it: nothing goes to the removed seat, nothing comes from it."""
    await live.stream("whip", await live.token(subscribe=False))
    removed, stays = await live.seat(await live.guest_token("Eve")), await live.seat(await live.guest_token("Ann"))
    await removed.open_data()
    await stays.open_data()
    await flows_to(removed, stays)
    stays.channel.send(b"note\0hello")
    await until(lambda: bool(removed.data))
    removed.data.clear()

    assert (await live.remove(removed.id))["type"] == "ok"
    removed.channel.send(b"note\0from the removed")
    stays.channel.send(b"note\0to those who stayed")

    await stops_at(removed, stays)
    assert removed.data == stays.data == []
    await removed.over.wait()
    assert removed.closing == "removed"
    assert await live.transports() == 1 + 1 + 2  # host, camera, and the two of who stayed


async def test_a_removed_camera_is_seen_by_nobody_any_more(live: LivePark) -> None:
    """Two cameras, each watched by one seat: with the one camera its watcher's packets end, the other's go on."""
    for name in ("Bad", "Good"):
        await live.stream("whip", await live.token(subscribe=False, name=name))
    watcher, witness = await live.seat(await live.guest_token("Ann")), await live.seat(await live.guest_token("Ben"))
    tracks = live.tracks()
    for seat, name in ((watcher, "Bad"), (witness, "Good")):
        await seat.ask("subscribe", wants=[{"track_id": key, "visible": name == of} for of, key in tracks.items()])
    await flows_to(watcher, witness)
    bad = next(seat for seat, name in live.people().items() if name == "Bad")

    assert (await live.remove(bad))["type"] == "ok"

    await stops_at(watcher, witness, reports=5)
    assert await live.transports() == 4  # the host's, the good camera's, and of those who watch


async def test_the_end_of_a_meeting_cuts_everybody(live: LivePark) -> None:
    camera = await live.stream("whip", await live.token(subscribe=False))
    viewer, seat = await live.stream("whep", await live.token(publish=False)), await live.seat(await live.guest_token())
    await seat.open_data()
    await flows_to(viewer, seat)

    assert (await live.socket.ask("end"))["type"] == "ok"

    assert await live.transports() == 0
    await within(STOPS_WITHIN_S, seat.over.is_set)
    assert seat.closing == "room_ended"
    await camera.client.until_state("closed", "failed")
    await viewer.client.until_state("closed", "failed")
    had = viewer.packets, seat.packets
    for kind in ("whip", "whep"):
        assert (await live.post(kind, await live.token(), "v=0")).code == "room_ended"
    again = await live.connect()
    await again.hello(await live.token())
    assert (await again.join(live.code))["code"] == "room_ended"
    assert (viewer.packets, seat.packets) == had


# ---------------------------------------------------------------- time


async def test_a_token_that_runs_out_ends_its_camera_its_viewer_and_its_seat(live: LivePark) -> None:
    await live.stream("whip", await live.token(subscribe=False, name="Stays"))
    witness = await live.stream("whep", await live.token(publish=False))
    begin = time.monotonic()
    tokens = [
        await live.token(subscribe=False, name="Short", expires_in_ms=EXPIRES_IN_MS),
        await live.token(publish=False, expires_in_ms=EXPIRES_IN_MS),
        await live.token(kind=TokenKind.GUEST, expires_in_ms=EXPIRES_IN_MS),
    ]
    made_s = time.monotonic() - begin
    camera, viewer = await live.stream("whip", tokens[0]), await live.stream("whep", tokens[1])
    seat = await live.seat(tokens[2])
    await flows_to(viewer, seat, witness)
    assert "Short" in live.people().values()

    await seat.over.wait()
    assert seat.closing == "expired"
    await camera.client.until_state("closed", "failed")
    await viewer.client.until_state("closed", "failed")
    lived_s = time.monotonic() - begin
    assert EXPIRES_IN_MS / 1_000 - made_s <= lived_s <= EXPIRES_IN_MS / 1_000 + TICK_S + STOPS_WITHIN_S + 1
    await stops_at(viewer, witness)
    assert await live.transports() == 3  # host, the camera that stays, its viewer
    assert sorted(live.people().values()) == ["Lin", "Stays"]

    # and what ran out opens no door again, nor the session that it had
    for kind, token in (("whip", tokens[0]), ("whep", tokens[1])):
        assert (await live.post(kind, token, "v=0")).code == "unauthenticated"
    late = await live.connect()
    assert (await late.hello(tokens[2]))["code"] == "unauthenticated"


async def test_coming_back_does_not_prolong_a_grant(live: LivePark) -> None:
    """A seat that is resumed has the end of its token, however often."""
    begin = time.monotonic()
    token = await live.token(kind=TokenKind.GUEST, expires_in_ms=2_000)
    resume = ""
    for _ in range(3):
        client = await live.connect()
        await client.hello(token)
        joined = await client.join(live.code, resume)
        assert (joined["type"], joined["resumed"]) == ("joined", bool(resume))
        resume = joined["resume"]
    assert await client.end() == "expired"
    assert time.monotonic() - begin < 2 + TICK_S + STOPS_WITHIN_S + 1
    await until(lambda: len(live.people()) == 1)


# ---------------------------------------------------------------- roles


async def test_an_office_that_was_taken_counts_from_the_next_message_on(live: LivePark) -> None:
    ann = await live.seat(await live.guest_token("Ann"))
    ben = await live.seat(await live.guest_token("Ben"))
    assert (await ann.ask("set_locked", locked=True))["code"] == "forbidden"
    assert (await live.socket.ask("set_role", participant_id=ann.id, role="co_host"))["type"] == "ok"
    assert (await ann.ask("mute_all"))["type"] == "ok"
    demote = live.socket.ask("set_role", participant_id=ann.id, role="participant")
    assert (await demote)["type"] == "ok"
    answers = await asyncio.gather(
        ann.ask("remove", participant_id=ben.id),
        ann.ask("set_lobby", enabled=True),
        ann.ask("set_role", participant_id=ann.id, role="co_host"),
        ann.ask("end"),
    )
    assert [answer.get("code") for answer in answers] == ["forbidden"] * 4
    assert len(live.people()) == 3


async def test_a_name_is_no_office(live: LivePark) -> None:
    """Whoever calls himself like the host, or comes first after the host has left, is a guest."""
    fake = await live.seat(await live.guest_token("Lin"))
    assert fake.joined["role"] == "guest"
    assert (await fake.ask("rename", name="Host"))["type"] == "ok"
    assert (await live.socket.ask("leave"))["type"] == "ok"
    assert (await fake.ask("end"))["code"] == "forbidden"
    assert (await fake.ask("set_role", participant_id=fake.id, role="host"))["code"] == "forbidden"


# ---------------------------------------------------------------- the account behind it


async def test_a_seat_ends_with_the_sign_in_that_took_it(live: LivePark) -> None:
    """Signing out of one browser ends what that browser holds, and nothing of the person's other ones."""
    other = live.park.browser()
    assert (await other.sign_in("lin@park.example")).status == 200
    elsewhere = await other.join(live.code)
    assert (await other.post("/api/sign-out")).status == 204
    assert (await elsewhere.until("closing"))["code"] == "unauthenticated"
    assert (await live.socket.ask("ping", sent_at_ms=0))["type"] == "pong"
    await until(lambda: len(live.people()) == 1)


async def test_seats_end_with_all_sign_ins(live: LivePark) -> None:
    assert (await live.host.post("/api/sign-out-everywhere")).status == 204
    closing = await live.socket.until("closing")
    assert closing["code"] == "unauthenticated"
    await until(lambda: live.people() == {})


# ---------------------------------------------------------------- between two steps


class Racing:
    """The media plane of a node; something happens in the moment before it takes a stream's seat."""

    def __init__(self, plane: SfuPlane, before: Callable[[], Awaitable[object]]) -> None:
        self._plane = plane
        self._before = before

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plane, name)

    async def ingest(self, *arguments: Any) -> object:
        await self._before()
        return await self._plane.ingest(*arguments)

    async def view(self, *arguments: Any) -> object:
        await self._before()
        return await self._plane.view(*arguments)


@pytest.mark.parametrize("kind", list(StreamKind))
async def test_who_is_gone_before_the_media_are_there_leaves_none_behind(valkey: RedisServer, kind: StreamKind) -> None:
    """The seat is lost between the join and the negotiation: whatever was opened for it then is closed again."""
    async with running_stream_node(valkey.url) as node, StreamClient() as client:
        room = await node.manager.open(ROOM)
        offer = await (client.offer_to_publish() if kind is StreamKind.WHIP else client.offer_to_view())
        media: Any = Racing(node.plane, lambda: room.ask(End("")))
        streams = Streams(node.manager, media)
        grant = Grant("id-camera", "Camera", Role.PARTICIPANT)
        reply = await streams.handle(Open(kind, Admission(ROOM, grant), b"digest", offer))
        assert reply.status in (403, 404, 409), reply
        assert node.media == (0, 0, 0, 0)
        assert streams.count == 0
        await streams.close()
