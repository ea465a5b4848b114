"""A whole server in the test's own process, on a real Redis and a real database, and browsers that talk to it."""

from __future__ import annotations

import asyncio
import io
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, CookieJar, web
from aiohttp.web_app import _cached_build_middleware

from collab.app import DATABASE, LINKS, ROOMS, build_app
from collab.clock import now_ms
from collab.config import read_settings
from collab.db.engine import Database
from rooms.manager import Manager
from rooms.store.connection import RedisStore
from rooms.store.keys import Keys

Json = dict[str, Any]
PASSWORD = "correct horse battery"


class Answer:
    """A response that has been read."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self) -> Json:
        value: Json = json.loads(self.body)
        return value

    @property
    def is_json(self) -> bool:
        return self.headers.get("Content-Type", "").startswith("application/json")

    @property
    def code(self) -> str:
        """The closed code of a problem, "" of a success."""
        return str(self.json["code"]) if self.status >= 400 else ""

    def __repr__(self) -> str:
        return f"{self.status} {self.body[:300]!r}"


class Browser:
    """Keeps cookies, sends its page's Origin, and shows the CSRF token as the app does."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.session = ClientSession(cookie_jar=CookieJar(unsafe=True))
        self.csrf = ""
        self.account: Json | None = None

    async def close(self) -> None:
        await self.session.close()

    async def ask(
        self, method: str, path: str, body: object = None, *, headers: Mapping[str, str] | None = None, raw: bytes = b""
    ) -> Answer:
        """One request with exactly these headers beside the cookies."""
        data = raw if body is None else json.dumps(body).encode()
        sent = {"Content-Type": "application/json"} if data or raw or body is not None else {}
        async with self.session.request(
            method,
            self.base_url + path,
            data=io.BytesIO(data) if data else None,
            headers={**sent, **(headers or {})},
            allow_redirects=False,
        ) as response:
            return Answer(response.status, response.headers, await response.read())

    async def get(self, path: str) -> Answer:
        return await self.ask("GET", path)

    async def send(self, method: str, path: str, body: object = None, *, raw: bytes = b"") -> Answer:
        """As the page does it: with Origin and CSRF token."""
        if not self.csrf:
            await self.me()
        headers = {"Origin": self.base_url, "X-CSRF-Token": self.csrf}
        answer = await self.ask(method, path, body, headers=headers, raw=raw)
        if path.startswith("/api/") and answer.status == 200 and answer.is_json and "csrf" in (reply := answer.json):
            self.csrf, self.account = reply["csrf"], reply["account"]
        return answer

    async def post(self, path: str, body: object = None) -> Answer:
        return await self.send("POST", path, body)

    async def me(self) -> Json:
        me = (await self.get("/api/me")).json
        self.csrf, self.account = me["csrf"], me["account"]
        return me

    @property
    def account_id(self) -> str:
        assert self.account is not None
        return str(self.account["id"])

    async def sign_in(self, email: str, password: str = PASSWORD) -> Answer:
        return await self.post("/api/sign-in", {"email": email, "password": password})

    async def meeting(self, title: str = "Weekly", **options: object) -> Json:
        answer = await self.post("/api/meetings", {"title": title, **options})
        assert answer.status == 201, answer
        return answer.json

    async def join(self, code: str, token: str = "", resume: str = "") -> Socket:
        """Over the WebSocket, up to the reply to `join`."""
        headers = {"Origin": self.base_url}
        ws = await self.session.ws_connect(f"{self.base_url}/ws", headers=headers)
        socket = Socket(ws)
        await socket.say({"type": "hello", "id": 1, "protocol": 1, "token": token})
        await socket.say({"type": "join", "id": 2, "room": code, "resume": resume})
        socket.reply = await socket.until("welcome", "error")
        if socket.reply["type"] == "welcome":
            socket.reply = await socket.until("joined", "waiting", "error")
        return socket


class Socket:
    def __init__(self, ws: ClientWebSocketResponse) -> None:
        self._ws = ws
        self._ids = itertools.count(3)
        self.reply: Json = {}

    async def say(self, message: Json) -> None:
        await self._ws.send_str(json.dumps(message))

    async def ask(self, message_type: str, **fields: object) -> Json:
        number = next(self._ids)
        await self.say({"type": message_type, "id": number, **fields})
        while True:
            message = await self.receive()
            if message.get("id") == number:
                return message

    async def receive(self) -> Json:
        value: Json = await self._ws.receive_json(timeout=30)
        return value

    async def until(self, *types: str) -> Json:
        while (message := await self.receive())["type"] not in types:
            pass
        return message

    async def until_event(self, name: str) -> Json:
        while (message := await self.until("event"))["event"]["event"] != name:
            pass
        event: Json = message["event"]
        return event

    async def close(self) -> None:
        await self._ws.close()


class Park:
    """One server process with its database."""

    def __init__(
        self, app: web.Application, base_url: str, stack: AsyncExitStack, data_folder: Path, redis_url: str
    ) -> None:
        self.app = app
        self._redis_url = redis_url
        self.base_url = base_url
        self.data_folder = data_folder
        self._stack = stack

    async def forget_rates(self) -> None:
        """As if nobody had asked for anything yet: for tests that ask for everything."""
        store = RedisStore(self._redis_url)
        try:
            async with store.client() as redis:
                if buckets := [key async for key in redis.scan_iter(match=Keys().bucket("*", "*"), count=1_000)]:
                    await redis.delete(*buckets)
        finally:
            await store.close()

    @property
    def database(self) -> Database:
        return self.app[DATABASE]

    @property
    def rooms(self) -> Manager:
        return self.app[ROOMS]

    @property
    def ready_code(self) -> str:
        return self.app[LINKS].meeting.removeprefix("/m/")

    @property
    def setup_token(self) -> str:
        return self.app[LINKS].setup.partition("token=")[2]

    def browser(self) -> Browser:
        browser = Browser(self.base_url)
        self._stack.push_async_callback(browser.close)
        return browser

    async def administrator(self) -> Browser:
        """The first one, made with the printed link."""
        browser = self.browser()
        body = {"token": self.setup_token, "name": "Lin", "email": "lin@park.example", "password": PASSWORD}
        answer = await browser.post("/api/setup", {**body, "organization": "Optics Valley"})
        assert answer.status == 200, answer
        return browser

    async def member(self, by: Browser, organization_id: str, name: str, role: str = "member") -> Browser:
        """Somebody invited by `by`, signed in."""
        body = {"email": f"{name.lower()}@{organization_id}.example", "name": name, "organization_id": organization_id}
        invited = await by.post("/api/invitations", {**body, "roles": [role]})
        assert invited.status == 200, invited
        browser = self.browser()
        token = invited.json["link"].partition("token=")[2]
        accepted = await browser.post("/api/invitations/accept", {"token": token, "password": PASSWORD})
        assert accepted.status == 200, accepted
        return browser

    async def organization(self, by: Browser, name: str, kind: str = "enterprise") -> str:
        answer = await by.post("/api/organizations", {"name": name, "kind": kind})
        assert answer.status == 201, answer
        return str(answer.json["id"])


@asynccontextmanager
async def open_park(
    folder: Path,
    database_url: str,
    redis_url: str,
    environment: Mapping[str, str] | None = None,
    *,
    desk_clock_ms: Callable[[], int] = now_ms,
) -> AsyncIterator[Park]:
    settings = read_settings(
        {
            "TONGXIN_DATA_DIR": str(folder),
            "TONGXIN_MEDIA_ADDRESS": "127.0.0.1",
            "TONGXIN_MEDIA_PORT": "0",
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            **(environment or {}),
        }
    )
    async with AsyncExitStack() as stack:
        # aiohttp remembers the last thousand handlers, and with each the application that it was of.
        stack.callback(_cached_build_middleware.cache_clear)
        app = await stack.enter_async_context(build_app(settings, desk_clock_ms=desk_clock_ms))
        runner = web.AppRunner(app, shutdown_timeout=1.0)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield Park(app, f"http://127.0.0.1:{runner.addresses[0][1]}", stack, settings.data_dir, redis_url)


async def eventually(holds: Callable[[], Awaitable[bool]], within_s: float = 30.0) -> None:
    """Wait for what is written behind the reply and tells nobody."""
    async with asyncio.timeout(within_s):
        while not await holds():  # noqa: ASYNC110 -- there is nothing to be woken by
            await asyncio.sleep(0.02)


async def empty_redis(url: str) -> None:
    """So that rates and sessions of one test are not those of the next."""
    store = RedisStore(url)
    try:
        async with store.client() as redis:
            await redis.flushdb()
    finally:
        await store.close()
