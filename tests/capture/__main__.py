"""`python -m tests.capture [--address IP] [BROWSER ...]`: be called by Chromium and Firefox and keep their packets.

Debian's; a few packets of each kind and shape.  Firefox calls no loopback address: name another of this machine's.

Packets become seeds of the native fuzzers (tests/native/corpus), offers and SCTP packets those of the Python ones
(tests/unit/signaling/webrtc/captured).  Files that exist are written anew.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.soak.srtp import header_bytes
from tests.support.chromium import open_chromium
from tests.support.firefox import open_firefox

from . import answer
from .peer import CapturingPeer

TESTS = Path(__file__).parents[1]
CORPUS = TESTS / "native" / "corpus"
OFFERS = TESTS / "unit" / "signaling" / "webrtc" / "captured"
BROWSERS = ("chromium", "firefox")
SECONDS = 12.0
EACH_MAX = 2  # of one kind and shape
CODECS = {"vp8": "video/VP8", "h264": "video/H264", "vp9": "video/VP9", "av1": "video/AV1"}
NATIVE_CODEC = {
    "opus": 1,
    "red": 2,
    "vp8": 3,
    "h264": 4,
    "vp9": 5,
    "av1": 6,
}  # tx_codec: a seed of fuzz_codec.c begins so

Ask = Callable[[str], Awaitable[Any]]


class Keeper:
    """Writes the first packets of each shape under a name that says where they are from."""

    def __init__(self, browser: str, call: str) -> None:
        self._name = f"{browser}_{call}"
        self._counts: dict[str, int] = defaultdict(int)
        self.offer: answer.Offer | None = None

    def keep(self, kind: str, packet: bytes) -> None:
        shape, codec = kind, ""
        if kind == "rtp" and self.offer is not None:
            codec = self.offer.payload_types.get(packet[1] & 0x7F, "other")
            shape = f"rtp_{codec}_{'marked' if packet[1] & 0x80 else 'middle'}_{packet[0] >> 4 & 3}"
        elif kind == "rtcp":
            shape = "rtcp_" + "_".join(_rtcp_types(packet))
        elif kind == "dtls":
            return  # OpenSSL's business
        number = self._counts[shape]
        self._counts[shape] += 1
        if number < EACH_MAX:
            name = f"{self._name}_{shape.removeprefix(kind + '_')}_{number}"
            (CORPUS / kind / name).write_bytes(packet)
            if codec in NATIVE_CODEC and len(packet) > header_bytes(packet):
                (CORPUS / "codec" / name).write_bytes(bytes([NATIVE_CODEC[codec]]) + packet[header_bytes(packet) :])

    def summary(self) -> str:
        return ", ".join(f"{shape} {count}" for shape, count in sorted(self._counts.items()))


def _rtcp_types(compound: bytes) -> list[str]:
    names = {200: "sr", 201: "rr", 202: "sdes", 203: "bye", 204: "app", 205: "rtpfb", 206: "psfb", 207: "xr"}
    found, at = [], 0
    while at + 4 <= len(compound):
        number = compound[at + 1]
        form = f"{compound[at] & 31}" if number in (205, 206) else ""
        found.append(names.get(number, str(number)) + form)
        at += 4 + 4 * int.from_bytes(compound[at + 2 : at + 4], "big")
    return found


async def _call(ask: Ask, address: str, browser: str, call: str, options: str) -> None:
    keeper = Keeper(browser, call)
    peer = CapturingPeer(address, keeper.keep)
    try:
        offer = await ask(f"capture.offer({options})")
        OFFERS.mkdir(parents=True, exist_ok=True)
        (OFFERS / f"{browser}_{call}.sdp").write_text(offer, newline="")
        keeper.offer = answer.read(offer)
        peer.expect(keeper.offer)
        text = answer.write(offer, peer.host, (peer.ufrag, peer.password), peer.fingerprint, peer.ssrcs)
        await ask(f"capture.accept({text!r})")
        await asyncio.sleep(SECONDS)
        await ask("capture.close()")
    finally:
        peer.close()
    print(f"{browser} {call}: {keeper.summary()}", flush=True)


async def _calls(ask: Ask, address: str, browser: str, codecs: dict[str, str]) -> None:
    for name, mime in codecs.items():
        await _call(ask, address, browser, name, f'{{codec: "{mime}", rids: [], data: {str(name == "vp8").lower()}}}')
    await _call(ask, address, browser, "rids", '{codec: "video/VP8", rids: ["q", "h", "f"], data: false}')


@asynccontextmanager
async def serve(folder: Path) -> AsyncIterator[str]:
    """The page's address; browsers give a camera to pages of their own machine."""
    app = web.Application()
    app.router.add_static("/", folder)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/index.html"
    finally:
        await runner.cleanup()


async def capture(browsers: list[str], address: str) -> None:
    script = Path(__file__).with_name("page.js").read_text()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "index.html").write_text(f"<!doctype html><script>{script}</script>")
        url = await stack.enter_async_context(serve(folder))
        if "chromium" in browsers:
            chromium = await stack.enter_async_context(open_chromium(folder))
            page = await chromium.new_page()
            await page.goto(url)
            await _calls(page.evaluate, address, "chromium", CODECS)
            await page.close()
        if "firefox" in browsers:
            firefox = await stack.enter_async_context(open_firefox())
            await firefox.ask("goto", url)
            few = {name: CODECS[name] for name in ("vp8", "h264", "vp9")}
            await _calls(lambda expression: firefox.ask("evaluate", expression), address, "firefox", few)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("browsers", nargs="*", metavar="BROWSER", help="all, unless told")
    parser.add_argument("--address", default="127.0.0.1")
    options = parser.parse_args()
    asyncio.run(capture(options.browsers or list(BROWSERS), options.address))


if __name__ == "__main__":
    main()
