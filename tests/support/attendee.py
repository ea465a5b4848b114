"""One person in a browser context of their own: what they do on the page and what really arrives there."""

from __future__ import annotations

import json
from dataclasses import dataclass

from playwright.async_api import Browser, BrowserContext, Error, Page

from tests.support.waiting import until_true

TIMEOUT_MS = 60_000  # a machine that does much else at once is slow, not wrong
LOADS_MAX = 5

# Everything that the subscribing connection has decoded so far, by what the track shows.
RECEIVED = """async () => {
  const media = window.__tongxin;
  if (!media?.sub) return [];
  const report = [...(await media.sub.getStats()).values()];
  return report.filter((line) => line.type === "inbound-rtp").map((line) => ({
    kind: line.kind,
    ssrc: line.ssrc,
    frames: line.framesDecoded ?? 0,
    energy: line.totalAudioEnergy ?? 0,
    samples: line.totalSamplesReceived ?? 0,
    packets: line.packetsReceived ?? 0,
  }));
}"""


async def open_page(page: Page, link: str) -> None:
    """Load it, and again, as a person would, when the browser drops the load because an interface just came up."""
    for _ in range(LOADS_MAX - 1):
        try:
            await page.goto(link)
        except Error as error:
            if "ERR_NETWORK_CHANGED" not in error.message:
                raise
        else:
            return
    await page.goto(link)


@dataclass(frozen=True)
class Received:
    """One incoming stream; `energy` grows only with sound that is not silence (W3C webrtc-stats)."""

    kind: str
    ssrc: int
    frames: int
    energy: float
    samples: int
    packets: int


class Attendee:
    """A person.  Every wait is for a condition on the page, at most TIMEOUT_MS."""

    def __init__(self, context: BrowserContext, page: Page, name: str) -> None:
        self.context = context
        self.page = page
        self.name = name
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(f"{name}: {error}"))
        page.on("console", lambda message: self._console(message.type, message.text))

    def _console(self, kind: str, text: str) -> None:
        # a refused request is reported by the browser itself, and some tests provoke them
        if kind == "error" and "Failed to load resource" not in text and "WebSocket connection" not in text:
            self.faults.append(f"{self.name}: {text}")

    async def close(self) -> None:
        await self.context.close()

    async def press(self, test_id: str) -> None:
        await self.page.get_by_test_id(test_id).first.click(timeout=TIMEOUT_MS)

    async def see(self, test_id: str, count: int = 1) -> None:
        """At least `count` of these are on the page."""
        await self.page.wait_for_function(
            "([id, count]) => document.querySelectorAll(`[data-testid='${id}']`).length >= count",
            arg=[test_id, count],
            timeout=TIMEOUT_MS,
        )

    async def see_none(self, test_id: str) -> None:
        await self.page.get_by_test_id(test_id).first.wait_for(state="detached", timeout=TIMEOUT_MS)

    async def see_text(self, test_id: str, text: str) -> None:
        await self.page.get_by_test_id(test_id).filter(has_text=text).first.wait_for(timeout=TIMEOUT_MS)

    async def knock(self, link: str) -> None:
        """Pre-join filled in and its button pressed."""
        await open_page(self.page, link)
        await self.page.get_by_test_id("join").wait_for(timeout=TIMEOUT_MS)
        name = self.page.get_by_test_id("name-input")
        if await name.count():  # whoever is signed in has a name already
            await name.fill(self.name)
        await self.press("join")

    async def join(self, link: str) -> None:
        await self.knock(link)
        await self.see("meeting")

    async def participant_id(self) -> str:
        value: str = await self.page.evaluate("() => window.__tongxin.participantId")
        return value

    async def received(self) -> list[Received]:
        return [Received(**line) for line in await self.page.evaluate(RECEIVED)]

    async def receives(self, kind: str, streams: int, *, frames: int = 0, sound: bool = False) -> None:
        """From now on at least `streams` streams of this kind each decode `frames` more frames (or bring sound)."""
        before = {line.ssrc: line for line in await self.received()}
        base = {line.ssrc: [line.frames, line.energy] for line in before.values()}
        await self.until(
            f"""async ([kind, streams, frames, sound, base]) => {{
              const lines = await ({RECEIVED})();
              const good = lines.filter((line) => {{
                const [hadFrames, hadEnergy] = base[line.ssrc] ?? [0, 0];
                return line.kind === kind
                  && line.frames - hadFrames >= frames
                  && (!sound || line.energy - hadEnergy > 1e-4);
              }});
              return good.length >= streams;
            }}""",
            [kind, streams, frames, sound, base],
            f"{streams} {kind} streams at {self.name}",
        )

    async def until(self, expression: str, argument: object, what: str) -> None:
        """Ask the page until this function, which may be asynchronous, returns something true.

        Not Playwright's wait_for_function: to that the promise of an asynchronous function is true at once.
        """
        try:
            await until_true(lambda: self.page.evaluate(expression, argument), TIMEOUT_MS / 1_000)
        except TimeoutError:
            raise TimeoutError(f"not within {TIMEOUT_MS} ms: {what}") from None

    async def chat(self, text: str) -> None:
        if not await self.page.get_by_test_id("chat-input").is_visible():
            await self.press("chat")
        await self.page.get_by_test_id("chat-input").fill(text)
        await self.press("chat-send")

    async def act_on(self, participant_id: str, action: str) -> None:
        """Open somebody's menu in the people panel and choose `action` (a test id)."""
        row = self.page.locator(f"[data-testid=participant-row][data-participant-id='{participant_id}']")
        if not await row.is_visible():
            await self.press("people")
        await row.get_by_test_id("row-menu").click(timeout=TIMEOUT_MS)
        await self.press(action)

    async def room(self) -> dict[str, object]:
        value: dict[str, object] = json.loads(await self.page.evaluate("() => JSON.stringify(window.__tongxin.room)"))
        return value


async def open_attendee(
    browser: Browser, name: str, *, locale: str = "en", width: int = 1440, height: int = 900
) -> Attendee:
    context = await browser.new_context(
        locale=locale, viewport={"width": width, "height": height}, ignore_https_errors=True
    )
    context.set_default_timeout(TIMEOUT_MS)
    return Attendee(context, await context.new_page(), name)
