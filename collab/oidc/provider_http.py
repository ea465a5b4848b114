"""One question to the provider: to an allowed address, without redirects, bounded in time and size."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from aiohttp import ClientError
from msgspec import Struct

from collab.edge.outward import OutwardClient, is_public, refused_because

ANSWER_MAX_S: Final = 5
ANSWER_MAX_BYTES: Final = 262_144
USER_AGENT: Final = "Tongxin-OIDC/1"


class ProviderAway(Exception):
    """No answer: it cannot be reached, is too slow, or says that it fails itself.  The text is for the log."""


class ProviderRefused(Exception):
    """An answer that is a refusal or cannot be used.  The text is for the log."""


class Answer(Struct, frozen=True):
    status: int
    body: bytes


class ProviderWay:
    """`close` at the end."""

    def __init__(self, allowed: Callable[[str], bool] = is_public, answer_max_s: float = ANSWER_MAX_S) -> None:
        self._client = OutwardClient(allowed, answer_max_s)

    async def close(self) -> None:
        await self._client.close()

    async def ask(self, url: str, body: str | None = None, headers: Mapping[str, str] | None = None) -> Answer:
        """A POST of a form where there is a body.  Raises ProviderAway, ProviderRefused."""
        said = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": USER_AGENT}
        if body is not None:
            said["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            async with self._client.session.request(
                "GET" if body is None else "POST",
                url,
                data=None if body is None else body.encode(),
                headers={**said, **(headers or {})},
                allow_redirects=False,
            ) as response:
                if response.status >= 500:
                    raise ProviderAway(f"HTTP {response.status}")
                parts, size = [], 0
                async for part in response.content.iter_any():
                    size += len(part)
                    if size > ANSWER_MAX_BYTES:
                        raise ProviderRefused("an answer that is too large")
                    parts.append(part)
                return Answer(response.status, b"".join(parts))
        except TimeoutError as error:
            raise ProviderAway("timeout") from error
        except (ClientError, OSError, ValueError) as error:  # ValueError: of addresses that the client cannot read
            if refused_because(error) is not None:
                raise ProviderAway("its address is not public, and not in TONGXIN_OIDC_NETWORKS") from error
            raise ProviderAway(f"{type(error).__name__}: {error}"[:200]) from error
