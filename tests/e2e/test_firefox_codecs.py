"""Firefox in meetings whose pictures come in AV1: what it sees, and what it sends when somebody cannot decode that."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.test_codecs import DECODES_ONLY, SENDS, sends
from tests.support import namespaces
from tests.support.attendee import open_attendee
from tests.support.chromium import open_chromium
from tests.support.firefox import Firefox, open_firefox
from tests.support.server import Tongxin

REASON = namespaces.available()
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.long,
    pytest.mark.network_namespaces,
    pytest.mark.timeout(300),
    pytest.mark.skipif(bool(REASON), reason=REASON),
]

HTTP_PORT = 8443
# A computer with few cores does not offer AV1; that this one has few is not what is looked at.
MANY_CORES = "Object.defineProperty(Navigator.prototype, 'hardwareConcurrency', { get: () => 8 });"
SEES = """(async () => {
  const report = await window.__tongxin.sub.getStats();
  const lines = [...report.values()].filter((line) => line.type === "inbound-rtp" && line.kind === "video");
  const before = (window.before ??= new Map());
  const enough = lines.filter((line) => {
    const key = `${line.ssrc} ${report.get(line.codecId)?.mimeType}`;
    if (!before.has(key)) before.set(key, line.framesDecoded ?? 0);
    return key.endsWith("video/CODEC") && line.framesDecoded - before.get(key) >= 40;
  });
  return enough.length >= STREAMS;
})()"""


async def sees(firefox: Firefox, codec: str, streams: int) -> None:
    """So many streams decode 40 more pictures in this codec."""
    await firefox.ask("evaluate", "void (window.before = undefined)")
    await firefox.ask("until", SEES.replace("CODEC", codec).replace("STREAMS", str(streams)))


async def firefox_sends(firefox: Firefox, codec: str) -> None:
    sent = SENDS.replace("line.active && ", "line.active !== false && line.framesSent > 0 && ")
    await firefox.ask(
        "until", f"({sent})().then((all) => all.length > 0 && all.every((one) => one === 'video/{codec}'))"
    )


async def test_firefox_sees_av1_and_turns_to_what_a_newcomer_can_decode(tmp_path: Path) -> None:
    with (
        namespaces.pair(57) as (near, far),
        Tongxin(
            tmp_path / "server",
            address=near.address,
            http_port=HTTP_PORT,
            arguments=("--self-signed",),
            command=near.command,
            environment={"TONGXIN_VIDEO_CODECS": "AV1,VP8,H264"},
        ) as server,
    ):
        async with (
            open_chromium(tmp_path / "a", command=near.command) as browser,
            open_firefox(far.command) as firefox,
        ):
            # given a meeting in AV1
            ana, cy = await open_attendee(browser, "Ana"), await open_attendee(browser, "Cy")
            await ana.page.add_init_script(MANY_CORES)
            await ana.join(server.meeting_link)
            await firefox.ask("before", MANY_CORES)
            await firefox.ask("goto", server.meeting_link)
            await firefox.ask("type", ["[data-testid=name-input]", "Firefox"])
            await firefox.ask("click", "[data-testid=join]")
            await firefox.ask("until", "!!document.querySelector('[data-testid=meeting]')")
            await sends(ana, "AV1")
            await sees(firefox, "AV1", 1)
            await firefox_sends(firefox, "AV1")
            await ana.receives("video", 1, frames=20)

            # when somebody joins who can decode VP8 only
            await cy.page.add_init_script(DECODES_ONLY.replace("NAME", "VP8"))
            await cy.join(server.meeting_link)

            # then all of them see each other
            await cy.receives("video", 2, frames=20)
            await firefox_sends(firefox, "VP8")
            await ana.receives("video", 2, frames=20)
            await sees(firefox, "VP8", 1)
            assert [person.faults for person in (ana, cy)] == [[], []]
            await ana.close()
            await cy.close()
