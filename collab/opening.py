"""What a server stands on and opens first: Redis and the media plane, or a sentence that says what to do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import structlog

from rooms.ports import StoreUnavailable
from rooms.store.connection import RedisStore
from rooms.store.embedded import EmbeddedFailed, EmbeddedValkey
from signaling.captions.model import lacking
from signaling.sfu.plane import PlaneSettings, SfuPlane

from .addresses import TcpPlan, bindable
from .config import Settings
from .problems import StartFailure
from .unavailable import is_unavailable

CHECK_MAX_S: Final = 2.0

log = structlog.get_logger("app")


async def find_redis(settings: Settings, stack: AsyncExitStack) -> str:
    if settings.redis_url:
        return settings.redis_url
    embedded = EmbeddedValkey()
    try:
        await embedded.start()
    except EmbeddedFailed as error:
        raise StartFailure(f"The private valkey-server did not start ({error}): set REDIS_URL to a Redis.") from error
    stack.push_async_callback(embedded.close)
    return embedded.url


async def check_redis(store: RedisStore) -> None:
    try:
        await store.ping()
    except StoreUnavailable as error:
        raise StartFailure(f"Redis cannot be reached ({error}): start it, or correct REDIS_URL.") from error


def open_media(settings: Settings, advertised: tuple[str, ...], tcp: TcpPlan) -> SfuPlane:
    try:
        return SfuPlane(
            PlaneSettings(
                advertised,
                bindable(settings.media_address),
                settings.media_port,
                settings.media_workers,
                preference=settings.video_codecs,
                tcp_addresses=tcp.addresses,
                tcp_shared=tcp.shared,
            )
        )
    except OSError as error:
        raise StartFailure(
            f"UDP port {settings.media_port} cannot be opened on {settings.media_address} ({error.strerror}): "
            "stop the program that has it, or set TONGXIN_MEDIA_PORT."
        ) from error


def answering(ask: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[bool]]:
    """A question that is answered by not failing."""

    async def answers() -> bool:
        try:
            async with asyncio.timeout(CHECK_MAX_S):
                await ask()
        except Exception as error:
            if is_unavailable(error):
                return False
            raise
        return True

    return answers


def captions_model(folder: Path | None) -> str:
    """The folder of the model for captions; "" where there are none, which is no reason not to start."""
    if folder is None:
        return ""
    if lack := lacking(folder):
        log.warning("no_captions", lacking=lack, model=str(folder))
        return ""
    return str(folder.absolute())
