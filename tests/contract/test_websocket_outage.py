"""Redis goes away and comes back; the people in a live room do not notice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from rooms.core.model import Role
from tests.support.redis_servers import RedisServer
from tests.support.wire import OTHER_ROOM, Node, running_node


@pytest.fixture
async def redis() -> AsyncIterator[RedisServer]:
    """A server of this test's own, which it may stop."""
    with TemporaryDirectory(prefix="tx-", dir="/tmp") as folder:
        server = RedisServer(Path(folder))
        yield server
        server.stop()


@pytest.fixture
async def node(redis: RedisServer) -> AsyncIterator[Node]:
    async with running_node(redis.url) as running:
        running.door.add_room(OTHER_ROOM)
        for token, role in (("host", Role.HOST), ("ann", Role.PARTICIPANT), ("ben", Role.GUEST)):
            running.door.add_person(token, role)
        yield running


async def test_a_live_room_goes_on_and_takes_people_while_redis_is_away(node: Node, redis: RedisServer) -> None:
    host, ann = await node.enter("host"), await node.enter("ann")
    redis.stop()
    assert (await ann.request("send_chat", text="still here", nonce="1"))["type"] == "ok"
    assert (await host.event("chat_sent"))["message"]["text"] == "still here"
    await ann.ws.close()
    back = await node.enter("ann", resume=ann.joined["resume"])
    assert back.joined["resumed"] is True
    newcomer = await node.enter("ben")
    assert newcomer.joined["type"] == "joined"
    redis.start()
    assert (await host.request("set_locked", locked=True))["type"] == "ok"


async def test_a_room_that_lives_nowhere_cannot_open_without_redis_and_says_so(node: Node, redis: RedisServer) -> None:
    client = await node.connect()
    await client.hello("ann")
    redis.stop()
    refused = await client.join(OTHER_ROOM.code)
    assert (refused["code"], refused["retry_after_ms"] > 0) == ("unavailable", True)
    redis.start()
    assert (await client.join(OTHER_ROOM.code))["type"] == "joined"
