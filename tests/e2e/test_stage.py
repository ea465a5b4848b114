"""A livestream from its green room to its end, in real browsers, with a viewer who has no seat: by WHEP."""

from __future__ import annotations

import os
import time
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.e2e.test_calls import post
from tests.e2e.test_meeting import PASSWORD, administrator
from tests.support.attendee import TIMEOUT_MS, Attendee, open_attendee, open_page
from tests.support.server import Tongxin

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.long,  # sources that change without negotiation are in test_stage_slides.py, the way live in the delays
    pytest.mark.timeout(300),
]

# A player's connection: two pictures and a sound, no renegotiation ever after.
WATCH = """async ([url, token]) => {
  window.__watching?.peer.close();
  document.querySelectorAll("video, audio").forEach((player) => player.remove());
  const peer = new RTCPeerConnection();
  window.__watching = { peer, negotiations: 0 };
  for (const kind of ["video", "video", "audio"]) peer.addTransceiver(kind, { direction: "recvonly" });
  peer.addEventListener("track", ({ track }) => {
    const isPicture = track.kind === "video"; // a muted element measures no sound
    const player = Object.assign(document.createElement(track.kind), { muted: isPicture, autoplay: true });
    player.srcObject = new MediaStream([track]);
    document.body.append(player);
  });
  await peer.setLocalDescription(await peer.createOffer());
  peer.addEventListener("negotiationneeded", () => { window.__watching.negotiations += 1; });
  const answer = await fetch(url, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/sdp" },
    body: peer.localDescription.sdp,
  });
  if (answer.status === 201) await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
  return answer.status;
}"""
PLAYED = """async () => {
  const lines = [...(await window.__watching.peer.getStats()).values()].filter((line) => line.type === "inbound-rtp");
  const videos = [...document.querySelectorAll("video")];
  return {
    videos: lines.filter((line) => line.kind === "video" && line.framesDecoded > 0)
      .map((line) => ({ mid: line.mid, ssrc: line.ssrc, frames: line.framesDecoded })),
    energy: lines.filter((line) => line.kind === "audio").reduce((sum, line) => sum + line.totalAudioEnergy, 0),
    drawn: videos.map((video) => video.getVideoPlaybackQuality().totalVideoFrames),
    state: window.__watching.peer.connectionState,
    negotiations: window.__watching.negotiations,
  };
}"""


async def played(page: Page) -> dict[str, Any]:
    value: dict[str, Any] = await page.evaluate(PLAYED)
    return value


async def frames_go_on(viewer: Attendee, section: int, frames: int = 5) -> None:
    """So many more pictures are drawn by the element of this section."""
    before = (await played(viewer.page))["drawn"][section]
    await viewer.until(
        f"async ([section, least]) => (await ({PLAYED})()).drawn[section] >= least",
        [section, before + frames],
        f"{frames} more frames in section {section}",
    )


async def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("TONGXIN_SCREENSHOTS"):
        await page.screenshot(path=f"{folder}/{name}.png")


async def into_green_room(person: Attendee, server: Tongxin, livestream_id: str) -> None:
    await open_page(person.page, f"{server.url}/live/{livestream_id}/stage")
    await person.press("enter-green-room")
    await person.see("stage-room")


async def test_a_livestream_goes_live_from_its_green_room(server: Tongxin, browser: Browser) -> None:
    # given a host and a presenter in the green room, and somebody outside with the viewers' page's token
    host = await administrator(browser, server)
    request = host.page.request
    organizations = await (await request.get(f"{server.url}/api/organizations")).json()
    organization_id = organizations["organizations"][0]["id"]
    wish = {"email": "wei@park.example", "name": "Wei", "organization_id": organization_id, "roles": ["member"]}
    token = (await post(request, server, "/api/invitations", wish))["link"].partition("token=")[2]
    presenter = await open_attendee(browser, "Wei", locale="zh-CN")
    accepted = await presenter.page.request.post(
        f"{server.url}/api/invitations/accept", data={"token": token, "password": PASSWORD}
    )
    account_id = (await accepted.json())["account"]["id"]
    starts_at_ms = int(time.time() * 1_000) + 600_000
    made = await post(
        request,
        server,
        "/api/livestreams",
        {"title": "Launch", "starts_at_ms": starts_at_ms, "zone": "Asia/Shanghai", "tier": "anyone"},
    )
    livestream_id = made["id"]
    await post(request, server, f"/api/livestreams/{livestream_id}/acts", {"action": "schedule"})
    me = await (await request.get(f"{server.url}/api/me")).json()
    people = [{"account_id": me["account"]["id"], "role": "host"}, {"account_id": account_id, "role": "presenter"}]
    changed = await request.put(
        f"{server.url}/api/livestreams/{livestream_id}/people",
        data={"people": people},
        headers={"Origin": server.url, "X-CSRF-Token": me["csrf"]},
    )
    assert changed.ok, await changed.text()
    for person in (host, presenter):
        await into_green_room(person, server, livestream_id)
    await host.receives("video", 1, frames=2)
    viewer = await open_attendee(browser, "Viewer")
    await open_page(viewer.page, f"{server.url}/sign-in")
    watch = await (await viewer.page.request.get(f"{server.url}/api/livestreams/{livestream_id}/watch")).json()
    whep = [f"/whep/{livestream_id}", watch["token"]]
    assert await viewer.page.evaluate(WATCH, whep) == 403  # a rehearsal is for nobody outside

    # when the host comes on stage alone and goes live, the viewer sees and hears one
    rows = host.page.locator("[data-testid=behind-stage] [data-testid=stage-person]")
    await rows.filter(has_text="Host").get_by_test_id("bring-on").click(timeout=TIMEOUT_MS)
    await host.see_text("my-place", "on stage")
    await picture(host.page, "stage-rehearsal-en-1440")
    await host.press("go-live")
    await host.press("confirm")
    await host.see_text("stage-phase", "Live")
    await viewer.until(f"async (whep) => await ({WATCH})(whep) === 201", whep, "the door of the live stage")
    await frames_go_on(viewer, 0)
    await viewer.until(f"async () => (await ({PLAYED})()).energy > 1e-4", None, "sound of the stage")
    first = await played(viewer.page)
    assert len(first["videos"]) == 1

    # when the presenter comes on stage, the host's picture goes on and a second one is there
    await rows.filter(has_text="Wei").get_by_test_id("bring-on").click(timeout=TIMEOUT_MS)
    await frames_go_on(viewer, 1)
    await frames_go_on(viewer, 0)
    await presenter.press("preview")
    await presenter.see("shown", 2)
    await picture(presenter.page, "stage-live-zh-1440")
    for person, name in ((host, "stage-live-en-390"), (presenter, "stage-live-zh-390")):
        await person.page.set_viewport_size({"width": 390, "height": 844})
        await picture(person.page, name)
        await person.page.set_viewport_size({"width": 1440, "height": 900})

    # when they change places, another source takes the first section and its frames go on, without negotiation
    on = host.page.locator("[data-testid=on-stage] [data-testid=stage-person]")
    await on.filter(has_text="Host").get_by_test_id("send-back").click(timeout=TIMEOUT_MS)
    await viewer.until(
        f"""async (before) => {{
          const now = await ({PLAYED})();
          return now.videos.some((line) => line.mid === before.mid && line.ssrc !== before.ssrc && line.frames > 5);
        }}""",
        first["videos"][0],
        "another stream in the first section",
    )
    await frames_go_on(viewer, 0)
    assert (await played(viewer.page))["negotiations"] == 0

    # and when it is over, it is over for the viewer
    await host.press("end-live")
    await picture(host.page, "stage-end-en-1440")
    await host.press("confirm")
    await presenter.see_text("stage-phase", "已结束")
    await viewer.until(
        "() => ['closed', 'failed', 'disconnected'].includes(window.__watching.peer.connectionState)", None, "the end"
    )
    assert not host.faults + presenter.faults
