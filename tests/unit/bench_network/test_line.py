"""The bad network of the bench does to packets what it says, and the same again for the same seed."""

from __future__ import annotations

from tests.bench_network.line import Direction, Weather

PACKET_BYTES = 1_000


def arrivals(
    weather: Weather, count: int, *, every_s: float = 0.01, seed: int = 3, udp: bool = True
) -> list[float | None]:
    """Seconds from the sending of each packet to its arrival."""
    direction = Direction(seed)
    direction.weather = weather
    found = (direction.arrival(PACKET_BYTES, udp, 100 + number * every_s) for number in range(count))
    return [None if at is None else at - 100 - number * every_s for number, at in enumerate(found)]


def test_loss_is_a_share_and_comes_from_the_seed() -> None:
    weather = Weather(loss=0.1)
    lost = arrivals(weather, 5_000).count(None)

    assert 400 < lost < 600
    assert arrivals(weather, 500) == arrivals(weather, 500)
    assert arrivals(weather, 500) != arrivals(weather, 500, seed=4)


def test_bursts_lose_packets_in_a_row() -> None:
    lost = [at is None for at in arrivals(Weather(burst_begins=0.02, burst_ends=0.2), 5_000)]
    begun = sum(now and not before for before, now in zip([False, *lost], lost, strict=False))

    assert 3 < sum(lost) / begun < 7


def test_delay_and_jitter_keep_the_order() -> None:
    times = arrivals(Weather(delay_ms=50, jitter_ms=40), 500)
    ends = [number * 0.01 + at for number, at in enumerate(times) if at is not None]

    assert all(at is not None and 0.049 < at < 0.15 for at in times)
    assert ends == sorted(ends)


def test_reordered_packets_come_behind_others() -> None:
    times = arrivals(Weather(reordered=0.1, reorder_ms=25), 500)
    ends = [number * 0.01 + at for number, at in enumerate(times) if at is not None]

    assert ends != sorted(ends)


def test_a_limit_makes_packets_wait_and_a_full_queue_loses_them() -> None:
    # 1,000 bytes every 10 ms are 800 kbit/s on a line of 400
    times = arrivals(Weather(limit_bps=400_000, queue_bytes=10_000), 400)
    passed = [at for at in times if at is not None]

    assert 190 < len(passed) < 220
    assert 0.15 < max(passed) <= 0.201


def test_tcp_is_only_delayed() -> None:
    times = arrivals(Weather(delay_ms=50, loss=1.0, limit_bps=1_000), 20, udp=False)

    assert all(at is not None and abs(at - 0.05) < 1e-6 for at in times)
