"""Who may say what, when: every message x every state and role, against real connections and a real room.

The matrix below is written by hand; the messages come from the dispatch table, so a message without a line here fails.
A cell is what the server must answer: `+` the message's own reply, else the exact code.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from rooms.core.assist_model import AssistRole
from rooms.core.commands import NoteRecording
from rooms.core.model import Grant, RecordingState, Role
from rooms.core.room import SYSTEM
from rooms.ports import RoomRecord
from signaling.commands import TABLE
from signaling.messages import REPLIES
from tests.support.redis_servers import RedisServer
from tests.support.wire import Client, Json, Node, running_node

U, W, F = "unauthenticated", "wrong_state", "forbidden"
OK = "+"
KEY = "B" + "a" * 86
SEALED_CHAT = "c" * 64
ENCRYPTED = ("show_key", "send_keys")  # are at home in encrypted rooms only
MARK = {
    "mark_id": "mark-of-subject",
    "kind": "circle",
    "color": "red",
    "width": 4,
    "points": [10, 10, 60, 60],
    "frame": {"rtp_timestamp": 1, "width": 640, "height": 480},
}
REGION = {"document_id": "manual", "page": 3}
MARKING = ("place_mark", "change_mark", "link_mark", "remove_mark", "remove_marks")
EXPERTS = (*MARKING, "ask_device", "show_document", "hide_document")
ON_SITE = ("report_mark", "confirm_mark", "set_still", "set_device", "answer_device", "lead_camera")
# In a room of assistance every column has the part that the message is for; what other parts may not is in
# tests/unit/rooms/core/test_assist.py.
PARTS = dict.fromkeys(EXPERTS, AssistRole.EXPERT) | dict.fromkeys(ON_SITE, AssistRole.ON_SITE)

# On a stage every column is on it.  Who is not has PRESENT but nothing to present: tests/unit/rooms/core/test_stage.py.
DIRECTING = (
    "stage_go_live",
    "stage_end",
    "stage_bring",
    "stage_layout",
    "stage_name",
    "stage_run",
    "stage_item",
    "stage_countdown",
)
PRESENTING = ("stage_slides", "stage_hide_slides", "stage_page")
STAGE = (*DIRECTING, *PRESENTING)

COLUMNS = ("stranger", "authenticated", "waiting", "guest", "participant", "co_host", "host", "removed")
MATRIX: dict[str, tuple[str, ...]] = {
    #                       stranger authenticated waiting guest part. co_host host removed, come back
    "hello":                (OK, W,  W,  W,  W,  W,  W,  W),
    "join":                 (U,  OK, W,  W,  W,  W,  W,  "removed"),
    "leave":                (U,  W,  OK, OK, OK, OK, OK, W),
    "ping":                 (U,  OK, OK, OK, OK, OK, OK, OK),
    "publish":              (U,  W,  W,  OK, OK, OK, OK, W),
    "answer":               (U,  W,  W,  OK, OK, OK, OK, W),
    "restart_subscription": (U,  W,  W,  OK, OK, OK, OK, W),
    "subscribe":            (U,  W,  W,  OK, OK, OK, OK, W),
    "set_muted":            (U,  W,  W,  OK, OK, OK, OK, W),
    "raise_hand":           (U,  W,  W,  OK, OK, OK, OK, W),
    "react":                (U,  W,  W,  OK, OK, OK, OK, W),
    "rename":               (U,  W,  W,  OK, OK, OK, OK, W),
    "report_quality":       (U,  W,  W,  OK, OK, OK, OK, W),
    "send_chat":            (U,  W,  W,  OK, OK, OK, OK, W),
    "delete_chat":          (U,  W,  W,  OK, OK, OK, OK, W),
    "read_chat":            (U,  W,  W,  OK, OK, OK, OK, W),
    "bring_file":           (U,  W,  W,  OK, OK, OK, OK, W),
    "share_file":           (U,  W,  W,  OK, OK, OK, OK, W),
    "open_file":            (U,  W,  W,  OK, OK, OK, OK, W),
    "set_file_sharing":     (U,  W,  W,  F,  F,  OK, OK, W),
    "show_key":             (U,  W,  W,  OK, OK, OK, OK, W),
    "send_keys":            (U,  W,  W,  OK, OK, OK, OK, W),
    "mute_participant":     (U,  W,  W,  F,  F,  OK, OK, W),
    "mute_all":             (U,  W,  W,  F,  F,  OK, OK, W),
    "lower_hand":           (U,  W,  W,  F,  F,  OK, OK, W),
    "remove":               (U,  W,  W,  F,  F,  OK, OK, W),
    "set_role":             (U,  W,  W,  F,  F,  OK, OK, W),
    "set_locked":           (U,  W,  W,  F,  F,  OK, OK, W),
    "set_lobby":            (U,  W,  W,  F,  F,  OK, OK, W),
    "admit":                (U,  W,  W,  F,  F,  OK, OK, W),
    "deny":                 (U,  W,  W,  F,  F,  OK, OK, W),
    "start_recording":      (U,  W,  W,  F,  F,  OK, OK, W),
    "pause_recording":      (U,  W,  W,  F,  F,  OK, OK, W),
    "stop_recording":       (U,  W,  W,  F,  F,  OK, OK, W),
    "end":                  (U,  W,  W,  F,  F,  F,  OK, W),
    **dict.fromkeys(DIRECTING, (U, W, W, F,  F,  OK, OK, W)),
    **dict.fromkeys(PRESENTING, (U, W, W, OK, OK, OK, OK, W)),
    **dict.fromkeys(PARTS,  (U,  W,  W,  OK, OK, OK, OK, W)),
}  # fmt: skip


@dataclass
class Scene:
    """A room of its own with a host, a guest on whom others may act, and the subject in the column's state."""

    record: RoomRecord
    host: Client
    victim: Client
    subject: Client
    subject_track: str = "none"
    subject_message: str = "none"
    ask_id: str = "none"

    def fields(self, kind: str) -> Json:
        """A message of this kind that is right in itself, so that only state and role can be in the way."""
        fields: dict[str, Json] = {
            "hello": {"protocol": 1, "token": "subject"},
            "join": {"room": self.record.code},
            "ping": {"sent_at_ms": 1},
            "publish": {"sdp": "v=0", "media": [{"mid": "0", "source": "microphone"}]},
            "answer": {"revision": 1, "sdp": "v=0"},
            "subscribe": {"wants": []},
            "set_muted": {"track_id": self.subject_track, "muted": True},
            "raise_hand": {"raised": True},
            "react": {"reaction": "clap"},
            "rename": {"name": "Somebody"},
            "report_quality": {"quality": "weak", "cause": "delay"},
            "send_chat": {"text": "hello", "nonce": "n"},
            "delete_chat": {"message_id": self.subject_message},
            "read_chat": {"before_id": "m"},
            "bring_file": {"key": "key-of-file", "name": "Plan.pdf", "size_bytes": 1_000},
            "share_file": {"key": "key-of-file", "nonce": "f"},
            "open_file": {"key": "key-of-file"},
            "set_file_sharing": {"sharing": "members"},
            "show_key": {"public_key": KEY},
            "send_keys": {"envelopes": [{"to": self.victim.me, "sealed": "s" * 80}]},
            "mute_participant": {"participant_id": self.victim.me, "source": "microphone"},
            "lower_hand": {"participant_id": self.victim.me},
            "remove": {"participant_id": self.victim.me},
            "set_role": {"participant_id": self.victim.me, "role": "participant"},
            "set_locked": {"locked": True},
            "set_lobby": {"enabled": False},
            "admit": {"entry_id": ""},
            "deny": {"entry_id": ""},
            "pause_recording": {"paused": True},
            "stage_bring": {"participant_id": self.victim.me, "on": True},
            "stage_layout": {"layout": "solo"},
            "stage_name": {"participant_id": self.victim.me, "name": "Li", "shown": True},
            "stage_slides": {"kind": "pages", "title": "Deck", "pages": 9},
            "stage_page": {"page": 2},
            "stage_run": {"items": [{"id": "item-0001", "title": "Welcome"}]},
            "stage_item": {"item_id": ""},
            "stage_countdown": {"seconds": 60},
            "place_mark": MARK,
            "change_mark": {"mark_id": MARK["mark_id"], "text": "this", "color": "blue", "number": 2},
            "link_mark": {"mark_id": MARK["mark_id"], "region": REGION},
            "remove_mark": {"mark_id": MARK["mark_id"]},
            "report_mark": {"mark_id": MARK["mark_id"], "state": "ok"},
            "confirm_mark": {"mark_id": MARK["mark_id"], "confirmed": True},
            "set_still": {"mark_id": MARK["mark_id"], "still_id": "still"},
            "set_device": {
                "mode": "video",
                "torch": True,
                "has_torch": True,
                "zoom": 2,
                "zoom_min": 1,
                "zoom_max": 4,
                "frozen": False,
            },
            "lead_camera": {"participant_id": self.subject.joined.get("participant_id", "nobody")},
            "ask_device": {"ask": "torch", "value": 1},
            "answer_device": {"ask_id": self.ask_id, "accepted": True},
            "show_document": {"region": REGION, "placement": "beside"},
        }
        return fields.get(kind, {})


@pytest.fixture
async def node(valkey: RedisServer) -> AsyncIterator[Node]:
    async with running_node(valkey.url) as running:
        running.door.add_person("owner", Role.HOST)
        running.door.add_person("victim", Role.GUEST)
        yield running


async def prepare(node: Node, column: str, kind: str) -> Scene:
    encrypted = kind in ENCRYPTED
    record = RoomRecord(
        id=f"room-{column}",
        code=f"code-{column}",
        title=column,
        encrypted=encrypted,
        assist=kind in PARTS,
        livestream_id="L" * 26 if kind in STAGE else "",
    )
    node.door.add_room(record)
    role = Role(column) if column in ("guest", "participant", "co_host", "host") else Role.GUEST
    subject_id = node.door.add_person("subject", role, id=f"subject-{column}").id
    assert node.door.roles[subject_id] is role
    if kind in PARTS:
        grant = Grant(subject_id, "Subject", role, address="192.0.2.1", assist=PARTS[kind])
        node.door.grants[subject_id] = grant
        expert = node.door.people["owner"]
        node.door.grants[expert.id] = Grant(expert.id, "Owner", Role.HOST, assist=AssistRole.EXPERT)
    host = await node.enter("owner", record.code)
    victim = await node.enter("victim", record.code)
    await victim.request("publish", sdp="v=0", media=[{"mid": "0", "source": "microphone"}])
    await victim.request("raise_hand", raised=True)
    subject = await node.connect()
    scene = Scene(record, host, victim, subject)
    if column == "stranger":
        return scene
    await subject.hello("subject")
    if column == "authenticated":
        return scene
    if column == "waiting":
        await host.request("set_lobby", enabled=True)
        assert (await subject.join(record.code))["type"] == "waiting"
        return scene
    assert (await subject.join(record.code))["type"] == "joined"
    if column == "removed":
        assert (await host.request("remove", participant_id=subject.me))["type"] == "ok"
        assert await subject.end() == "removed"
        scene.subject = await node.connect()
        await scene.subject.hello("subject")
        return scene
    published = await subject.request("publish", sdp="v=0", media=[{"mid": "1", "source": "microphone"}])
    scene.subject_track = published["tracks"][0]["track_id"]
    if kind in PARTS:
        await (host if kind in ON_SITE else subject).request("place_mark", **MARK)
    if kind == "answer_device":
        await host.request("ask_device", ask="still")
        scene.ask_id = (await subject.event("device_asked"))["ask"]["id"]
    if kind in ("pause_recording", "stop_recording"):
        await host.request("start_recording")
        room = node.manager.find(record.id)
        assert room is not None
        await room.ask(NoteRecording(SYSTEM, room.view.recording.id, RecordingState.ON))
    if kind in STAGE:
        await host.request("stage_bring", participant_id=subject.me, on=True)
    if kind == "stage_page":
        await host.request("stage_slides", kind="pages", title="Deck", pages=9)
    if kind == "stage_end":
        await host.request("stage_go_live")
    if kind == "send_keys":
        await subject.request("show_key", public_key=KEY)
    await subject.request("send_chat", text=SEALED_CHAT if encrypted else "mine", nonce="mine")
    sent = await subject.event("chat_sent")
    scene.subject_message = sent["message"]["id"]
    return scene


def verdict(kind: str, reply: Json) -> str:
    if reply["type"] == "error":
        return str(reply["code"])
    own = {
        str(server.__struct_config__.tag) for row, servers in REPLIES.items() if _tag(row) == kind for server in servers
    }
    return OK if reply["type"] in own else f"unexpected {reply['type']}"


def _tag(kind: type[Any]) -> str:
    return str(kind.__struct_config__.tag)


def test_the_matrix_covers_the_table() -> None:
    assert set(MATRIX) == {_tag(kind) for kind in TABLE}
    assert all(len(line) == len(COLUMNS) for line in MATRIX.values())


@pytest.mark.parametrize("kind", [_tag(kind) for kind in TABLE])
async def test_every_state_and_role_gets_its_answer(node: Node, kind: str) -> None:
    answers = {}
    for column in COLUMNS:
        scene = await prepare(node, column, kind)
        answers[column] = verdict(kind, await scene.subject.request(kind, **scene.fields(kind)))
    assert answers == dict(zip(COLUMNS, MATRIX[kind], strict=True))


@pytest.mark.parametrize("kind", [_tag(kind) for kind in TABLE])
async def test_after_a_refusal_nothing_has_happened(node: Node, kind: str) -> None:
    """A refused message leaves no trace in the room: the host sees no event of it."""
    for column, answer in zip(COLUMNS, MATRIX[kind], strict=True):
        if answer == OK:
            continue
        scene = await prepare(node, column, kind)
        await scene.host.quiet()
        await scene.subject.request(kind, **scene.fields(kind))
        assert [message for message in await scene.host.quiet() if message["type"] == "event"] == [], column
