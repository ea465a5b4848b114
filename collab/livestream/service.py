"""Livestreams of members: who plans them, who stands on their stage, whom they are for, and their life."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol
from zoneinfo import ZoneInfo

import msgspec
import structlog

from collab.accounts.models import Member
from collab.clock import new_feed_token, new_id, now_ms
from collab.files.contents import BadFile, read_picture
from collab.files.store import Files
from collab.limits import Limits, rate
from collab.meetings.lookups import SharedLookup
from collab.meetings.service import clean_title
from collab.problems import FieldFault, Refusal, invalid
from rooms.core.codes import Code
from rooms.core.text import clean_lines, clean_name

from .life import OVER, LifeState, asked, followed
from .models import GROUP_NAME_MAX_CHARS, GroupKind, StaffRole
from .repository import LivestreamRepository
from .schemas import ChangeLivestream, GroupBody, NewLivestream, StaffBody
from .values import Group, Livestream

DESCRIPTION_MAX_CHARS: Final = 8_000
COVER_MAX_BYTES: Final = 4_000_000
MADE_BY_ACCOUNT = rate("livestreams", burst=30, per_minute=5)

log = structlog.get_logger("livestreams")


class Hubs(Protocol):
    """hubs.py: the audience's sockets, on every node."""

    async def changed(self, livestream_id: str) -> None:
        """State or settings of the livestream are others now."""


class LivestreamService:
    def __init__(
        self,
        livestreams: LivestreamRepository,
        files: Files,
        limits: Limits,
        hubs: Hubs,
        on_change: Callable[[], None],
        clock_ms: Callable[[], int] = now_ms,
    ) -> None:
        """`on_change` after a commit that mails may follow."""
        self._livestreams = livestreams
        self._found = SharedLookup(livestreams.get)
        self._files = files
        self._limits = limits
        self._hubs = hubs
        self._on_change = on_change
        self._clock_ms = clock_ms

    # ------------------------------------------------------------ reading

    async def get(self, livestream_id: str) -> Livestream:
        """Raises NOT_FOUND."""
        found = await self._found.get(livestream_id)
        if found is None or found.trashed_at_ms:
            raise Refusal(Code.NOT_FOUND, "no such livestream")
        return found

    async def listed(
        self, by: Member, states: Sequence[LifeState], search: str, before: str, limit: int
    ) -> tuple[list[Livestream], bool]:
        found = await self._livestreams.listed(
            by.account.id,
            by.account.email,
            by.organization_ids,
            by.administered_ids,
            all_of_park=by.administers_park,
            states=states,
            search=search,
            before=before,
            limit=limit + 1,
        )
        return found[:limit], len(found) > limit

    async def staffed(self, by: Member, livestream_id: str) -> Livestream:
        """For who has a part in it or manages it; NOT_FOUND for everybody else."""
        livestream = await self.get(livestream_id)
        if livestream.role_of(by.account.id) is None and not manages(by, livestream):
            raise Refusal(Code.NOT_FOUND, "another's livestream")
        return livestream

    async def moderated(self, by: Member, livestream_id: str) -> Livestream:
        """For hosts, moderators and who manages it.  Raises NOT_FOUND, FORBIDDEN."""
        livestream = await self.staffed(by, livestream_id)
        if livestream.role_of(by.account.id) is not StaffRole.MODERATOR and not manages(by, livestream):
            raise Refusal(Code.FORBIDDEN, "a presenter")
        return livestream

    async def managed(self, by: Member, livestream_id: str) -> Livestream:
        """For its hosts, administrators of its organization and of the park.  Raises NOT_FOUND, FORBIDDEN."""
        livestream = await self.staffed(by, livestream_id)
        if not manages(by, livestream):
            raise Refusal(Code.FORBIDDEN, "neither host nor administrator")
        return livestream

    # ------------------------------------------------------------ planning

    async def create(self, by: Member, wish: NewLivestream) -> Livestream:
        await self._limits.take(MADE_BY_ACCOUNT, by.account.id)
        organization_id = by.memberships[0].organization.id if by.memberships else None
        if wish.organization_id:
            if not by.belongs_to(wish.organization_id) and not by.administers(wish.organization_id):
                raise Refusal(Code.FORBIDDEN, "another organization")
            organization_id = wish.organization_id
        await _check_zone(wish.zone)
        _check_fields(wish.registration.fields)
        livestream_id = await self._livestreams.add(
            {
                "organization_id": organization_id,
                "created_by": by.account.id,
                "title": clean_title(wish.title),
                "description": clean_lines(wish.description, DESCRIPTION_MAX_CHARS),
                "cover_sha256": None,
                "cover_type": "",
                "cover_bytes": 0,
                "state": LifeState.DRAFT,
                "tier": wish.tier,
                "starts_at_ms": wish.starts_at_ms,
                "minutes": wish.minutes,
                "zone": wish.zone,
                "chat": msgspec.to_builtins(wish.chat),
                "registration": msgspec.to_builtins(wish.registration),
                "keep_replay": wish.keep_replay,
                "token_key": secrets.token_hex(32),
                "version": 1,
                "sequence": 0,
            },
            by.account.id,
            self._clock_ms(),
        )
        log.info("livestream_made", livestream=livestream_id, by=by.account.id)
        return await self.get(livestream_id)

    async def change(self, by: Member, livestream_id: str, wish: ChangeLivestream) -> Livestream:
        """Raises CONFLICT for an older version."""
        before = await self.managed(by, livestream_id)
        given = {name: value for name in wish.__struct_fields__ if (value := getattr(wish, name)) is not msgspec.UNSET}
        given.pop("version")
        if "title" in given:
            given["title"] = clean_title(given["title"])
        if "description" in given:
            given["description"] = clean_lines(given["description"], DESCRIPTION_MAX_CHARS)
        if "zone" in given:
            await _check_zone(given["zone"])
        if not isinstance(wish.registration, msgspec.UnsetType):
            _check_fields(wish.registration.fields)
        if any(name in given and given[name] != getattr(before, name) for name in ("starts_at_ms", "minutes", "title")):
            given["sequence"] = before.sequence + 1
        for name in ("chat", "registration"):
            if name in given:
                given[name] = msgspec.to_builtins(given[name])
        await self._livestreams.change(livestream_id, wish.version, given)
        await self._hubs.changed(livestream_id)
        self._on_change()
        return await self.get(livestream_id)

    async def set_staff(self, by: Member, livestream_id: str, people: Sequence[StaffBody]) -> Livestream:
        """One host at least.  Raises INVALID."""
        await self.managed(by, livestream_id)
        staff = {one.account_id: one.role for one in people}
        if len(staff) != len(people) or StaffRole.HOST not in staff.values():
            raise invalid(people=FieldFault.INVALID)
        await self._livestreams.set_staff(livestream_id, staff)
        await self._hubs.changed(livestream_id)
        return await self.get(livestream_id)

    async def set_groups(self, by: Member, livestream_id: str, groups: Sequence[GroupBody]) -> Livestream:
        before = await self.managed(by, livestream_id)
        known = {one.id: one for one in before.groups}
        await self._livestreams.set_groups(livestream_id, [_group(one, known) for one in groups])
        await self._hubs.changed(livestream_id)
        return await self.get(livestream_id)

    async def act(self, by: Member, livestream_id: str, action: str) -> Livestream:
        """What is asked for on a page.  Raises WRONG_STATE."""
        livestream = await self.managed(by, livestream_id)
        target = asked(livestream.state, action)
        if action == "publish_replay" and await self._livestreams.replay(livestream.room_id) is None:
            raise Refusal(Code.WRONG_STATE, "there is no film yet")
        if not await self._livestreams.move(livestream_id, livestream.state, target, self._clock_ms()):
            raise Refusal(Code.WRONG_STATE, "moved meanwhile")
        if target is LifeState.REPLAY or livestream.state is LifeState.REPLAY:
            await self._livestreams.keep_replay(livestream_id, target is LifeState.REPLAY)
        log.info("livestream_moved", livestream=livestream_id, state=target, by=by.account.id)
        await self._hubs.changed(livestream_id)
        self._on_change()
        return await self.get(livestream_id)

    async def trash(self, by: Member, livestream_id: str) -> Livestream:
        livestream = await self.managed(by, livestream_id)
        if livestream.state in (LifeState.LIVE, LifeState.REHEARSAL):
            raise Refusal(Code.WRONG_STATE, "people are on its stage")
        at_ms = self._clock_ms()
        await self._livestreams.set_trashed(livestream_id, at_ms)
        await self._hubs.changed(livestream_id)
        self._on_change()
        return msgspec.structs.replace(livestream, trashed_at_ms=at_ms)

    async def restore(self, by: Member, livestream_id: str) -> Livestream:
        found = await self._livestreams.get(livestream_id)
        if found is None or not manages(by, found):
            raise Refusal(Code.NOT_FOUND, "another's livestream")
        await self._livestreams.set_trashed(livestream_id, 0)
        self._on_change()
        return await self.get(livestream_id)

    async def keep_cover(self, by: Member, livestream_id: str, content: bytes) -> Livestream:
        await self.managed(by, livestream_id)
        try:
            picture = await asyncio.to_thread(read_picture, content)
        except BadFile as error:
            raise Refusal(Code.BAD_FILE, str(error)) from error
        kept = await self._files.keep(picture.content, picture.media_type)
        await self._livestreams.set_cover(livestream_id, kept.sha256, picture.media_type, kept.size_bytes)
        return await self.get(livestream_id)

    # ------------------------------------------------------------ what the stage room tells

    async def moved(self, livestream_id: str, phase: str) -> None:
        """The stage is in this phase (rehearsal, live, ended) now; the same again changes nothing."""
        livestream = await self._livestreams.get(livestream_id)
        if livestream is None:
            return
        target = followed(livestream.state, phase)
        if target is None:
            return
        if await self._livestreams.move(livestream_id, livestream.state, target, self._clock_ms()):
            log.info("livestream_moved", livestream=livestream_id, state=target)
            await self._hubs.changed(livestream_id)
            self._on_change()

    async def film_ready(self, room_id: str) -> None:
        """The film of a stage can be seen (recordings.service.when_ready)."""
        livestream = await self._livestreams.of_room(room_id)
        if livestream is not None:
            await self.with_replay(livestream)

    async def with_replay(self, livestream: Livestream) -> Livestream:
        """The replay opens by itself where that was wished, once there is a film and somebody asks."""
        if livestream.state is not LifeState.ENDED or not livestream.keep_replay:
            return livestream
        if await self._livestreams.replay(livestream.room_id) is None:
            return livestream
        if await self._livestreams.move(livestream.id, LifeState.ENDED, LifeState.REPLAY, self._clock_ms()):
            await self._hubs.changed(livestream.id)
        return await self.get(livestream.id)


def manages(by: Member, livestream: Livestream) -> bool:
    return (
        livestream.role_of(by.account.id) is StaffRole.HOST
        or by.administers_park
        or (livestream.organization_id is not None and by.administers(livestream.organization_id))
    )


def role_of(by: Member, livestream: Livestream) -> StaffRole | None:
    """Administrators are hosts, as they may make themselves one."""
    return StaffRole.HOST if manages(by, livestream) else livestream.role_of(by.account.id)


def is_over(livestream: Livestream) -> bool:
    return livestream.state in OVER


def _group(body: GroupBody, known: Mapping[str, Group]) -> Group:
    """Raises INVALID, NOT_FOUND for an id that is not of this livestream."""
    before = known.get(body.id)
    if body.id and before is None:
        raise Refusal(Code.NOT_FOUND, "no such group")
    if before is not None and before.kind is not body.kind:
        raise invalid(kind=FieldFault.INVALID)
    if (body.kind is GroupKind.ORGANIZATION) != bool(body.organization_id):
        raise invalid(organization_id=FieldFault.REQUIRED)
    name = clean_name(body.name, GROUP_NAME_MAX_CHARS)
    if not name:
        raise invalid(name=FieldFault.INVALID)
    link = (before.link if before else new_feed_token()) if body.kind is GroupKind.LINK else ""
    emails = sorted({one.strip().lower() for one in body.emails}) if body.kind is GroupKind.LIST else []
    if any("@" not in one[1:-1] for one in emails):
        raise invalid(emails=FieldFault.INVALID)
    return Group(
        id=body.id or new_id(),
        kind=body.kind,
        name=name,
        organization_id=body.organization_id or None,
        tier=body.tier,
        link=link,
        own_chat=body.own_chat,
        emails=tuple(emails),
    )


async def _check_zone(name: str) -> None:
    try:
        await asyncio.to_thread(ZoneInfo, name)
    except (ValueError, OSError, KeyError):
        raise invalid(zone=FieldFault.INVALID) from None


def _check_fields(fields: Sequence[object]) -> None:
    keys = [getattr(one, "key", "") for one in fields]
    if len(set(keys)) != len(keys):
        raise invalid(registration=FieldFault.INVALID)
