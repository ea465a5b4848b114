"""The media plane against Chromium's bare peer connections: restarts, reloads, shares, codecs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from rooms.core.model import Grant, Role, Source
from signaling.messages import Offer, PublishedMedia
from signaling.sfu.plane import PlaneSettings, SfuPlane

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

ROOM = "room"
TIMEOUT_MS = 60_000

CLIENT = """
window.client = {frames: {}};
client.take = async (offer) => {
  if (offer.fresh || !client.sub) {
    client.sub?.close();
    client.sub = new RTCPeerConnection({bundlePolicy: "max-bundle"});
  }
  await client.sub.setRemoteDescription({type: "offer", sdp: offer.sdp});
  await client.sub.setLocalDescription();
  await answer(offer.revision, client.sub.localDescription.sdp);
};
client.picture = (width) => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, 100];
  const paint = canvas.getContext("2d");
  let count = 0;
  setInterval(() => { paint.fillStyle = `hsl(${count++ * 20 % 360} 80% 50%)`; paint.fillRect(0, 0, width, 100); }, 50);
  return canvas.captureStream(20).getVideoTracks()[0];
};
client.sources = new Map();
client.negotiate = async () => {
  const pc = client.pub;
  await pc.setLocalDescription();
  const media = pc.getTransceivers().filter((one) => one.direction === "sendonly");
  const text = await publish(pc.localDescription.sdp, media.map((one) => [one.mid, client.sources.get(one)]));
  await pc.setRemoteDescription({type: "answer", sdp: text});
};
client.send = (source, track, codec) => {
  const transceiver = client.pub.addTransceiver(track, {direction: "sendonly"});
  client.sources.set(transceiver, source);
  if (codec) {
    const all = RTCRtpSender.getCapabilities(track.kind).codecs;
    const wanted = all.filter((one) => one.mimeType.toLowerCase() === `${track.kind}/${codec}`.toLowerCase());
    transceiver.setCodecPreferences([...wanted, ...all.filter((one) => one.mimeType.endsWith("/rtx"))]);
  }
  return transceiver;
};
client.publish = async (codec) => {
  client.pub?.close();
  client.sources.clear();
  const pc = client.pub = new RTCPeerConnection({bundlePolicy: "max-bundle"});
  client.channel = pc.createDataChannel("reliable", {negotiated: true, id: 0});
  client.heard = [];
  client.channel.onmessage = (message) => client.heard.push(message.data.byteLength);
  client.channel.binaryType = "arraybuffer";
  const sound = new AudioContext();
  const tone = new OscillatorNode(sound);
  const sink = sound.createMediaStreamDestination();
  tone.connect(sink);
  tone.start();
  client.send("microphone", sink.stream.getAudioTracks()[0]);
  client.send("camera", client.picture(200), codec);
  await client.negotiate();
};
client.stats = async () => {
  const found = {};
  if (!client.sub) return found;
  const lines = [...(await client.sub.getStats()).values()];
  for (const line of lines) {
    if (line.type !== "inbound-rtp") continue;
    found[`${line.kind}-${line.mid}`] = line.kind === "video" ? line.framesDecoded : line.packetsReceived;
    if (line.kind === "video") found[`width-${line.mid}`] = line.frameWidth;
  }
  return found;
};
client.grows = async (before, kind, streams, by) => {
  const now = await client.stats();
  const names = Object.keys(now).filter((name) => name.startsWith(kind) && now[name] - (before[name] ?? 0) >= by);
  return names.length >= streams;
};
"""


@dataclass
class Person:
    """A page with bare peer connections, and its seat."""

    plane: SfuPlane
    page: Page
    name: str
    offers: asyncio.Queue[Offer] = field(default_factory=asyncio.Queue)
    revision: int = 0
    pumping: asyncio.Task[None] | None = None

    async def open(self) -> None:
        await self.page.expose_function("publish", self._publish)
        await self.page.expose_function("answer", self._answer)
        await self.page.goto("about:blank")
        await self.page.evaluate(CLIENT)
        grant = Grant(identity=self.name, name=self.name, role=Role.PARTICIPANT)
        self.plane.attach(ROOM, self.name, grant, self.offers.put_nowait, lambda _: None)
        self.pumping = asyncio.get_running_loop().create_task(self._pump())

    async def close(self) -> None:
        if self.pumping is not None:
            self.pumping.cancel()
            await asyncio.gather(self.pumping, return_exceptions=True)

    async def do(self, expression: str) -> Any:
        return await self.page.evaluate(f"async () => {{ return await {expression}; }}")

    async def decodes(self, videos: int, audios: int = 1, frames: int = 15) -> None:
        """From now on, in so many streams."""
        before = await self.do("client.stats()")
        for kind, streams in (("video", videos), ("audio", audios)):
            await self.page.wait_for_function(
                "([before, kind, streams, by]) => client.grows(before, kind, streams, by)",
                arg=[before, kind, streams, frames],
                timeout=TIMEOUT_MS,
                polling=100,
            )

    async def _pump(self) -> None:
        while True:
            offer = await self.offers.get()
            await self.page.evaluate(
                "(offer) => client.take(offer)",
                {"revision": offer.revision, "sdp": offer.sdp, "fresh": offer.fresh},
            )

    async def _publish(self, sdp: str, media: list[tuple[str, str]]) -> str:
        named = tuple(PublishedMedia(mid, Source(source)) for mid, source in media)
        result = await self.plane.publish(ROOM, self.name, sdp, named)
        self.plane.tracks_known(ROOM, self.name)
        return result.sdp

    async def _answer(self, revision: int, sdp: str) -> None:
        await self.plane.answer(ROOM, self.name, revision, sdp)
        self.revision = revision


@pytest.fixture
async def people(browser: Browser) -> AsyncIterator[tuple[Person, Person]]:
    plane = SfuPlane(PlaneSettings(addresses=("127.0.0.1",), bind_address="127.0.0.1"))
    pair = []
    for name in ("ana", "bo"):
        context = await browser.new_context()
        pair.append(Person(plane, await context.new_page(), name))
        await pair[-1].open()
    yield pair[0], pair[1]
    for person in pair:
        await person.close()
    await plane.close()


async def test_a_connection_lives_through_all_that_a_meeting_does_to_it(people: tuple[Person, Person]) -> None:
    ana, bo = people
    await ana.do("client.publish()")
    await bo.do("client.publish()")
    await asyncio.gather(ana.decodes(1), bo.decodes(1))

    # the publisher's network changed
    await ana.do("(client.pub.restartIce(), client.negotiate())")
    await bo.decodes(1)
    # the subscriber's did
    await bo.plane.restart_subscription(ROOM, "bo", fresh=False)
    await bo.decodes(1)
    # the subscriber reloaded
    await bo.plane.restart_subscription(ROOM, "bo", fresh=True)
    await bo.decodes(1)
    # the publisher reloaded: same tracks, same sections
    await ana.do("client.publish()")
    await bo.decodes(1)

    # a share comes and goes; its section is used again
    await ana.do("(client.share = client.send('screen', client.picture(300)), client.negotiate())")
    for _ in range(2):
        await bo.decodes(2)
        await ana.do("(client.share.direction = 'inactive', client.negotiate())")
        await bo.decodes(1)
        await ana.do("(client.share.direction = 'sendonly', client.negotiate())")
    assert await bo.do("client.sub.getTransceivers().length") == 3

    # data flows on the publishing connections
    await ana.page.wait_for_function("client.channel.readyState === 'open'", timeout=TIMEOUT_MS)
    await ana.do("client.channel.send(new Uint8Array([...new TextEncoder().encode('cursor'), 0, 1, 2, 3]))")
    await bo.page.wait_for_function("client.heard[0] === 'cursor'.length + 'ana'.length + 5", timeout=TIMEOUT_MS)

    # goodbye by DTLS frees the transports without a word over the wire
    await ana.do("client.pub.close()")
    await bo.do("client.pub.close()")
    async with asyncio.timeout(30):
        while ana.plane.stats()[0].tracks:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("codec", ["H264", "VP9", "AV1"])
async def test_other_codecs_pass_through(people: tuple[Person, Person], codec: str) -> None:
    ana, bo = people
    await ana.do(f"client.publish('{codec}')")
    await bo.decodes(1)
    # Playwright does not await what a predicate promises, so this asks again and again
    async with asyncio.timeout(TIMEOUT_MS / 1_000):
        while not await bo.page.evaluate(  # noqa: ASYNC110
            """async (codec) => [...(await client.sub.getStats()).values()]
                .some((line) => line.type === "codec" && line.mimeType === `video/${codec}`)""",
            codec,
        ):
            await asyncio.sleep(0.1)
