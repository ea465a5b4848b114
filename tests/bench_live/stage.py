"""A live stage on a real server: what filming it costs, how soon a viewer sees it, what a direct viewer costs."""

from __future__ import annotations

import asyncio
import io
import re
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av
from msgspec import Struct

from tests.bench import sdp
from tests.bench.cpu import cpu_ns, own_cpu_ns
from tests.bench.forwarding import refreshing, wait_for_media
from tests.bench.load import VIDEO, Load, Publisher, Receiver, compile_native
from tests.bench.peer import Certificate, Peer
from tests.support.api import PASSWORD, Browser, Socket
from tests.support.livestream import livestream, watch
from tests.support.rtc_client import StreamClient
from tests.support.server import Tongxin
from tests.support.waiting import until_true

from .clips import CAMERA, FULL, Clip, clip, publish

ADDRESS: Final = "127.0.0.1"
PATIENCE_S: Final = 60.0
SSRC: Final = 0x51000
NS_PER_S: Final = 1_000_000_000


class Filming(Struct, frozen=True):
    """CPU of the process that films, in cores."""

    name: str
    cores: float


class FirstPicture(Struct, frozen=True):
    tier: str
    joins: int
    median_ms: float
    max_ms: float


class Direct(Struct, frozen=True):
    """`cores`: of the server's own process, the media plane's threads with it and egress processes not."""

    viewers: int
    mbit_per_s: float  # to each
    lost: int
    seconds: float
    empty_cores: float  # what the live stage costs while nobody watches it
    cores: float
    viewers_per_core: int  # by what the viewers add


class Watched(Struct, frozen=True):
    """What the door of a live stage has answered, and to whom."""

    sdp: str
    location: str
    token: str


@dataclass(frozen=True)
class FilmCase:
    name: str
    shown: Clip
    count: int
    layout: str
    plate: str = ""
    sizes: int = 1
    passed: bool = False  # the pictures of one source, as they come


@dataclass
class Stage:
    server: Tongxin
    host: Browser
    livestream_id: str
    code: str
    token: str

    async def whip(self, offer: str) -> str:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/sdp"}
        url = f"{self.server.url}/whip/{self.code}"
        async with self.host.session.post(url, data=offer.encode(), headers=headers) as response:
            text = await response.text()
            assert response.status == 201, text
            return text

    async def go_live(self, layout: str, *, name: str = "") -> Socket:
        """With all who publish; `name` lies over their pictures."""
        socket = await self.host.join(self.code)
        room = socket.reply["room"]
        for participant in room["participants"]:
            if participant != socket.reply["participant_id"]:
                await socket.ask("stage_bring", participant_id=participant, on=True)
                await socket.ask("stage_name", participant_id=participant, name=name, shown=bool(name))
        await socket.ask("stage_layout", layout=layout)
        await socket.ask("stage_go_live")

        async def is_live() -> bool:
            return (await watch(self.host, self.livestream_id))["whep"] is not None

        await until_true(is_live, PATIENCE_S)
        return socket

    async def hls(self) -> str:
        """The folder of the largest size, once there is something in it."""
        url = str((await watch(self.host, self.livestream_id))["hls"])

        async def is_there() -> bool:
            return (await self.host.get(url)).status == 200

        await until_true(is_there, PATIENCE_S)
        return url.rpartition("/")[0] + "/720"

    def filming_process(self, file: str = "/part-") -> int | None:
        """Of the children of the server, the one that has a film open, a `file` of that name."""
        children = Path(f"/proc/{self.server.program.pid}/task/{self.server.program.pid}/children").read_text()
        for child in map(int, children.split()):
            if any(file in str(link.readlink()) for link in Path(f"/proc/{child}/fd").iterdir() if link.is_symlink()):
                return child
        return None

    async def films(self, file: str = "/part-") -> int:
        """The same, as soon as it is there."""

        async def is_there() -> bool:
            return self.filming_process(file) is not None

        await until_true(is_there, PATIENCE_S)
        found = self.filming_process(file)
        assert found is not None
        return found


@asynccontextmanager
async def stage(folder: Path, sizes: int = 1) -> AsyncIterator[Stage]:
    environment = {"TONGXIN_LOG_LEVEL": "warning", "TONGXIN_LIVE_SIZES": str(sizes)}
    server = await asyncio.to_thread(lambda: Tongxin(folder, environment=environment))
    host = Browser(server.url)
    try:
        token = (server.setup_link or "").partition("token=")[2]
        body = {"token": token, "name": "Lin", "email": "lin@park.example", "password": PASSWORD}
        assert (await host.post("/api/setup", {**body, "organization": "Optics Valley"})).status == 200
        one = await livestream(host)
        words = await asyncio.to_thread(server.command, "admin", "token", "--room", one["room_code"], "--publish")
        yield Stage(server, host, one["id"], one["room_code"], words.split()[-1])
    finally:
        await host.close()
        await asyncio.to_thread(server.stop)


@asynccontextmanager
async def publishing(stage: Stage, shown: Clip, count: int) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for _ in range(count):
            client = await stack.enter_async_context(StreamClient())
            publish(client.connection, shown)
            await client.accept(await stage.whip(await client.offer()))
            await client.until_state("connected")
        yield


async def film(folder: Path, case: FilmCase, seconds: float) -> Filming:
    async with stage(folder, case.sizes) as live, publishing(live, case.shown, case.count):
        socket = await live.go_live(case.layout, name=case.plate)
        await live.hls()
        pid = await live.films("_02.mp4" if case.passed else "/part-")
        begun, before = time.monotonic(), cpu_ns(pid)
        await asyncio.sleep(seconds)
        cores = (cpu_ns(pid) - before) / NS_PER_S / (time.monotonic() - begun)
        await socket.close()
        return Filming(case.name, cores)


async def first_pictures(folder: Path, joins: int) -> list[FirstPicture]:
    async with stage(folder) as live, publishing(live, clip("VP8", CAMERA), 2):
        socket = await live.go_live("side_by_side")
        base = await live.hls()
        direct = [await _first_by_whep(live) for _ in range(joins)]
        relayed = [await _first_by_hls(live, base) for _ in range(joins)]
        await socket.close()
    return [
        FirstPicture(tier, joins, statistics.median(times), max(times))
        for tier, times in (("direct (WHEP)", direct), ("relayed (low-latency HLS)", relayed))
    ]


async def _first_by_whep(live: Stage) -> float:
    """From the press of the button to the first decoded picture."""
    begun = time.perf_counter()
    async with StreamClient() as viewer:
        await viewer.accept((await _whep(live.host, live, await viewer.offer_to_view())).sdp)
        await viewer.received.until(lambda received: received.frames["video"] > 0)
        return (time.perf_counter() - begun) * 1_000


async def _first_by_hls(live: Stage, base: str) -> float:
    """As a player does it: playlists, head, the newest segment's parts, until one can be decoded."""
    begun = time.perf_counter()
    await live.host.get(base.rpartition("/")[0] + "/master.m3u8")
    told = (await live.host.get(f"{base}/live.m3u8")).body.decode()
    heads = re.findall(r'EXT-X-MAP:URI="([^"]+)"', told)
    independent = re.findall(r'EXT-X-PART:[^\n]*URI="([^"]+)",INDEPENDENT=YES', told)
    data = (await live.host.get(f"{base}/{heads[-1]}")).body
    data += (await live.host.get(f"{base}/{independent[-1]}")).body
    with av.open(io.BytesIO(data), "r") as media:
        next(media.decode(video=0))
    return (time.perf_counter() - begun) * 1_000


async def direct(folder: Path, viewers: int, seconds: float) -> Direct:
    """One picture of VIDEO.packets_per_second on the stage, and that many who watch it by WHEP."""
    await asyncio.to_thread(compile_native, folder / "native")
    certificate = Certificate()
    async with stage(folder / "server") as live:
        with refreshing(certificate):
            sender = Peer(certificate, ADDRESS)
            offer = sdp.describe(sender, certificate.fingerprint, direction="sendonly", setup="actpass", ssrc=SSRC)
            remote = sdp.read_remote(await live.whip(offer), ADDRESS)
            keys, _ = await asyncio.to_thread(sender.connect, remote.address, remote.ufrag, remote.password)
            publisher = Publisher(sender, keys, SSRC, sdp.PAYLOAD_TYPE, sdp.TRANSPORT_CC_ID)
            load = Load(folder / "native", [publisher], [], VIDEO)  # somebody must be seen before it goes live
            socket = await live.go_live("solo")
            load.stop()
            joined = [await _join(live, certificate) for _ in range(viewers)]
        load = Load(folder / "native", [publisher], [receiver for receiver, _ in joined], VIDEO)
        try:
            await asyncio.to_thread(wait_for_media, load, viewers)
            await live.hls()
            before = load.mark()
            cores = await _cores(live, seconds)
            after = load.mark()
            await asyncio.gather(*(_leave(live, answer) for _, answer in joined))
            empty_cores = await _cores(live, seconds)
        finally:
            load.stop()
        await socket.close()
        for peer in certificate.peers:
            peer.close()
    rate = VIDEO.packets_per_second * VIDEO.size_bytes * 8 / 1e6
    added = max(cores - empty_cores, 1e-4)
    return Direct(viewers, rate, after.gaps - before.gaps, seconds, empty_cores, cores, int(viewers / added))


async def _cores(live: Stage, seconds: float) -> float:
    """Of the server's process alone: a spare egress process that starts meanwhile costs as much as many viewers do."""
    pid = live.server.program.pid
    begun, before = time.monotonic(), own_cpu_ns(pid)
    await asyncio.sleep(seconds)
    return (own_cpu_ns(pid) - before) / NS_PER_S / (time.monotonic() - begun)


async def _join(live: Stage, certificate: Certificate) -> tuple[Receiver, Watched]:
    """Somebody else each time: a viewer may have few connections."""
    peer, viewer = Peer(certificate, ADDRESS), Browser(live.server.url)
    try:
        offer = sdp.describe(peer, certificate.fingerprint, direction="recvonly", setup="actpass")
        answer = await _whep(viewer, live, offer)
        remote = sdp.read_remote(answer.sdp, ADDRESS)
        _, receiving = await asyncio.to_thread(peer.connect, remote.address, remote.ufrag, remote.password)
        return Receiver(peer, receiving, sdp.PAYLOAD_TYPE), answer
    finally:
        await viewer.close()


async def _leave(live: Stage, answer: Watched) -> None:
    headers = {"Authorization": f"Bearer {answer.token}"}
    async with live.host.session.delete(live.server.url + answer.location, headers=headers) as response:
        assert response.status == 200, await response.text()


async def _whep(viewer: Browser, live: Stage, offer: str) -> Watched:
    watched = await watch(viewer, live.livestream_id)
    headers = {"Authorization": f"Bearer {watched['token']}", "Content-Type": "application/sdp"}
    async with viewer.session.post(live.server.url + watched["whep"], data=offer.encode(), headers=headers) as response:
        text = await response.text()
        assert response.status == 201, text
        return Watched(text, response.headers["Location"], watched["token"])


async def films(folder: Path, seconds: float) -> list[Filming]:
    full = clip("H264", FULL)
    cases = [
        FilmCase("four cameras of 640x360 side by side", clip("VP8", CAMERA), 4, "side_by_side"),
        FilmCase("one source of 1280x720 in H.264, alone: passed on", full, 1, "solo", passed=True),
        FilmCase("the same, with a name over it: composed", full, 1, "solo", plate="Dr. Wei"),
        FilmCase("alone, in two sizes: passed on, the second encoded", full, 1, "solo", sizes=2, passed=True),
        FilmCase("with a name, in two sizes: composed", full, 1, "solo", sizes=2, plate="Dr. Wei"),
    ]
    return [await film(folder / str(number), case, seconds) for number, case in enumerate(cases)]
