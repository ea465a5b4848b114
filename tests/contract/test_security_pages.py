"""The pages in a real browser: text stays text, nothing comes from elsewhere, and the policy holds what it promises."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, BrowserContext, Page

from tests.support.attendee import TIMEOUT_MS, Attendee
from tests.support.chromium import open_chromium
from tests.support.server import Tongxin

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

HOSTILE = "<img src=x onerror=window.hit=1>"
PASSWORD = "a long enough passphrase 7"
# What every page tells of itself: refused by the policy, and whom its peer connections were to ask.
WATCH = """
  window.violations = [];
  document.addEventListener("securitypolicyviolation", (event) => window.violations.push(event.blockedURI));
  window.iceServers = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration) {
      super(configuration);
      window.iceServers.push(...(configuration?.iceServers ?? []));
    }
  };
"""
INTO_THE_PAGE = """() => {
  const attempts = {
    markup: () => { document.body.innerHTML = "<img src=x onerror='window.hit=1'>"; },
    script: () => {
      const script = document.createElement("script");
      script.text = "window.hit = 1";
      document.body.append(script);
    },
    evaluated: () => { setTimeout("window.hit = 1", 0); },
    elsewhere: () => { document.createElement("script").src = "https://evil.example/x.js"; },
  };
  return Object.entries(attempts).filter(([, attempt]) => {
    try { attempt(); return true; } catch { return false; }
  }).map(([name]) => name);
}"""


@dataclass
class Seen:
    """All that the pages of one context have asked for."""

    addresses: set[str] = field(default_factory=set)

    def follow(self, page: Page) -> None:
        page.on("request", lambda request: self.addresses.add(request.url))
        page.on("websocket", lambda socket: self.addresses.add(socket.url))

    def foreign(self, server: Tongxin) -> set[str]:
        own = urlsplit(server.url).netloc
        return {one for one in self.addresses if urlsplit(one).netloc != own and not one.startswith(("blob:", "data:"))}


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    async with open_chromium(tmp_path) as browser:
        yield browser


async def signed_in(context: BrowserContext, server: Tongxin) -> str:
    """The administrator of a park in which every name is an attack; the code of a meeting with such a title."""
    token = (server.setup_link or "").partition("token=")[2]
    body = {"token": token, "name": HOSTILE, "email": "lin@park.example", "password": PASSWORD, "organization": HOSTILE}
    reply = await context.request.post(f"{server.url}/api/setup", data=body)
    assert reply.ok, await reply.text()
    csrf = (await reply.json())["csrf"]
    made = await context.request.post(
        f"{server.url}/api/meetings", data={"title": HOSTILE}, headers={"X-CSRF-Token": csrf}
    )
    assert made.ok, await made.text()
    code: str = (await made.json())["code"]
    return code


async def watched(browser: Browser, seen: Seen, name: str) -> Attendee:
    context = await browser.new_context(locale="en", viewport={"width": 1440, "height": 900})
    await context.add_init_script(WATCH)
    page = await context.new_page()
    seen.follow(page)
    return Attendee(context, page, name)


async def test_hostile_names_stay_text_and_no_page_asks_anybody_else(server: Tongxin, browser: Browser) -> None:
    seen = Seen()
    host, guest = await watched(browser, seen, "Host"), await watched(browser, seen, HOSTILE)
    # given names, titles and words that are markup
    for path in ("/", "/sign-in", server.setup_link or "", "/invitation?token=x", "/reset?token=x", "/no/such/page"):
        await guest.page.goto(path if path.startswith("http") else server.url + path)
        await guest.page.locator("h1").first.wait_for(timeout=TIMEOUT_MS)
    code = await signed_in(host.context, server)
    await host.page.goto(f"{server.url}/meetings")
    await host.page.get_by_text(HOSTILE).first.wait_for(timeout=TIMEOUT_MS)
    await host.page.goto(f"{server.url}/api/docs")

    # when they are shown in the meeting
    link = f"{server.url}/m/{code}"
    await host.join(link)
    await guest.join(link)
    await guest.chat(f"{HOSTILE} javascript:alert(1) https://example.org/?q=<script>")
    await host.press("chat")
    await host.see_text("chat-message", HOSTILE)
    links = await host.page.evaluate(
        "() => [...document.querySelectorAll('[data-testid=chat-message] a')].map((a) => [a.protocol, a.target, a.rel])"
    )
    await host.press("people")
    await host.see_text("participant-row", HOSTILE)
    await host.receives("video", 1, frames=3)

    # then they are text, links lead to the web only and tell it nothing, and nobody else was asked for anything
    assert len(links) == 1
    assert links[0][:2] == ["https:", "_blank"]
    assert {"noopener", "noreferrer"} <= set(links[0][2].split())
    for person in (host, guest):
        assert await person.page.evaluate("() => [window.hit, window.violations]") == [None, []]
        asked = {one["urls"] for one in await person.page.evaluate("() => window.iceServers")}
        assert asked <= {f"stun:127.0.0.1:{server.media_port}"}  # ours
        assert person.faults == []
    assert seen.foreign(server) == set()
    assert any(address.startswith("ws:") for address in seen.addresses)

    # and the policy refuses what a mistake of ours would let in
    assert await guest.page.evaluate(INTO_THE_PAGE) == []
    assert await guest.page.evaluate("() => window.hit") is None
    for person in (guest, host):
        await person.close()
