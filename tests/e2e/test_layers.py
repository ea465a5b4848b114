"""Layers in one stream between browsers: Chromium's own AV1 and VP9, and what its receiver makes of a part of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from rooms.core.model import Grant, Role, Source
from signaling.messages import Offer, PublishedMedia, Want
from signaling.sfu.plane import PlaneSettings, SfuPlane
from tests.support.chromium import open_chromium
from tests.support.test_card import write_test_card

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

ROOM = "room"
WIDTH, HEIGHT, FRAMES_PER_S = 960, 540, 10
PATIENCE_S = 40.0

SCRIPT = """<!doctype html><video autoplay muted playsinline></video><script>
window.layers = {
  async offer(codec, scalabilityMode, constraints) {
    const media = await navigator.mediaDevices.getUserMedia({ video: constraints });
    const pc = (this.pub = new RTCPeerConnection());
    const sendEncodings = [{ scalabilityMode, maxBitrate: 1_200_000 }];
    const sizes = { q: 4, h: 2, f: 1 };
    if (scalabilityMode === "simulcast")
      sendEncodings.splice(0, 1, ...Object.entries(sizes).map(([rid, scaleResolutionDownBy]) => ({
        rid, scaleResolutionDownBy, scalabilityMode: "L1T3", maxBitrate: 1_200_000 / scaleResolutionDownBy,
      })));
    const video = pc.addTransceiver(media.getVideoTracks()[0], { direction: "sendonly", sendEncodings });
    const known = RTCRtpSender.getCapabilities("video").codecs;
    video.setCodecPreferences(known.filter((one) => [codec, "video/rtx"].includes(one.mimeType)));
    const extensions = video.getHeaderExtensionsToNegotiate();
    for (const one of extensions) if (one.uri.includes("dependency-descriptor")) one.direction = "sendrecv";
    video.setHeaderExtensionsToNegotiate(extensions);
    await pc.setLocalDescription();
    return pc.localDescription.sdp;
  },
  // A start above what all layers need: how the sender finds the way up is not what is looked at here.
  async accept(sdp) {
    const quick = sdp.replace(/(a=fmtp:\\d+ (?!apt).*)/g, "$1;x-google-start-bitrate=2500");
    await this.pub.setRemoteDescription({ type: "answer", sdp: quick });
  },
  async answer(sdp) {
    if (!this.sub) {
      this.sub = new RTCPeerConnection();
      this.sub.ontrack = ({ track }) => (document.querySelector("video").srcObject = new MediaStream([track]));
    }
    await this.sub.setRemoteDescription({ type: "offer", sdp });
    await this.sub.setLocalDescription();
    return this.sub.localDescription.sdp;
  },
  async seen() {
    const report = this.sub ? [...(await this.sub.getStats()).values()] : [];
    const video = report.find((one) => one.type === "inbound-rtp" && one.kind === "video") ?? {};
    const { frameHeight = 0, framesDecoded = 0, pliCount = 0 } = video;
    return { frameHeight, framesDecoded, pliCount };
  },
};
</script>"""


@pytest.fixture
async def plane(workers: int) -> AsyncIterator[SfuPlane]:
    """With two workers the first is full as soon as somebody publishes there."""
    made = SfuPlane(PlaneSettings(("127.0.0.1",), bind_address="127.0.0.1", workers=workers, transports_full=2))
    yield made
    await made.close()


def attach(plane: SfuPlane, name: str) -> asyncio.Queue[Offer]:
    offers: asyncio.Queue[Offer] = asyncio.Queue()
    grant = Grant(identity=name, name=name, role=Role.PARTICIPANT)
    plane.attach(ROOM, name, grant, offers.put_nowait, lambda _: None)
    return offers


async def answer_all(plane: SfuPlane, page: Page, offers: asyncio.Queue[Offer]) -> None:
    while True:
        offer = await offers.get()
        await plane.answer(ROOM, "bo", offer.revision, await page.evaluate("(s) => layers.answer(s)", offer.sdp))


async def sees(page: Page, *heights: int, more: int = 10) -> dict[str, Any]:
    """So many pictures of such a height."""
    decoded = 0
    async with asyncio.timeout(PATIENCE_S):
        while True:
            seen: dict[str, Any] = await page.evaluate("() => layers.seen()")
            if seen["frameHeight"] not in heights:
                decoded = seen["framesDecoded"]
            elif seen["framesDecoded"] >= decoded + more:
                return seen
            await page.wait_for_timeout(50)


@pytest.mark.parametrize(
    ("codec", "mode", "workers"),
    [
        ("video/AV1", "L3T3_KEY", 1),
        pytest.param("video/AV1", "L3T3_KEY", 2, marks=pytest.mark.long),
        pytest.param("video/AV1", "L3T3", 2, marks=pytest.mark.long),
        pytest.param("video/AV1", "simulcast", 1, marks=pytest.mark.long),
        pytest.param("video/AV1", "simulcast", 2, marks=pytest.mark.long),
        pytest.param("video/VP9", "L3T3", 1, marks=pytest.mark.long),
        pytest.param("video/VP9", "L3T3", 2, marks=pytest.mark.long),
    ],
)
async def test_a_tile_gets_the_layer_that_fills_it(
    plane: SfuPlane, tmp_path: Path, codec: str, mode: str, workers: int
) -> None:
    camera = write_test_card(
        tmp_path / "large.y4m", width=WIDTH, height=HEIGHT, frames_per_s=FRAMES_PER_S, frames=2 * FRAMES_PER_S
    )
    (tmp_path / "index.html").write_text(SCRIPT)
    async with open_chromium(tmp_path, flags=[f"--use-file-for-fake-video-capture={camera}"]) as browser:
        page = await browser.new_page()
        await page.goto((tmp_path / "index.html").as_uri())
        # given one who sends three sizes in one stream, and one who looks at it in a large tile
        attach(plane, "ana")
        constraints = {"width": WIDTH, "height": HEIGHT, "frameRate": FRAMES_PER_S}
        offer = await page.evaluate("(a) => layers.offer(...a)", [codec, mode, constraints])
        media = (PublishedMedia("0", Source.CAMERA),)
        result = await plane.publish(ROOM, "ana", offer, media)
        plane.tracks_known(ROOM, "ana")
        await page.evaluate("(s) => layers.accept(s)", result.sdp)
        answering = asyncio.create_task(answer_all(plane, page, attach(plane, "bo")))
        (track,) = [published.id for _, published in result.tracks]
        plane.subscribe(ROOM, "bo", (Want(track, width=WIDTH, height=HEIGHT),))

        # then the picture is the largest, becomes small with the tile, and large again
        await sees(page, HEIGHT)
        plane.subscribe(ROOM, "bo", (Want(track, width=WIDTH // 4, height=HEIGHT // 4),))
        await sees(page, 135, 136)
        plane.subscribe(ROOM, "bo", (Want(track, width=WIDTH, height=HEIGHT),))
        seen = await sees(page, HEIGHT)
        answering.cancel()
        assert all(worker.subscriptions == (number == workers - 1) for number, worker in enumerate(plane.stats()))
        assert seen["pliCount"] == 0  # the receiver never lacked anything that it was told of
