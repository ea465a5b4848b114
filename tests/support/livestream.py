"""Livestreams for tests: made by a host, announced, watched by browsers over the hub."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Callable

from aiohttp import ClientWebSocketResponse, WSMsgType

from collab.clock import now_ms
from tests.support.api import Browser, Json

VTT = b"WEBVTT\n\n00:01.000 --> 00:02.500\nWelcome\n"


async def livestream(host: Browser, *, act: str = "schedule", **wish: object) -> Json:
    """Of this host; announced unless `act` is ""."""
    body = {
        "title": "Open day",
        "starts_at_ms": now_ms() + 3_600_000,
        "zone": "Asia/Shanghai",
        "tier": "anyone",
        **wish,
    }
    answer = await host.post("/api/livestreams", body)
    assert answer.status == 201, answer
    if act:
        answer = await host.post(f"/api/livestreams/{answer.json['id']}/acts", {"action": act})
        assert answer.status == 200, answer
    return answer.json


async def watch(browser: Browser, livestream_id: str, query: str = "") -> Json:
    answer = await browser.get(f"/api/livestreams/{livestream_id}/watch{query}")
    assert answer.status == 200, answer
    return answer.json


class Audience:
    """One socket of the hub; keeps what it was told as a page does."""

    def __init__(self, ws: ClientWebSocketResponse, watched: Json) -> None:
        self._ws = ws
        self._ids = itertools.count(2)
        self.id = str(watched["you"]["id"]) if watched["you"] else ""
        self.token = str(watched["token"])
        self.messages: dict[str, Json] = {}
        self.questions: dict[str, Json] = {}
        self.polls: dict[str, Json] = {}
        self.hands: dict[str, Json] = {}
        self.banned: dict[str, Json] = {}
        self.pinned: dict[str, Json | None] = {}
        self.reactions: Counter[str] = Counter()
        self.spoken: dict[str, Json] = {}
        self.you: Json = {}
        self.told: Json = {}
        self.closing = ""

    @classmethod
    async def join(cls, browser: Browser, livestream_id: str, query: str = "", token: str = "") -> Audience:
        watched = await watch(browser, livestream_id, query)
        ws = await browser.session.ws_connect(
            f"{browser.base_url}/api/livestreams/{livestream_id}/hub", headers={"Origin": browser.base_url}
        )
        joined = cls(ws, watched)
        await joined.say({"type": "hello", "id": 1, "token": token or watched["token"]})
        await joined.until(lambda: bool(joined.you) or bool(joined.closing))
        return joined

    async def say(self, message: Json) -> None:
        await self._ws.send_str(json.dumps(message))

    async def ask(self, message_type: str, **fields: object) -> Json:
        """The answer: ok or error."""
        number = next(self._ids)
        await self.say({"type": message_type, "id": number, **fields})
        while (reply := await self.receive()).get("id") != number and not self.closing:
            pass
        return reply

    async def code(self, message_type: str, **fields: object) -> str:
        """ "" when it was done."""
        return str((await self.ask(message_type, **fields)).get("code", ""))

    async def until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            await self.receive()

    async def receive(self) -> Json:
        message = await self._ws.receive(timeout=20)
        if message.type is not WSMsgType.TEXT:
            self.closing = self.closing or "closed"
            return {}
        told: Json = json.loads(message.data)
        if told["type"] == "closing":
            self.closing = told["code"]
        elif told["type"] == "batch":
            self._learn(told)
        return told

    def _learn(self, batch: Json) -> None:
        if batch.get("whole"):
            for known in (self.messages, self.questions, self.polls, self.hands, self.banned, self.pinned):
                known.clear()
        for gone in batch.get("gone", ()):
            self.messages.pop(gone, None)
            self.questions.pop(gone, None)
        for name in ("messages", "questions", "polls"):
            getattr(self, name).update({one["id"]: one for one in batch.get(name, ())})
        self.hands.update({one["viewer_id"]: one for one in batch.get("hands", ())})
        self.banned.update({one["viewer_id"]: one for one in batch.get("banned", ())})
        self.spoken.update({one["id"]: one for one in batch.get("spoken", ())})
        self.pinned.update({one["room"]: one["message"] for one in batch.get("pinned", ())})
        self.reactions.update(batch.get("reactions", {}))
        self.you = batch.get("you", self.you)
        self.told.update({name: batch[name] for name in ("viewers", "phase", "stage", "rules") if name in batch})

    @property
    def texts(self) -> list[str]:
        return [one["text"] for _, one in sorted(self.messages.items())]

    async def close(self) -> None:
        await self._ws.close()
