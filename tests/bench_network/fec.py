"""Does redundancy for video pay?  Two browsers and nothing between them but a line: retransmission alone, and with it
the playout delay that our server asks for, ULPFEC or FlexFEC-03, on the same networks with the same seeds."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, fields
from pathlib import Path
from statistics import fmean
from typing import TypedDict

from playwright.async_api import Page, Route

from tests.support.chromium import open_chromium
from tests.support.waiting import until_true

from .hosts import Network, network
from .line import Weather
from .material import write_camera
from .scenarios import apply

PAGE = "https://bench.invalid/"  # answered by the test itself: a secure origin, without which there is no camera
SCRIPT = (Path(__file__).parent / "fec.js").read_text()
TRIALS = "--force-fieldtrials=WebRTC-FlexFEC-03-Advertised/Enabled/WebRTC-FlexFEC-03/Enabled/"
FLAGS = ("--disable-features=WebRtcHideLocalIpsWithMdns", TRIALS)
WAYS = {"none": "NACK", "delay": "NACK + playout delay", "ulpfec": "NACK + ULPFEC", "flexfec": "NACK + FlexFEC"}

LOSSES = (0.02, 0.05, 0.10)
ROUND_TRIPS_MS = (50, 100, 200)
BURST_ENDS = 0.35  # some three packets in a row
SIZE, FRAMES_PER_S, MAX_BPS = (640, 360), 15, 1_000_000  # little work, that the network alone decides
SETTLE_S, MEASURE_S, WARM_UP_S = 3.0, 6.0, 8.0
# How long our server asks receivers to hold pictures back (signaling/sfu/native/playout.c): a packet may be lost twice.
PLAYOUT_ROUNDS, PLAYOUT_SLACK_MS = 2.5, 50

DECISION = """Written by `python -m tests.bench_network --fec`. Two Chromiums with nothing between them but one line:
640x360 at 15 frames a second, at most 1 Mbit/s, six seconds of each loss. Redundant: share of the packets that
arrived (Chromium does not tell it of ULPFEC, whose bits are in kbit/s). Quantizer: VP8's, 0 is best, 127 worst.

**Decided 2026-11-23: not in the product.** FlexFEC-03 does save freezes, for four redundant packets in ten; but
browsers offer it only when started with a field trial, and for one size of picture, not for three. ULPFEC, which they
do offer, was not dependable: in a first run 1.9 % of the time frozen instead of 8.2 %, for two thirds more bits at
the same quantizer; in the run below more than without it, when it had the least of the processors. A server in the
middle would have to make either for every subscriber. What is lost is sent again, and pictures are held back for
that. To be looked at again when browsers offer FlexFEC. Both runs had other work beside them, so that only large
differences mean anything.
"""


class Count(TypedDict):
    """Counters of one end that grow, and the picture's height."""

    at: float
    decoded: int
    freezes: int
    frozen_s: float
    height: int
    redundant_packets: int
    packets: int
    media_bytes: int
    repeated_bytes: int
    sent_bytes: int
    encoded: int
    quantizers: int


@dataclass(frozen=True)
class Case:
    loss: float
    bursts: bool
    trip_ms: int

    @property
    def weather(self) -> Weather:
        delay_ms = self.trip_ms / 2
        if not self.bursts:
            return Weather(delay_ms=delay_ms, loss=self.loss)
        begins = self.loss * BURST_ENDS / (1 - self.loss)  # the share that is lost is then `loss`
        return Weather(delay_ms=delay_ms, burst_begins=begins, burst_ends=BURST_ENDS)

    @property
    def name(self) -> str:
        return f"{self.loss:.0%} {'in bursts' if self.bursts else 'at random'}, {self.trip_ms} ms"


@dataclass(frozen=True)
class Result:
    frozen: float  # share of the time
    frames_per_s: float
    height: float
    quantizer: float  # VP8: 0 (best) to 127
    bits_per_s: float  # all that left
    redundant: float  # share of the packets that arrived
    repeated: float  # share of the bytes that left


CASES = [Case(loss, bursts, trip) for bursts in (False, True) for loss in LOSSES for trip in ROUND_TRIPS_MS]


@contextlib.asynccontextmanager
async def ends(hosts: Network, folder: Path) -> AsyncIterator[list[Page]]:
    """The sender sits where else the server does, so that one line is between the two."""
    camera = write_camera(folder / "camera.y4m", SIZE, FRAMES_PER_S)
    async with contextlib.AsyncExitStack() as stack:
        pages = []
        for host in (hosts.server, hosts.subscriber):
            own = folder / host.name
            own.mkdir()
            flags = (f"--use-file-for-fake-video-capture={camera}", *FLAGS)
            browser = await stack.enter_async_context(open_chromium(own, flags=flags, command=host.command))
            page = await browser.new_page()
            await page.route(f"{PAGE}**", answer_blank)
            await page.goto(PAGE)
            pages.append(page)
        yield pages


async def answer_blank(route: Route) -> None:
    await route.fulfill(body="<!doctype html>", content_type="text/html")


async def connect(sender: Page, receiver: Page, way: str) -> None:
    for page in (sender, receiver):
        await page.evaluate(SCRIPT, [way, MAX_BPS])
    offer = await sender.evaluate("() => window.offer()")
    answer = await receiver.evaluate("(sdp) => window.answer(sdp)", offer)
    await sender.evaluate("(sdp) => window.accept(sdp)", answer)
    await until_true(lambda: receiver.evaluate("async () => (await window.count()).decoded > 10"), 60)


async def count(sender: Page, receiver: Page) -> tuple[Count, Count]:
    out: Count = await sender.evaluate("() => window.count()")
    into: Count = await receiver.evaluate("() => window.count()")
    return out, into


def result(before: tuple[Count, Count], after: tuple[Count, Count]) -> Result:
    (out, into), (out_after, into_after) = before, after
    seconds = into_after["at"] - into["at"]
    sent = max(out_after["sent_bytes"] - out["sent_bytes"], 1)
    encoded = max(out_after["encoded"] - out["encoded"], 1)
    return Result(
        frozen=(into_after["frozen_s"] - into["frozen_s"]) / seconds,
        frames_per_s=(into_after["decoded"] - into["decoded"]) / seconds,
        height=into_after["height"],
        quantizer=(out_after["quantizers"] - out["quantizers"]) / encoded,
        bits_per_s=sent * 8 / (out_after["at"] - out["at"]),
        redundant=(into_after["redundant_packets"] - into["redundant_packets"])
        / max(into_after["packets"] - into["packets"], 1),
        repeated=(out_after["repeated_bytes"] - out["repeated_bytes"]) / sent,
    )


async def run(way: str, folder: Path, seed: int, factor: float) -> dict[Case, Result]:
    found = {}
    with network(seed) as hosts:
        async with ends(hosts, folder) as (sender, receiver):
            await connect(sender, receiver, way)
            apply(hosts.subscribing, Weather(delay_ms=ROUND_TRIPS_MS[0] / 2))
            await asyncio.sleep(WARM_UP_S * factor)
            for case in CASES:
                apply(hosts.subscribing, case.weather)
                if way == "delay":
                    target_ms = PLAYOUT_ROUNDS * case.trip_ms + PLAYOUT_SLACK_MS
                    await receiver.evaluate("(target) => window.hold(target)", target_ms)
                await asyncio.sleep(SETTLE_S * factor)
                before = await count(sender, receiver)
                await asyncio.sleep(MEASURE_S * factor)
                found[case] = result(before, await count(sender, receiver))
                print(way, case.name, found[case], flush=True)
    return found


async def measure(folder: Path, seed: int, factor: float = 1.0) -> str:
    """The table, as docs/performance-networks.md has it."""
    results = {}
    for way in WAYS:
        own = folder / way
        own.mkdir()
        results[way] = await run(way, own, seed, factor)
    return f"{DECISION}\n{table(results)}\n"


def table(results: dict[str, dict[Case, Result]]) -> str:
    lines = ["| loss, round trip | repair | frozen | frames/s | height | quantizer | kbit/s | redundant | sent again |"]
    lines.append("|---" * 9 + "|")
    for case, (way, name) in itertools.product(CASES, WAYS.items()):
        lines.append(_line(case.name, name, results[way][case]))
    for way, name in WAYS.items():
        found = list(results[way].values())
        mean = Result(*(fmean(getattr(one, field.name) for one in found) for field in fields(Result)))
        lines.append(_line("mean of all", name, mean))
    return "\n".join(lines)


def _line(case: str, way: str, found: Result) -> str:
    cells = (
        *(
            case,
            way,
            f"{found.frozen:.1%}",
            f"{found.frames_per_s:.1f}",
            f"{found.height:.0f}",
            f"{found.quantizer:.0f}",
        ),
        *(f"{found.bits_per_s / 1_000:.0f}", f"{found.redundant:.0%}", f"{found.repeated:.0%}"),
    )
    return f"| {' | '.join(cells)} |"
