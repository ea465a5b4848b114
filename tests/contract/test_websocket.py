"""The protocol over real sockets: real rooms, real Redis, one node."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import WSMsgType, WSServerHandshakeError

from rooms.core.codes import Code
from rooms.core.model import Role
from signaling import messages
from signaling.connection import Connection
from signaling.limits import UNAUTHENTICATED_PER_ADDRESS_MAX
from signaling.services import Timing
from tests.support.redis_servers import RedisServer
from tests.support.wire import OTHER_ROOM, ROOM, Client, Node, eventually, now_ms, running_node


@pytest.fixture
async def node(valkey: RedisServer) -> AsyncIterator[Node]:
    async with running_node(valkey.url) as running:
        running.door.add_room(OTHER_ROOM)
        for token, role in (("host", Role.HOST), ("ann", Role.PARTICIPANT), ("ben", Role.GUEST)):
            running.door.add_person(token, role)
        yield running


# ---------------------------------------------------------------- the door


async def test_hello_is_answered_by_welcome(node: Node) -> None:
    client = await node.connect()
    welcome = await client.hello("ann")
    assert welcome["type"] == "welcome"
    assert (welcome["identity"], welcome["name"], welcome["node"]) == ("id-ann", "Ann", "node-a")
    assert welcome["protocol"] == messages.PROTOCOL_VERSION
    assert abs(welcome["server_time_ms"] - now_ms()) < 5_000


async def test_a_page_of_another_site_gets_no_socket(node: Node) -> None:
    """Cross-site WebSocket hijacking: the browser sends the cookie along, so the origin decides."""
    with pytest.raises(WSServerHandshakeError) as refusal:
        await node.connect(origin="https://evil.example", cookie="ann")
    assert refusal.value.status == 403


async def test_a_cookie_counts_only_with_an_origin(node: Node) -> None:
    page = await node.connect(cookie="ann")
    assert (await page.request("hello", protocol=1))["type"] == "welcome"
    program = await node.connect(origin=None, cookie="ann")
    refused = await program.request("hello", protocol=1)
    assert (refused["type"], refused["code"]) == ("error", "unauthenticated")
    assert await program.end() == "unauthenticated"


async def test_a_program_without_origin_comes_in_by_token(node: Node) -> None:
    program = await node.connect(origin=None)
    assert (await program.hello("ben"))["type"] == "welcome"


async def test_an_unknown_token_is_refused_and_the_socket_closed(node: Node) -> None:
    client = await node.connect()
    assert (await client.hello("nobody"))["code"] == "unauthenticated"
    assert await client.end() == "unauthenticated"
    assert client.close_code == 1008


async def test_another_protocol_version_is_told_so(node: Node) -> None:
    client = await node.connect()
    await client.send("hello", protocol=2, token="ann")
    assert await client.end() == "unsupported_protocol"


async def test_a_plain_get_is_no_socket(node: Node) -> None:
    async with node.http.get(node.url) as response:
        assert response.status == 426


async def test_strangers_from_one_address_are_bounded(node: Node) -> None:
    strangers = [await node.connect() for _ in range(UNAUTHENTICATED_PER_ADDRESS_MAX)]
    with pytest.raises(WSServerHandshakeError) as refusal:
        await node.connect()
    assert refusal.value.status == 429
    assert (await strangers[0].hello("ann"))["type"] == "welcome"
    assert (await (await node.connect()).hello("ben"))["type"] == "welcome"


async def test_a_socket_that_ends_while_the_doorkeeper_thinks_leaves_nothing(node: Node) -> None:
    node.door.open.clear()
    client = await node.connect()
    await client.send("hello", protocol=1, token="ann")
    await node.door.asked.wait()
    closing = asyncio.create_task(client.ws.close())
    await asyncio.sleep(0)
    node.door.open.set()
    await closing
    await eventually(lambda: node.edge.connections == 0)


async def test_a_stranger_who_says_nothing_is_closed(valkey: RedisServer) -> None:
    async with running_node(valkey.url, wire_timing=Timing(authenticate_within_ms=50)) as node:
        assert await (await node.connect()).end() == "idle"


async def test_a_doorkeeper_who_never_answers_does_not_keep_strangers(valkey: RedisServer) -> None:
    async with running_node(valkey.url, wire_timing=Timing(authenticate_within_ms=200)) as node:
        node.door.open.clear()
        client = await node.connect()
        await client.send("hello", protocol=1, token="ann")
        assert await client.end() == "idle"


# ---------------------------------------------------------------- in and out


async def test_join_gives_the_snapshot_and_the_offer_right_behind(node: Node) -> None:
    client = await node.connect()
    await client.hello("host")
    await client.send("join", room=ROOM.code)
    kinds = [(await client.until(lambda _: True))["type"] for _ in range(2)]
    assert kinds == ["joined", "offer"]


async def test_joined_says_who_one_is_and_what_one_may(node: Node) -> None:
    host = await node.enter("host")
    joined = host.joined
    assert joined["role"] == "host"
    assert joined["resumed"] is False
    assert joined["publish"] == ["microphone", "camera", "screen", "screen_audio"]
    assert joined["ice_servers"][0]["username"] == "id-host"
    assert list(joined["room"]["participants"]) == [host.me]
    assert joined["room"]["title"] == ROOM.title


async def test_hello_join_and_publish_in_one_flight(node: Node) -> None:
    client = await node.connect()
    await client.send("hello", protocol=1, token="ann")
    join = await client.send("join", room=ROOM.code)
    publish = await client.send("publish", sdp="v=0", media=[{"mid": "0", "source": "microphone"}])
    chat = await client.send("send_chat", text="hi", nonce="1")
    assert (await client.reply_to(join))["type"] == "joined"
    published = await client.reply_to(publish)
    assert published["type"] == "published"
    assert published["tracks"][0]["mid"] == "0"
    assert (await client.reply_to(chat))["type"] == "ok"


async def test_others_see_somebody_come_speak_and_go(node: Node) -> None:
    host = await node.enter("host")
    ann = await node.enter("ann")
    assert (await host.event("participant_joined"))["participant"]["id"] == ann.me
    await ann.request("publish", sdp="v=0", media=[{"mid": "0", "source": "microphone"}])
    changed = await host.event("tracks_changed")
    assert [track["source"] for track in changed["tracks"]] == ["microphone"]
    assert (await ann.request("leave"))["type"] == "ok"
    left = await host.event("participant_left")
    assert (left["participant_id"], left["reason"]) == (ann.me, "left")
    assert await ann.end() == ""
    assert ann.close_code == 1000


async def test_the_room_must_exist(node: Node) -> None:
    client = await node.connect()
    await client.hello("ann")
    assert (await client.join("no-such-room"))["code"] == "room_not_found"
    assert (await client.join())["type"] == "joined"


async def test_a_guest_token_opens_only_its_own_room(node: Node) -> None:
    node.door.add_person("bound", Role.GUEST, room_id=ROOM.id)
    client = await node.connect()
    await client.hello("bound")
    assert (await client.join(OTHER_ROOM.code))["code"] == "forbidden"
    assert (await client.join())["type"] == "joined"


async def test_an_ended_room_stays_shut(node: Node) -> None:
    host, ann = await node.enter("host"), await node.enter("ann")
    assert (await host.request("end"))["type"] == "ok"
    assert await host.end() == "room_ended"
    assert await ann.end() == "room_ended"
    assert await (await node.connect()).ws.close()
    again = await node.connect()
    await again.hello("ann")
    assert (await again.join())["code"] == "room_ended"


# ---------------------------------------------------------------- the lobby


@pytest.fixture
async def host_with_lobby(node: Node) -> Client:
    host = await node.enter("host")
    assert (await host.request("set_lobby", enabled=True))["type"] == "ok"
    return host


async def test_who_waits_hears_nothing_and_is_let_in(node: Node, host_with_lobby: Client) -> None:
    ben = await node.connect()
    await ben.hello("ben")
    join = await ben.send("join", room=ROOM.code)
    waiting = await ben.reply_to(join)
    assert waiting["type"] == "waiting"
    entry = (await host_with_lobby.event("lobby_asked"))["entry"]
    assert (entry["id"], entry["name"]) == (waiting["entry_id"], "Ben")
    await host_with_lobby.request("send_chat", text="secret", nonce="1")
    assert await ben.quiet() == []
    assert (await ben.request("send_chat", text="hi", nonce="1"))["code"] == "wrong_state"
    assert (await host_with_lobby.request("admit", entry_id=entry["id"]))["type"] == "ok"
    joined = await ben.reply_to(join)
    assert joined["type"] == "joined"
    assert joined["room"]["lobby"] == {}
    assert (await ben.message("offer"))["revision"] == 1


async def test_who_is_denied_is_told_and_closed(node: Node, host_with_lobby: Client) -> None:
    ben = await node.connect()
    await ben.hello("ben")
    waiting = await ben.join()
    await host_with_lobby.request("deny", entry_id=waiting["entry_id"])
    assert await ben.end() == "denied"


async def test_the_place_in_the_queue_is_taken_again(node: Node, host_with_lobby: Client) -> None:
    first = await node.connect()
    await first.hello("ben")
    waiting = await first.join()
    await first.ws.close()
    second = await node.connect()
    await second.hello("ben")
    again = await second.join(resume=waiting["resume"])
    assert (again["type"], again["entry_id"]) == ("waiting", waiting["entry_id"])


async def test_leaving_the_lobby_withdraws(node: Node, host_with_lobby: Client) -> None:
    ben = await node.connect()
    await ben.hello("ben")
    waiting = await ben.join()
    assert (await ben.request("leave"))["type"] == "ok"
    assert (await host_with_lobby.event("lobby_left"))["entry_id"] == waiting["entry_id"]


# ---------------------------------------------------------------- coming back


async def test_a_lost_connection_keeps_its_seat(node: Node) -> None:
    host, ann = await node.enter("host"), await node.enter("ann")
    await ann.request("raise_hand", raised=True)
    await ann.ws.close()
    changed = await host.event("presence_changed")
    assert (changed["participant_id"], changed["presence"]) == (ann.me, "away")
    back = await node.enter("ann", resume=ann.joined["resume"])
    assert back.joined["resumed"] is True
    assert back.me == ann.me
    assert back.joined["room"]["participants"][ann.me]["hand_raised_at_ms"] > 0
    assert (await host.event("presence_changed"))["presence"] == "here"
    assert node.media.calls.count(("attach", ann.me)) == 2


async def test_the_newer_connection_takes_the_seat_from_the_older(node: Node) -> None:
    host, ann = await node.enter("host"), await node.enter("ann")
    back = await node.enter("ann", resume=ann.joined["resume"])
    assert back.me == ann.me
    assert await ann.end() == "replaced"
    await back.quiet()
    assert back.joined["room"]["participants"][ann.me]["presence"] == "here"
    assert all(message["event"]["event"] != "presence_changed" for message in await host.quiet() if "event" in message)
    assert node.media.calls[-1] == ("attach", ann.me)


async def test_somebody_elses_resume_token_is_worth_nothing(node: Node) -> None:
    ann = await node.enter("ann")
    ben = await node.enter("ben", resume=ann.joined["resume"])
    assert ben.joined["resumed"] is False
    assert ben.me != ann.me


async def test_media_are_let_go_when_the_socket_is_lost_but_kept_alive(node: Node) -> None:
    host, ann = await node.enter("host"), await node.enter("ann")
    await ann.ws.close()
    await host.event("presence_changed")
    assert ("detach", ann.me) in node.media.calls
    assert ("close_participant", ann.me) not in node.media.calls


# ---------------------------------------------------------------- host controls reach the connection


async def test_who_is_removed_is_closed_and_cannot_return(node: Node) -> None:
    host, ben = await node.enter("host"), await node.enter("ben")
    assert (await host.request("remove", participant_id=ben.me))["type"] == "ok"
    assert await ben.end() == "removed"
    again = await node.connect()
    await again.hello("ben")
    assert (await again.join(resume=ben.joined["resume"]))["code"] == "removed"


async def test_a_new_co_host_may_at_once_and_sees_the_lobby(node: Node) -> None:
    host, ann = await node.enter("host"), await node.enter("ann")
    assert (await ann.request("set_locked", locked=True))["code"] == "forbidden"
    await host.request("set_role", participant_id=ann.me, role="co_host")
    await ann.event("role_changed")
    assert (await ann.event("lobby_listed"))["entries"] == []
    assert (await ann.request("set_locked", locked=True))["type"] == "ok"


async def test_signing_out_everywhere_ends_the_connection_and_the_seat(node: Node) -> None:
    host, ann = await node.enter("host"), await node.enter("ann")
    assert node.edge.close_identity("id-ann", Code.UNAUTHENTICATED) == 1
    assert await ann.end() == "unauthenticated"
    assert (await host.event("participant_left"))["participant_id"] == ann.me


async def test_an_identity_that_runs_out_ends_the_connection_and_the_seat(node: Node) -> None:
    host = await node.enter("host")
    node.door.add_person("brief", Role.GUEST, expires_at_ms=now_ms() + 300)
    brief = await node.enter("brief")
    assert await brief.end() == "expired"
    assert (await host.event("participant_left"))["participant_id"] == brief.me


# ---------------------------------------------------------------- media requests


async def test_a_slow_negotiation_does_not_hold_up_chat(node: Node) -> None:
    ann = await node.enter("ann")
    node.media.negotiable.clear()
    publish = await ann.send("publish", sdp="v=0", media=[])
    await node.media.publishing.wait()
    assert (await ann.request("send_chat", text="still here", nonce="1"))["type"] == "ok"
    assert (await ann.request("ping", sent_at_ms=5))["sent_at_ms"] == 5
    node.media.negotiable.set()
    assert (await ann.reply_to(publish))["type"] == "published"


@pytest.mark.parametrize(
    ("request_fields", "code"),
    [
        ({"kind": "publish", "sdp": "bad", "media": []}, "media_rejected"),
        ({"kind": "publish", "sdp": "fault", "media": []}, "internal"),
        (
            {
                "kind": "publish",
                "sdp": "v=0",
                "media": [{"mid": "0", "source": "camera"}, {"mid": "0", "source": "microphone"}],
            },
            "invalid",
        ),
        ({"kind": "answer", "revision": 7, "sdp": "v=0"}, "conflict"),
        ({"kind": "subscribe", "wants": [{"track_id": "a"}, {"track_id": "a"}]}, "invalid"),
    ],
)
async def test_a_refused_media_request_leaves_the_connection(
    node: Node, request_fields: dict[str, object], code: str
) -> None:
    ann = await node.enter("ann")
    kind = str(request_fields["kind"])
    fields = {name: value for name, value in request_fields.items() if name != "kind"}
    assert (await ann.request(kind, **fields))["code"] == code
    assert (await ann.request("ping", sent_at_ms=1))["type"] == "pong"


async def test_answers_subscriptions_and_restarts_reach_the_media_plane(node: Node) -> None:
    ann = await node.enter("ann")
    assert (await ann.request("answer", revision=1, sdp="v=0"))["type"] == "ok"
    assert (await ann.request("subscribe", wants=[{"track_id": "t1"}]))["type"] == "ok"
    assert (await ann.request("restart_subscription"))["type"] == "ok"
    assert node.media.calls[-3:] == [("answer", ann.me), ("subscribe", ann.me, "t1"), ("restart", ann.me)]


async def test_speakers_and_offers_reach_the_client(node: Node) -> None:
    ann = await node.enter("ann")
    _, on_offer, on_speakers, _ = node.media.attached[ann.me]
    on_speakers((ann.me,))
    on_offer(messages.Offer(revision=2, sdp="v=0", tracks=()))
    assert (await ann.message("speakers"))["participant_ids"] == [ann.me]
    assert (await ann.until(lambda found: found.get("revision") == 2))["type"] == "offer"


# ---------------------------------------------------------------- what breaks the rules


@pytest.mark.parametrize("frame", ['{"type":"pi', '{"type":"nope","id":1}', "[" * 20, '"', "\u0000"])
async def test_what_cannot_be_read_closes_only_that_connection(node: Node, frame: str) -> None:
    host, ann = await node.enter("host"), await node.enter("ann")
    await ann.ws.send_str(frame)
    assert await ann.end() == "bad_message"
    assert (await host.request("send_chat", text="go on", nonce="1"))["type"] == "ok"


async def test_binary_frames_are_not_our_language(node: Node) -> None:
    ann = await node.enter("ann")
    await ann.ws.send_bytes(b"{}")
    assert await ann.end() == "bad_message"


async def test_a_frame_at_the_limit_is_read_and_one_above_closes(node: Node) -> None:
    ann = await node.enter("ann")
    ping = json.dumps({"type": "ping", "id": 900, "sent_at_ms": 0})
    await ann.ws.send_str(ping + " " * (messages.FRAME_MAX_BYTES - len(ping)))
    assert (await ann.reply_to(900))["type"] == "pong"
    await ann.ws.send_str(ping + " " * (messages.FRAME_MAX_BYTES - len(ping) + 1))
    await ann.end()
    assert ann.close_code == 1009


async def test_a_flood_is_refused_then_closed(node: Node) -> None:
    ann = await node.enter("ann")
    await ann.flood(1_500)
    assert await ann.end() == "rate_limited"
    assert any(message.get("code") == "rate_limited" for message in ann.received if message["type"] == "error")


async def test_a_client_that_does_not_read_is_dropped_and_may_come_back(node: Node) -> None:
    """Nobody else waits for it, and what it may pile up is bounded."""
    host, ann = await node.enter("host"), await node.enter("ann")
    connection = next(found for found in node.edge._connections if found.identity.id == "id-ann")
    while not connection.outbox.finished:
        connection.pass_on(b'"' + b"x" * 65_534 + b'"')
        assert connection.outbox.size_bytes <= 4 * 1024 * 1024 + 65_536
        await asyncio.sleep(0)
    assert connection.outbox.closing == messages.Closing(code=Code.SLOW_CONSUMER, retry_after_ms=1_000)
    assert (await host.event("presence_changed"))["presence"] == "away"
    back = await node.enter("ann", resume=ann.joined["resume"])
    assert back.joined["resumed"] is True
    await eventually(lambda: node.edge.connections == 2)  # the stuck socket was cut


async def test_a_socket_that_answers_no_ping_is_dropped(valkey: RedisServer) -> None:
    """A phone that went into a tunnel: nothing closes the connection, so the server has to find out."""
    async with running_node(valkey.url, wire_timing=Timing(heartbeat_ms=200)) as node:
        node.door.add_person("host", Role.HOST)
        node.door.add_person("ann", Role.PARTICIPANT)
        host = await node.enter("host")
        ann = await node.connect(autoping=False)
        await ann.hello("ann")
        joined = await ann.join()
        changed = await host.event("presence_changed")
        assert (changed["participant_id"], changed["presence"]) == (joined["participant_id"], "away")


# ---------------------------------------------------------------- going down


async def test_a_node_that_goes_down_sends_its_people_elsewhere(node: Node) -> None:
    host = await node.enter("host")
    stranger = await node.connect()
    draining = asyncio.create_task(node.edge.drain())
    assert await host.end() == "moved"
    assert host.close_code == 1012
    await draining
    assert node.edge.connections == 0
    with pytest.raises(WSServerHandshakeError) as refusal:
        await node.connect()
    assert refusal.value.status == 503
    await stranger.send("hello", protocol=1, token="ann")
    assert await stranger.end() == "moved"


async def test_an_event_is_encoded_once_for_all(node: Node) -> None:
    host, ann, ben = await node.enter("host"), await node.enter("ann"), await node.enter("ben")
    await host.request("send_chat", text="你好", nonce="1")
    raw = [await client.event("chat_sent") for client in (host, ann, ben)]
    assert raw[0] == raw[1] == raw[2]
    assert raw[0]["message"]["text"] == "你好"


async def test_a_hundred_connections_come_and_go_without_a_trace(node: Node) -> None:
    tasks_before = len(asyncio.all_tasks())
    for _ in range(10):
        clients = [await node.connect() for _ in range(10)]
        for client in clients:
            await client.hello("ben")
        for client in clients:
            await client.ws.close()
    await eventually(lambda: node.edge.connections == 0 and len(asyncio.all_tasks()) <= tasks_before)


async def test_a_thousand_joins_and_leaves_leave_nothing(node: Node) -> None:
    host = await node.enter("host")

    async def come_and_go(times: int) -> int:
        """The number of objects afterwards."""
        for number in range(times):
            address = f"10.0.{number // 250}.{number % 250}"  # nobody comes so often from one address
            node.door.add_person("ann", Role.PARTICIPANT, address=address)
            ann = await node.connect(address=address)
            await ann.hello("ann")
            assert (await ann.join())["type"] == "joined"
            await ann.request("leave")
            await ann.ws.close()
            if number % 50 == 49:
                await host.quiet()
        await eventually(lambda: node.edge.connections == 1)
        node.media.calls.clear()
        gc.collect()
        return len(gc.get_objects())

    before = await come_and_go(200)
    after = await come_and_go(800)
    assert after - before < 800
    assert sum(isinstance(found, Connection) for found in gc.get_objects()) == 1
    assert len(node.media.attached) == 1


async def test_messages_are_text_frames(node: Node) -> None:
    client = await node.connect()
    await client.send("hello", protocol=1, token="ann")
    assert (await client.ws.receive()).type is WSMsgType.TEXT
