"""Livestreams with their people and groups in SQL.  Every method is one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from collab.accounts.models import AccountRow
from collab.clock import new_id, new_room_code
from collab.db.engine import Database
from collab.meetings.models import MeetingRow
from collab.meetings.repository import CODE_ATTEMPTS, new_meeting_row
from collab.organizations.models import OrganizationRow
from collab.problems import Refusal
from collab.recordings.models import RecordingRow, RecordingState
from rooms.core.codes import Code
from rooms.core.model import Phase

from .life import LifeState
from .models import (
    GroupKind,
    LivestreamBanRow,
    LivestreamGroupRow,
    LivestreamHandRow,
    LivestreamInviteeRow,
    LivestreamPersonRow,
    LivestreamRow,
    StaffRole,
    Tier,
)
from .values import ChatSettings, Group, Livestream, RegistrationSettings, Staff


class LivestreamRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, livestream_id: str) -> Livestream | None:
        async with self._database.read() as session:
            return await livestream_in(session, livestream_id)

    async def of_room(self, room_id: str) -> Livestream | None:
        async with self._database.read() as session:
            found = await session.scalar(select(LivestreamRow.id).where(LivestreamRow.room_id == room_id).limit(1))
            return await livestream_in(session, found) if found else None

    async def add(self, values: Mapping[str, object], host_id: str, at_ms: int) -> str:
        """With the meeting that is its stage.  Returns the id."""
        livestream_id = new_id(at_ms)
        for _attempt in range(CODE_ATTEMPTS):
            try:
                async with self._database.write() as session:
                    meeting = new_meeting_row(
                        new_room_code(),
                        str(values["title"]),
                        host_id,
                        None if values["organization_id"] is None else str(values["organization_id"]),
                        False,
                        False,
                        at_ms,
                        livestream_id=livestream_id,
                    )
                    session.add(meeting)
                    await session.flush()
                    session.add(LivestreamRow(id=livestream_id, room_id=meeting.id, created_at_ms=at_ms, **values))
                    await session.flush()
                    session.add(
                        LivestreamPersonRow(livestream_id=livestream_id, account_id=host_id, role=StaffRole.HOST)
                    )
            except IntegrityError:  # a room's code of chance is taken once in 10^13 times
                continue
            return livestream_id
        raise RuntimeError("no free room code")

    async def change(self, livestream_id: str, version: int, values: Mapping[str, object]) -> None:
        """Raises CONFLICT when somebody else has changed it since `version`."""
        async with self._database.write() as session:
            changed = await session.scalar(
                update(LivestreamRow)
                .where(LivestreamRow.id == livestream_id, LivestreamRow.version == version)
                .values(version=version + 1, **values)
                .returning(LivestreamRow.room_id)
            )
            if changed is None:
                raise Refusal(Code.CONFLICT, "a newer version")
            if "title" in values:
                await session.execute(
                    update(MeetingRow).where(MeetingRow.id == changed).values(title=str(values["title"]))
                )

    async def move(self, livestream_id: str, source: LifeState, target: LifeState, at_ms: int) -> bool:
        """False when it is not in `source` any more."""
        values: dict[str, object] = {"state": target}
        if target is LifeState.LIVE:
            values["live_at_ms"] = at_ms
        if target is LifeState.ENDED and source is LifeState.LIVE:
            values["ended_at_ms"] = at_ms
        async with self._database.write() as session:
            moved = await session.scalar(
                update(LivestreamRow)
                .where(LivestreamRow.id == livestream_id, LivestreamRow.state == source)
                .values(**values)
                .returning(LivestreamRow.id)
            )
        return moved is not None

    async def new_stage(self, livestream_id: str, at_ms: int) -> None:
        """A new room for a livestream whose room has ended before it was live."""
        async with self._database.write() as session:
            row = await session.get(LivestreamRow, livestream_id)
            room = await session.get(MeetingRow, row.room_id) if row else None
            if row is None or room is None or room.phase != Phase.ENDED:
                return
            meeting = new_meeting_row(
                new_room_code(),
                row.title,
                room.host_id,
                row.organization_id,
                False,
                False,
                at_ms,
                livestream_id=livestream_id,
            )
            session.add(meeting)
            await session.flush()
            row.room_id = meeting.id

    async def set_trashed(self, livestream_id: str, at_ms: int) -> None:
        async with self._database.write() as session:
            await session.execute(
                update(LivestreamRow).where(LivestreamRow.id == livestream_id).values(trashed_at_ms=at_ms)
            )

    async def keep_replay(self, livestream_id: str, keep: bool) -> None:
        async with self._database.write() as session:
            await session.execute(
                update(LivestreamRow).where(LivestreamRow.id == livestream_id).values(keep_replay=keep)
            )

    async def set_cover(self, livestream_id: str, sha256: str | None, media_type: str, size_bytes: int) -> None:
        async with self._database.write() as session:
            await session.execute(
                update(LivestreamRow)
                .where(LivestreamRow.id == livestream_id)
                .values(cover_sha256=sha256, cover_type=media_type, cover_bytes=size_bytes)
            )

    async def set_staff(self, livestream_id: str, staff: Mapping[str, StaffRole]) -> None:
        """All of them at once.  Raises NOT_FOUND for an account that is not there."""
        async with self._database.write() as session:
            known = set((await session.scalars(select(AccountRow.id).where(AccountRow.id.in_(staff)))).all())
            if known != set(staff):
                raise Refusal(Code.NOT_FOUND, "no such account")
            await session.execute(delete(LivestreamPersonRow).where(LivestreamPersonRow.livestream_id == livestream_id))
            for account_id, role in staff.items():
                session.add(LivestreamPersonRow(livestream_id=livestream_id, account_id=account_id, role=role))

    async def set_groups(self, livestream_id: str, groups: Sequence[Group]) -> None:
        """All of them at once; those that keep their id keep their chat room and link."""
        async with self._database.write() as session:
            kept = [one.id for one in groups]
            await session.execute(
                delete(LivestreamGroupRow).where(
                    LivestreamGroupRow.livestream_id == livestream_id, LivestreamGroupRow.id.not_in(kept)
                )
            )
            await session.execute(delete(LivestreamInviteeRow).where(LivestreamInviteeRow.group_id.in_(kept)))
            organizations = {one.organization_id for one in groups if one.organization_id}
            known = await session.scalars(select(OrganizationRow.id).where(OrganizationRow.id.in_(organizations)))
            if set(known.all()) != organizations:
                raise Refusal(Code.NOT_FOUND, "no such organization")
            for position, group in enumerate(groups):
                row = await session.get(LivestreamGroupRow, group.id)
                if row is None:
                    row = LivestreamGroupRow(id=group.id, livestream_id=livestream_id)
                    session.add(row)
                row.position, row.kind, row.name = position, group.kind, group.name
                row.organization_id, row.tier, row.own_chat = group.organization_id, group.tier, group.own_chat
                row.link = group.link or None
                await session.flush()
                for email in group.emails:
                    session.add(LivestreamInviteeRow(group_id=group.id, email=email))

    async def listed(
        self,
        account_id: str,
        email: str,
        organization_ids: Sequence[str],
        administered: Sequence[str],
        *,
        all_of_park: bool,
        states: Sequence[LifeState],
        search: str,
        before: str,
        limit: int,
    ) -> list[Livestream]:
        """Newest first: what one has a part in or administers, and what is announced to one."""
        mine = select(LivestreamPersonRow.livestream_id).where(LivestreamPersonRow.account_id == account_id)
        groups = select(LivestreamGroupRow.livestream_id).where(
            LivestreamGroupRow.organization_id.in_(organization_ids)
        )
        lists = (
            select(LivestreamGroupRow.livestream_id)
            .join(LivestreamInviteeRow, LivestreamInviteeRow.group_id == LivestreamGroupRow.id)
            .where(LivestreamInviteeRow.email == email)
        )
        announced = and_(
            LivestreamRow.state != LifeState.DRAFT,
            or_(
                LivestreamRow.tier != Tier.NAMED,
                LivestreamRow.organization_id.in_(organization_ids),
                LivestreamRow.id.in_(groups),
                LivestreamRow.id.in_(lists),
            ),
        )
        seen: list[ColumnElement[bool]] = [LivestreamRow.id.in_(mine), announced]
        if administered:
            seen.append(LivestreamRow.organization_id.in_(administered))
        query = select(LivestreamRow.id).where(LivestreamRow.trashed_at_ms == 0)
        if not all_of_park:
            query = query.where(or_(*seen))
        if states:
            query = query.where(LivestreamRow.state.in_(states))
        if search:
            query = query.where(LivestreamRow.title.icontains(search, autoescape=True))
        if before:
            query = query.where(LivestreamRow.id < before)
        async with self._database.read() as session:
            ids = (await session.scalars(query.order_by(LivestreamRow.id.desc()).limit(limit))).all()
            return await livestreams_in(session, ids)

    # ------------------------------------------------------------ doors

    async def banned(self, livestream_id: str) -> frozenset[str]:
        query = select(LivestreamBanRow.viewer_id).where(LivestreamBanRow.livestream_id == livestream_id)
        async with self._database.read() as session:
            return frozenset(await session.scalars(query))

    async def invited_identity(self, livestream_id: str, identity: str) -> str | None:
        """The viewer who is on stage under this identity."""
        query = select(LivestreamHandRow.viewer_id).where(
            LivestreamHandRow.livestream_id == livestream_id,
            LivestreamHandRow.identity == identity,
            LivestreamHandRow.state == "on_stage",
        )
        async with self._database.read() as session:
            return await session.scalar(query.limit(1))

    async def replay(self, room_id: str) -> RecordingRow | None:
        """The newest film of the stage, with its chapters; detached."""
        query = select(RecordingRow).where(
            RecordingRow.meeting_id == room_id,
            RecordingRow.state == RecordingState.READY,
            RecordingRow.trashed_at_ms == 0,
        )
        async with self._database.read() as session:
            return await session.scalar(query.order_by(RecordingRow.id.desc()).limit(1))


async def livestream_in(session: AsyncSession, livestream_id: str) -> Livestream | None:
    return next(iter(await livestreams_in(session, [livestream_id])), None)


async def livestreams_in(session: AsyncSession, ids: Sequence[str]) -> list[Livestream]:
    """Those that there are, in the order of `ids`.  As many statements for a page of them as for one."""
    rows = await session.execute(
        select(LivestreamRow, MeetingRow.code, OrganizationRow.name)
        .join(MeetingRow, MeetingRow.id == LivestreamRow.room_id)
        .outerjoin(OrganizationRow, OrganizationRow.id == LivestreamRow.organization_id)
        .where(LivestreamRow.id.in_(ids))
    )
    found = {row.id: (row, code, organization or "") for row, code, organization in rows}
    if not found:
        return []
    staff: dict[str, list[Staff]] = {}
    people = (
        select(LivestreamPersonRow, AccountRow.name)
        .join(AccountRow, AccountRow.id == LivestreamPersonRow.account_id)
        .where(LivestreamPersonRow.livestream_id.in_(found))
        .order_by(LivestreamPersonRow.role, AccountRow.name)
    )
    for person, name in await session.execute(people):
        staff.setdefault(person.livestream_id, []).append(Staff(person.account_id, name, StaffRole(person.role)))
    of_them = select(LivestreamGroupRow).where(LivestreamGroupRow.livestream_id.in_(found))
    all_groups = (await session.scalars(of_them.order_by(LivestreamGroupRow.position))).all()
    lists = [one.id for one in all_groups if one.kind == GroupKind.LIST]
    emails: dict[str, list[str]] = {}
    if lists:
        listed = select(LivestreamInviteeRow).where(LivestreamInviteeRow.group_id.in_(lists))
        for one in await session.scalars(listed.order_by(LivestreamInviteeRow.email)):
            emails.setdefault(one.group_id, []).append(one.email)
    groups: dict[str, list[LivestreamGroupRow]] = {}
    for group in all_groups:
        groups.setdefault(group.livestream_id, []).append(group)
    return [_value(*found[one], staff.get(one, []), groups.get(one, []), emails) for one in ids if one in found]


def _value(
    row: LivestreamRow,
    code: str,
    organization: str,
    staff: Sequence[Staff],
    groups: Sequence[LivestreamGroupRow],
    emails: Mapping[str, Sequence[str]],
) -> Livestream:
    return Livestream(
        id=row.id,
        organization_id=row.organization_id,
        organization=organization,
        created_by=row.created_by,
        room_id=row.room_id,
        room_code=code,
        title=row.title,
        description=row.description,
        cover_sha256=row.cover_sha256,
        cover_type=row.cover_type,
        cover_bytes=row.cover_bytes,
        state=LifeState(row.state),
        tier=Tier(row.tier),
        starts_at_ms=row.starts_at_ms,
        minutes=row.minutes,
        zone=row.zone,
        chat=msgspec.convert(row.chat, ChatSettings),
        registration=msgspec.convert(row.registration, RegistrationSettings),
        keep_replay=row.keep_replay,
        token_key=row.token_key,
        version=row.version,
        sequence=row.sequence,
        live_at_ms=row.live_at_ms,
        ended_at_ms=row.ended_at_ms,
        created_at_ms=row.created_at_ms,
        trashed_at_ms=row.trashed_at_ms,
        staff=tuple(staff),
        groups=tuple(
            Group(
                id=one.id,
                kind=GroupKind(one.kind),
                name=one.name,
                organization_id=one.organization_id,
                tier=Tier(one.tier),
                link=one.link or "",
                own_chat=one.own_chat,
                emails=tuple(emails.get(one.id, ())),
            )
            for one in groups
        ),
    )
