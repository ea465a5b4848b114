"""The law, over the wire: a client's snapshot, moved by the events it got, is what the server holds for its role."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rooms.core.events import AnyEvent
from rooms.core.events_apply import apply
from rooms.core.model import Role, RoomView
from rooms.ports import RoomRecord
from tests.support.redis_servers import RedisServer
from tests.support.wire import Client, Json, Node, running_node

decode_view = msgspec.json.Decoder(RoomView).decode
decode_event: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)

WHO = ("host", "co_host", "participant", "guest")


class Follower:
    """A page's copy of the room."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.view = view_of(client.joined)

    async def catch_up(self) -> None:
        for message in await self.client.quiet():
            if message["type"] == "event":
                assert message["seq"] > self.view.seq
                apply(self.view, message["seq"], decode_event.decode(msgspec.json.encode(message["event"])))


def view_of(joined: Json) -> RoomView:
    return decode_view(msgspec.json.encode(joined["room"]))


@pytest.fixture
async def node(valkey: RedisServer) -> AsyncIterator[Node]:
    async with running_node(valkey.url) as running:
        yield running


whom = st.sampled_from(WHO)
steps = st.one_of(
    st.tuples(
        st.just("send_chat"), whom, st.builds(lambda text: {"text": text, "nonce": text}, st.text("ab", min_size=1))
    ),
    st.tuples(st.just("raise_hand"), whom, st.builds(lambda up: {"raised": up}, st.booleans())),
    st.tuples(st.just("rename"), whom, st.builds(lambda name: {"name": name}, st.sampled_from(["Li", "Wu", "赵"]))),
    st.tuples(st.just("react"), whom, st.just({"reaction": "clap"})),
    st.tuples(st.just("report_quality"), whom, st.just({"quality": "bad", "cause": "delay"})),
    st.tuples(st.just("publish"), whom, st.just({"sdp": "v=0", "media": [{"mid": "0", "source": "microphone"}]})),
    st.tuples(st.just("set_lobby"), whom, st.builds(lambda on: {"enabled": on}, st.booleans())),
    st.tuples(st.just("set_locked"), whom, st.builds(lambda on: {"locked": on}, st.booleans())),
    st.tuples(st.just("mute_all"), whom, st.just({})),
    st.tuples(st.sampled_from(["start_recording", "stop_recording"]), whom, st.just({})),
    st.tuples(st.just("pause_recording"), whom, st.builds(lambda on: {"paused": on}, st.booleans())),
    st.tuples(
        st.just("stage_bring"),
        st.just("host"),
        st.builds(lambda of, on: {"of": of, "on": on}, whom, st.booleans()),
    ),
    st.tuples(st.sampled_from(["stage_go_live", "stage_end", "stage_hide_slides"]), whom, st.just({})),
    st.tuples(st.just("stage_layout"), whom, st.builds(lambda of: {"of": of, "layout": "solo"}, whom)),
    st.tuples(st.just("stage_name"), whom, st.builds(lambda of: {"of": of, "name": "Li", "shown": True}, whom)),
    st.tuples(st.just("stage_slides"), whom, st.just({"kind": "pages", "title": "Deck", "pages": 9})),
    st.tuples(st.just("stage_page"), whom, st.just({"page": 3})),
    st.tuples(st.just("stage_run"), whom, st.just({"items": [{"id": "item-0001", "title": "Welcome"}]})),
    st.tuples(st.just("stage_item"), whom, st.just({"item_id": "item-0001"})),
    st.tuples(st.just("stage_countdown"), whom, st.just({"seconds": 60})),
    st.tuples(st.just("admit"), whom, st.just({"entry_id": ""})),
    st.tuples(st.just("deny"), whom, st.just({"entry_id": ""})),
    st.tuples(st.just("set_role"), st.just("host"), st.builds(lambda to, role: {"to": to, "role": role}, whom, whom)),
    st.tuples(st.just("newcomer"), st.just("host"), st.just({})),
)


@given(st.lists(steps, max_size=12))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_snapshot_and_events_are_the_next_snapshot(node: Node, played: list[tuple[str, str, Json]]) -> None:
    room = uuid4()
    address = f"2001:db8:{room.hex[:4]}:{room.hex[4:8]}::1"  # a park of its own, so that no rate is in the way
    for person in (*WHO, "newcomer"):
        node.door.add_person(person, Role(person) if person in WHO else Role.GUEST, address=address)
    record = RoomRecord(id=f"law-{room}", code=f"law-{room}", title="Law", livestream_id="L" * 26)
    node.door.add_room(record)
    followers = {who: Follower(await node.enter(who, record.code, address=address)) for who in WHO}
    others: list[Client] = []
    for kind, who, fields in played:
        if kind == "newcomer":
            others.append(await node.enter("newcomer", record.code, address=address))
        elif kind == "set_role":
            target = followers[fields["to"]].client.me
            await followers[who].client.request(kind, participant_id=target, role=fields["role"])
        elif "of" in fields:
            target = followers[fields["of"]].client.me
            rest = {name: value for name, value in fields.items() if name != "of"}
            field = "focus" if kind == "stage_layout" else "participant_id"
            await followers[who].client.request(kind, **rest, **{field: target})
        else:
            await followers[who].client.request(kind, **fields)
    live = node.manager.find(record.id)
    assert live is not None
    for follower in followers.values():
        await follower.catch_up()
        role = live.view.participants[follower.client.me].role
        truth = live.view.for_role(role)
        truth.seq = follower.view.seq  # what was not for this role has moved it too
        assert follower.view == truth
    for client in (*others, *(follower.client for follower in followers.values())):
        await client.ws.close()
