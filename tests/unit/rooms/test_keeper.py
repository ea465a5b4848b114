"""The rhythm of the keeper; what it does with rooms is in test_manager.py."""

from __future__ import annotations

import asyncio

from rooms.keeper import Keeper, Timing
from rooms.live import HostedRoom
from rooms.store.keys import Keys
from rooms.store.leases import RedisLeases
from rooms.store.presence import RedisPresence
from rooms.store.snapshots import RedisSnapshots
from tests.support.hosting import hosting
from tests.support.redis_servers import RedisServer
from tests.support.waiting import until

ROUNDS = 20
EVERY_MS = 20


async def test_it_sleeps_until_the_next_round(valkey: RedisServer, keys: Keys) -> None:
    rounds: list[float] = []

    def rooms() -> list[HostedRoom]:
        rounds.append(asyncio.get_running_loop().time())
        return []

    async with hosting(valkey.url, keys) as host:
        keeper = Keeper(
            "one",
            leases=RedisLeases(host.store, keys),
            snapshots=RedisSnapshots(host.store, keys),
            presence=RedisPresence(host.store, keys, lambda: 0),
            timing=Timing(save_every_ms=EVERY_MS),
            rooms=rooms,
            on_lost=lambda _: None,
        )
        saving = asyncio.create_task(keeper.run_saving())
        await until(lambda: len(rounds) > ROUNDS)
        saving.cancel()

    assert rounds[ROUNDS] - rounds[0] >= 0.9 * ROUNDS * EVERY_MS / 1_000  # later on a busy machine, never sooner
