"""Two nodes, one Redis, one park: whoever connects to either reaches the room."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest

from rooms.core.codes import Code
from rooms.core.model import Role
from rooms.store.keys import NODE_KEPT_MS
from signaling import messages
from tests.support.redis_servers import RedisServer
from tests.support.wire import ROOM, Client, Door, Node, eventually, now_ms, running_node


@dataclass
class Park:
    """The room lives on `owner`, where the host is; others come to `edge`."""

    owner: Node
    edge: Node
    host: Client


@pytest.fixture
async def park(valkey: RedisServer) -> AsyncIterator[Park]:
    door, prefix = Door(), f"test-{uuid.uuid4().hex}:"
    for token, role in (("host", Role.HOST), ("ann", Role.PARTICIPANT), ("ben", Role.GUEST)):
        door.add_person(token, role)
    async with AsyncExitStack() as stack:
        owner = await stack.enter_async_context(running_node(valkey.url, name="owner", prefix=prefix, door=door))
        edge = await stack.enter_async_context(running_node(valkey.url, name="edge", prefix=prefix, door=door))
        host = await owner.enter("host")
        yield Park(owner, edge, host)


async def test_a_client_of_another_node_is_in_the_same_room(park: Park) -> None:
    ann = await park.edge.enter("ann")
    assert set(ann.joined["room"]["participants"]) == {park.host.me, ann.me}
    assert (await park.host.event("participant_joined"))["participant"]["name"] == "Ann"
    assert (await ann.request("send_chat", text="from afar", nonce="1"))["type"] == "ok"
    assert (await park.host.event("chat_sent"))["message"]["text"] == "from afar"
    await park.host.request("send_chat", text="and back", nonce="2")
    assert (await ann.until(lambda found: found.get("event", {}).get("message", {}).get("text") == "and back"))["seq"]


async def test_media_are_negotiated_with_the_owner(park: Park) -> None:
    ann = await park.edge.enter("ann")
    assert (await ann.message("offer"))["revision"] == 1
    published = await ann.request("publish", sdp="v=0", media=[{"mid": "0", "source": "camera"}])
    assert published["type"] == "published"
    assert (await park.host.event("tracks_changed"))["participant_id"] == ann.me
    assert ("attach", ann.me) in park.owner.media.calls
    assert park.edge.media.calls == []


async def test_one_flight_works_across_nodes(park: Park) -> None:
    client = await park.edge.connect()
    await client.send("hello", protocol=1, token="ann")
    join = await client.send("join", room=ROOM.code)
    publish = await client.send("publish", sdp="v=0", media=[{"mid": "0", "source": "microphone"}])
    chat = await client.send("send_chat", text="hi", nonce="1")
    assert (await client.reply_to(join))["type"] == "joined"
    assert (await client.reply_to(publish))["type"] == "published"
    assert (await client.reply_to(chat))["type"] == "ok"


async def test_a_refused_join_leaves_the_connection_to_ask_again(park: Park) -> None:
    await park.host.request("set_locked", locked=True)
    client = await park.edge.connect()
    await client.hello("ben")
    assert (await client.join())["code"] == "room_locked"
    await park.host.request("set_locked", locked=False)
    assert (await client.join())["type"] == "joined"


async def test_the_lobby_works_across_nodes(park: Park) -> None:
    await park.host.request("set_lobby", enabled=True)
    client = await park.edge.connect()
    await client.hello("ben")
    join = await client.send("join", room=ROOM.code)
    waiting = await client.reply_to(join)
    assert waiting["type"] == "waiting"
    assert (await client.request("send_chat", text="hi", nonce="1"))["code"] == "wrong_state"
    await park.host.request("admit", entry_id=waiting["entry_id"])
    assert (await client.reply_to(join))["type"] == "joined"


async def test_permissions_hold_across_nodes(park: Park) -> None:
    ben = await park.edge.enter("ben")
    assert (await ben.request("end"))["code"] == "forbidden"
    assert (await ben.request("remove", participant_id=park.host.me))["code"] == "forbidden"


async def test_who_is_removed_is_closed_across_nodes(park: Park) -> None:
    ben = await park.edge.enter("ben")
    await park.host.request("remove", participant_id=ben.me)
    assert await ben.end() == "removed"
    again = await park.edge.connect()
    await again.hello("ben")
    assert (await again.join())["code"] == "removed"


async def test_leaving_across_nodes(park: Park) -> None:
    ann = await park.edge.enter("ann")
    assert (await ann.request("leave"))["type"] == "ok"
    assert (await park.host.event("participant_left"))["reason"] == "left"
    assert await ann.end() == ""
    assert ann.close_code == 1000


async def test_a_lost_socket_keeps_the_seat_and_either_node_resumes_it(park: Park) -> None:
    ann = await park.edge.enter("ann")
    await ann.ws.close()
    assert (await park.host.event("presence_changed"))["presence"] == "away"
    on_owner = await park.owner.enter("ann", resume=ann.joined["resume"])
    assert (on_owner.me, on_owner.joined["resumed"]) == (ann.me, True)
    on_edge = await park.edge.enter("ann", resume=on_owner.joined["resume"])
    assert (on_edge.me, on_edge.joined["resumed"]) == (ann.me, True)
    assert await on_owner.end() == "replaced"


async def test_bad_messages_close_only_the_one_who_sent_them(park: Park) -> None:
    ann, ben = await park.edge.enter("ann"), await park.edge.enter("ben")
    await ann.ws.send_str("not JSON")
    assert await ann.end() == "bad_message"
    assert (await ben.request("send_chat", text="still here", nonce="1"))["type"] == "ok"


async def test_a_frame_too_large_ends_at_the_edge(park: Park) -> None:
    ann = await park.edge.enter("ann")
    await ann.ws.send_str(json.dumps({"type": "ping", "id": 1, "sent_at_ms": 0}) + " " * messages.FRAME_MAX_BYTES)
    await ann.end()
    assert ann.close_code == 1009


async def test_a_flood_is_closed(park: Park) -> None:
    ann = await park.edge.enter("ann")
    await ann.flood(1_500)
    assert await ann.end() == "rate_limited"


async def test_signing_out_everywhere_frees_the_seat_across_nodes(park: Park) -> None:
    ann = await park.edge.enter("ann")
    assert park.edge.edge.close_identity("id-ann", Code.UNAUTHENTICATED) == 1
    assert await ann.end() == "unauthenticated"
    assert (await park.host.event("participant_left"))["participant_id"] == ann.me


async def test_an_identity_that_runs_out_ends_across_nodes(park: Park) -> None:
    park.edge.door.add_person("brief", Role.GUEST, expires_at_ms=now_ms() + 500)
    brief = await park.edge.enter("brief")
    assert await brief.end() == "expired"
    assert (await park.host.event("participant_left"))["participant_id"] == brief.me


async def test_a_link_that_dies_sends_the_client_back_to_its_seat(park: Park) -> None:
    ann = await park.edge.enter("ann")
    for link in list(park.edge.bus._links.values()):
        link.break_off("cut by the test")
    assert await ann.end() == "unavailable"
    assert ann.close_code == 1013
    assert (await park.host.event("presence_changed"))["presence"] == "away"
    back = await park.edge.enter("ann", resume=ann.joined["resume"])
    assert (back.me, back.joined["resumed"]) == (ann.me, True)


async def test_a_drained_edge_sends_its_clients_elsewhere_and_seats_are_kept(park: Park) -> None:
    ann = await park.edge.enter("ann")
    draining = asyncio.create_task(park.edge.edge.drain())
    assert await ann.end() == "moved"
    await draining
    back = await park.owner.enter("ann", resume=ann.joined["resume"])
    assert (back.me, back.joined["resumed"]) == (ann.me, True)


async def test_a_room_goes_on_at_the_edge_when_its_owner_goes_down(valkey: RedisServer) -> None:
    door, prefix = Door(), f"test-{uuid.uuid4().hex}:"
    for token, role in (("host", Role.HOST), ("ann", Role.PARTICIPANT)):
        door.add_person(token, role)
    async with running_node(valkey.url, name="edge", prefix=prefix, door=door) as edge:
        async with running_node(valkey.url, name="owner", prefix=prefix, door=door) as owner:
            host = await owner.enter("host")
            ann = await edge.enter("ann")
            await ann.request("raise_hand", raised=True)
        assert await ann.end() in ("moved", "unavailable")
        back = await edge.enter("ann", resume=ann.joined["resume"])
        assert (back.me, back.joined["resumed"]) == (ann.me, True)
        assert back.joined["room"]["participants"][ann.me]["hand_raised_at_ms"] > 0
        assert back.joined["room"]["participants"][host.me]["presence"] == "away"
        assert ("attach", ann.me) in edge.media.calls


async def test_an_owner_that_is_gone_without_a_word(park: Park) -> None:
    """Its lease still stands; who wants in is told to come back later rather than left waiting."""
    await park.owner.bus.close()
    client = await park.edge.connect()
    await client.hello("ann")
    refused = await client.join()
    assert (refused["type"], refused["code"]) == ("error", "unavailable")
    assert refused["retry_after_ms"] > 0
    assert NODE_KEPT_MS <= 15_000  # after that the lease has run out


async def test_many_relayed_clients_leave_nothing_behind(park: Park) -> None:
    for _ in range(20):
        ann = await park.edge.enter("ann")
        await ann.request("leave")
        await ann.ws.close()
    await eventually(lambda: park.edge.edge.connections == 0)
    await eventually(lambda: not park.edge.bus._links and not park.owner.bus._links)
