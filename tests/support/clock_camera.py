"""A camera that shows which frame it is, and how far behind another page shows it: glass-to-glass delay.

Each picture is a row of black and white fields: seven of its number and one of parity, big enough to outlive every
encoder.  A page notes when it drew which number; what a viewer draws is looked up in what the publisher drew.
"""

from __future__ import annotations

import bisect
import statistics
from pathlib import Path
from typing import Final

from playwright.async_api import Page

WIDTH: Final = 320
HEIGHT: Final = 180
FRAMES_PER_S: Final = 25
FRAMES: Final = 125  # five seconds: longer than any delay that is measured
FIELDS: Final = 8
BLACK, WHITE, GREY = 16, 235, 128

# Notes [Unix time in ms, number] of each picture that the first matching <video> draws, newest last.
_WATCH = """(selector) => {
  const canvas = new OffscreenCanvas(320, 180);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const seen = (window.__seen = []);
  const read = (video) => {
    context.drawImage(video, 0, 0, 320, 180);
    let number = 0, parity = 0;
    for (let field = 0; field < 8; field++) {
      const [light] = context.getImageData(field * 40 + 20, 90, 1, 1).data;
      const bit = light > 128 ? 1 : 0;
      parity ^= bit;
      if (field < 7) number = number * 2 + bit;
    }
    return parity === 1 ? number : -1;
  };
  const follow = (video) => {
    if (video.__followed) return;
    video.__followed = true;
    const tick = (now) => {
      const number = read(video);
      if (number >= 0) seen.push([performance.timeOrigin + now, number]);
      if (seen.length > 2000) seen.splice(0, 1000);
      video.requestVideoFrameCallback(tick);
    };
    video.requestVideoFrameCallback(tick);
  };
  const look = () => { for (const video of document.querySelectorAll(selector)) follow(video); };
  look();
  setInterval(look, 200);
}"""


def write_clock(path: Path) -> Path:
    """A YUV4MPEG2 file that loops."""
    path.parent.mkdir(parents=True, exist_ok=True)
    wide = WIDTH // FIELDS
    chroma = bytes([GREY]) * (WIDTH * HEIGHT // 4)
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FRAMES_PER_S}:1 Ip A1:1 C420jpeg\n".encode())
        for number in range(FRAMES):
            bits = [number >> (FIELDS - 2 - field) & 1 for field in range(FIELDS - 1)]
            bits.append(1 - sum(bits) % 2)  # odd: a picture without any field is none of ours
            row = b"".join(bytes([WHITE if bit else BLACK]) * wide for bit in bits)
            file.write(b"FRAME\n" + row * HEIGHT + chroma + chroma)
    return path


async def watch_clock(page: Page, selector: str = "video") -> None:
    await page.evaluate(_WATCH, selector)


async def delay_ms(publisher: Page, viewer: Page) -> float:
    """Median of what the viewer drew last; infinite as long as it has drawn too little."""
    there: list[tuple[float, int]] = await publisher.evaluate("() => window.__seen")
    here: list[tuple[float, int]] = await viewer.evaluate("() => window.__seen.slice(-40)")
    shown: dict[int, list[float]] = {}
    for at_ms, number in there:
        shown.setdefault(number, []).append(at_ms)
    found = []
    for at_ms, number in here:
        times = shown.get(number, [])
        before = bisect.bisect_right(times, at_ms) - 1
        if before >= 0:
            # A number is drawn more than once where the screen is faster than the camera: the first time counts.
            first = before
            while first > 0 and times[before] - times[first - 1] < 1_000:
                first -= 1
            found.append(at_ms - times[first])
    return statistics.median(found) if len(found) >= 20 else float("inf")
