"""`tongxin doctor --url`: looks at a running server from wherever the command runs, as its visitors do."""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import urlsplit

import aiohttp
import msgspec

from collab.doctor.findings import Check, Cure, Finding, Sentence, State, media_by_tcp, media_by_udp
from collab.doctor.http import DoctorView
from signaling.webrtc.probe import answers_by_tcp, answers_by_udp, any_certificate

ANSWER_MAX_S: Final = 10.0
ANSWER_MAX_BYTES: Final = 65_536
ADDRESSES_MAX: Final = 16


async def look_from_here(url: str) -> list[Finding]:
    """The server's own findings about this visitor, and whether media get through to each address it advertises."""
    parts = urlsplit(url if "://" in url else f"https://{url}")
    base = f"{parts.scheme}://{parts.netloc}"
    try:
        view = await _ask(f"{base}/api/doctor")
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
        cause = str(error).rstrip(".") or type(error).__name__
        return [Finding(Check.WEB_PORT, State.FAULT, Sentence.PAGE_AWAY, Cure.CHECK_URL, {"url": base, "cause": cause})]
    found = list(view.checks)
    for host in view.advertised[:ADDRESSES_MAX]:
        values: dict[str, str | int] = {"host": host, "port": view.media_port}
        by_udp, by_tcp = await asyncio.gather(
            answers_by_udp(host, view.media_port), answers_by_tcp(host, view.media_port)
        )
        found += [media_by_udp(by_udp, values), media_by_tcp(by_tcp, values)]
    return found


async def _ask(url: str) -> DoctorView:
    timeout = aiohttp.ClientTimeout(total=ANSWER_MAX_S)
    async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url, ssl=any_certificate()) as response:
        response.raise_for_status()
        body = await response.content.read(ANSWER_MAX_BYTES)
    return msgspec.json.decode(body, type=DoctorView)
