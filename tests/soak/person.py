"""A synthetic participant: a WebSocket that speaks the protocol, two lines, and somebody who never sits still."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import aiohttp

from tests.bench.peer import Certificate

from . import sdp
from .line import LineDied
from .receiving import Receiving
from .sending import Sending

Json = dict[str, Any]

REPLY_WITHIN_S: Final = 15.0
PING_EVERY_S: Final = 15.0
COME_BACK_WITHIN_S: Final = 45.0
HISTORY: Final = 12
TILES: Final = ((160, 90), (320, 180), (640, 360), (1280, 720))


class Refused(Exception):
    """The server said no, or nothing."""


class SocketLost(Exception):
    """The WebSocket ended."""


@dataclass(frozen=True)
class Place:
    """Where a person goes: `origin` is the server's page, `address` its media's, `rooms` the codes to choose from."""

    origin: str
    address: str
    rooms: tuple[str, ...]
    certificate: Certificate


class Person:
    """`fault` is told of what a live server must not do; `excused` says that the server is (or was just) away."""

    def __init__(
        self,
        number: int,
        place: Place,
        http: aiohttp.ClientSession,
        fault: Callable[[str], None],
        excused: Callable[[], bool],
        chance: random.Random,
        stay_s: float,
    ) -> None:
        self.number = number
        self._place = place
        self._http = http
        self._fault = fault
        self._excused = excused
        self._chance = chance
        self._stay_s = stay_s
        self._loop = asyncio.get_running_loop()
        source = self._address()
        self.receiving = Receiving(place.certificate, place.address, source)
        self.sending = Sending(place.certificate, place.address, source)
        self.room = ""
        self.id = ""
        self._resume = ""
        self._tokens: dict[str, str] = {}  # as a guest, of each room where it has been
        self._ws: aiohttp.ClientWebSocketResponse | None = None
        self._reading: asyncio.Task[None] | None = None
        self._offers: asyncio.Queue[Json] = asyncio.Queue()
        self._answering: asyncio.Task[None] | None = None
        self._pinging: asyncio.Task[None] | None = None
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Json]] = {}
        self.history: deque[str] = deque(maxlen=HISTORY)  # what it did last, for who has to find out why
        self.tracks: dict[str, tuple[str, str]] = {}  # of the others: id -> (source, participant id)
        self.visible: dict[str, float] = {}  # what it has asked to see or hear: track id -> since
        self.muted: set[str] = set()  # mids: a server that was killed gives new track ids
        self.bandwidth = "full"
        self.here = False
        self.did: dict[str, int] = {}
        self.moved_at = 0.0
        self._left_behind: list[tuple[str, str]] = []  # seats it went away from without a word: room, resume token

    # ------------------------------------------------------------ life

    async def live(self) -> None:
        """Come, stay, go, until cancelled."""
        try:
            while True:
                self.room = self._chance.choice(self._place.rooms)
                if await self._guarded("join", self._join()):
                    await self._stay()
                await self._guarded("go", self._go())
                await asyncio.sleep(self._chance.expovariate(1 / 2.0))
        finally:
            await self._go()

    async def take_leave(self) -> None:
        """Take the seats that it left without a word once more, and leave them: they need not run out then."""
        left, self._left_behind = self._left_behind, []
        for self.room, self._resume in left:
            await self._guarded("take_leave", self._open_socket())
            await self._leave()
            await self._go()

    def is_back(self, since: float) -> bool:
        """Seated, and both lines were answered since then (loop time)."""
        lines = (self.receiving.line, self.sending.line)
        return self.here and all(line is not None and line.secure and line.answered_at > since for line in lines)

    async def _stay(self) -> None:
        until = self._loop.time() + self._chance.expovariate(1 / self._stay_s)
        actions = (self._look, self._look, self._look, self._mute, self._move, self._restart, self._lose, self._say)
        while self._loop.time() < until:
            await asyncio.sleep(self._chance.uniform(1.0, 8.0))
            if not self.here:
                return  # it left, and could not come in again
            if self._ws is None or self._ws.closed:
                action = self._come_back
            elif self._lines_dead():
                action = self._renew
            else:
                action = self._chance.choice(actions)
            if not await self._guarded(action.__name__.strip("_"), action()) and action == self._come_back:
                return

    async def _guarded(self, name: str, doing: Any) -> bool:
        """Whether it worked.  What fails while the server is there is a fault of the server's."""
        self.did[name] = self.did.get(name, 0) + 1
        self._note(name)
        try:
            async with asyncio.timeout(60):
                await doing
        except SocketLost as error:
            if not self._excused():
                self._fault(f"person {self.number}, {name}: the socket ended: {error}")
            return False
        except (Refused, LineDied, TimeoutError, OSError, aiohttp.ClientError) as error:
            if not self._excused():
                self._fault(f"person {self.number}, {name}: {type(error).__name__} {error}")
            return False
        self._note(f"{name} done")
        return True

    def _note(self, text: str) -> None:
        self.history.append(f"{self._loop.time():.2f} {text}")

    def _lines_dead(self) -> bool:
        """No check was answered for longer than any hiccup."""
        lines = (self.receiving.line, self.sending.line)
        return any(line is None or self._loop.time() - line.answered_at > 10.0 for line in lines)

    # ------------------------------------------------------------ what people do

    async def _join(self) -> None:
        self.id = self._resume = ""
        await self._open_socket()
        await self._publish()

    async def _look(self) -> None:
        """Another layout: sizes change, some are hidden, some are not wanted at all."""
        wants: list[Json] = []
        pages = self._chance.choice(("grid", "speaker", "few"))
        tile = self._chance.choice(TILES)
        for track_id, (source, _) in self.tracks.items():
            if source in ("microphone", "screen_audio"):
                wants.append({"track_id": track_id})
                continue
            if pages == "few" and self._chance.random() < 0.5:
                continue
            width, height = self._chance.choice(TILES) if pages == "speaker" else tile
            visible = self._chance.random() > 0.15
            wants.append({"track_id": track_id, "visible": visible, "width": width, "height": height})
        now, before = self._loop.time(), self.visible
        seen = [want["track_id"] for want in wants if want.get("visible", True)]
        await self._ask("subscribe", wants=wants)
        self.visible = {track_id: before.get(track_id, now) for track_id in seen}

    async def _mute(self) -> None:
        for mid, track_id in list(self.sending.track_ids.items()):
            if self._chance.random() < 0.5:
                mute = mid not in self.muted and self._chance.random() < 0.5
                await self._ask("set_muted", track_id=track_id, muted=mute)
                (self.muted.add if mute else self.muted.discard)(mid)
                self.moved_at = self._loop.time()

    async def _move(self) -> None:
        """A network that hands over in silence: the same credentials from another address."""
        source = self._address()
        self.moved_at = self._loop.time()
        await self.sending.move(source)
        await self.receiving.move(source)
        self.moved_at = self._loop.time()

    async def _restart(self) -> None:
        """A network that the page noticed: ICE restarts of both lines, from another address."""
        source = self._address()
        self.moved_at = self._loop.time()
        self.receiving.source = source
        await self._ask("restart_subscription", fresh=False)
        await self.sending.restart(source, self._say_publish)
        self.moved_at = self._loop.time()

    async def _lose(self) -> None:
        """The socket is gone without a word; the seat is taken again, or left to run out."""
        await self._drop_socket()
        if self._chance.random() < 0.2:
            self.here = False
            self._left_behind.append((self.room, self._resume))
            await self.sending.close()
            await self.receiving.close()
            await self._join()
        else:
            await asyncio.sleep(self._chance.uniform(0.0, 3.0))
            await self._come_back()

    async def _say(self) -> None:
        await self._ask("send_chat", text="Can you hear me?", nonce=f"{self.number}-{next(self._ids)}")

    async def _come_back(self) -> None:
        """With the resume token; and with new lines where the former are dead."""
        await self._drop_socket()
        end = self._loop.time() + COME_BACK_WITHIN_S
        while True:
            try:
                await self._open_socket()
                break
            except (Refused, SocketLost, OSError, TimeoutError, aiohttp.ClientError):
                await self._drop_socket()
                if self._loop.time() > end:
                    raise
            await asyncio.sleep(self._chance.uniform(0.3, 1.5))
        for line in (self.sending.line, self.receiving.line):
            if line is None or line.remote is None:
                break
            try:
                await asyncio.wait_for(line.follow(line.remote), 2.0)
            except (LineDied, TimeoutError):
                break
        else:
            return
        await self._renew()

    async def _renew(self) -> None:
        await self._publish()
        await self._ask("restart_subscription", fresh=True)

    async def _go(self) -> None:
        """On purpose, or just away: then the seat runs out by itself."""
        self.here = False
        await self._stop_talking()
        if self._resume and (self._chance.random() >= 0.8 or not await self._leave()):
            self._left_behind.append((self.room, self._resume))
        self._resume = ""
        await self._drop_socket()
        await self.sending.close()
        await self.receiving.close()

    async def _leave(self) -> bool:
        """Whether the server took note of it."""
        with contextlib.suppress(Refused, SocketLost, OSError, TimeoutError, aiohttp.ClientError):
            await self._ask("leave")
            self._resume = ""
            return True
        return False

    # ------------------------------------------------------------ the socket

    def _headers(self) -> dict[str, str]:
        """The page's Origin, and what a proxy would add: each person has an address of their own."""
        return {"Origin": self._place.origin, "X-Forwarded-For": f"10.0.{self.number // 200}.{self.number % 200 + 1}"}

    async def _token(self) -> str:
        if self.room not in self._tokens:
            url = f"{self._place.origin}/api/rooms/{self.room}/guests"
            headers = {"X-Forwarded-For": self._headers()["X-Forwarded-For"]}
            async with self._http.post(url, json={"name": f"Person {self.number}"}, headers=headers) as answer:
                document = await answer.json(content_type=None)
                if answer.status >= 400:
                    raise Refused(f"guests: {document}")
            self._tokens[self.room] = str(document["token"])
        return self._tokens[self.room]

    def _address(self) -> str:
        return f"127.{self._chance.randrange(1, 200)}.{self._chance.randrange(256)}.{self._chance.randrange(1, 255)}"

    async def _open_socket(self) -> None:
        token = await self._token()
        ws = self._ws = await self._http.ws_connect(
            f"{self._place.origin}/ws",
            headers={"Origin": self._place.origin},
            timeout=aiohttp.ClientWSTimeout(ws_close=5.0),
        )
        self._offers = asyncio.Queue()
        self._reading = self._loop.create_task(self._read(ws))
        self._pinging = self._loop.create_task(self._ping())
        await self._ask("hello", protocol=1, token=token)
        joined = await self._ask("join", room=self.room, **({"resume": self._resume} if self._resume else {}))
        if joined["type"] != "joined":
            raise Refused(f"join was answered by {joined['type']}")
        if not joined["resumed"]:
            self.muted.clear()
            self.visible = {}
        self.id, self._resume, self.here = joined["participant_id"], joined["resume"], True
        self._answering = self._loop.create_task(self._answer_offers(self._offers))
        await self._look()

    async def _stop_talking(self) -> None:
        """Nothing is said of itself any more: answers, pings."""
        for task in (self._answering, self._pinging):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        self._answering = self._pinging = None

    async def _drop_socket(self) -> None:
        self.visible = {}
        await self._stop_talking()
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
            self._reading = None
        for future in self._waiting.values():
            future.cancel()
        self._waiting.clear()
        if self._ws is not None:
            response = self._ws._response
            if response.connection is not None and response.connection.transport is not None:
                response.connection.transport.abort()  # gone, as a network goes
            self._ws = None

    async def _ask(self, kind: str, **fields: object) -> Json:
        """The reply.  Raises Refused, SocketLost."""
        ws = self._ws
        if ws is None or ws.closed:
            raise SocketLost(f"before {kind}")
        number = next(self._ids)
        future = self._waiting[number] = self._loop.create_future()
        try:
            await ws.send_str(json.dumps({"type": kind, "id": number, **fields}))
            async with asyncio.timeout(REPLY_WITHIN_S):
                reply: Json = await future
        except TimeoutError:
            raise Refused(f"no reply to {kind} within {REPLY_WITHIN_S} s") from None
        except ConnectionError as error:
            raise SocketLost(str(error)) from error
        finally:
            self._waiting.pop(number, None)
        if reply["type"] == "error":
            raise Refused(f"{kind}: {reply['code']}")
        return reply

    async def _read(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        closing = ""
        async for frame in ws:
            message: Json = json.loads(frame.data)
            if message["type"] == "joined":
                self._take_snapshot(message)  # before the events right behind it
            future = self._waiting.get(message.get("id", 0))
            if future is not None and not future.done():
                future.set_result(message)
            elif message["type"] == "offer":
                self._offers.put_nowait(message)
            elif message["type"] == "event":
                self._event(message["event"])
            elif message["type"] == "closing":
                closing = message["code"]
            elif message["type"] == "encodings":
                if message["track_id"] in self.sending.track_ids.values():
                    self.sending.asked = frozenset(message["rids"])
            elif message["type"] == "bandwidth":
                self.bandwidth = message["state"]
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(SocketLost(closing or f"code {ws.close_code}"))

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(PING_EVERY_S)
            await self._guarded("ping", self._ask("ping", sent_at_ms=0))

    def _take_snapshot(self, joined: Json) -> None:
        self.tracks = {
            track["id"]: (track["source"], one["id"])
            for one in joined["room"]["participants"].values()
            for track in one["tracks"]
            if one["id"] != joined["participant_id"]
        }

    def _event(self, event: Json) -> None:
        kind = event["event"]
        if kind == "tracks_changed" and event["participant_id"] != self.id:
            owner = event["participant_id"]
            self.tracks = {
                **{track_id: known for track_id, known in self.tracks.items() if known[1] != owner},
                **{track["id"]: (track["source"], owner) for track in event["tracks"]},
            }
        elif kind == "participant_left":
            owner = event["participant_id"]
            self.tracks = {track_id: known for track_id, known in self.tracks.items() if known[1] != owner}

    async def _answer_offers(self, offers: asyncio.Queue[Json]) -> None:
        while True:
            offer = await offers.get()
            self._note(f"offer {offer['revision']}{' fresh' if offer['fresh'] else ''} of {len(offer['tracks'])}")
            if not offers.empty():
                continue  # a newer one replaces it
            await self._guarded("answer", self.receiving.answer(offer, lambda text: self._say_answer(offer, text)))  # noqa: B023

    async def _say_answer(self, offer: Json, text: str) -> bool:
        try:
            await self._ask("answer", revision=offer["revision"], sdp=text)
        except Refused as error:
            if "conflict" in str(error):  # a newer offer is on its way
                self._note(f"answer {offer['revision']} in conflict")
                return False
            raise
        return True

    async def _publish(self) -> None:
        await self.sending.publish(self._say_publish)
        self.moved_at = self._loop.time()

    async def _say_publish(self, offer: str, sources: list[Json]) -> Json | None:
        for entry in sources:
            entry["muted"] = entry["mid"] in self.muted
        published = await self._ask("publish", sdp=offer, media=sources)
        return published if published["type"] == "published" else None

    # ------------------------------------------------------------ what others may expect of it

    def sends(self, track_id: str) -> bool:
        if not self.here or not self.sending.secure:
            return False
        return any(one == track_id and mid not in self.muted for mid, one in self.sending.track_ids.items())

    def is_camera(self, track_id: str) -> bool:
        return self.sending.track_ids.get(sdp.VIDEO_MID) == track_id
