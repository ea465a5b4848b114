"""Livestreams sent on to other platforms while they are live here."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Final

import structlog
from msgspec import Struct

from collab.accounts.models import Member
from collab.clock import new_id
from collab.limits import Limits, rate
from collab.livestream.service import LivestreamService, is_over
from collab.problems import FieldFault, Refusal, invalid
from collab.sealing import Sealer, Unsealable
from rooms.core.codes import Code
from rooms.core.text import clean_name
from rooms.tasks import TaskOwner
from signaling.egress.broadcasts import Broadcast
from signaling.restream import wire
from signaling.restream.restream import Restream, Unfit

from .addresses import address_of, leads_inside, read_url
from .models import RestreamTarget
from .repository import RestreamRepository

LOOK_EVERY_S: Final = 3.0  # for what has begun or ended, here or by another node's hand
ADDED_BY_ACCOUNT = rate("restreams", burst=30, per_minute=5)

log = structlog.get_logger("restreams")


class _Running(Struct):
    target: RestreamTarget
    restream: Restream
    task: asyncio.Task[None]


class RestreamService:
    """`live`: the broadcasts of this node, by livestream.  `allowed`: whether an address may be sent to."""

    def __init__(
        self,
        targets: RestreamRepository,
        livestreams: LivestreamService,
        sealer: Sealer,
        limits: Limits,
        live: Callable[[], Mapping[str, Broadcast]],
        allowed: Callable[[str], bool],
        clock_ms: Callable[[], int],
    ) -> None:
        self._targets = targets
        self._livestreams = livestreams
        self._sealer = sealer
        self._limits = limits
        self._live = live
        self._allowed = allowed
        self._clock_ms = clock_ms
        self._running: dict[str, _Running] = {}  # by target
        self._changed = asyncio.Event()
        self._tasks = TaskOwner()

    def restream_of(self, target_id: str) -> Restream | None:
        """What sends to this target from this node now."""
        running = self._running.get(target_id)
        return running.restream if running is not None and not running.task.done() else None

    # ------------------------------------------------------------ planning

    async def of(self, by: Member, livestream_id: str) -> list[RestreamTarget]:
        """Raises NOT_FOUND, FORBIDDEN."""
        await self._livestreams.managed(by, livestream_id)
        return await self._targets.of(livestream_id)

    async def add(self, by: Member, livestream_id: str, name: str, url: str, key: str) -> RestreamTarget:
        """Raises NOT_FOUND, FORBIDDEN, WRONG_STATE, INVALID, TOO_MANY, RATE_LIMITED."""
        livestream = await self._livestreams.managed(by, livestream_id)
        await self._limits.take(ADDED_BY_ACCOUNT, by.account.id)
        if is_over(livestream):
            raise Refusal(Code.WRONG_STATE, "it is over")
        name, platform = clean_name(name), read_url(url)
        if not name:
            raise invalid(name=FieldFault.INVALID)
        if platform is None or leads_inside(platform, self._allowed):
            raise invalid(url=FieldFault.INVALID)
        if not key.isprintable():
            raise invalid(key=FieldFault.INVALID)
        target_id = new_id()
        target = RestreamTarget(target_id, livestream_id, name, url, self._sealer.seal(key, target_id), enabled=True)
        if not await self._targets.add(target, livestream.title, self._clock_ms()):
            raise Refusal(Code.TOO_MANY, "targets of a livestream")
        log.info("restream_added", livestream=livestream_id, target=target_id, by=by.account.id)
        self._changed.set()
        return target

    async def enable(self, by: Member, livestream_id: str, target_id: str, enabled: bool) -> None:
        """Raises NOT_FOUND, FORBIDDEN."""
        livestream = await self._livestreams.managed(by, livestream_id)
        if not await self._targets.enable(livestream_id, livestream.title, target_id, enabled):
            raise Refusal(Code.NOT_FOUND, "no such target")
        log.info("restream_switched", livestream=livestream_id, target=target_id, enabled=enabled, by=by.account.id)
        self._changed.set()

    async def remove(self, by: Member, livestream_id: str, target_id: str) -> None:
        """Raises NOT_FOUND, FORBIDDEN."""
        livestream = await self._livestreams.managed(by, livestream_id)
        if not await self._targets.remove(livestream_id, livestream.title, target_id):
            raise Refusal(Code.NOT_FOUND, "no such target")
        log.info("restream_removed", livestream=livestream_id, target=target_id, by=by.account.id)
        self._changed.set()

    # ------------------------------------------------------------ sending

    async def run(self) -> None:
        """The life of it, in a task of the owner's."""
        try:
            while True:
                self._changed.clear()
                try:
                    await self._look()
                except Exception:
                    log.exception("what is to be sent on could not be read")
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), LOOK_EVERY_S)
        finally:
            await self._tasks.close()

    async def _look(self) -> None:
        live = self._live()
        wanted = {one.id: one for one in await self._targets.enabled(list(live))} if live else {}
        for target_id, running in list(self._running.items()):
            if running.task.done():
                del self._running[target_id]
            elif running.target.livestream_id in live and target_id not in wanted:
                running.task.cancel()  # what is over ends by itself: it sends the rest first
                del self._running[target_id]
        for target_id, target in wanted.items():
            if target_id not in self._running:
                playlist = next(iter(live[target.livestream_id].stream.playlists.values()))
                restream = Restream(playlist, lambda target=target: self._begin(target))  # type: ignore[misc]
                task = self._tasks.start(restream.run(), f"restream {target_id}")
                self._running[target_id] = _Running(target, restream, task)

    async def _begin(self, target: RestreamTarget) -> wire.Begin:
        platform = read_url(target.url)
        if platform is None:
            raise Unfit(wire.Cause.ADDRESS)
        try:
            key = self._sealer.open(target.key, target.id)
        except Unsealable:
            log.error("the key of a target cannot be read: add it anew", target=target.id)
            raise Unfit(wire.Cause.FAULT) from None
        address = await address_of(platform, self._allowed)
        return wire.Begin(address, platform.port, platform.host, platform.tls, platform.app, platform.tc_url, key)
