"""Exports, erasures and what they ask of a person, in SQL."""

from __future__ import annotations

import secrets
from typing import Final

from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from collab.accounts.models import AccountRow
from collab.accounts.repository import park_administrators
from collab.audit.models import AuditAction, Subject, SubjectKind
from collab.audit.repository import record
from collab.clock import new_id
from collab.db.engine import Database
from collab.mail.models import Mail
from collab.mail.outbox import put
from collab.meetings.models import InstallationRow
from collab.officers.models import OfficerRow
from collab.requests.models import RequestRow
from collab.requests.states import OPEN

from .found import Person, do_bite
from .models import Erasure, ErasureRow, ErasureState, Export, ExportRow, ExportState, Obstacles
from .rules import Rule
from .table import RULES

SHOWN_MAX: Final = 5
RUN_AT_ONCE: Final = 20
CLAIMED_MS: Final = 330_000  # longer than a handler may take
TRIES_MAX: Final = 3
PSEUDONYM_CHARS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
ERASED_DOMAIN: Final = "erased.invalid"  # RFC 2606: nobody's, ever

_STANDS: Final = (ErasureState.PLANNED, ErasureState.RUNNING, ErasureState.DONE)


class PersonalRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def person(self, account_id: str) -> Person | None:
        async with self._database.read() as session:
            return await _person(session, account_id)

    async def obstacles(self, account_id: str) -> Obstacles:
        async with self._database.read() as session:
            owned = select(func.count()).where(RequestRow.owner_id == account_id, RequestRow.state.in_(OPEN))
            served = select(func.count()).where(OfficerRow.account_id == account_id)
            return Obstacles(
                requests=await session.scalar(owned) or 0,
                companies=await session.scalar(served) or 0,
                only_administrator=await _only_administrator(session, account_id),
            )

    # ------------------------------------------------------------ exports

    async def exports(self, account_id: str) -> list[Export]:
        """The newest first."""
        query = (
            select(ExportRow).where(ExportRow.account_id == account_id).order_by(ExportRow.id.desc()).limit(SHOWN_MAX)
        )
        async with self._database.read() as session:
            return [row.value() for row in await session.scalars(query)]

    async def export(self, export_id: str) -> Export | None:
        async with self._database.read() as session:
            row = await session.get(ExportRow, export_id)
        return row.value() if row else None

    async def ask_export(self, person: Person, asked_by: str, at_ms: int) -> Export:
        """The one that waits already, if there is one."""
        async with self._database.write() as session:
            await _lock(session, person)
            waiting = select(ExportRow).where(
                ExportRow.account_id == person.id,
                ExportRow.asked_by == asked_by,
                ExportRow.state == ExportState.WAITING,
            )
            if row := await session.scalar(waiting.limit(1)):
                return row.value()
            row = ExportRow(
                id=new_id(at_ms),
                account_id=person.id,
                asked_by=asked_by,
                state=ExportState.WAITING,
                done=0,
                total=0,
                files_left_out=0,
                size_bytes=0,
                tries=0,
                worker_until_ms=0,
                created_at_ms=at_ms,
                expires_at_ms=0,
            )
            session.add(row)
            record(session, AuditAction.EXPORT_ASKED, Subject(SubjectKind.ACCOUNT, person.id, person.name))
            return row.value()

    async def claim_export(self, export_id: str, at_ms: int) -> Export | None:
        """None when another one makes it, or it is made.  After TRIES_MAX it has failed."""
        async with self._database.write() as session:
            row = await session.scalar(select(ExportRow).where(ExportRow.id == export_id).with_for_update())
            if row is None or row.state != ExportState.WAITING or row.worker_until_ms > at_ms:
                return None
            if row.tries >= TRIES_MAX:
                row.state = ExportState.FAILED
                return None
            row.tries += 1
            row.worker_until_ms = at_ms + CLAIMED_MS
            return row.value()

    async def advance_export(self, export_id: str, done: int, total: int) -> None:
        async with self._database.write() as session:
            await session.execute(update(ExportRow).where(ExportRow.id == export_id).values(done=done, total=total))

    async def end_export(self, export_id: str, size_bytes: int, left_out: int, expires_at_ms: int) -> bool:
        """False when it is not wanted any more: the account went meanwhile."""
        async with self._database.write() as session:
            changed = await session.scalar(
                update(ExportRow)
                .where(ExportRow.id == export_id, ExportRow.state == ExportState.WAITING)
                .values(
                    state=ExportState.READY,
                    size_bytes=size_bytes,
                    files_left_out=left_out,
                    expires_at_ms=expires_at_ms,
                    worker_until_ms=0,
                )
                .returning(ExportRow.id)
            )
        return changed is not None

    async def let_go(self, export_id: str) -> None:
        async with self._database.write() as session:
            await session.execute(update(ExportRow).where(ExportRow.id == export_id).values(worker_until_ms=0))

    async def waiting_exports(self, at_ms: int) -> list[str]:
        query = select(ExportRow.id).where(ExportRow.state == ExportState.WAITING, ExportRow.worker_until_ms <= at_ms)
        async with self._database.read() as session:
            return list(await session.scalars(query.order_by(ExportRow.id).limit(RUN_AT_ONCE)))

    async def expired_exports(self, at_ms: int) -> list[str]:
        """Whose file may go; `forget_export` when it is gone."""
        query = select(ExportRow.id).where(ExportRow.state == ExportState.READY, ExportRow.expires_at_ms <= at_ms)
        async with self._database.read() as session:
            return list(await session.scalars(query.limit(RUN_AT_ONCE)))

    async def forget_export(self, export_id: str) -> None:
        async with self._database.write() as session:
            await session.execute(update(ExportRow).where(ExportRow.id == export_id).values(state=ExportState.GONE))

    async def exports_with_files(self, account_id: str) -> list[str]:
        query = select(ExportRow.id).where(
            ExportRow.account_id == account_id, ExportRow.state.in_((ExportState.READY, ExportState.WAITING))
        )
        async with self._database.read() as session:
            return list(await session.scalars(query))

    # ------------------------------------------------------------ erasures

    async def erasure(self, account_id: str) -> Erasure | None:
        """The newest, whatever became of it."""
        query = select(ErasureRow).where(ErasureRow.account_id == account_id).order_by(ErasureRow.id.desc()).limit(1)
        async with self._database.read() as session:
            row = await session.scalar(query)
        return row.value() if row else None

    async def plan_erasure(self, person: Person, asked_by: str, at_ms: int, due_at_ms: int, letter: Mail) -> Erasure:
        """The one that stands already, if there is one."""
        async with self._database.write() as session:
            await _lock(session, person)
            stands = select(ErasureRow).where(ErasureRow.account_id == person.id, ErasureRow.state.in_(_STANDS))
            if row := await session.scalar(stands.limit(1)):
                return row.value()
            row = ErasureRow(
                id=new_id(at_ms),
                account_id=person.id,
                asked_by=asked_by,
                state=ErasureState.PLANNED,
                pseudonym=new_pseudonym(),
                done=0,
                total=len(RULES),
                created_at_ms=at_ms,
                due_at_ms=due_at_ms,
                finished_at_ms=0,
            )
            session.add(row)
            await put(session, letter, at_ms)
            record(session, AuditAction.ERASURE_PLANNED, Subject(SubjectKind.ACCOUNT, person.id, person.name))
            return row.value()

    async def undo_erasure(self, erasure: Erasure, person: Person, at_ms: int) -> bool:
        """False when it has begun meanwhile."""
        async with self._database.write() as session:
            changed = await session.scalar(
                update(ErasureRow)
                .where(ErasureRow.id == erasure.id, ErasureRow.state == ErasureState.PLANNED)
                .values(state=ErasureState.UNDONE, finished_at_ms=at_ms)
                .returning(ErasureRow.id)
            )
            if changed is not None:
                record(session, AuditAction.ERASURE_UNDONE, Subject(SubjectKind.ACCOUNT, person.id, person.name))
        return changed is not None

    async def due_erasures(self, at_ms: int) -> list[str]:
        """Whose day has come, and those that were cut off."""
        query = select(ErasureRow.id).where(
            or_(
                ErasureRow.state == ErasureState.RUNNING,
                (ErasureRow.state == ErasureState.PLANNED) & (ErasureRow.due_at_ms <= at_ms),
            )
        )
        async with self._database.read() as session:
            return list(await session.scalars(query.order_by(ErasureRow.due_at_ms).limit(RUN_AT_ONCE)))

    async def begin_erasure(self, erasure_id: str, at_ms: int) -> Erasure | None:
        """Shuts the account.  None when there is nothing to do: undone, done, or refused now."""
        async with self._database.write() as session:
            await session.execute(select(InstallationRow.id).with_for_update())  # nobody else's last step meanwhile
            row = await session.scalar(select(ErasureRow).where(ErasureRow.id == erasure_id).with_for_update())
            if row is None or row.state not in (ErasureState.PLANNED, ErasureState.RUNNING):
                return None
            if row.state == ErasureState.RUNNING:
                return row.value()
            if row.due_at_ms > at_ms:
                return None
            if await _only_administrator(session, row.account_id):
                row.state, row.finished_at_ms = ErasureState.REFUSED, at_ms
                record(session, AuditAction.ERASURE_REFUSED, Subject(SubjectKind.ACCOUNT, row.account_id, ""))
                return None
            row.state = ErasureState.RUNNING
            await session.execute(
                update(AccountRow)
                .where(AccountRow.id == row.account_id)
                .values(disabled_at_ms=at_ms, password_hash=None)
            )
            record(session, AuditAction.ERASURE_BEGUN, Subject(SubjectKind.ACCOUNT, row.account_id, row.pseudonym))
            return row.value()

    async def do_rule(self, rule: Rule, person: Person, pseudonym: str, at_ms: int) -> None:
        """All of it, in bites of a transaction each."""
        more = True
        while more:
            async with self._database.write() as session:
                more = bool(await do_bite(session, rule, person, pseudonym, at_ms))

    async def advance_erasure(self, erasure_id: str, done: int) -> None:
        async with self._database.write() as session:
            await session.execute(
                update(ErasureRow).where(ErasureRow.id == erasure_id).values(done=done, total=len(RULES))
            )

    async def end_erasure(self, erasure: Erasure, at_ms: int) -> None:
        """The account becomes the stone that the kept rows lead to."""
        async with self._database.write() as session:
            ended = await session.scalar(
                update(ErasureRow)
                .where(ErasureRow.id == erasure.id, ErasureRow.state == ErasureState.RUNNING)
                .values(state=ErasureState.DONE, finished_at_ms=at_ms)
                .returning(ErasureRow.id)
            )
            if ended is None:  # another one came to the end before
                return
            await session.execute(
                update(AccountRow)
                .where(AccountRow.id == erasure.account_id)
                .values(
                    email=f"{erasure.account_id}@{ERASED_DOMAIN}",
                    name=erasure.pseudonym,
                    locale="",
                    password_hash=None,
                    disabled_at_ms=at_ms,
                )
            )
            subject = Subject(SubjectKind.ACCOUNT, erasure.account_id, erasure.pseudonym)
            record(session, AuditAction.ERASURE_DONE, subject, rules=str(len(RULES)))


def new_pseudonym() -> str:
    """Of chance: it says nothing of the person, and every one of them has their own."""
    return f"已注销 / Erased {''.join(secrets.choice(PSEUDONYM_CHARS) for _ in range(6))}"


async def _lock(session: AsyncSession, person: Person) -> None:
    """Whoever asks for something of the same person at the same time waits here."""
    await session.execute(select(AccountRow.id).where(AccountRow.id == person.id).with_for_update())


async def _person(session: AsyncSession, account_id: str) -> Person | None:
    row = await session.get(AccountRow, account_id)
    erased = exists().where(ErasureRow.account_id == account_id, ErasureRow.state == ErasureState.DONE)
    if row is None or await session.scalar(select(erased)):
        return None
    shared = exists().where(AccountRow.name == row.name, AccountRow.id != row.id)
    return Person(row.id, row.email, row.name, alone=not await session.scalar(select(shared)))


async def _only_administrator(session: AsyncSession, account_id: str) -> bool:
    """Whether they administer the park, and nobody else does who may sign in."""
    return set(await session.scalars(park_administrators)) == {account_id}
