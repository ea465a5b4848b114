"""A room in which not everybody can decode the same: nobody sees a still or a black picture."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.attendee import Attendee, open_attendee
from tests.support.chromium import open_chromium
from tests.support.server import Tongxin

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

# Makes of the page's browser one that has a single video codec: its answers know no other.
DECODES_ONLY = """
const answer = RTCPeerConnection.prototype.createAnswer;
RTCPeerConnection.prototype.createAnswer = function (...given) {
  const known = RTCRtpReceiver.getCapabilities("video").codecs;
  const kept = known.filter(({ mimeType }) => ["video/NAME", "video/rtx"].includes(mimeType));
  for (const one of this.getTransceivers())
    if (one.receiver.track.kind === "video" && one.direction !== "stopped") one.setCodecPreferences(kept);
  return answer.apply(this, given);
};
"""

SENDS = """async () => {
  const report = await window.__tongxin.pub.getStats();
  const lines = [...report.values()].filter((line) => line.type === "outbound-rtp" && line.kind === "video");
  return lines.filter((line) => line.active && line.codecId).map((line) => report.get(line.codecId).mimeType);
}"""


async def sends(person: Attendee, *codecs: str) -> None:
    """Its picture comes in exactly these codecs."""
    await person.until(
        f"async (codecs) => JSON.stringify([...new Set(await ({SENDS})())].sort()) === JSON.stringify(codecs)",
        sorted(f"video/{codec}" for codec in codecs),
        f"{codecs} to be what {person.name} sends",
    )


async def test_whoever_joins_sees_moving_pictures(tmp_path: Path, server: Tongxin) -> None:
    async with open_chromium(tmp_path) as browser:
        # given a camera that is sent in VP8, and somebody who watches
        ana, bo, cy, di = [await open_attendee(browser, name) for name in ("Ana", "Bo", "Cy", "Di")]
        await cy.page.add_init_script(DECODES_ONLY.replace("NAME", "H264"))
        await di.page.add_init_script(DECODES_ONLY.replace("NAME", "VP8"))
        await ana.join(server.meeting_link)
        await bo.join(server.meeting_link)
        await bo.receives("video", 1, frames=3)
        await sends(ana, "VP8")
        streams = {line.ssrc for line in await bo.received() if line.kind == "video"}

        # when somebody joins who can decode H.264 only
        await cy.join(server.meeting_link)

        # then the camera is sent in H.264 to both, and to who was there in the same stream
        await sends(ana, "H264")
        await cy.receives("video", 2, frames=3)
        await bo.receives("video", 2, frames=3)
        assert streams <= {line.ssrc for line in await bo.received() if line.kind == "video"}

        # and when somebody joins who can decode VP8 only, also in VP8
        await di.join(server.meeting_link)
        await sends(ana, "H264", "VP8")
        await di.receives("video", 3, frames=3)
        await cy.receives("video", 3, frames=3)
        assert [person.faults for person in (ana, bo, cy, di)] == [[], [], [], []]
