"""Whatever one client sends, the others in its room do not notice."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import get_args
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import inspect as shapes

from rooms.core.codes import Code
from rooms.core.model import Role
from signaling import messages
from tests.support.redis_servers import RedisServer
from tests.support.wire import ROOM, Client, Node, running_node

TAGS = [str(kind.__struct_config__.tag) for kind in get_args(messages.AnyClientMessage)]
FIELDS = sorted(
    {
        field.encode_name
        for shape in map(shapes.type_info, get_args(messages.AnyClientMessage))
        if isinstance(shape, shapes.StructType)
        for field in shape.fields
    }
)
CODES = {code.value for code in Code} | {""}

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False),
    st.text(max_size=30),
    st.sampled_from(
        ["", "host", "camera", "microphone", "v=0", "bad", "fault", "\u202e", "\x00", "__proto__", ROOM.code]
    ),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["mid", "source", "track_id"]), inner),
    max_leaves=6,
)
near_messages = st.builds(
    lambda tag, number, fields: json.dumps({"type": tag, "id": number, **fields}),
    st.sampled_from(TAGS),
    st.integers(1, 2**31 - 1),
    st.dictionaries(st.sampled_from([name for name in FIELDS if name != "id"]), values, max_size=4),
)
valid = st.sampled_from(
    [
        '{"type":"send_chat","id":5,"text":"\\u0000\\u202e x","nonce":"1"}',
        '{"type":"rename","id":6,"name":"\\u202e"}',
        '{"type":"publish","id":7,"sdp":"fault","media":[]}',
        '{"type":"publish","id":8,"sdp":"v=0","media":[{"mid":"","source":"screen"}]}',
        '{"type":"set_role","id":9,"participant_id":"","role":"host"}',
        '{"type":"remove","id":10,"participant_id":"\\u0000"}',
        '{"type":"admit","id":11,"entry_id":""}',
        '{"type":"react","id":12,"reaction":"\\n"}',
        '{"type":"leave","id":13}',
    ]
)
frames = st.one_of(near_messages, valid, st.text(max_size=200), st.just("[" * 300), st.just('{"a":' * 300))


@pytest.fixture
async def node(valkey: RedisServer) -> AsyncIterator[Node]:
    async with running_node(valkey.url) as running:
        running.door.add_person("host", Role.HOST)
        for role in (Role.CO_HOST, Role.GUEST):
            running.door.add_person(role.value, role)
        yield running


async def read_to_pong_or_end(client: Client) -> None:
    """All that the server says is well formed: replies, events, or a closing with a known code."""
    known = {str(kind.__struct_config__.tag) for kind in get_args(messages.AnyServerMessage)}
    try:
        found = await client.quiet()
    except (AssertionError, ConnectionError):
        assert await client.end() in CODES
        return
    assert {message["type"] for message in found} <= known


@given(st.sampled_from(["co_host", "guest", ""]), st.lists(frames, min_size=1, max_size=15))
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_hostile_frames_trouble_nobody_else(node: Node, token: str, hostile: list[str]) -> None:
    host = await node.enter("host")
    attacker = await node.enter(token) if token else await node.connect()
    try:
        for text in hostile:
            await attacker.ws.send_str(text)
    except (ConnectionError, RuntimeError):
        pass  # closed already
    await read_to_pong_or_end(attacker)
    nonce = uuid4().hex
    reply = await host.request("send_chat", text="still here", nonce=nonce)
    assert reply["type"] == "ok", reply
    sent = await host.until(lambda found: found.get("event", {}).get("message", {}).get("nonce") == nonce)
    assert sent["event"]["message"]["text"] == "still here"
    await attacker.ws.close()
    await host.request("leave")
    await host.ws.close()
