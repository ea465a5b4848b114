"""Hundreds of people come to one room with a microphone each: how long they wait, and what those inside feel of it.

`python -m tests.bench.arrivals [--people 300] [--per-second 20]`: each is a WebSocket and two connections, as a page
has them: joins, publishes, answers every offer, and says what it wants when that has settled for a second.  Beside them
a seat pings the server: how long its one event loop was not free.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import select
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp

from tests.soak import media, sdp
from tests.soak.line import Line
from tests.support.server import Tongxin

from . import cpu, namespace
from .joins import percentile
from .peer import Certificate
from .sdp import read_remote

SETTLED_S: Final = 1.0  # static/src/state/wants.ts: SETTLE_UNSEEN_MS
LISTED_MAX: Final = 16  # likewise: LISTED_MICROPHONES_MAX
SOUNDS_PER_S: Final = 10
LOUD: Final = 5
LOUD_DBOV: Final = 20
WITHIN_S: Final = 60.0
PING_EVERY_S: Final = 0.02
LATE_EVERY_S: Final = 0.01
Json = dict[str, Any]


@dataclass
class Waits:
    """Milliseconds, one of each person."""

    joined: list[float] = field(default_factory=list)  # `join` to `joined`
    published: list[float] = field(default_factory=list)  # `publish` to `published`
    connected: list[float] = field(default_factory=list)  # `join` to keys on both connections
    heard: list[float] = field(default_factory=list)  # `join` to the first packet of somebody's voice
    late: list[float] = field(default_factory=list)  # how late this client was itself, each 10 ms: it is in all of them


@dataclass(frozen=True)
class Arrivals:
    people: int
    per_second: int
    waits: Waits
    pings: list[float]  # milliseconds
    cpu_ms_per_person: float  # of the server, sounds and all
    cores: float
    took_s: float

    def __str__(self) -> str:
        def both(values: list[float]) -> str:
            return f"{percentile(values, 0.5):.0f} / {percentile(values, 0.95):.0f} / {max(values):.0f}"

        waits = self.waits
        return (
            f"{self.people} microphones at {self.per_second} a second; p50 / p95 / max in ms: "
            f"joined {both(waits.joined)}, published {both(waits.published)}, "
            f"both connections secure {both(waits.connected)}, first sound {both(waits.heard)}; "
            f"a ping meanwhile {both(self.pings)}, p99 {percentile(self.pings, 0.99):.0f}; "
            f"the client itself late by {both(waits.late)}; "
            f"{self.cpu_ms_per_person:.1f} ms of server CPU a person, {self.cores:.2f} cores, {self.took_s:.1f} s"
        )


class Room:
    """What all guests share: the server, and the microphones that everybody knows of."""

    def __init__(self, server: Tongxin, http: aiohttp.ClientSession, address: str) -> None:
        self.server = server
        self.http = http
        self.address = address
        self.certificate = Certificate()
        self.microphones: list[str] = []
        self.waits = Waits()


class Guest:
    """One who comes with a microphone, and stays until `close`."""

    def __init__(self, room: Room, number: int) -> None:
        self._room = room
        self._number = number
        self._ids = itertools.count(1)
        self._began = 0.0
        self._replies: dict[int, asyncio.Future[Json]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._heard = asyncio.Event()
        self._secure = asyncio.Event()
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._publishing = Line(room.certificate, room.address, lambda _: None, lambda _: None)
        self._subscribing = Line(room.certificate, room.address, self._hear, lambda _: None)

    async def greet(self) -> None:
        """Up to the door: a guest's token, a socket, and who it is."""
        room = self._room
        url = f"{room.server.url}/api/rooms/{room.server.room_code}/guests"
        headers = {"X-Forwarded-For": f"10.0.{self._number // 200}.{self._number % 200 + 1}"}
        async with room.http.post(url, json={"name": f"Person {self._number}"}, headers=headers) as answer:
            answer.raise_for_status()
            token = (await answer.json())["token"]
        self._socket = await room.http.ws_connect(f"{room.server.url}/ws", headers={"Origin": room.server.url})
        self._start(self._read(self._socket))
        await self._ask("hello", protocol=1, token=token)

    async def join(self) -> None:
        loop, waits = asyncio.get_running_loop(), self._room.waits
        self._began = loop.time()
        await self._ask("join", room=self._room.server.room_code)
        waits.joined.append(self._ms())
        sound = media.Outgoing(media.AUDIO_PAYLOAD_TYPE, sdp.AUDIO_MID, 48_000)
        offer = sdp.publishing_offer(self._publishing, self._room.certificate.fingerprint, sound.ssrc, ())
        asked = loop.time()
        published = await self._ask("publish", sdp=offer, media=[{"mid": sdp.AUDIO_MID, "source": "microphone"}])
        waits.published.append((loop.time() - asked) * 1e3)
        self._room.microphones.append(published["tracks"][0]["track_id"])
        self._start(self._tell_wants())
        await self._publishing.connect(read_remote(published["sdp"], self._room.address))
        await self._secure.wait()
        waits.connected.append(self._ms())
        self._start(self._speak(sound))
        await self._heard.wait()
        waits.heard.append(self._ms())

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        done = await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._publishing.close()
        await self._subscribing.close()
        if self._socket is not None:
            await self._socket.close()
        for error in done:
            if isinstance(error, Exception):
                raise error

    def _ms(self) -> float:
        return (asyncio.get_running_loop().time() - self._began) * 1e3

    def _start(self, work: Any) -> None:
        self._tasks.append(asyncio.get_running_loop().create_task(work))

    async def _ask(self, kind: str, **fields: object) -> Json:
        assert self._socket is not None
        number = next(self._ids)
        reply = self._replies[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_str(json.dumps({"type": kind, "id": number, **fields}))
        async with asyncio.timeout(WITHIN_S):
            message: Json = await reply
        if message["type"] == "error" and message["code"] != "conflict":
            raise RuntimeError(f"{kind}: {message}")
        return message

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for frame in socket:
            if frame.data.startswith('{"type":"event"'):
                continue  # of all that is said by far the most; `microphones` stands for it
            message: Json = json.loads(frame.data)
            reply = self._replies.pop(message.get("id", 0), None)
            if reply is not None and not reply.done():
                reply.set_result(message)
            elif message["type"] == "offer":
                self._start(self._answer(message))

    async def _answer(self, offer: Json) -> None:
        line = self._subscribing
        text, _ = sdp.subscribing_answer(offer["sdp"], line, self._room.certificate.fingerprint)
        await self._ask("answer", revision=offer["revision"], sdp=text)
        if line.remote is None:
            await line.connect(read_remote(offer["sdp"], self._room.address))
            self._secure.set()

    def _hear(self, _: bytes) -> None:
        """From then on the kernel may drop what comes: one process cannot read for hundreds."""
        if not self._heard.is_set():
            self._heard.set()
            self._subscribing.rest()

    async def _tell_wants(self) -> None:
        told = 0
        while True:
            await asyncio.sleep(SETTLED_S)
            known = self._room.microphones
            if len(known) != told:
                told = len(known)
                listed = known if told <= LISTED_MAX else []
                wants = [{"track_id": track, "visible": True, "width": 0, "height": 0} for track in listed]
                await self._ask("subscribe", wants=wants)

    async def _speak(self, sound: media.Outgoing) -> None:
        keys = self._publishing.sending
        assert keys is not None
        for number in itertools.count():
            sound.timestamp += 48_000 // SOUNDS_PER_S
            level = LOUD_DBOV + number % 3 if self._number < LOUD else media.SILENCE_DBOV
            self._publishing.send(sound.packet(keys, bytes(60), number, marker=False, level=level))
            await asyncio.sleep(1 / SOUNDS_PER_S)


async def _ping(url: str, token: str) -> list[float]:
    """Until the standard input ends.  Milliseconds from ping to pong."""
    times: list[float] = []
    async with aiohttp.ClientSession() as http, http.ws_connect(f"{url}/ws", headers={"Origin": url}) as socket:
        await socket.send_str(json.dumps({"type": "hello", "id": 1, "protocol": 1, "token": token}))
        await socket.receive(timeout=10)
        for number in itertools.count(2):
            if select.select([sys.stdin], [], [], 0)[0]:
                break
            began = time.perf_counter()
            await socket.send_str(f'{{"type":"ping","id":{number},"sent_at_ms":0}}')
            await socket.receive(timeout=30)
            times.append((time.perf_counter() - began) * 1e3)
            await asyncio.sleep(PING_EVERY_S)
    return times


async def _arrive(server: Tongxin, address: str, people: int, per_second: int) -> tuple[Waits, float, float]:
    """Waits, nanoseconds of CPU of the server, seconds."""
    connector = aiohttp.TCPConnector(limit=0)
    async with contextlib.AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
        room = Room(server, http, address)
        guests = [Guest(room, number) for number in range(people)]
        for guest in guests:
            stack.push_async_callback(guest.close)
        for guest in guests:
            await guest.greet()
        loop = asyncio.get_running_loop()
        start, spent = loop.time(), cpu.cpu_ns(server.program.pid)

        async def come(number: int) -> None:
            await asyncio.sleep(max(0.0, start + number / per_second - loop.time()))
            await guests[number].join()

        async def watch() -> None:
            while True:
                due = loop.time() + LATE_EVERY_S
                await asyncio.sleep(LATE_EVERY_S)
                room.waits.late.append((loop.time() - due) * 1e3)

        watching = loop.create_task(watch())
        async with asyncio.TaskGroup() as tasks:
            for number in range(people):
                tasks.create_task(come(number))
        watching.cancel()
        return room.waits, cpu.cpu_ns(server.program.pid) - spent, loop.time() - start


def measure(folder: Path, address: str, people: int, per_second: int) -> Arrivals:
    """The pings come from a process of their own, so that nothing of the crowd's delays them."""
    environment = {"TONGXIN_TRUSTED_PROXIES": address, "TONGXIN_LOG_LEVEL": "warning"}
    with Tongxin(folder, address=address, environment=environment) as server:
        token = server.command("admin", "token", "--room", server.room_code, "--subscribe").split()[-1]
        words = [sys.executable, "-m", "tests.bench.arrivals", f"--ping={server.url} {token}"]
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as pinging:
            waits, spent_ns, took_s = asyncio.run(_arrive(server, address, people, per_second))
            pings, _ = pinging.communicate()
    cores = spent_ns / 1e9 / took_s
    return Arrivals(people, per_second, waits, json.loads(pings), spent_ns / 1e6 / people, cores, took_s)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.arrivals", description=__doc__)
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--per-second", type=int, default=20)
    parser.add_argument("--ping", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.ping:
        print(json.dumps(asyncio.run(_ping(*asked.ping.split()))))
        return
    with tempfile.TemporaryDirectory() as name, namespace.enter() as address:
        print(measure(Path(name), address, asked.people, asked.per_second))


if __name__ == "__main__":
    main()
