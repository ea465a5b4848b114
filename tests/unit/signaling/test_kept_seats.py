from __future__ import annotations

from signaling.kept_seats import KeptSeats


def test_a_seat_is_taken_once_and_only_in_its_time() -> None:
    now = [100.0]
    kept = KeptSeats(60_000, lambda: now[0])
    kept.keep(b"one", "resume-1")
    kept.keep(b"two", "resume-2")
    assert (kept.take(b"one"), kept.take(b"one"), kept.take(b"three")) == ("resume-1", "", "")
    now[0] += 59.0
    assert kept.waits(b"two")
    now[0] += 2.0
    assert not kept.waits(b"two")
    assert kept.take(b"two") == ""
