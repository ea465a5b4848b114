"""What operators can count moves when it should."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from prometheus_client import REGISTRY

from rooms.core.model import Role
from tests.support.redis_servers import RedisServer
from tests.support.wire import Node, eventually, running_node

COUNTED: tuple[tuple[str, dict[str, str]], ...] = (
    ("tongxin_messages_total", {"type": "send_chat"}),
    ("tongxin_refusals_total", {"type": "end", "code": "forbidden"}),
    ("tongxin_refusals_total", {"type": "join", "code": "unauthenticated"}),
    ("tongxin_closings_total", {"code": "bad_message"}),
    ("tongxin_request_seconds_count", {"type": "join"}),
    ("tongxin_upgrades_refused_total", {"reason": "draining"}),
)


@pytest.fixture
async def node(valkey: RedisServer) -> AsyncIterator[Node]:
    async with running_node(valkey.url) as running:
        running.door.add_person("ann", Role.PARTICIPANT)
        yield running


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0


async def test_messages_refusals_closings_sockets_and_joins_are_counted(node: Node) -> None:
    before = [value(name, **labels) for name, labels in COUNTED]
    identified = value("tongxin_sockets", phase="identified")
    stranger = await node.connect()
    await stranger.join()
    ann = await node.enter("ann")
    await eventually(lambda: value("tongxin_sockets", phase="identified") == identified + 1)
    await ann.request("send_chat", text="hi", nonce="1")
    await ann.request("end")
    await ann.ws.send_str("?")
    await ann.end()
    await eventually(lambda: value("tongxin_sockets", phase="identified") == identified)
    await node.edge.drain()
    async with node.http.get(node.url) as response:
        assert response.status == 503
    moved = [value(name, **labels) - former for (name, labels), former in zip(COUNTED, before, strict=True)]
    assert moved == [1] * len(COUNTED)
