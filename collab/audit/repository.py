"""The audit log in SQL.  `record` writes within another feature's transaction: what is rolled back was never done."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from collab.clock import new_id, now_ms
from collab.db.engine import Database
from collab.personal.models import ErasureRow, ErasureState

from .actor import Actor, ActorWay, who_acts
from .models import (
    ADDRESS_MAX_CHARS,
    DETAIL_MAX_CHARS,
    DETAILS_MAX,
    SUBJECT_NAME_MAX_CHARS,
    AuditAction,
    AuditEvent,
    AuditRow,
    Subject,
    SubjectKind,
)

PURGE_ROWS: Final = 20_000  # of one transaction
_NAME_MAX_CHARS: Final = 64
_NOTHING: Final = Subject()


class Wanted(Struct, frozen=True, kw_only=True):
    """What is searched for; "" and 0 = whatever it is."""

    organization_ids: tuple[str, ...] | None = None  # None: the whole park's
    action: str = ""
    actor_id: str = ""
    subject_id: str = ""
    address: str = ""
    search: str = ""  # in the names of who acted and of what it happened to
    from_ms: int = 0
    to_ms: int = 0
    before: str = ""


def record(
    session: AsyncSession,
    action: AuditAction,
    subject: Subject = _NOTHING,
    *,
    organization_id: str | None = "",
    actor: Actor | None = None,
    **details: str,
) -> None:
    """One line, in the transaction of `session`.  `actor`: when it is another than who asked for the whole.

    Texts are cut to what their columns hold, empty details left out."""
    who = actor or who_acts()
    told = [(key, value[:DETAIL_MAX_CHARS]) for key, value in details.items() if value]
    at_ms = now_ms()
    session.add(
        AuditRow(
            id=new_id(at_ms),
            at_ms=at_ms,
            action=action.value,
            actor_id=who.account_id,
            actor_name=who.name[:_NAME_MAX_CHARS],
            address=who.address[:ADDRESS_MAX_CHARS],
            way=who.way.value,
            subject_kind=subject.kind.value,
            subject_id=subject.id,
            subject_name=subject.name[:SUBJECT_NAME_MAX_CHARS],
            organization_id=organization_id or "",
            details=dict(told[:DETAILS_MAX]),
        )
    )


class AuditRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(
        self,
        action: AuditAction,
        subject: Subject = _NOTHING,
        *,
        organization_id: str | None = "",
        actor: Actor | None = None,
        **details: str,
    ) -> None:
        """`record` where there is no transaction of anything else: reading, signing in."""
        async with self._database.write() as session:
            record(session, action, subject, organization_id=organization_id, actor=actor, **details)

    async def found(self, wanted: Wanted, limit: int) -> list[AuditEvent]:
        """Newest first, from before the one with the id `before`; one query."""
        actor, subject = aliased(ErasureRow), aliased(ErasureRow)
        query = (
            select(AuditRow, actor.pseudonym, subject.pseudonym)
            .outerjoin(actor, and_(actor.account_id == AuditRow.actor_id, actor.state == ErasureState.DONE))
            .outerjoin(subject, and_(subject.account_id == AuditRow.subject_id, subject.state == ErasureState.DONE))
            .where(*_conditions(wanted))
            .order_by(AuditRow.id.desc())
            .limit(limit)
        )
        if wanted.search:  # the name of somebody who was erased finds nothing any more
            query = query.where(
                or_(
                    and_(actor.id.is_(None), AuditRow.actor_name.icontains(wanted.search, autoescape=True)),
                    and_(subject.id.is_(None), AuditRow.subject_name.icontains(wanted.search, autoescape=True)),
                )
            )
        async with self._database.read() as session:
            return [_value(*row) for row in await session.execute(query)]

    async def purge(self, before_ms: int) -> int:
        """Delete what is older, in bites; how many lines."""
        gone = 0
        while True:
            old = select(AuditRow.id).where(AuditRow.at_ms < before_ms).limit(PURGE_ROWS)
            async with self._database.write() as session:
                deleted = await session.execute(delete(AuditRow).where(AuditRow.id.in_(old)))
            bite = int(getattr(deleted, "rowcount", 0))
            gone += bite
            if bite < PURGE_ROWS:
                return gone


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    parts: list[ColumnElement[bool]] = []
    if wanted.organization_ids is not None:
        parts.append(AuditRow.organization_id.in_(wanted.organization_ids))
    if wanted.action:
        parts.append(AuditRow.action == wanted.action)
    if wanted.actor_id:
        parts.append(AuditRow.actor_id == wanted.actor_id)
    if wanted.subject_id:
        parts.append(AuditRow.subject_id == wanted.subject_id)
    if wanted.address:
        parts.append(AuditRow.address == wanted.address)
    if wanted.search:
        # Of an index that has the names, not of the lines with all that they tell.
        named = aliased(AuditRow)
        parts.append(
            AuditRow.id.in_(
                select(named.id).where(
                    or_(
                        named.actor_name.icontains(wanted.search, autoescape=True),
                        named.subject_name.icontains(wanted.search, autoescape=True),
                    )
                )
            )
        )
    if wanted.from_ms:
        parts.append(AuditRow.at_ms >= wanted.from_ms)
    if wanted.to_ms:
        parts.append(AuditRow.at_ms < wanted.to_ms)
    if wanted.before:
        parts.append(AuditRow.id < wanted.before)
    return parts


def _value(row: AuditRow, actor: str | None, subject: str | None) -> AuditEvent:
    """`actor`, `subject`: pseudonyms of who was erased.  The line itself cannot be changed."""
    return AuditEvent(
        id=row.id,
        at_ms=row.at_ms,
        action=row.action,
        actor_id=row.actor_id,
        actor_name=actor or row.actor_name,
        address=row.address,
        way=ActorWay(row.way),
        subject=Subject(SubjectKind(row.subject_kind), row.subject_id, subject or row.subject_name),
        organization_id=row.organization_id,
        details={str(key): str(value) for key, value in row.details.items()},
    )
