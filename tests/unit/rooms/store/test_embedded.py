"""The private Valkey: reachable by us only, started again when it dies, gone when we are gone."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from rooms.ports import StoreUnavailable
from rooms.store.connection import RedisStore
from rooms.store.embedded import EmbeddedFailed, EmbeddedValkey
from tests.support.waiting import until

OWNER = """
import asyncio, sys
from pathlib import Path
from rooms.store.embedded import EmbeddedValkey

async def main():
    server = EmbeddedValkey(Path(sys.argv[1]))
    await server.start()
    print(server.pid, server.url, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
def parent(short_folder: Path) -> Path:
    folder = short_folder / f"e{len(list(short_folder.iterdir()))}"
    folder.mkdir()
    return folder


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_it_answers_on_a_socket_that_others_cannot_open(parent: Path) -> None:
    server = EmbeddedValkey(parent)
    await server.start()
    path = Path(server.url.removeprefix("unix://"))
    modes = await asyncio.to_thread(lambda: (path.stat().st_mode, path.parent.stat().st_mode))
    store = RedisStore(server.url)
    await store.ping()
    await store.close()
    await server.close()
    assert stat.S_IMODE(modes[0]) == 0o600
    assert stat.S_IMODE(modes[1]) == 0o700
    assert names(parent) == []
    assert server.pid is None


async def test_it_is_started_again_when_it_dies(parent: Path) -> None:
    server = EmbeddedValkey(parent)
    await server.start()
    store = RedisStore(server.url)
    first = server.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await until(lambda: server.pid != first)
    await store.ping()
    await store.close()
    await server.close()


async def test_it_ends_with_its_owner_and_the_next_start_cleans_up(parent: Path) -> None:
    owner = await asyncio.create_subprocess_exec(
        sys.executable, "-c", OWNER, str(parent), stdout=subprocess.PIPE, cwd=Path(__file__).parents[4]
    )
    assert owner.stdout is not None
    pid, url = (await owner.stdout.readline()).decode().split()
    death = os.pidfd_open(int(pid))
    owner.kill()
    await owner.wait()
    ended, _, _ = await asyncio.to_thread(select.select, [death], [], [], 10)
    os.close(death)
    assert ended, "the server outlived its owner"
    with pytest.raises(StoreUnavailable):
        await RedisStore(url).ping()
    server = EmbeddedValkey(parent)
    await server.start()
    assert len(names(parent)) == 1
    await server.close()


async def test_two_owners_do_not_disturb_each_other(parent: Path) -> None:
    servers = [EmbeddedValkey(parent) for _ in range(2)]
    await asyncio.gather(*(server.start() for server in servers))
    for server in servers:
        store = RedisStore(server.url)
        await store.ping()
        await store.close()
    assert len({server.url for server in servers}) == 2
    for server in servers:
        await server.close()


async def test_a_path_too_long_for_a_socket_is_said(parent: Path) -> None:
    deep = parent / ("d" * 100)
    deep.mkdir()
    with pytest.raises(EmbeddedFailed):
        await EmbeddedValkey(deep).start()
    assert names(deep) == []
