"""What the player on a viewer's page really plays: pictures that go on and sound above silence, by WHEP and by HLS."""

from __future__ import annotations

from typing import Any, Final

from playwright.async_api import BrowserContext

from tests.support.attendee import Attendee

SCREEN: Final = "[data-testid=live-player] [data-hidden=false] video"
SILENT_MS: Final = 2_000  # the fake microphone beeps every half second

# The page's own connections, so that their statistics can be read.
_KEEP_PEERS: Final = """(() => {
  const Original = window.RTCPeerConnection;
  window.__peers = [];
  window.RTCPeerConnection = class extends Original {
    constructor(...given) {
      super(...given);
      window.__peers.push(this);
    }
  };
})();"""
# A screen that costs the encoder little.
_SMALL_SCREEN: Final = """(() => {
  const devices = navigator.mediaDevices;
  const capture = devices.getDisplayMedia.bind(devices);
  const small = { width: { max: 320 }, height: { max: 180 }, frameRate: { max: 5 } };
  devices.getDisplayMedia = (wish) => capture({ ...wish, video: small });
})();"""
# Sum of what all open connections have heard (W3C webrtc-stats: grows only with sound that is not silence).
_ENERGY: Final = """async () => {
  let sum = 0;
  for (const peer of window.__peers.filter((one) => one.connectionState === "connected"))
    for (const line of (await peer.getStats()).values())
      if (line.type === "inbound-rtp" && line.kind === "audio") sum += line.totalAudioEnergy ?? 0;
  return sum;
}"""
# By the element's own sound, whatever way it came: when it was last above silence, and how loud it ever was.
_LISTEN: Final = """(selector) => {
  if (window.__sound?.video === document.querySelector(selector)) return;
  const video = document.querySelector(selector);
  const context = new AudioContext();
  const meter = context.createAnalyser();
  context.createMediaStreamSource(video.captureStream()).connect(meter);
  const samples = new Float32Array(meter.fftSize);
  const sound = (window.__sound = { video, peak: 0, at: performance.now() });
  const timer = setInterval(() => {
    if (window.__sound !== sound) return clearInterval(timer);
    meter.getFloatTimeDomainData(samples);
    const loud = samples.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
    if (loud < 0.01) return;
    sound.peak = Math.max(sound.peak, loud);
    sound.at = performance.now();
  }, 20);
}"""
_DRAWN: Final = """(selector) => [...document.querySelectorAll(selector)]
  .map((video) => video.getVideoPlaybackQuality().totalVideoFrames)"""


async def keep_peers(context: BrowserContext) -> None:
    """Before the page is opened."""
    await context.add_init_script(_KEEP_PEERS)


async def share_a_small_screen(context: BrowserContext) -> None:
    """Before the page is opened."""
    await context.add_init_script(_SMALL_SCREEN)


async def pictures_go_on(viewer: Attendee, pictures: int, *, frames: int = 5) -> None:
    """As many pictures as this are on the screen, and each draws so many more frames."""
    before: list[int] = []

    async def drawn() -> list[int]:
        found: list[int] = await viewer.page.evaluate(_DRAWN, SCREEN)
        return found

    while len(before := await drawn()) != pictures:
        await viewer.page.wait_for_timeout(100)
    await viewer.until(
        f"([selector, before, frames]) => {{ const now = ({_DRAWN})(selector);"
        " return now.length === before.length && now.every((one, i) => one - before[i] >= frames); }",
        [SCREEN, before, frames],
        f"{pictures} moving pictures at {viewer.name}",
    )


async def hears_by_whep(viewer: Attendee) -> None:
    before: float = await viewer.page.evaluate(_ENERGY)
    await viewer.until(
        f"async (before) => await ({_ENERGY})() > before + 1e-4", before, f"sound by WHEP at {viewer.name}"
    )


async def hears_by_hls(viewer: Attendee) -> None:
    """From now on: more sound is decoded, and it is no silence."""
    await viewer.page.evaluate(_LISTEN, SCREEN)
    before: list[Any] = await viewer.page.evaluate(
        "() => [performance.now(), window.__sound.video.webkitAudioDecodedByteCount]"
    )
    await viewer.until(
        "([at, bytes]) => window.__sound.at > at && window.__sound.video.webkitAudioDecodedByteCount > bytes",
        before,
        f"sound by HLS at {viewer.name}",
    )


async def falls_silent(viewer: Attendee) -> None:
    """The film goes on without any sound in it."""
    await viewer.until(
        "(ms) => performance.now() - window.__sound.at > ms", SILENT_MS, f"silence by HLS at {viewer.name}"
    )
