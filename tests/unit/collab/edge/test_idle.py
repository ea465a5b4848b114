"""Connections that say nothing are closed, those that are being answered are not."""

from __future__ import annotations

import asyncio
import resource

from aiohttp import ClientSession, web

from collab.edge.idle import QuietConnections, allow_many_sockets


async def test_quiet_connections_are_closed_and_busy_ones_left_alone() -> None:
    quiet = QuietConnections(quiet_max_s=60)
    release = asyncio.Event()

    async def slow(_request: web.Request) -> web.Response:
        await release.wait()
        return web.Response(text="at last")

    app = web.Application(middlewares=[quiet.middleware])
    app.router.add_get("/slow", slow)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    assert runner.server is not None
    host, port = runner.addresses[0][:2]
    try:
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(b"GET /slow HTTP/1.1\r\nHost: x\r\nX-Slow-Header: ")  # and never more
        async with ClientSession() as session, asyncio.TaskGroup() as tasks:
            asked = tasks.create_task(session.get(f"http://{host}:{port}/slow"))
            while len(runner.server.connections) < 2:  # noqa: ASYNC110 -- accepting is seen nowhere else
                await asyncio.sleep(0.01)
            while not quiet._answering:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            assert quiet.look(runner.server, 1_000.0) == 0
            assert quiet.look(runner.server, 1_059.0) == 0
            assert quiet.look(runner.server, 1_061.0) == 1
            assert await reader.read() == b""
            release.set()
            assert await (await asked).text() == "at last"
        writer.close()
    finally:
        await runner.cleanup()


def test_the_limit_of_sockets_is_the_hard_one() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        allow_many_sockets()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        assert soft == hard
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


async def test_a_finished_request_is_not_counted_for_ever() -> None:
    quiet = QuietConnections()

    async def fine(_request: web.Request) -> web.Response:
        return web.Response()

    app = web.Application(middlewares=[quiet.middleware])
    app.router.add_get("/healthz", fine)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    assert runner.server is not None
    host, port = runner.addresses[0][:2]
    async with ClientSession() as session:
        for _ in range(3):
            async with session.get(f"http://{host}:{port}/healthz") as response:
                assert response.status == 200
    assert not quiet._answering
    server = runner.server
    await runner.cleanup()
    assert quiet.look(server, 0.0) == 0
    assert quiet._heard_at_s == {}
