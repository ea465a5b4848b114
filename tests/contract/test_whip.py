"""WHIP (RFC 9725) and WHEP over real HTTP, real rooms and the native core; the client is aiortc."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import ClientResponse

from rooms.core.commands import End, Remove
from rooms.core.model import Grant, Role, Source
from rooms.ports import RoomRecord, Seated
from signaling.ports import IdentityKind
from signaling.webrtc import sdp
from tests.support.redis_servers import RedisServer
from tests.support.rtc_client import PATIENCE_S, StreamClient
from tests.support.stream_node import StreamNode, running_stream_node
from tests.support.wire import ROOM, Door

WHIP = f"/whip/{ROOM.code}"
WHEP = f"/whep/{ROOM.code}"
SDP = "application/sdp"
FRAGMENT = "application/trickle-ice-sdpfrag"


class Reply:
    def __init__(self, response: ClientResponse, text: str, document: dict[str, Any]) -> None:
        self.status = response.status
        self.headers = response.headers
        self.text = text
        self.problem = document


@pytest.fixture
async def node(valkey: RedisServer) -> AsyncIterator[StreamNode]:
    async with running_stream_node(valkey.url) as running:
        program = {"kind": IdentityKind.PROGRAM, "room_id": ROOM.id}
        running.door.add_person("camera", Role.PARTICIPANT, **program, subscribe=False)
        running.door.add_person("screen", Role.PARTICIPANT, **program, publish=False)
        running.door.add_person("both", Role.PARTICIPANT, **program)
        running.door.add_person("guest", Role.GUEST, room_id=ROOM.id)
        running.door.add_person("other", Role.PARTICIPANT, kind=IdentityKind.PROGRAM, room_id="another-room")
        yield running


async def ask(
    node: StreamNode, method: str, path: str, *, token: str = "", body: str = "", kind: str = "", **headers: str
) -> Reply:
    all_headers = {name.replace("_", "-"): value for name, value in headers.items()}
    if token:
        all_headers["Authorization"] = f"Bearer {token}"
    if kind:
        all_headers["Content-Type"] = kind
    data = body.encode() if body or kind else None
    async with node.http.request(method, node.url + path, data=data, headers=all_headers) as response:
        text = await response.text()
        json = response.content_type == "application/problem+json"
        return Reply(response, text, await response.json(content_type=None) if json else {})


async def post(node: StreamNode, path: str, token: str, offer: str) -> Reply:
    return await ask(node, "POST", path, token=token, body=offer, kind=SDP)


async def until(fits: Callable[[], bool]) -> None:
    """For what the core and the room tell no event of."""
    async with asyncio.timeout(PATIENCE_S):
        while not fits():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


class Watcher:
    """A host who sits in the room and does nothing."""

    def deliver(self, delivery: object) -> None: ...

    def admitted(self, seated: Seated) -> None: ...

    def closed(self, code: object) -> None: ...


async def host_of(node: StreamNode) -> tuple[Any, str]:
    room = await node.manager.open(ROOM)
    seated = await room.join(Grant("id-host", "Host", Role.HOST), "", Watcher())
    assert isinstance(seated, Seated)
    return room, seated.participant_id


async def test_a_foreign_stack_publishes_by_whip_and_another_watches_by_whep(node: StreamNode) -> None:
    async with StreamClient() as camera, StreamClient() as viewer:
        published = await post(node, WHIP, "camera", await camera.offer_to_publish())
        assert published.status == 201, published.text
        await camera.accept(published.text)
        room = node.manager.find(ROOM.id)
        assert room is not None
        seen = list(room.view.participants.values())
        assert [[(track.source, track.codec) for track in person.tracks] for person in seen] == [
            [(Source.MICROPHONE, "opus"), (Source.CAMERA, "VP8")]
        ]

        viewed = await post(node, WHEP, "screen", await viewer.offer_to_view())
        assert viewed.status == 201, viewed.text
        await viewer.accept(viewed.text)

        await viewer.received.decodes(pictures=40, sounds=30)
        assert viewer.received.sizes == {(320, 180)}
        assert len(room.view.participants) == 1  # a viewer is seen by nobody

        for reply, token in ((viewed, "screen"), (published, "camera")):
            assert (await ask(node, "DELETE", reply.headers["Location"], token=token)).status == 200
        assert room.view.participants == {}
        assert node.media == (0, 0, 0, 0)
        assert node.edge.streams.count == 0
        await camera.until_state("closed", "failed")  # DTLS said goodbye
        assert (await ask(node, "DELETE", published.headers["Location"], token="camera")).status == 404


async def test_a_viewer_may_come_first_and_follows_the_publishers(node: StreamNode) -> None:
    async with StreamClient() as viewer:
        viewed = await post(node, WHEP, "screen", await viewer.offer_to_view())
        await viewer.accept(viewed.text)
        for _ in range(2):  # the second publisher's pictures come under another SSRC
            async with StreamClient() as camera:
                published = await post(node, WHIP, "camera", await camera.offer_to_publish())
                await camera.accept(published.text)
                await viewer.received.decodes(pictures=15, sounds=15)
                await ask(node, "DELETE", published.headers["Location"], token="camera")


async def test_a_viewer_that_can_decode_no_picture_of_the_room_is_told_which_there_are(node: StreamNode) -> None:
    async with StreamClient() as camera:
        # given a program that sends H.264 and cannot change, and a viewer who came before it
        async with StreamClient() as early:
            there = await post(node, WHEP, "screen", await early.offer_to_view("VP8"))
            assert there.status == 201
            await early.accept(there.text)
            published = await post(node, WHIP, "camera", await camera.offer_to_publish("H264"))
            await camera.accept(published.text)
            await early.received.decodes(sounds=5)
            await ask(node, "DELETE", there.headers["Location"], token="screen")

        # then another who knows VP8 only is refused, with the reason, and leaves nothing behind
        async with StreamClient() as viewer:
            refused = await post(node, WHEP, "screen", await viewer.offer_to_view("VP8"))
        assert (refused.status, refused.problem["code"]) == (406, "media_rejected")
        assert "H264" in refused.problem["detail"]
        assert node.edge.streams.count == 1

        # and is let in for the sound alone, or with H.264
        for codec, pictures in (("", False), ("H264", True)):
            async with StreamClient() as viewer:
                viewed = await post(node, WHEP, "screen", await viewer.offer_to_view(codec, pictures=pictures))
                assert viewed.status == 201
                await viewer.accept(viewed.text)
                await viewer.received.decodes(pictures=5 if pictures else 0, sounds=5)


async def test_the_answer_says_what_rfc_9725_asks(node: StreamNode) -> None:
    async with StreamClient() as camera:
        reply = await post(node, WHIP, "camera", await camera.offer_to_publish())
        assert reply.headers["Content-Type"].startswith(SDP)
        assert reply.headers["Location"].startswith(WHIP + "/")
        assert reply.headers["ETag"].startswith('"')
        assert reply.headers["Accept-Patch"] == FRAGMENT
        assert reply.headers["Access-Control-Allow-Origin"] == "*"
        assert "Location" in reply.headers["Access-Control-Expose-Headers"]
        link = '<turn:turn.park.example>; rel="ice-server"; username="id-camera"; credential="c"'
        assert reply.headers.getall("Link") == [f'{link}; credential-type="password"']
        answer = sdp.parse(reply.text)
        assert answer.ice_lite
        assert all(media.setup == "passive" for media in answer.media)
        assert "a=end-of-candidates" in reply.text


async def test_candidates_are_taken_and_an_ice_restart_keeps_the_session(node: StreamNode) -> None:
    async with StreamClient() as camera, StreamClient() as viewer:
        offer = await camera.offer_to_publish()
        published = await post(node, WHIP, "camera", offer)
        await camera.accept(published.text)
        viewed = await post(node, WHEP, "screen", await viewer.offer_to_view())
        await viewer.accept(viewed.text)
        await viewer.received.decodes(pictures=5)
        path, etag = published.headers["Location"], published.headers["ETag"]

        async def patch(body: str, kind: str = FRAGMENT, **headers: str) -> Reply:
            return await ask(node, "PATCH", path, token="camera", body=body, kind=kind, **headers)

        media = sdp.parse(offer).media[0]
        same = f"a=ice-ufrag:{media.ice_ufrag}\r\na=ice-pwd:{media.ice_password}\r\n"
        candidate = "m=audio 9 RTP/AVP 0\r\na=mid:0\r\na=candidate:1 1 udp 2122260223 192.0.2.1 61764 typ host\r\n"
        assert (await patch(same + candidate, If_Match=etag)).status == 204
        assert (await patch(same + candidate)).status == 428
        assert (await patch(same + candidate, If_Match='"stale"')).status == 412
        assert (await patch("rubbish", If_Match=etag)).status == 400
        assert (await patch(same, kind=SDP, If_Match=etag)).status == 415
        assert (await patch("a=ice-ufrag:newufrag\r\n", If_Match="*")).status == 400

        restarted = await patch("a=ice-ufrag:newufrag\r\na=ice-pwd:0123456789abcdef01234567\r\n", If_Match="*")

        assert restarted.status == 200
        assert restarted.headers["ETag"] not in ("", etag)
        assert restarted.headers["Content-Type"].startswith(FRAGMENT)
        fresh = sdp.parse_ice_fragment(restarted.text)
        assert fresh.ice_ufrag != sdp.parse(published.text).media[0].ice_ufrag
        assert fresh.candidates == 1
        assert (await patch(candidate, If_Match=etag)).status == 412
        assert (await patch(candidate, If_Match=restarted.headers["ETag"])).status == 204
        await viewer.received.decodes(pictures=10)  # the former path stays good until the new one is proved


@pytest.mark.parametrize(
    ("token", "path", "status", "code"),
    [
        ("", WHIP, 401, "unauthenticated"),
        ("nobody", WHIP, 401, "unauthenticated"),
        ("screen", WHIP, 403, "forbidden"),
        ("camera", WHEP, 403, "forbidden"),
        ("camera", "/whip/zzz-zzzz-zzz", 404, "room_not_found"),
        ("other", WHIP, 404, "room_not_found"),
        ("guest", WHIP, 403, "forbidden"),
        ("guest", WHEP, 403, "forbidden"),
    ],
)
async def test_who_may_not_is_told_so(node: StreamNode, token: str, path: str, status: int, code: str) -> None:
    reply = await post(node, path, token, "v=0")
    assert (reply.status, reply.problem["code"], reply.problem["status"]) == (status, code, status)
    assert ("WWW-Authenticate" in reply.headers) is (status == 401)


async def test_bodies_and_methods_that_do_not_fit(node: StreamNode) -> None:
    assert (await ask(node, "POST", WHIP, token="camera", body="{}", kind="application/json")).status == 415
    assert (await post(node, WHIP, "camera", "v=0\r\n" + "a=x:" + "y" * 140_000)).status == 413
    assert (await post(node, WHIP, "camera", "hello")).status == 400
    empty = await post(node, WHIP, "camera", "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n")
    assert (empty.status, empty.problem["code"]) == (406, "media_rejected")
    async with StreamClient() as camera:
        offer = await camera.offer_to_publish()
        only_html = await ask(node, "POST", WHIP, token="camera", body=offer, kind=SDP, Accept="text/html")
        assert only_html.status == 406
        only_receives = await post(node, WHIP, "camera", offer.replace("a=sendonly", "a=recvonly"))
        assert only_receives.status == 406
        unbundled = await post(node, WHIP, "camera", offer.replace("a=group:BUNDLE", "a=group:LS"))
        assert (unbundled.status, "BUNDLE" in unbundled.problem["detail"]) == (406, True)
    for path in (WHIP, WHIP + "/abc.def"):
        for method in ("PUT", "PATCH" if path == WHIP else "POST"):
            refused = await ask(node, method, path, token="camera")
            assert (refused.status, "OPTIONS" in refused.headers["Allow"]) == (405, True)
        assert (await ask(node, "GET", path)).status == 204
    for path in (WHIP + "/abc.def", WHIP + "/###", WHIP + "/bm9kZS1h.unknown"):
        assert (await ask(node, "DELETE", path, token="camera")).status == 404
    away = await ask(node, "DELETE", WHIP + "/bm9kZS16.unknown", token="camera")  # node-z is not there
    assert (away.status, "Retry-After" in away.headers) == (503, True)
    assert node.media == (0, 0, 0, 0)
    assert node.edge.streams.count == 0
    room = node.manager.find(ROOM.id)
    assert room is None or room.view.participants == {}


async def test_other_origins_may_ask(node: StreamNode) -> None:
    endpoint = await ask(node, "OPTIONS", WHEP, Origin="https://player.example")
    assert (endpoint.status, endpoint.headers["Accept-Post"]) == (200, SDP)
    assert endpoint.headers["Access-Control-Allow-Origin"] == "*"
    assert "Authorization" in endpoint.headers["Access-Control-Allow-Headers"]
    session = await ask(node, "OPTIONS", WHEP + "/a.b")
    assert (session.status, session.headers["Accept-Patch"]) == (200, FRAGMENT)
    assert "DELETE" in session.headers["Access-Control-Allow-Methods"]


async def test_a_session_answers_only_to_the_token_that_made_it(node: StreamNode) -> None:
    async with StreamClient() as camera:
        published = await post(node, WHIP, "camera", await camera.offer_to_publish())
        path = published.headers["Location"]
        assert (await ask(node, "DELETE", path)).status == 401
        assert (await ask(node, "DELETE", path, token="both")).status == 403
        assert node.edge.streams.count == 1
        assert (await ask(node, "DELETE", path, token="camera", If_Match='"ignored"')).status == 200


async def test_removal_ends_the_stream_at_once_and_for_good(node: StreamNode) -> None:
    async with StreamClient() as camera:
        room, host = await host_of(node)
        published = await post(node, WHIP, "camera", await camera.offer_to_publish())
        await camera.accept(published.text)
        await camera.until_state("connected")
        streamer = next(seat for seat in room.view.participants if seat != host)

        await room.ask(Remove(host, streamer))

        assert node.media == (0, 0, 0, 0)
        assert node.edge.streams.count == 0
        await camera.until_state("closed", "failed")
        assert (await ask(node, "DELETE", published.headers["Location"], token="camera")).status == 404
    async with StreamClient() as again:
        refused = await post(node, WHIP, "camera", await again.offer_to_publish())
        assert (refused.status, refused.problem["code"]) == (403, "removed")


async def test_the_end_of_the_meeting_ends_viewers_too(node: StreamNode) -> None:
    async with StreamClient() as viewer:
        room, host = await host_of(node)
        await post(node, WHEP, "screen", await viewer.offer_to_view())
        await room.ask(End(host))
        assert node.media == (0, 0, 0, 0)
        assert node.edge.streams.count == 0


async def test_a_token_that_does_not_pass_the_lobby_is_refused(node: StreamNode) -> None:
    guarded = RoomRecord(id="guarded", code="gua-rded-xyz", title="Guarded", lobby_enabled=True)
    node.door.add_room(guarded)
    node.door.add_person("passing", Role.GUEST, kind=IdentityKind.PROGRAM)
    async with StreamClient() as camera:
        refused = await post(node, f"/whip/{guarded.code}", "passing", await camera.offer_to_publish())
    assert (refused.status, refused.problem["code"]) == (403, "denied")
    room = node.manager.find(guarded.id)
    assert room is not None
    assert room.view.lobby == {}


async def test_an_encrypted_room_takes_no_device_without_keys(node: StreamNode) -> None:
    secret = RoomRecord(id="secret", code="sec-retx-xyz", title="Secret", encrypted=True)
    node.door.add_room(secret)
    node.door.add_person("obs", Role.GUEST, kind=IdentityKind.PROGRAM)
    async with StreamClient() as camera, StreamClient() as viewer:
        offers = {"whip": await camera.offer_to_publish(), "whep": await viewer.offer_to_view()}
        for kind, offer in offers.items():
            refused = await post(node, f"/{kind}/{secret.code}", "obs", offer)
            assert (refused.status, refused.problem["code"]) == (403, "encrypted")
    assert node.media == (0, 0, 0, 0)
    assert node.manager.find(secret.id) is None


async def test_a_publisher_that_vanishes_frees_its_seat(node: StreamNode) -> None:
    camera = StreamClient()
    published = await post(node, WHIP, "camera", await camera.offer_to_publish())
    await camera.accept(published.text)
    await camera.until_state("connected")
    await camera.close()  # says goodbye by DTLS, and no DELETE comes
    await until(lambda: node.edge.streams.count == 0 and node.media == (0, 0, 0, 0))
    room = node.manager.find(ROOM.id)
    assert room is not None
    await until(lambda: room.view.participants == {})


async def test_a_token_has_a_bound_on_its_sessions(node: StreamNode) -> None:
    async with StreamClient() as camera:
        offer = await camera.offer_to_publish()
        replies = [await post(node, WHIP, "camera", offer) for _ in range(9)]
        assert [reply.status for reply in replies] == [201] * 8 + [429]
        assert int(replies[-1].headers["Retry-After"]) > 0


async def test_any_node_of_a_park_takes_any_request(valkey: RedisServer) -> None:
    prefix, door = f"park-{uuid.uuid4().hex}:", Door()
    async with (
        running_stream_node(valkey.url, name="node-a", prefix=prefix, door=door) as owner,
        running_stream_node(valkey.url, name="node-b", prefix=prefix, door=door) as other,
        StreamClient() as camera,
        StreamClient() as viewer,
    ):
        program = {"kind": IdentityKind.PROGRAM, "room_id": ROOM.id}
        owner.door.add_person("camera", Role.PARTICIPANT, **program)
        room = await owner.manager.open(ROOM)

        published = await post(other, WHIP, "camera", await camera.offer_to_publish())
        assert published.status == 201, published.text
        await camera.accept(published.text)
        viewed = await post(owner, WHEP, "camera", await viewer.offer_to_view())
        await viewer.accept(viewed.text)
        await viewer.received.decodes(pictures=20, sounds=20)
        assert other.media == (0, 0, 0, 0)  # the answer led the camera straight to the owner
        assert len(room.view.participants) == 1

        for node in (owner, other):  # what is wrong is told by the owner too
            assert (await post(node, WHIP, "camera", "v=0")).status == 406
        path = published.headers["Location"]
        fragment = "a=ice-ufrag:newufrag\r\na=ice-pwd:0123456789abcdef01234567\r\n"
        restarted = await ask(other, "PATCH", path, token="camera", body=fragment, kind=FRAGMENT, If_Match="*")
        assert restarted.status == 200
        assert (await ask(owner, "DELETE", viewed.headers["Location"], token="camera")).status == 200
        assert (await ask(other, "DELETE", path, token="camera")).status == 200
        assert owner.media == (0, 0, 0, 0)
        assert (await ask(other, "DELETE", path, token="camera")).status == 404
