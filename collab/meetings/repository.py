"""Meetings and their tokens in SQL.  Every method is one transaction."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Select, and_, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from collab.accounts.models import AccountRow
from collab.clock import new_id, new_room_code
from collab.db.dialect import insert_once
from collab.db.engine import Database
from collab.problems import FieldFault, invalid
from rooms.core.assist_model import AssistRole
from rooms.core.model import FileSharing, Phase

from .models import (
    AttendanceRow,
    Host,
    InstallationRow,
    Meeting,
    MeetingRow,
    RemovalRow,
    RoomToken,
    RoomTokenRow,
    TokenKind,
)

CODE_ATTEMPTS = 4
PURGE_BATCH = 500
STAYS_MAX = 2_000


class ListedState(StrEnum):
    """What a list of meetings shows."""

    ALL = "all"  # but for the trash
    OPEN = "open"
    ENDED = "ended"
    TRASH = "trash"


_meetings: Select[MeetingRow, str] = select(MeetingRow, AccountRow.name).outerjoin(
    AccountRow, AccountRow.id == MeetingRow.host_id
)


def _value(row: MeetingRow, host_name: str | None) -> Meeting:
    return Meeting(
        id=row.id,
        code=row.code,
        title=row.title,
        host=Host(id=row.host_id, name=host_name or "") if row.host_id else None,
        organization_id=row.organization_id,
        lobby_enabled=row.lobby_enabled,
        guests_allowed=row.guests_allowed,
        encrypted=row.encrypted,
        assist=row.assist,
        livestream_id=row.livestream_id,
        file_sharing=FileSharing(row.file_sharing),
        phase=Phase(row.phase),
        created_at_ms=row.created_at_ms,
        started_at_ms=row.started_at_ms,
        ended_at_ms=row.ended_at_ms,
        trashed_at_ms=row.trashed_at_ms,
    )


def new_meeting_row(
    code: str,
    title: str,
    host_id: str | None,
    organization_id: str | None,
    lobby_enabled: bool,
    guests_allowed: bool,
    at_ms: int,
    encrypted: bool = False,
    assist: bool = False,
    livestream_id: str = "",
) -> MeetingRow:
    """For whoever makes a meeting within a transaction of their own."""
    return MeetingRow(
        id=new_id(at_ms),
        code=code,
        title=title,
        host_id=host_id,
        organization_id=organization_id,
        lobby_enabled=lobby_enabled,
        guests_allowed=guests_allowed,
        encrypted=encrypted,
        assist=assist,
        livestream_id=livestream_id,
        phase=Phase.OPEN,
        created_at_ms=at_ms,
        started_at_ms=0,
        ended_at_ms=0,
        trashed_at_ms=0,
    )


class MeetingRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, meeting_id: str) -> Meeting | None:
        return await self._one(_meetings.where(MeetingRow.id == meeting_id))

    async def by_code(self, code: str) -> Meeting | None:
        """None for a meeting in the trash, too."""
        return await self._one(_meetings.where(MeetingRow.code == code, MeetingRow.trashed_at_ms == 0))

    async def hosted_by(self, account_id: str, state: ListedState, before: str, limit: int) -> list[Meeting]:
        """Newest first, without sessions of assistance and stages; `before` is the last meeting of the page before."""
        query = _meetings.where(MeetingRow.host_id == account_id, ~MeetingRow.assist, MeetingRow.livestream_id == "")
        query = query.where(
            MeetingRow.trashed_at_ms > 0 if state is ListedState.TRASH else MeetingRow.trashed_at_ms == 0
        )
        if state in (ListedState.OPEN, ListedState.ENDED):
            query = query.where(MeetingRow.phase == state.value)
        if before:
            query = query.where(MeetingRow.id < before)
        async with self._database.read() as session:
            rows = (await session.execute(query.order_by(MeetingRow.id.desc()).limit(limit))).all()
        return [_value(row, name) for row, name in rows]

    async def add(
        self,
        title: str,
        host_id: str | None,
        organization_id: str | None,
        lobby_enabled: bool,
        guests_allowed: bool,
        at_ms: int,
        code: str = "",
        *,
        encrypted: bool = False,
        assist: bool = False,
        livestream_id: str = "",
    ) -> Meeting:
        """`code` "": one of chance.  Raises INVALID for a given code that is taken."""
        for _attempt in range(CODE_ATTEMPTS):
            row = new_meeting_row(
                code or new_room_code(),
                title,
                host_id,
                organization_id,
                lobby_enabled,
                guests_allowed,
                at_ms,
                encrypted,
                assist,
                livestream_id,
            )
            try:
                async with self._database.write() as session:
                    session.add(row)
            except IntegrityError:  # a code of chance is taken once in 10^13 times
                if code:
                    raise invalid(code=FieldFault.TAKEN) from None
                continue
            added = await self.get(row.id)
            if added is not None:
                return added
        raise RuntimeError("no free room code")

    async def change(
        self, meeting_id: str, *, title: str | None, lobby_enabled: bool | None, guests_allowed: bool | None
    ) -> None:
        values = {"title": title, "lobby_enabled": lobby_enabled, "guests_allowed": guests_allowed}
        changes = {column: value for column, value in values.items() if value is not None}
        if changes:
            await self._update(meeting_id, **changes)

    async def set_trashed(self, meeting_id: str, at_ms: int) -> None:
        """`at_ms` 0 brings it back."""
        await self._update(meeting_id, trashed_at_ms=at_ms)

    async def started(self, meeting_id: str, at_ms: int) -> None:
        async with self._database.write() as session:
            await session.execute(
                update(MeetingRow)
                .where(MeetingRow.id == meeting_id, MeetingRow.started_at_ms == 0)
                .values(started_at_ms=at_ms)
            )

    async def ended(self, meeting_id: str, at_ms: int) -> None:
        """Its tokens end with it; those of assistance live on: a phone brings in later what it kept while offline."""
        async with self._database.write() as session:
            await session.execute(
                update(MeetingRow)
                .where(MeetingRow.id == meeting_id, MeetingRow.phase == Phase.OPEN)
                .values(phase=Phase.ENDED, ended_at_ms=at_ms)
            )
            await session.execute(
                delete(RoomTokenRow).where(RoomTokenRow.meeting_id == meeting_id, RoomTokenRow.assist_role == "")
            )

    async def purge(self, trashed_before_ms: int, at_ms: int) -> int:
        """Delete old trash with its chat and attendance, and tokens that ran out; how many meetings went."""
        async with self._database.write() as session:
            await session.execute(delete(RoomTokenRow).where(RoomTokenRow.expires_at_ms < at_ms))
            old = (
                select(MeetingRow.id)
                .where(MeetingRow.trashed_at_ms > 0, MeetingRow.trashed_at_ms < trashed_before_ms)
                .limit(PURGE_BATCH)
            )
            gone = await session.scalars(delete(MeetingRow).where(MeetingRow.id.in_(old)).returning(MeetingRow.id))
            return len(gone.all())

    async def attendance(self, meeting_id: str) -> list[tuple[str, str, int, int]]:
        """(identity, name, joined_at_ms, left_at_ms) of every stay that has ended, in the order of coming."""
        query = (
            select(AttendanceRow.identity, AttendanceRow.name, AttendanceRow.joined_at_ms, AttendanceRow.left_at_ms)
            .where(AttendanceRow.meeting_id == meeting_id)
            .order_by(AttendanceRow.joined_at_ms, AttendanceRow.id)
            .limit(STAYS_MAX)
        )
        async with self._database.read() as session:
            return [(row[0], row[1], row[2], row[3]) for row in (await session.execute(query)).all()]

    async def assist_roles(self, meeting_id: str) -> dict[str, AssistRole]:
        """Of those who came by a link: identity -> part."""
        query = select(RoomTokenRow.identity, RoomTokenRow.assist_role).where(RoomTokenRow.meeting_id == meeting_id)
        async with self._database.read() as session:
            return {identity: AssistRole(part) for identity, part in (await session.execute(query)).all() if part}

    # ------------------------------------------------------------ tokens

    async def add_token(self, token_hash: str, token: RoomToken, created_by: str | None, at_ms: int) -> None:
        async with self._database.write() as session:
            session.add(
                RoomTokenRow(
                    id=new_id(at_ms),
                    meeting_id=token.meeting_id,
                    token_hash=token_hash,
                    kind=token.kind,
                    identity=token.identity,
                    name=token.name,
                    publish=token.publish,
                    subscribe=token.subscribe,
                    assist_role=token.assist_role or "",
                    created_by=created_by,
                    created_at_ms=at_ms,
                    expires_at_ms=token.expires_at_ms,
                )
            )

    async def token(self, token_hash: str, at_ms: int) -> RoomToken | None:
        """`removed` tells that a moderator has shut its holder out since."""
        query = (
            select(RoomTokenRow, RemovalRow.removed_at_ms)
            .outerjoin(
                RemovalRow,
                and_(RemovalRow.meeting_id == RoomTokenRow.meeting_id, RemovalRow.identity == RoomTokenRow.identity),
            )
            .where(RoomTokenRow.token_hash == token_hash, RoomTokenRow.expires_at_ms > at_ms)
        )
        async with self._database.read() as session:
            found = (await session.execute(query)).one_or_none()
        if found is None:
            return None
        row, removed_at_ms = found
        return RoomToken(
            meeting_id=row.meeting_id,
            kind=TokenKind(row.kind),
            identity=row.identity,
            name=row.name,
            publish=row.publish,
            subscribe=row.subscribe,
            expires_at_ms=row.expires_at_ms,
            assist_role=AssistRole(row.assist_role) if row.assist_role else None,
            removed=removed_at_ms is not None,
        )

    async def removed(self, meeting_id: str, identity: str, at_ms: int) -> None:
        """Told again after a takeover of the room, it stays one removal."""
        async with self._database.write() as session:
            await insert_once(session, RemovalRow, meeting_id=meeting_id, identity=identity, removed_at_ms=at_ms)

    async def is_removed(self, meeting_id: str, identity: str) -> bool:
        async with self._database.read() as session:
            return await session.get(RemovalRow, (meeting_id, identity)) is not None

    # ------------------------------------------------------------ the first start

    async def ready_meeting(self) -> Meeting | None:
        return await self._one(_meetings.join(InstallationRow, InstallationRow.ready_meeting_id == MeetingRow.id))

    async def first_start(self, title: str, at_ms: int) -> None:
        """Make the ready meeting once, whichever process comes first: guests allowed, no lobby, no host yet."""
        async with self._database.write() as session:
            if await insert_once(session, InstallationRow, id=1, created_at_ms=at_ms, ready_meeting_id=None):
                await self._make_ready(session, title, at_ms)

    async def renew_ready_meeting(self, title: str, at_ms: int) -> None:
        """The former one has ended or went to the trash before there was an administrator."""
        async with self._database.write() as session:
            await self._make_ready(session, title, at_ms)

    async def _make_ready(self, session: AsyncSession, title: str, at_ms: int) -> None:
        row = new_meeting_row(new_room_code(), title, None, None, False, True, at_ms)
        session.add(row)
        await session.flush()
        await session.execute(update(InstallationRow).values(ready_meeting_id=row.id))

    async def _one(self, query: Select[MeetingRow, str]) -> Meeting | None:
        async with self._database.read() as session:
            found = (await session.execute(query)).one_or_none()
        return _value(found[0], found[1]) if found else None

    async def _update(self, meeting_id: str, **values: object) -> None:
        async with self._database.write() as session:
            await session.execute(update(MeetingRow).where(MeetingRow.id == meeting_id).values(**values))
