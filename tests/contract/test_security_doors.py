"""Nobody gets past the lobby, the lock or the edge of the server: not by another door, another origin, or too many."""

from __future__ import annotations

import asyncio
import contextlib
import json
import tracemalloc
import uuid
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import WSMsgType, WSServerHandshakeError, web
from aiohttp.test_utils import TestServer

from rooms.core.model import Role
from rooms.store.connection import RedisStore
from rooms.store.keys import Keys
from rooms.store.rate import RateLimiter
from signaling.commands import TABLE
from signaling.limits import STREAM_REQUESTS, DoorLimits
from signaling.messages import FRAME_MAX_BYTES
from signaling.ports import IdentityKind
from signaling.websocket import CONTROLS_BURST
from signaling.whip import StreamEdge
from tests.support.live_park import SDP, LivePark, open_live_park, until
from tests.support.redis_servers import RedisServer
from tests.support.rtc_client import StreamClient
from tests.support.stream_node import running_stream_node
from tests.support.wire import ROOM, Client, running_node

FOREIGN = "https://evil.example"
SDP_TYPE = {"Content-Type": SDP}


@pytest.fixture
async def live(tmp_path: Path, valkey: RedisServer) -> AsyncIterator[LivePark]:
    async with open_live_park(tmp_path / "data", f"{valkey.url}?db=6") as opened:
        yield opened


async def raw(live: LivePark, request: str) -> tuple[int, bytes]:
    return await raw_to(urlsplit(live.host.base_url).port or 0, request)


async def raw_to(port: int, request: str) -> tuple[int, bytes]:
    """Status and all bytes of the answer to a request that is sent as it is written here."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request.encode("latin-1"))
    async with asyncio.timeout(30):
        answer = await reader.readuntil(b"\r\n\r\n")
        length = next((line for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:")), b":0")
        answer += await reader.readexactly(int(length.partition(b":")[2]))
    writer.close()
    await writer.wait_closed()
    return int(answer.split(None, 2)[1]), answer


# ---------------------------------------------------------------- the lobby


@pytest.mark.parametrize("lobby", [False, True])
async def test_a_guests_token_opens_neither_whip_nor_whep(tmp_path: Path, valkey: RedisServer, lobby: bool) -> None:
    """A viewer by WHEP is seen by nobody: a guest who waits, or who was removed, must not become one."""
    async with open_live_park(tmp_path / "data", f"{valkey.url}?db=6", lobby_enabled=lobby) as live:
        async with StreamClient() as camera, StreamClient() as viewer:
            offers = {"whip": await camera.offer_to_publish(), "whep": await viewer.offer_to_view()}
        answers = [await live.post(kind, await live.guest_token(), offer) for kind, offer in offers.items()]
        assert [(answer.status, answer.code) for answer in answers] == [(403, "forbidden")] * 2
        assert await live.transports() == 1  # the host's own
        assert len(live.people()) == 1


IN_THE_ROOM: dict[str, dict[str, object]] = {
    "publish": {"sdp": "v=0", "media": []},
    "answer": {"revision": 1, "sdp": "v=0"},
    "subscribe": {"wants": []},
    "set_muted": {"track_id": "t", "muted": False},
    "raise_hand": {"raised": True},
    "react": {"reaction": "clap"},
    "rename": {"name": "Host"},
    "report_quality": {"quality": "weak"},
    "send_chat": {"text": "let me in", "nonce": "1"},
    "delete_chat": {"message_id": "m"},
    "read_chat": {"before_id": "z"},
    "bring_file": {"key": "key-of-file", "name": "Plan.pdf", "size_bytes": 1},
    "share_file": {"key": "key-of-file", "nonce": "3"},
    "open_file": {"key": "key-of-file"},
    "set_file_sharing": {"sharing": "nobody"},
    "show_key": {"public_key": "A" * 87},
    "send_keys": {"envelopes": [{"to": "HOST", "sealed": "A" * 32}]},
    "mute_participant": {"participant_id": "HOST", "source": "microphone"},
    "lower_hand": {"participant_id": "HOST"},
    "remove": {"participant_id": "HOST"},
    "set_role": {"participant_id": "ME", "role": "host"},
    "set_locked": {"locked": True},
    "set_lobby": {"enabled": False},
    "admit": {"entry_id": "ME"},
    "deny": {"entry_id": ""},
    "pause_recording": {"paused": True},
    "stage_bring": {"participant_id": "ME", "on": True},
    "stage_layout": {"layout": "solo"},
    "stage_name": {"participant_id": "HOST", "name": "Li", "shown": True},
    "stage_slides": {"kind": "pages", "title": "Deck"},
    "stage_page": {"page": 1},
    "stage_run": {"items": []},
    "stage_countdown": {"seconds": 60},
    "place_mark": {
        "mark_id": "mark-0001",
        "kind": "circle",
        "color": "red",
        "width": 4,
        "points": [1, 1, 9, 9],
        "frame": {"rtp_timestamp": 1, "width": 640, "height": 480},
    },
    "change_mark": {"mark_id": "mark-0001", "text": "here", "color": "red", "number": 0},
    "link_mark": {"mark_id": "mark-0001", "region": None},
    "remove_mark": {"mark_id": "mark-0001"},
    "report_mark": {"mark_id": "mark-0001", "state": "ok"},
    "confirm_mark": {"mark_id": "mark-0001", "confirmed": True},
    "set_still": {"mark_id": "mark-0001", "still_id": "still-001"},
    "set_device": {
        "mode": "video",
        "torch": False,
        "has_torch": True,
        "zoom": 1,
        "zoom_min": 1,
        "zoom_max": 4,
        "frozen": False,
    },
    "lead_camera": {"participant_id": "ME"},
    "ask_device": {"ask": "still"},
    "answer_device": {"ask_id": "a", "accepted": True},
    "show_document": {"region": {"document_id": "document-1", "page": 1}, "placement": "beside"},
    "hello": {"protocol": 1},
    "join": {"room": "abc-defg-hij"},
}


async def test_who_waits_reaches_no_handler_and_hears_nothing(tmp_path: Path, valkey: RedisServer) -> None:
    """Every message of the table from the lobby, while people inside chat and send data; nothing passes either way."""
    async with open_live_park(tmp_path / "data", f"{valkey.url}?db=6", lobby_enabled=True) as live:
        waiting = await live.connect()
        await waiting.hello(await live.guest_token("Waiting"))
        entry = await waiting.join(live.code)
        assert entry["type"] == "waiting"
        inside = await live.seat(await live.token())
        await inside.open_data()
        transports = await live.transports()

        for kind in TABLE:
            tag = str(kind.__struct_config__.tag)
            if tag not in ("ping", "leave"):
                text = json.dumps(IN_THE_ROOM.get(tag, {}))
                fields = json.loads(text.replace("HOST", live.host_id).replace("ME", entry["entry_id"]))
                reply = await waiting.request(tag, **fields)
                while reply.get("code") == "rate_limited":  # the table is longer than anybody's allowance
                    await asyncio.sleep(reply["retry_after_ms"] / 1_000)
                    reply = await waiting.request(tag, **fields)
                assert reply.get("code") == "wrong_state", tag
        await live.socket.ask("send_chat", text="not for the lobby", nonce="2")
        inside.channel.send(f"note@{entry['entry_id']}\0psst".encode())
        inside.channel.send(b"note\0to all")
        other = await live.seat(await live.token())
        await other.open_data()
        inside.channel.send(b"note\0to all again")
        await until(lambda: bool(other.data))

        assert await waiting.quiet() == []
        assert await live.transports() == transports + 2
        assert "Waiting" not in live.people().values()


async def test_data_go_to_the_seats_of_the_room_and_bear_their_senders_name(live: LivePark) -> None:
    first, second = await live.seat(await live.token()), await live.seat(await live.token())
    await first.open_data()
    await second.open_data()
    first.channel.send(f"note\0{live.host_id}\0I am the host".encode())
    await until(lambda: bool(second.data))
    assert second.data == [f"note\0{first.id}\0{live.host_id}\0I am the host".encode()]


async def test_a_locked_room_takes_nobody_by_any_door(live: LivePark) -> None:
    token, guest = await live.token(), await live.guest_token()
    assert (await live.socket.ask("set_locked", locked=True))["type"] == "ok"
    async with StreamClient() as camera, StreamClient() as viewer:
        offers = {"whip": await camera.offer_to_publish(), "whep": await viewer.offer_to_view()}
    for kind, offer in offers.items():
        assert (await live.post(kind, token, offer)).code == "room_locked", kind
    for shown in (token, guest):
        client = await live.connect()
        await client.hello(shown)
        assert (await client.join(live.code))["code"] == "room_locked"


# ---------------------------------------------------------------- other origins


async def test_a_page_of_another_site_gets_no_socket_of_the_whole_server(live: LivePark) -> None:
    """With the victim's cookies, as a browser would send them; and a cookie without an Origin is worth nothing."""
    url = live.host.base_url
    for origin in (FOREIGN, "null", "", f"{url}.evil.example", url.replace("http:", "file:"), url + "@evil.example"):
        with pytest.raises(WSServerHandshakeError) as refused:
            await live.host.session.ws_connect(f"{url}/ws", headers={"Origin": origin})
        assert refused.value.status == 403, origin
    program = Client(await live.host.session.ws_connect(f"{url}/ws"))
    assert (await program.hello(""))["code"] == "unauthenticated"
    await program.ws.close()
    own = Client(await live.host.session.ws_connect(f"{url}/ws", headers={"Origin": url}))
    assert (await own.hello(""))["type"] == "welcome"
    await own.ws.close()


async def test_no_page_of_another_site_may_read_an_answer(live: LivePark) -> None:
    """The API names no other origin; WHIP and WHEP, which take no cookies, may be asked by any page."""
    for path in ("/api/me", "/api/meetings", f"/api/rooms/{live.code}", "/metrics", "/"):
        answer = await live.host.ask("GET", path, headers={"Origin": FOREIGN})
        assert not [name for name in answer.headers if name.startswith("Access-Control")], path
    for kind in ("whip", "whep"):
        answer = await live.host.ask("POST", f"/{kind}/{live.code}", headers={"Content-Type": SDP})
        assert (answer.status, answer.code) == (401, "unauthenticated")  # the host's cookies do not count here
        assert "Access-Control-Allow-Credentials" not in answer.headers


# ---------------------------------------------------------------- what is sent to the edge


async def test_bodies_of_strangers_are_not_waited_for(live: LivePark) -> None:
    """A promised body that never comes holds nobody up: who has no right is answered by the headers alone."""
    for authorization in ("", "Authorization: Bearer guess\r\n"):
        head = f"POST /whip/{live.code} HTTP/1.1\r\nHost: x\r\nContent-Type: {SDP}\r\n{authorization}"
        status, _ = await raw(live, f"{head}Content-Length: 60000\r\n\r\n")
        assert status == 401


async def test_a_body_that_trickles_is_given_up(valkey: RedisServer) -> None:
    async with running_stream_node(valkey.url) as node:
        node.door.add_person("camera", Role.PARTICIPANT, kind=IdentityKind.PROGRAM)
        store = RedisStore(valkey.url)
        limits = DoorLimits(RateLimiter(store, Keys(f"{uuid.uuid4().hex}:")))
        hasty = StreamEdge(node.door, node.manager, node.plane, None, limits, lambda _: "192.0.2.1", body_within_ms=50)
        app = web.Application()
        app.add_routes(hasty.routes())
        async with TestServer(app, host="127.0.0.1") as server:
            head = f"POST /whip/{ROOM.code} HTTP/1.1\r\nHost: x\r\nContent-Type: {SDP}\r\n"
            head += "Authorization: Bearer camera\r\nContent-Length: 60000\r\n\r\nv=0"
            status, _ = await raw_to(server.port or 0, head)
            assert status == 408
        await hasty.close()
        await store.close()


async def test_packed_bodies_do_not_become_large_ones(live: LivePark) -> None:
    """A hundred kilobytes that unpack to a hundred megabytes, at both doors that read bodies."""
    bomb = zlib.compress(b"{" + b" " * 100_000_000, 9)
    tracemalloc.start()
    try:
        packed = {"Content-Encoding": "deflate"}
        token = {"Authorization": f"Bearer {await live.token()}"}
        program = live.park.browser()
        path = f"/whip/{live.code}"
        whip = await program.ask("POST", path, raw=bomb[:60_000], headers={**packed, **token, **SDP_TYPE})
        assert whip.status == 415
        own = {"Origin": live.host.base_url, "X-CSRF-Token": live.host.csrf, "Content-Type": "application/json"}
        api = await live.host.ask("POST", "/api/meetings", raw=bomb, headers={**packed, **own})
        assert (api.status, api.code) == (413, "too_large")
        assert tracemalloc.get_traced_memory()[1] < 16_000_000
    finally:
        tracemalloc.stop()


async def test_what_a_path_holds_gets_into_no_header(live: LivePark) -> None:
    async with StreamClient() as camera:
        offer = (await camera.offer_to_publish()).encode().decode("latin-1")
    token = await live.token()
    for tail in ("%0d%0aSet-Cookie:%20tongxin_session=x", "%0a", "%20", "%00", "%e2%80%ae"):
        head = f"POST /whip/{live.code}{tail} HTTP/1.1\r\nHost: x\r\nContent-Type: {SDP}\r\nConnection: close\r\n"
        head += f"Authorization: Bearer {token}\r\nContent-Length: {len(offer)}\r\n\r\n{offer}"
        status, answer = await raw(live, head)
        assert status in (201, 404), tail
        location = [line for line in answer.split(b"\r\n") if line.startswith(b"Location")]
        assert all(line.startswith(f"Location: /whip/{live.code}/".encode()) for line in location), tail
        assert b"Set-Cookie" not in answer


@pytest.mark.parametrize(
    "path",
    [
        "/../../../../etc/passwd",
        "/..%2f..%2f..%2fetc%2fpasswd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/assets/../../app.py",
        "/assets/..%2f..%2fapp.py",
        "/assets/%2e%2e/%2e%2e/app.py",
        "/assets/..\\..\\app.py",
        "//etc/passwd",
        "/assets//etc/passwd",
        "/etc/passwd%00.js",
        "/assets/../../../data/secret.key",
        "/file:///etc/passwd",
    ],
)
async def test_no_path_leads_out_of_the_front_end(live: LivePark, path: str) -> None:
    status, answer = await raw(live, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert b"root:" not in answer
    assert b"import annotations" not in answer
    assert status in (400, 404) or (status == 200 and b"<!doctype html>" in answer.lower()), status


# ---------------------------------------------------------------- too much


async def test_a_flood_of_pings_ends_only_its_own_socket(valkey: RedisServer) -> None:
    async with running_node(valkey.url) as node:
        node.door.add_person("host", Role.HOST)
        node.door.add_person("flood", Role.GUEST)
        host, flood = await node.enter("host"), await node.enter("flood")
        with contextlib.suppress(ConnectionError):
            for _ in range(10 * CONTROLS_BURST):
                await flood.ws.ping()
        assert await flood.end() == "bad_message"
        assert (await host.request("send_chat", text="still here", nonce="1"))["type"] == "ok"


async def test_pings_of_a_program_that_keeps_its_line_alive_are_answered(valkey: RedisServer) -> None:
    async with running_node(valkey.url) as node:
        node.door.add_person("host", Role.HOST)
        host = await node.connect(autoping=False)
        await host.ws.ping(b"are you there")
        message = await host.ws.receive()
        assert (message.type, message.data) == (WSMsgType.PONG, b"are you there")


async def test_a_message_in_many_fragments_has_the_same_bound(valkey: RedisServer) -> None:
    """RFC 6455 5.4: the limit of a frame is the limit of what its fragments make together."""
    async with running_node(valkey.url) as node:
        node.door.add_person("host", Role.HOST)
        address = urlsplit(node.url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(
            b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101")
        size = 32_768
        for number in range(FRAME_MAX_BYTES // size):  # masked with zeros, never final
            writer.write(
                bytes([0x01 if number == 0 else 0x00, 0xFE]) + size.to_bytes(2, "big") + bytes(4) + b" " * size
            )
        writer.write(bytes([0x00, 0x80 | 2]) + bytes(4) + b"  ")
        async with asyncio.timeout(30):
            closing = await reader.read()
        assert closing[:1] == b"\x88"
        assert int.from_bytes(closing[2:4], "big") == 1009  # message too big
        writer.close()


async def test_what_is_said_to_streams_has_a_rate(valkey: RedisServer) -> None:
    """Nobody knows yet whose token it is, and the session may be another node's: each costs a message over Redis."""
    async with running_stream_node(valkey.url) as node:
        headers = {"Authorization": "Bearer guess"}
        statuses = set()
        for _ in range(int(STREAM_REQUESTS.burst) + 200):
            async with node.http.delete(f"{node.url}/whip/{ROOM.code}/bm9kZS1h.guess", headers=headers) as answer:
                statuses.add(answer.status)
            if answer.status == 429:
                break
        assert statuses == {404, 429}
