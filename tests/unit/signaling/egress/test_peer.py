"""The receiving end of a tap says what it is time for: checks of the path, and reports, each at its own pace."""

from __future__ import annotations

from aioice import stun

from signaling.egress import wire
from signaling.egress.peer import CHECK_EVERY_MS, FIRST_CHECK_EVERY_MS, REPORT_EVERY_MS, Peer

PASSWORD = "p" * 22


def peer() -> Peer:
    return Peer(wire.Connect("127.0.0.1", 1, "tap", PASSWORD, receive_master=bytes(30), send_master=bytes(range(30))))


def kinds(packets: list[bytes]) -> list[str]:
    return ["check" if packet[0] < 4 else "report" for packet in packets]


def test_the_path_is_checked_often_until_it_is_answered_and_then_now_and_then() -> None:
    one = peer()
    request, _ = one.tend(0, ())
    message = stun.parse_message(request)
    assert message.check_message_integrity(PASSWORD.encode())
    assert kinds(one.tend(FIRST_CHECK_EVERY_MS - 1, ())) == []
    assert kinds(one.tend(FIRST_CHECK_EVERY_MS, ())) == ["check"]
    answer = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, message.transaction_id)
    answer.add_message_integrity(PASSWORD.encode())
    assert one.receive(bytes(answer)) is None
    assert kinds(one.tend(2 * FIRST_CHECK_EVERY_MS, ())) == ["check"]
    assert kinds(one.tend(3 * FIRST_CHECK_EVERY_MS, ())) == []
    assert kinds(one.tend(2 * FIRST_CHECK_EVERY_MS + CHECK_EVERY_MS, ())) == ["check", "report"]


def test_what_came_is_reported_once_a_second() -> None:
    one = peer()
    assert kinds(one.tend(0, ())) == ["check", "report"]
    one.answered = True
    assert "report" not in kinds(one.tend(REPORT_EVERY_MS - 1, ()))
    assert "report" in kinds(one.tend(REPORT_EVERY_MS, ()))
