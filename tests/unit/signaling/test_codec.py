"""Whatever bytes a client sends, decoding gives one known message or a ProtocolError, in bounded time."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.core.codes import Code
from signaling import codec, messages


def test_a_message_comes_back_as_its_type() -> None:
    message = codec.decode(b'{"type":"send_chat","id":7,"text":"\\u4f60\\u597d","nonce":"n1"}')
    assert message == messages.SendChat(id=7, text="你好", nonce="n1")


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"null",
        b"[]",
        b'"hello"',
        b"{",
        b'{"type":"ping"}',
        b'{"type":"no_such_type","id":1}',
        b'{"id":1}',
        b'{"type":"leave","id":1,"extra":true}',
        b'{"type":"leave","id":0}',
        b'{"type":"leave","id":2147483648}',
        b'{"type":"leave","id":"1"}',
        b'{"type":"leave","id":1.5}',
        b'{"type":"leave","id":true}',
        b'{"type":"ping","id":1,"sent_at_ms":' + b"9" * 10_000 + b"}",
        b'{"type":"ping","id":1,"sent_at_ms":-1}',
        b'{"type":"send_chat","id":1,"text":"\\ud800","nonce":"n"}',
        b'{"type":"send_chat","id":1,"text":"\xff\xfe","nonce":"n"}',
        b'{"type":"send_chat","id":1,"text":"","nonce":"n"}',
        b'{"type":"send_chat","id":1,"text":"hi","nonce":""}',
        b'{"type":"set_role","id":1,"participant_id":"p","role":"owner"}',
        b'{"type":"leave","id":1}{"type":"leave","id":2}',
        b'{"type":"join","id":1,"room":"' + b"a" * 65 + b'"}',
        b'{"type":"hello","id":1,"protocol":1,"token":"' + b"a" * 513 + b'"}',
    ],
)
def test_what_is_not_exactly_one_message_is_refused(frame: bytes) -> None:
    with pytest.raises(codec.ProtocolError) as refusal:
        codec.decode(frame)
    assert refusal.value.code is Code.BAD_MESSAGE


def test_chat_text_ends_at_its_limit() -> None:
    def chat(length: int) -> bytes:
        return json.dumps({"type": "send_chat", "id": 1, "text": "x" * length, "nonce": "n"}).encode()

    codec.decode(chat(4_000))
    with pytest.raises(codec.ProtocolError):
        codec.decode(chat(4_001))


def test_an_sdp_ends_at_its_limit() -> None:
    def publish(length: int) -> bytes:
        return json.dumps({"type": "publish", "id": 1, "sdp": "v" * length, "media": []}).encode()

    codec.decode(publish(messages.SDP_MAX_CHARS))
    with pytest.raises(codec.ProtocolError):
        codec.decode(publish(messages.SDP_MAX_CHARS + 1))


def test_a_frame_ends_at_its_limit() -> None:
    frame = b'{"type":"leave","id":1' + b" " * messages.FRAME_MAX_BYTES
    with pytest.raises(codec.ProtocolError) as refusal:
        codec.decode(frame)
    assert refusal.value.code is Code.TOO_LARGE


def test_depth_is_counted_outside_of_strings_only() -> None:
    """Brackets in a chat text are text, also behind escaped quotes."""
    text = '[{"' * 200
    message = codec.decode(json.dumps({"type": "send_chat", "id": 1, "text": text, "nonce": "n"}).encode())
    assert isinstance(message, messages.SendChat)
    assert message.text == text


@pytest.mark.parametrize("depth", [16, 17])
def test_depth_ends_at_its_limit(depth: int) -> None:
    assert codec.too_nested(b"[" * depth + b"]" * depth) is (depth > messages.JSON_DEPTH_MAX)


def test_the_largest_legal_list_is_taken() -> None:
    wants = [{"track_id": f"t{number}", "width": 8192, "height": 8192} for number in range(2_048)]
    message = codec.decode(json.dumps({"type": "subscribe", "id": 1, "wants": wants}).encode())
    assert isinstance(message, messages.Subscribe)
    assert len(message.wants) == 2_048


@pytest.mark.parametrize(
    "frame",
    [
        b"[" * messages.FRAME_MAX_BYTES,
        b"[]" * (messages.FRAME_MAX_BYTES // 2),
        b'"' * messages.FRAME_MAX_BYTES,
        b'"' + b'\\"' * (messages.FRAME_MAX_BYTES // 2 - 1),
        b"[" * 20 + b'"' + b"\\" * (messages.FRAME_MAX_BYTES - 30),
        b'[{"a":"' * (messages.FRAME_MAX_BYTES // 7),
    ],
)
def test_hostile_frames_cost_little(frame: bytes) -> None:
    """A scan that were quadratic would take minutes; CPU time, so that a busy machine does not count."""
    started = time.process_time()
    with pytest.raises(codec.ProtocolError):
        codec.decode(frame)
    assert time.process_time() - started < 1


@given(st.binary(max_size=4_096))
def test_no_bytes_raise_anything_else(frame: bytes) -> None:
    try:
        codec.decode(frame)
    except codec.ProtocolError:
        return


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(
    st.sampled_from([kind.__struct_config__.tag for kind in messages.REPLIES]),
    st.dictionaries(st.sampled_from(["id", "room", "sdp", "text", "wants", "media", "token", "nonce"]), json_values),
)
def test_no_json_raises_anything_else(tag: str, fields: dict[str, object]) -> None:
    frame = json.dumps({"type": tag, **fields}).encode()
    try:
        message = codec.decode(frame)
    except codec.ProtocolError:
        return
    assert codec.decode(codec.encode(message)) == message
