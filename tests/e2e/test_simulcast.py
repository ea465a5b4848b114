"""Simulcast between browsers: a picture as large as its tile, changes without a stall, nothing sent for nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.attendee import Attendee, open_attendee
from tests.support.chromium import open_chromium
from tests.support.server import Tongxin
from tests.support.test_card import write_test_card

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

FREEZE_MAX_MS = 1_000  # twice what a person may see, for a busy machine

# Encodings that the publishing connection sends: {rid: [active, bytes so far, frame height]}.
SENT = """async () => {
  const report = [...(await window.__tongxin.pub.getStats()).values()];
  const lines = report.filter((line) => line.type === "outbound-rtp" && line.kind === "video");
  return Object.fromEntries(lines.map((l) => [l.rid ?? "", [l.active, l.bytesSent, l.frameHeight ?? 0]]));
}"""

# Follows the one incoming picture: how high it is, and the longest time between two frames.
FOLLOW = """() => {
  const seen = (window.__followed = { height: 0, frames: 0, longest: 0, last: 0 });
  const received = window.__tongxin.sub.getReceivers().map((receiver) => receiver.track.id);
  const video = [...document.querySelectorAll("video")].find(
    (each) => received.includes(each.srcObject?.getVideoTracks()[0]?.id),
  );
  const step = (now, frame) => {
    if (seen.last) seen.longest = Math.max(seen.longest, now - seen.last);
    seen.last = now;
    seen.frames += 1;
    seen.height = frame.height;
    video.requestVideoFrameCallback(step);
  };
  video.requestVideoFrameCallback(step);
}"""


async def shows(person: Attendee, low: int, high: int) -> None:
    await person.until(
        "([low, high]) => window.__followed.height >= low && window.__followed.height <= high",
        [low, high],
        f"a picture {low} to {high} lines high at {person.name}",
    )


async def sends(person: Attendee, *rids: str) -> None:
    """The publishing connection sends exactly these encodings."""
    await person.until(
        f"""async (rids) => {{
          const sent = await ({SENT})();
          const active = Object.entries(sent).filter(([, line]) => line[0]).map(([rid]) => rid).sort();
          return JSON.stringify(active) === JSON.stringify([...rids].sort());
        }}""",
        list(rids),
        f"{rids} to be what {person.name} sends",
    )


async def test_each_tile_gets_the_encoding_that_fits_it(tmp_path: Path, server: Tongxin) -> None:
    # given a publisher whose camera has 720 lines, and somebody who looks at it on a large screen
    camera = write_test_card(tmp_path / "large.y4m", width=1280, height=720, frames_per_s=15, frames=15)
    flag = f"--use-file-for-fake-video-capture={camera}"
    async with open_chromium(tmp_path, flags=[flag]) as browser:
        ana = await open_attendee(browser, "Ana")
        bo = await open_attendee(browser, "Bo", width=1600, height=1000)
        await ana.join(server.meeting_link)
        await bo.join(server.meeting_link)
        await bo.receives("video", 1, frames=5)
        await bo.page.evaluate(FOLLOW)

        # then it gets the full size, and soon nothing else is sent
        await shows(bo, 700, 720)
        await sends(ana, "f")

        # when its window becomes small, and large again
        await bo.page.set_viewport_size({"width": 400, "height": 320})
        await shows(bo, 300, 360)
        await sends(ana, "h")
        frames = await bo.page.evaluate("() => window.__followed.frames")
        await bo.until("(before) => window.__followed.frames > before + 10", frames, "more pictures")
        await bo.page.set_viewport_size({"width": 1600, "height": 1000})

        # then the picture follows
        await shows(bo, 700, 720)
        await sends(ana, "f")
        longest = await bo.page.evaluate("() => window.__followed.longest")
        assert longest < FREEZE_MAX_MS
        assert ana.faults == []
        assert bo.faults == []
