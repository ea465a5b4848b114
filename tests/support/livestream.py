"""Livestreams for tests: made by a host, announced, watched by browsers over the hub."""

from __future__ import annotations

from collab.clock import now_ms
from tests.support.api import Browser, Json

VTT = b"WEBVTT\n\n00:01.000 --> 00:02.500\nWelcome\n"


async def livestream(host: Browser, *, act: str = "schedule", **wish: object) -> Json:
    """Of this host; announced unless `act` is ""."""
    body = {
        "title": "Open day",
        "starts_at_ms": now_ms() + 3_600_000,
        "zone": "Asia/Shanghai",
        "tier": "anyone",
        **wish,
    }
    answer = await host.post("/api/livestreams", body)
    assert answer.status == 201, answer
    if act:
        answer = await host.post(f"/api/livestreams/{answer.json['id']}/acts", {"action": act})
        assert answer.status == 200, answer
    return answer.json


async def watch(browser: Browser, livestream_id: str, query: str = "") -> Json:
    answer = await browser.get(f"/api/livestreams/{livestream_id}/watch{query}")
    assert answer.status == 200, answer
    return answer.json
