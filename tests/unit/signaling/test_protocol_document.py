"""PROTOCOL.md says what the code does: the table of requests, every message, event, code and number."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import get_args

import msgspec
import pytest

import signaling
from rooms.core import assist_model, commands, events, model
from rooms.core.codes import Code
from signaling import codec, limits, messages, outbox, services, session, websocket
from signaling.commands import TABLE
from signaling.session import Lane, State

TEXT = (Path(signaling.__file__).parent / "PROTOCOL.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return TEXT.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def test_the_table_of_requests_is_the_dispatch_table() -> None:
    expected = [
        f"| `{kind.__struct_config__.tag}` | {', '.join(state.value for state in State if state in row.states)} "
        f"| {row.permission.value if row.permission else '-'} | {row.cost} "
        f"| {', '.join(f'`{reply.__struct_config__.tag}`' for reply in messages.REPLIES[kind])} |"
        for kind, row in TABLE.items()
    ]
    assert [line for line in section("Requests").splitlines() if line.startswith("| `")] == expected


@pytest.mark.parametrize("kind", get_args(messages.AnyClientMessage))
def test_every_field_of_a_request_is_named(kind: type[messages.ClientMessage]) -> None:
    text = section("Requests").split("Fields, where", 1)[1]
    tag = kind.__struct_config__.tag
    fields = [name for name in kind.__struct_fields__ if name != "id"]
    named = re.search(rf"`{tag}(?: {{([^}}]*)}})?`", text)
    assert named is not None, tag
    assert re.findall(r"\w+", named[1] or "") == fields


@pytest.mark.parametrize("kind", get_args(messages.AnyServerMessage))
def test_every_message_of_the_server_is_told(kind: type[messages.ServerMessage]) -> None:
    assert f"| `{kind.__struct_config__.tag}` |" in section("What the server says")


@pytest.mark.parametrize("event", get_args(events.AnyEvent))
def test_every_event_is_told(event: type[events.Event]) -> None:
    assert f"`{event.__struct_config__.tag}`" in section("Events")


@pytest.mark.parametrize("code", Code)
def test_every_code_is_explained(code: Code) -> None:
    (line,) = [line for line in section("Codes").splitlines() if line.startswith(f"| `{code.value}` |")]
    assert ("come back" in line) is (code in messages.RESUMABLE)


@pytest.mark.parametrize("code", Code)
def test_close_codes_are_told(code: Code) -> None:
    sentence = re.sub(r"\s+", " ", section("Codes").split("The WebSocket close code", 1)[1])
    number = int(websocket.CLOSE_CODES.get(code, 1008))
    clause = next((part for part in re.split(r", (?=\d)|, else", sentence) if f"`{code.value}`" in part), "1008")
    assert str(number) in clause


@pytest.mark.parametrize(
    "enum",
    [
        assist_model.AssistRole,
        assist_model.MarkKind,
        assist_model.MarkColor,
        assist_model.MarkState,
        assist_model.CameraMode,
        assist_model.AskKind,
        assist_model.Placement,
        assist_model.RecordKind,
    ],
)
def test_every_word_of_assistance_is_told(enum: type[StrEnum]) -> None:
    assert [member for member in enum if f"`{member.value}`" not in section("Requests") + section("Events")] == []


def test_every_value_is_listed() -> None:
    for enum in (model.Source, model.Quality, events.LeaveReason, model.Presence, messages.QualityCause):
        for member in enum:
            assert member.value == "" or f"`{member.value}`" in TEXT, member
    for reaction in commands.REACTIONS:
        assert f"`{reaction}`" in TEXT


@pytest.mark.parametrize(
    "number",
    [
        messages.FRAME_MAX_BYTES,
        messages.JSON_DEPTH_MAX,
        codec.BRACKETS_MAX,
        messages.SDP_MAX_CHARS,
        model.CHAT_TEXT_MAX_CHARS,
        model.NAME_MAX_CHARS,
        model.TITLE_MAX_CHARS,
        session.RATE_PER_S,
        session.BURST,
        session.BYTES_PER_COST,
        session.REFUSALS_BURST,
        session.REFUSALS_PER_S,
        *(lane.bound for lane in Lane),
        outbox.FRAMES_MAX,
        limits.UNAUTHENTICATED_PER_ADDRESS_MAX,
        limits.UNAUTHENTICATED_MAX,
        int(limits.SOCKETS.per_minute),
        limits.SOCKETS.burst,
        int(limits.JOINS.per_minute),
        limits.JOINS.burst,
        model.PARTICIPANTS_MAX,
        model.LOBBY_MAX,
        model.TRACKS_PER_PARTICIPANT_MAX,
        model.CHAT_HISTORY_MAX_MESSAGES,
        assist_model.MARKS_MAX,
        assist_model.MARK_NUMBERS_MAX,
        assist_model.MARK_POINTS_MAX,
        assist_model.MARK_TEXT_MAX_CHARS,
        assist_model.ASKS_MAX,
    ],
)
def test_the_limits_are_the_codes_own(number: int) -> None:
    assert re.search(rf"(?<![\d,]){number:,}(?![\d,]*\d)", section("Limits")), number


def test_times_and_sizes_in_words_are_the_codes_own() -> None:
    assert session.AUTHENTICATE_WITHIN_MS == 10_000
    assert session.SILENCE_MAX_MS == 90_000
    assert services.Timing().heartbeat_ms == 15_000
    assert model.SEAT_KEPT_MS == 60_000
    assert outbox.BYTES_MAX == 4 * 1024 * 1024


def test_the_example_is_valid() -> None:
    lines = [line.strip() for line in section("An example").splitlines() if line.startswith("    ")]
    server: msgspec.json.Decoder[messages.AnyServerMessage] = msgspec.json.Decoder(messages.AnyServerMessage)
    assert len(lines) > 10
    for line in lines:
        data = line[2:].encode()
        message = codec.decode(data) if line.startswith(">") else server.decode(data)
        assert msgspec.json.encode(message).startswith(data[: data.index(b",")])
