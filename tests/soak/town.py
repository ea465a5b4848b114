"""Fifty people and a server: who lives where, when the server is killed, and what came of it all."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import aiohttp
import msgspec

from tests.bench.peer import Certificate
from tests.support.redis_servers import RedisServer
from tests.support.server import Tongxin

from . import measure
from .person import Person, Place
from .watch import Watch

ADDRESS: Final = "127.0.0.1"
ROOMS: Final = 5
LOUD_PER_ROOM: Final = 3
LOUD_FOR_S: Final = 15
# After a kill: the room's lease has to run out (rooms.store.keys.LEASE_MS) and everybody has to come back.
RECOVERY_MAX_S: Final = 30.0
SEEN_AFTER_KILL_S: Final = 24.0  # at least; a slow machine's recovery makes the whole longer, not the looking shorter
LEAVING_AT_ONCE: Final = 5
EMPTY_WITHIN_S: Final = 120.0  # seats of people who vanished are kept 60 s, empty rooms 30 s
FAULTS_KEPT: Final = 200


@dataclass(frozen=True)
class Plan:
    """`kills` are parts of the whole time.  `take_leave`: seats left without a word need not run out at the end."""

    seconds: float
    people: int = 50
    kills: tuple[float, ...] = (1 / 24, 1 / 12, 7 / 8)  # between them one long life, in which growth shows
    stay_s: float = 120.0
    sample_every_s: float = 10.0
    seed: int = 1
    take_leave: bool = False


@dataclass
class Outcome:
    plan: Plan
    samples: list[measure.Sample] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    faults_total: int = 0
    bad_lines: list[str] = field(default_factory=list)
    did: Counter[str] = field(default_factory=Counter)
    streams: Counter[str] = field(default_factory=Counter)
    watched: Counter[str] = field(default_factory=Counter)
    lag_max_s: float = 0.0
    lasted_s: float = 0.0
    recovered_s: list[float] = field(default_factory=list)  # after each kill: everybody had come back
    idle: measure.Sample | None = None  # before anybody came
    emptied: measure.Sample | None = None  # after the last one had gone

    @property
    def slope_bytes_per_hour(self) -> float:
        return measure.slope_bytes_per_hour(measure.settled(self.samples))

    def write(self, path: Path) -> None:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=1))


class Town:
    def __init__(self, folder: Path, plan: Plan) -> None:
        self._folder = folder
        self._plan = plan
        self._chance = random.Random(plan.seed)
        self._redis = RedisServer(folder)
        self._life = 0
        self._away_until = 0.0
        self._enough = asyncio.Event()
        self._end_at = 0.0
        self.outcome = Outcome(plan)
        self._server = self._start()
        self._people: list[Person] = []
        self._watch = Watch(self._fault, self._excused)
        self._began = time.monotonic()

    def close(self) -> None:
        self._server.stop()
        self._redis.stop()

    def end_early(self) -> None:
        """Enough for today: everybody leaves, and what was seen so far is judged."""
        self._enough.set()

    async def run(self) -> Outcome:
        place = await self._place()
        self._began = time.monotonic()
        connector = aiohttp.TCPConnector(limit=0, force_close=True)  # what is left open is then the server's own
        async with aiohttp.ClientSession(connector=connector) as http:
            self.outcome.idle = await self._sample(http)
            for number in range(self._plan.people):
                chance = random.Random(self._chance.random())
                self._people.append(Person(number, place, http, self._fault, self._excused, chance, self._plan.stay_s))
            await self._let_live(http)
            if self._plan.take_leave:
                await self._take_leave()
            await self._empty(http)
        self._gather()
        return self.outcome

    # ------------------------------------------------------------ inside

    async def _let_live(self, http: aiohttp.ClientSession) -> None:
        lives = [asyncio.create_task(self._arrive(person)) for person in self._people]
        chores = [
            asyncio.create_task(self._watch_all()),
            asyncio.create_task(self._sample_all(http)),
            asyncio.create_task(self._give_the_floor()),
            asyncio.create_task(self._kill_all()),
        ]
        self._end_at = self._began + self._plan.seconds
        end = asyncio.create_task(self._until_end())
        running: set[asyncio.Task[object]] = {*lives, *chores, end}
        await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        end.cancel()
        self.outcome.lasted_s = time.monotonic() - self._began
        self._excuse(EMPTY_WITHIN_S)
        for task in [*chores, *lives]:
            task.cancel()
        for result in await asyncio.gather(*chores, *lives, return_exceptions=True):
            if isinstance(result, Exception):
                raise result

    async def _until_end(self) -> None:
        while (left := self._end_at - time.monotonic()) > 0 and not self._enough.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._enough.wait()

    async def _arrive(self, person: Person) -> None:
        await asyncio.sleep(person.number * min(10.0, self._plan.seconds / 10) / self._plan.people)
        await person.live()

    async def _watch_all(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(1.0)
            self._watch.look(self._people, loop.time())

    async def _sample_all(self, http: aiohttp.ClientSession) -> None:
        while True:
            await asyncio.sleep(self._plan.sample_every_s)
            if not self._excused():
                self.outcome.samples.append(await self._sample(http))

    async def _give_the_floor(self) -> None:
        while True:
            by_room: dict[str, list[Person]] = {}
            for person in self._people:
                if person.here:
                    by_room.setdefault(person.room, []).append(person)
            for seated in by_room.values():
                speaking = self._chance.sample(seated, min(LOUD_PER_ROOM, len(seated)))
                for person in seated:
                    person.sending.loud = person in speaking
            await asyncio.sleep(LOUD_FOR_S)

    async def _kill_all(self) -> None:
        for part in self._plan.kills:
            await asyncio.sleep(max(0.0, self._began + part * self._plan.seconds - time.monotonic()))
            await self._kill()
        await asyncio.Event().wait()

    async def _kill(self) -> None:
        """As a crash does it: nothing is said, nothing is saved."""
        self._excuse(RECOVERY_MAX_S + 30)
        http_port, media_port = self._server.http_port, self._server.media_port
        self._server.program.stop(signal.SIGKILL)
        self._keep_log()
        self._server = await asyncio.to_thread(self._start, http_port, media_port)
        self._away_until = time.monotonic() + RECOVERY_MAX_S
        await self._until_back(time.monotonic())

    async def _take_leave(self) -> None:
        """Few at a time: a crowd would leave larger pools of connections than the days before did."""
        few = asyncio.Semaphore(LEAVING_AT_ONCE)

        async def leave(person: Person) -> None:
            async with few:
                await person.take_leave()

        await asyncio.gather(*(leave(person) for person in self._people))

    async def _until_back(self, since: float) -> None:
        """The excuse ends as soon as everybody is there again, wherever they have gone since then."""
        missing = set(self._people)
        while missing and self._excused():
            await asyncio.sleep(0.5)
            missing = {person for person in missing if not person.is_back(since)}
        self.outcome.recovered_s.append(round(time.monotonic() - since, 1))
        self._away_until = min(self._away_until, time.monotonic())
        self._end_at = max(self._end_at, time.monotonic() + SEEN_AFTER_KILL_S)

    async def _empty(self, http: aiohttp.ClientSession) -> None:
        """Everybody has left: the server has to be as it was."""
        end = time.monotonic() + EMPTY_WITHIN_S
        while True:
            last = self.outcome.emptied = await self._sample(http)
            left = [name for name in ("media_transports", "media_subscriptions", "participants", "rooms")
                    if last.gauges.get(name, 0)]  # fmt: skip
            if not left:
                return
            if time.monotonic() > end:
                self._fault(f"after all had left there were still {', '.join(left)}: {last.gauges}")
                return
            await asyncio.sleep(1.0)

    async def _sample(self, http: aiohttp.ClientSession) -> measure.Sample:
        metrics = ""
        with contextlib.suppress(aiohttp.ClientError, OSError):
            async with http.get(f"{self._server.url}/metrics", timeout=aiohttp.ClientTimeout(10)) as answer:
                metrics = await answer.text()
        people = sum(person.here for person in self._people)
        pid = self._server.program.pid
        at_s = time.monotonic() - self._began
        return await asyncio.to_thread(measure.sample, at_s, self._life, people, pid, metrics, self._redis.path)

    async def _place(self) -> Place:
        made = await asyncio.gather(*(asyncio.to_thread(self._make_room, number) for number in range(1, ROOMS)))
        return Place(self._server.url, ADDRESS, (self._server.room_code, *made), Certificate())

    def _make_room(self, number: int) -> str:
        return self._server.command("admin", "token", "--room", f"soak-room-{number:03}", "--subscribe").split()[1]

    def _start(self, http_port: int = 0, media_port: int = 0) -> Tongxin:
        self._life += 1
        environment = {
            "TONGXIN_LOG_LEVEL": "info",
            "TONGXIN_MEDIA_PORT": str(media_port),
            "TONGXIN_TRUSTED_PROXIES": ADDRESS,
        }
        return Tongxin(self._folder / "server", redis_url=self._redis.url, http_port=http_port, environment=environment)

    def _excuse(self, seconds: float) -> None:
        self._away_until = time.monotonic() + seconds

    def _excused(self) -> bool:
        return time.monotonic() < self._away_until

    def _fault(self, text: str) -> None:
        self.outcome.faults_total += 1
        if len(self.outcome.faults) < FAULTS_KEPT:
            self.outcome.faults.append(f"{time.monotonic() - self._began:.0f} s: {text}")
            print(self.outcome.faults[-1], flush=True)

    def _keep_log(self) -> None:
        self.outcome.bad_lines += measure.bad_lines(self._server.output())

    def _gather(self) -> None:
        self._keep_log()
        for person in self._people:
            self.outcome.did.update(person.did)
            self.outcome.streams.update(person.receiving.totals)
        self.outcome.watched = self._watch.counts
        self.outcome.lag_max_s = self._watch.lag_max_s


@contextlib.contextmanager
def open_town(folder: Path, plan: Plan) -> Iterator[Town]:
    town = Town(folder, plan)
    try:
        yield town
    finally:
        town.close()
