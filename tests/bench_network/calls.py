"""A call of three browsers over a server, the same on ours and on Debian's Janus: one sends, the others receive."""

from __future__ import annotations

import contextlib
import functools
import secrets
import subprocess
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Page

from tests.bench import janus
from tests.support.attendee import open_page
from tests.support.chromium import open_chromium
from tests.support.processes import Program
from tests.support.server import Tongxin
from tests.support.waiting import until_true

from .hosts import Network
from .material import write_camera, write_microphone

HTTP_PORT = 8443
CAMERA_MAX_BPS = 1_700_000  # what our page allows a camera (static/src/state/media/publisher.ts)
SCRIPT = (Path(__file__).parent / "janus.js").read_text()
CONNECTED_S = 90.0  # also where other work has the processors


@dataclass(frozen=True)
class Call:
    """`peer` and `sender` are the JavaScript names of the receiving connection in the subscribers' pages and of the
    sending one in the publisher's."""

    name: str
    publisher: Page
    subscriber: Page
    steady: Page
    peer: str
    sender: str


@contextlib.asynccontextmanager
async def browsers(network: Network, folder: Path, flags: Sequence[str]) -> AsyncIterator[list[Page]]:
    camera, microphone = write_camera(folder / "camera.y4m"), write_microphone(folder / "microphone.wav")
    media = (f"--use-file-for-fake-video-capture={camera}", f"--use-file-for-fake-audio-capture={microphone}")
    async with contextlib.AsyncExitStack() as stack:
        pages = []
        for host in (network.publisher, network.subscriber, network.steady):
            own = folder / host.name
            own.mkdir()
            browser = await stack.enter_async_context(open_chromium(own, flags=(*media, *flags), command=host.command))
            context = await browser.new_context(ignore_https_errors=True, viewport={"width": 1280, "height": 800})
            page = await context.new_page()
            page.set_default_timeout(CONNECTED_S * 1_000)
            pages.append(page)
        yield pages


@contextlib.asynccontextmanager
async def tongxin(network: Network, folder: Path) -> AsyncIterator[Call]:
    server = Tongxin(
        folder / "server",
        address=network.server.address,
        http_port=HTTP_PORT,
        arguments=("--self-signed",),
        command=network.server.command,
    )
    with server:
        async with browsers(network, folder, ()) as (publisher, subscriber, steady):
            for page, name in ((publisher, "Publisher"), (subscriber, "Subscriber"), (steady, "Steady")):
                await open_page(page, server.meeting_link)
                await page.get_by_test_id("name-input").fill(name)
                await page.get_by_test_id("join").click()
                await page.get_by_test_id("meeting").wait_for()
            for page in (subscriber, steady):
                for device in ("mic", "camera"):  # one direction only, as with Janus
                    await page.get_by_test_id(device).first.click()
            names = ("window.__tongxin.sub", "window.__tongxin.pub")
            yield await standing(Call("Tongxin", publisher, subscriber, steady, *names))


@contextlib.asynccontextmanager
async def debian_janus(network: Network, folder: Path) -> AsyncIterator[Call]:
    own = folder / "janus"
    own.mkdir()
    address = network.server.address
    values = {
        "folder": own,
        "secret": secrets.token_hex(8),
        "port": janus.HTTP_PORT,
        "address": address,
        "room": janus.ROOM,
    }
    room = janus.VIDEOROOM.replace('"vp8"', '"vp8"\n  audiocodec = "opus"\n  opus_fec = true')
    for name, text in (("", janus.CORE), (".transport.http", janus.HTTP), (".plugin.videoroom", room)):
        (own / f"janus{name}.jcfg").write_text(text.format(**values))
    janus.link_only(own / "plugins", janus.PLUGINS, ("libjanus_videoroom",))
    janus.link_only(own / "transports", janus.TRANSPORTS, ("libjanus_http",))

    def listens() -> bool:
        words = ("ss", "--no-header", "--listening", "--numeric", "--tcp")
        done = subprocess.run([*network.server.command, *words], check=True, capture_output=True, text=True)
        return f"{address}:{janus.HTTP_PORT}" in done.stdout

    words = [*network.server.command, "janus", "-F", str(own), "-C", str(own / "janus.jcfg")]
    origin = f"http://{address}:{janus.HTTP_PORT}"
    with Program(words, own / "janus.log") as program:
        program.wait_ready(listens)
        flags = (f"--unsafely-treat-insecure-origin-as-secure={origin}",)
        async with browsers(network, folder, flags) as (publisher, subscriber, steady):
            for page in (publisher, subscriber, steady):
                await page.goto(f"{origin}/janus/info")
            feed = await publisher.evaluate(SCRIPT, [janus.ROOM, 0, CAMERA_MAX_BPS])
            await until_true(
                lambda: publisher.evaluate("() => window.peer.connectionState === 'connected'"), CONNECTED_S
            )
            for page in (subscriber, steady):
                await page.evaluate(SCRIPT, [janus.ROOM, feed, CAMERA_MAX_BPS])
            yield await standing(Call("Janus 1.1", publisher, subscriber, steady, "window.peer", "window.peer"))


async def standing(call: Call) -> Call:
    """When pictures and sound have begun to arrive."""
    both_arrive = f"""async () => {{
      const lines = [...(await {call.peer}?.getStats() ?? new Map()).values()];
      const incoming = lines.filter((line) => line.type === "inbound-rtp");
      return incoming.some((line) => line.framesDecoded > 10)
        && incoming.some((line) => line.totalSamplesReceived > 10000);
    }}"""
    for page in (call.subscriber, call.steady):
        await until_true(functools.partial(page.evaluate, both_arrive), CONNECTED_S)
    return call
