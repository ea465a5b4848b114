"""The signalling round trip (ping -> pong) with hundreds of idle sockets beside it."""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import time
from dataclasses import dataclass

import aiohttp
import msgspec

from .joins import percentile
from .tongxin import Tongxin


@dataclass(frozen=True)
class RoundTrip:
    idle_sockets: int
    pings: int
    p50_ms: float
    p99_ms: float


async def _greet(web: aiohttp.ClientSession, server: Tongxin) -> aiohttp.ClientWebSocketResponse:
    """An authenticated socket; RuntimeError with the server's words when it is refused."""
    host, port = server.host
    socket = await web.ws_connect(f"ws://{host}:{port}/ws")
    await socket.send_str(
        msgspec.json.encode({"type": "hello", "id": 1, "protocol": 1, "token": server.token}).decode()
    )
    reply = await socket.receive(timeout=10)
    if reply.type is not aiohttp.WSMsgType.TEXT or '"welcome"' not in reply.data:
        raise RuntimeError(f"hello was answered by {reply}")
    return socket


async def _measure(server: Tongxin, idle: int, pings: int) -> RoundTrip:
    async with contextlib.AsyncExitStack() as stack:
        web = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        sockets = []
        for _ in range(idle):
            sockets.append(await _greet(web, server))
            stack.push_async_callback(sockets[-1].close)
        socket = await _greet(web, server)
        stack.push_async_callback(socket.close)
        times = []
        for number in range(pings):
            began = time.perf_counter()
            await socket.send_str(f'{{"type":"ping","id":{number + 2},"sent_at_ms":0}}')
            await socket.receive(timeout=10)
            times.append((time.perf_counter() - began) * 1e3)
            await asyncio.sleep(0.02)  # the rate of a client, not a flood: 60 messages a second are allowed
    return RoundTrip(idle, pings, statistics.median(times), percentile(times, 0.99))


def measure(server: Tongxin, idle: int, pings: int) -> RoundTrip:
    return asyncio.run(_measure(server, idle, pings))
