"""One try at a webhook: a POST to an allowed address, without redirects, within ANSWER_MAX_S, its answer unread."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final

from aiohttp import ClientError
from msgspec import Struct

from collab.edge.outward import OutwardClient, is_public, refused_because

ANSWER_MAX_S: Final = 10
USER_AGENT: Final = "Tongxin-Webhooks/1"


class Answer(Struct, frozen=True):
    """`status` 0: none came, and `fault` says why."""

    status: int
    fault: str
    took_ms: int

    @property
    def is_taken(self) -> bool:
        return 200 <= self.status < 300


class HttpWay:
    """`close` at the end."""

    def __init__(self, allowed: Callable[[str], bool] = is_public, answer_max_s: float = ANSWER_MAX_S) -> None:
        self._client = OutwardClient(allowed, answer_max_s)

    async def close(self) -> None:
        await self._client.close()

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        begun = time.monotonic()

        def after(status: int, fault: str) -> Answer:
            return Answer(status, fault, round((time.monotonic() - begun) * 1_000))

        try:
            async with self._client.session.post(
                url,
                data=body,
                headers={**headers, "Content-Type": "application/json", "User-Agent": USER_AGENT},
                allow_redirects=False,
            ) as response:
                return after(response.status, "" if 200 <= response.status < 300 else f"HTTP {response.status}")
        except TimeoutError:
            return after(0, "timeout")
        except (ClientError, OSError, ValueError) as error:  # ValueError: of addresses that the client cannot read
            # Which address it was is not told: that would draw a map of our own network.
            refused = refused_because(error) is not None
            return after(0, "address_refused" if refused else type(error).__name__)
