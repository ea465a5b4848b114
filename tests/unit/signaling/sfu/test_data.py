from __future__ import annotations

import pytest

from signaling.sfu import data
from signaling.sfu.data import (
    BYTES_BURST,
    DELIVERIES_BURST,
    DELIVERIES_PER_S,
    MESSAGES_BURST,
    DataAllowance,
    DataMessage,
    RoomAllowance,
)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (b"cursor\0payload", DataMessage(b"cursor", "", b"payload")),
        (b"cursor\0", DataMessage(b"cursor", "", b"")),
        (b"ar.mark_2@NmqOTEh_6pQ-\0\0\0", DataMessage(b"ar.mark_2", "NmqOTEh_6pQ-", b"\0\0")),
        (b"", None),
        (b"cursor", None),
        (b"\0payload", None),
        (b"Cursor\0payload", None),
        (b"cursor@\0payload", None),
        (b"cursor@a@b\0payload", None),
        (b"cursor@\xff\0payload", None),
        (b"c" * 49 + b"\0x", None),
        (b"\xff\xfe\0x", None),
    ],
)
def test_what_is_a_message(message: bytes, expected: DataMessage | None) -> None:
    assert data.parse(message) == expected


def test_the_sender_is_written_by_the_server() -> None:
    message = data.parse(b"cursor\0mallory\0x")
    assert message is not None
    assert message.as_from("ana") == b"cursor\0ana\0mallory\0x"


def test_a_seat_may_send_so_many_messages_and_bytes() -> None:
    allowance = DataAllowance(now_ms=0)
    assert all(allowance.take(10, 0) for _ in range(MESSAGES_BURST))
    assert not allowance.take(10, 0)
    assert allowance.take(10, 10)  # a hundred a second
    large = DataAllowance(now_ms=0)
    assert all(large.take(65_536, 0) for _ in range(BYTES_BURST // 65_536))
    assert not large.take(65_536, 0)


def test_a_room_may_cause_so_many_deliveries() -> None:
    allowance = RoomAllowance(now_ms=0)
    assert all(allowance.take(1_000, 0) for _ in range(DELIVERIES_BURST // 1_000))
    assert not allowance.take(1_000, 0)
    assert allowance.take(1_000, 1_000_000 // DELIVERIES_PER_S)
