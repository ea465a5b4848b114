"""The stage of a livestream over real HTTP, real rooms and the native core, and its audience by WHEP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from rooms.core.codes import Code
from rooms.core.commands import End, StageBring, StageEnd, StageGoLive, StageLayout
from rooms.core.model import Grant, Role
from rooms.core.outcomes import DONE
from rooms.core.stage_model import Layout
from rooms.ports import Refused, RoomRecord, Seated
from signaling.ports import IdentityKind, StageGuest
from tests.support.redis_servers import RedisServer
from tests.support.rtc_client import PATIENCE_S, StreamClient
from tests.support.stream_node import StreamNode, running_stream_node

LIVESTREAM = "0" + "k" * 25
STAGE = RoomRecord(id="stage-room", code="stg-aaaa-bbb", title="Launch", livestream_id=LIVESTREAM)
WHEP = f"/whep/{LIVESTREAM}"
SMALL, LARGE = (320, 180), (640, 360)


class Book:
    """Whose page's token is whose."""

    async def watcher(self, livestream_id: str, token: str) -> StageGuest | Refused:
        if livestream_id != LIVESTREAM:
            return Refused(Code.NOT_FOUND)
        return StageGuest(token, STAGE) if token.startswith("viewer") else Refused(Code.UNAUTHENTICATED)


class Host:
    """Sits in the room and directs."""

    def __init__(self, room: Any, seat: str) -> None:
        self.room = room
        self.seat = seat

    def deliver(self, delivery: object) -> None: ...

    def admitted(self, seated: Seated) -> None: ...

    def closed(self, code: object) -> None: ...

    async def does(self, command: object) -> None:
        assert await self.room.ask(command) == DONE

    async def on_stage(self, *names: str) -> None:
        stage = self.room.view.stage
        wanted = {seat: person.name.lower() in names for seat, person in self.room.view.participants.items()}
        for seat, on in wanted.items():
            if on is not (seat in stage.on_stage):
                await self.does(StageBring(self.seat, seat, on))


async def host_of(node: StreamNode) -> Host:
    room = await node.manager.open(STAGE)
    host = Host(room, "")
    seated = await room.join(Grant("id-host", "Host", Role.HOST), "", host)
    assert isinstance(seated, Seated)
    host.seat = seated.participant_id
    return host


@pytest.fixture
async def node(valkey: RedisServer) -> AsyncIterator[StreamNode]:
    async with running_stream_node(valkey.url, audience=Book(), audience_max=2) as running:
        running.door.add_room(STAGE)
        for name in ("small", "large"):
            running.door.add_person(name, Role.PARTICIPANT, kind=IdentityKind.PROGRAM, room_id=STAGE.id)
        yield running


async def post(node: StreamNode, path: str, token: str, offer: str) -> tuple[int, str, dict[str, str]]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
    async with node.http.post(node.url + path, data=offer.encode(), headers=headers) as response:
        return response.status, await response.text(), dict(response.headers)


async def publish(node: StreamNode, client: StreamClient, name: str, size: tuple[int, int]) -> None:
    offer = await client.offer_to_publish(size=size)
    status, answer, _ = await post(node, f"/whip/{STAGE.code}", name, offer)
    assert status == 201, answer
    await client.accept(answer)


async def until(fits: Callable[[], bool]) -> None:
    """For what the core tells no event of."""
    async with asyncio.timeout(PATIENCE_S):
        while not fits():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_the_audience_sees_and_hears_the_live_stage_and_nothing_else(node: StreamNode) -> None:
    async with StreamClient() as small, StreamClient() as large, StreamClient() as viewer:
        host = await host_of(node)
        await publish(node, small, "small", SMALL)
        await publish(node, large, "large", LARGE)
        await host.on_stage("small")
        offer = await viewer.offer_to_view()

        status, problem, _ = await post(node, WHEP, "viewer-1", offer)
        assert (status, '"not_open"' in problem) == (403, True)  # a rehearsal is nobody's business

        await host.does(StageGoLive(host.seat))
        status, answer, headers = await post(node, WHEP, "viewer-1", offer)
        assert status == 201, answer
        assert "a=ssrc:" not in answer
        await viewer.accept(answer)
        await viewer.received.decodes(pictures=20, sounds=20)
        assert viewer.received.sizes == {SMALL}
        assert len(host.room.view.participants) == 3  # the audience has no seats

        await host.on_stage("large")
        await viewer.received.until(lambda received: LARGE in received.sizes)
        await viewer.received.decodes(pictures=10, sounds=10)
        assert viewer.connection.signalingState == "stable"

        await host.does(StageEnd(host.seat))
        await viewer.until_state("closed", "failed")
        assert node.edge.streams.count == 2
        async with node.http.delete(
            node.url + headers["Location"], headers={"Authorization": "Bearer viewer-1"}
        ) as response:
            assert response.status == 404
        await host.does(End(host.seat))


async def test_a_section_is_a_position_of_the_layout(node: StreamNode) -> None:
    async with StreamClient() as small, StreamClient() as large, StreamClient() as viewer:
        host = await host_of(node)
        await publish(node, small, "small", SMALL)
        await publish(node, large, "large", LARGE)
        await host.on_stage("small", "large")
        await host.does(StageLayout(host.seat, Layout.SOLO, ""))
        await host.does(StageGoLive(host.seat))
        for _ in range(2):
            viewer.connection.addTransceiver("video", direction="recvonly")
        subscriptions = node.media[2]
        status, answer, _ = await post(node, WHEP, "viewer-1", await viewer.offer())
        assert status == 201, answer
        assert node.media[2] - subscriptions == 1
        await host.does(StageLayout(host.seat, Layout.SIDE_BY_SIDE, ""))
        await until(lambda: node.media[2] - subscriptions == 2)
        await host.on_stage("large")
        await until(lambda: node.media[2] - subscriptions == 1)


async def test_who_may_not_watch_is_told_so_and_who_comes_late_finds_it_full(node: StreamNode) -> None:
    async with StreamClient() as small, StreamClient() as viewer:
        host = await host_of(node)
        await publish(node, small, "small", SMALL)
        await host.on_stage("small")
        await host.does(StageGoLive(host.seat))
        offer = await viewer.offer_to_view()
        assert (await post(node, WHEP, "stranger", offer))[0] == 401
        assert (await post(node, f"/whep/0{'z' * 25}", "viewer-1", offer))[0] == 404
        assert (await post(node, WHEP, "viewer-1", "nonsense"))[0] == 400
        assert [(await post(node, WHEP, f"viewer-{number}", offer))[0] for number in (1, 2)] == [201, 201]
        status, problem, headers = await post(node, WHEP, "viewer-3", offer)
        assert (status, headers["Retry-After"]) == (503, "10"), problem

        await node.edge.cut(STAGE.id, "viewer-2")
        assert node.edge.streams.count == 2
        assert (await post(node, WHEP, "viewer-3", offer))[0] == 201
        before = node.media[0]
        await host.does(End(host.seat))
        await until(lambda: node.edge.streams.count == 0 and node.media[0] < before)
