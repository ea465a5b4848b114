"""Imports in SQL.  Every method is one transaction; a bite of rows is judged and written in one, so it is done once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct
from sqlalchemy import delete, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from collab.accounts.models import AccountRow, MembershipRow
from collab.assist.models import MachineRow
from collab.audit.models import AuditAction, Subject, SubjectKind
from collab.audit.repository import record
from collab.clock import new_id
from collab.db.dialect import insert_once
from collab.db.engine import Database
from collab.oidc.models import OidcIdentityRow
from collab.organizations.models import OrganizationKind, OrganizationRow

from .judging import Judge, Known, KnownAccount, KnownMachine, KnownOrganization
from .models import ImportRowTable, ImportTable
from .values import (
    READ_REASONS,
    Fate,
    Import,
    ImportFault,
    ImportKind,
    ImportRow,
    ImportState,
    Judged,
    ReadPiece,
    ReadRow,
)
from .writing import Writing

BITE_ROWS: Final = 200
_COUNTERS: Final[Mapping[Fate, str]] = {
    Fate.CREATED: "rows_created",
    Fate.CHANGED: "rows_changed",
    Fate.UNCHANGED: "rows_unchanged",
    Fate.REFUSED: "rows_refused",
}


class Claim(Struct, frozen=True):
    """Of whoever reads a table."""

    kind: ImportKind
    until_ms: int
    tries: int  # with this one


class ImportRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    # ------------------------------------------------------------ reading

    async def by_key(self, created_by: str, client_key: str) -> Import | None:
        async with self._database.read() as session:
            row = await session.scalar(
                select(ImportTable).where(ImportTable.created_by == created_by, ImportTable.client_key == client_key)
            )
            return _import(row) if row else None

    async def rows(self, import_id: str, fate: Fate | None, after: int, limit: int) -> list[ImportRow]:
        """By number, from behind `after`."""
        query = select(ImportRowTable).where(ImportRowTable.import_id == import_id, ImportRowTable.number > after)
        if fate is not None:
            query = query.where(ImportRowTable.fate == fate)
        async with self._database.read() as session:
            found = await session.scalars(query.order_by(ImportRowTable.number).limit(limit))
            return [_row(one) for one in found]

    async def unfinished(self) -> list[str]:
        return await self._in_state(ImportState.APPLYING)

    async def unread(self) -> list[str]:
        return await self._in_state(ImportState.READING)

    async def _in_state(self, state: ImportState) -> list[str]:
        query = select(ImportTable.id).where(ImportTable.state == state).order_by(ImportTable.id)
        async with self._database.read() as session:
            return list(await session.scalars(query))

    # ------------------------------------------------------------ writing

    async def add(self, created_by: str, client_key: str, kind: ImportKind, file_name: str, at_ms: int) -> str | None:
        """One whose table is to be read; its id.  None when the same key has made one meanwhile."""
        import_id = new_id(at_ms)
        async with self._database.write() as session:
            added = await insert_once(
                session,
                ImportTable,
                id=import_id,
                created_by=created_by,
                client_key=client_key,
                kind=kind,
                state=ImportState.READING,
                file_name=file_name,
                invite=False,
                ignored=[],
                created_at_ms=at_ms,
                finished_at_ms=0,
            )
        return import_id if added else None

    async def claim(self, import_id: str, at_ms: int, until_ms: int) -> Claim | None:
        """To read its table from the beginning.  None while another one does, or when there is nothing to read."""
        async with self._database.write() as session:
            made = await session.scalar(select(ImportTable).where(ImportTable.id == import_id).with_for_update())
            if made is None or made.state != ImportState.READING or made.reader_until_ms > at_ms:
                return None
            if made.tries:
                await _forget_rows(session, made)
            made.reader_until_ms, made.tries = until_ms, made.tries + 1
            return Claim(ImportKind(made.kind), until_ms, made.tries)

    async def read_piece(self, import_id: str, claim: Claim, piece: ReadPiece, known: Known) -> bool:
        """Its rows with what would become of them.  False when the claim is over: another one reads, or it is gone."""
        async with self._database.write() as session:
            made = await _claimed(session, import_id, claim)
            if made is None:
                return False
            if piece.ignored:
                made.ignored = piece.ignored
            if piece.rows:
                await _learn(session, claim.kind, [one.cells for one in piece.rows if not one.reason], known)
                judge = Judge(claim.kind, known, new_id)
                judged = [judge.judge(row) for row in piece.rows]
                await session.execute(
                    insert(ImportRowTable),
                    [
                        {"import_id": made.id, "number": row.number, "cells": row.cells, "applied": False}
                        | _columns(one)
                        for row, one in zip(piece.rows, judged, strict=True)
                    ],
                )
                _count(made, Counter(one.fate for one in judged))
        return True

    async def end_reading(
        self, import_id: str, claim: Claim, fault: ImportFault | None = None, missing: Sequence[str] = ()
    ) -> None:
        """What cannot be read keeps no rows."""
        async with self._database.write() as session:
            made = await _claimed(session, import_id, claim)
            if made is None:
                return
            made.state = ImportState.UNREADABLE if fault else ImportState.PLANNED
            made.fault, made.missing = fault or "", list(missing)
            if fault:
                await _forget_rows(session, made)

    async def let_go(self, import_id: str, claim: Claim) -> None:
        """Somebody may try again at once."""
        async with self._database.write() as session:
            if made := await _claimed(session, import_id, claim):
                made.reader_until_ms = 0

    async def drop(self, import_id: str) -> None:
        async with self._database.write() as session:
            await session.execute(delete(ImportTable).where(ImportTable.id == import_id))

    async def begin(self, planned: Import, *, invite: bool) -> bool:
        """False when it was begun before."""
        async with self._database.write() as session:
            begun = await session.scalars(
                update(ImportTable)
                .where(ImportTable.id == planned.id, ImportTable.state == ImportState.PLANNED)
                .values(state=ImportState.APPLYING, invite=invite)
                .returning(ImportTable.id)
            )
            if not begun.all():
                return False
            record(
                session,
                AuditAction.IMPORT_APPLIED,
                Subject(SubjectKind.IMPORT, planned.id, planned.file_name),
                of=planned.kind.value,
                rows=str(planned.total),
                created=str(planned.counts[Fate.CREATED]),
                changed=str(planned.counts[Fate.CHANGED]),
                refused=str(planned.counts[Fate.REFUSED]),
            )
        return True

    async def apply_bite(self, import_id: str, links_url: str, at_ms: int) -> bool:
        """The next rows, judged anew; whether there are more.  Others at the same time wait for the import's row."""
        async with self._database.write() as session:
            made = await session.scalar(select(ImportTable).where(ImportTable.id == import_id).with_for_update())
            if made is None or made.state != ImportState.APPLYING:
                return False
            pending = list(
                await session.scalars(
                    select(ImportRowTable)
                    .where(ImportRowTable.import_id == import_id, ImportRowTable.applied.is_(False))
                    .order_by(ImportRowTable.number)
                    .limit(BITE_ROWS)
                )
            )
            kind, known = ImportKind(made.kind), Known()
            rows = [_read_again(one) for one in pending]
            await _learn(session, kind, [one.cells for one in rows if not one.reason], known)
            judge = Judge(kind, known, lambda: new_id(at_ms))
            fates = Counter[str]()
            for table, row in zip(pending, rows, strict=True):
                fates[table.fate] -= 1
                for name, value in _columns(judge.judge(row)).items():
                    setattr(table, name, value)
                fates[table.fate] += 1
                table.applied = True
            _count(made, fates)
            made.rows_applied += len(pending)
            by = await session.get(AccountRow, made.created_by)
            await Writing(session, made, by, links_url, at_ms).write(judge.writes)
            more = len(pending) == BITE_ROWS
            if not more:
                made.state, made.finished_at_ms = ImportState.DONE, at_ms
        return more

    async def purge(self, before_ms: int) -> list[str]:
        """The ids of those that went."""
        async with self._database.write() as session:
            gone = await session.scalars(
                delete(ImportTable).where(ImportTable.created_at_ms < before_ms).returning(ImportTable.id)
            )
            return list(gone)


# ------------------------------------------------------------ within a transaction


async def _learn(session: AsyncSession, kind: ImportKind, cells: Sequence[dict[str, str]], known: Known) -> None:
    """What there is of all that these rows name, in two queries.  What an earlier row changes stays as it said."""
    names = {one["name" if kind is ImportKind.ORGANIZATIONS else "organization"] for one in cells}
    if unknown := names - set(known.organizations):
        rows = await session.scalars(select(OrganizationRow).where(OrganizationRow.name.in_(unknown)))
        for row in rows:
            known.organizations[row.name] = KnownOrganization(row.id, OrganizationKind(row.kind))
    match kind:
        case ImportKind.ORGANIZATIONS:
            pass
        case ImportKind.PEOPLE:
            await _learn_people(session, {one["email"] for one in cells} - set(known.accounts), known)
        case ImportKind.MACHINES:
            owners = {known.organizations[name].id for name in names if name in known.organizations}
            serials = {one["serial"] for one in cells}
            await _learn_machines(session, owners, serials, known)


async def _learn_people(session: AsyncSession, emails: set[str], known: Known) -> None:
    if not emails:
        return
    linked = exists().where(OidcIdentityRow.account_id == AccountRow.id)
    rows = await session.execute(
        select(AccountRow, MembershipRow.organization_id, MembershipRow.role, linked)
        .outerjoin(MembershipRow, MembershipRow.account_id == AccountRow.id)
        .where(AccountRow.email.in_(emails))
    )
    for account, organization_id, role, is_linked in rows:
        can_enter = account.password_hash is not None or bool(is_linked)
        known.accounts[account.email] = KnownAccount(
            account.id, account.name, account.locale, bool(account.disabled_at_ms), can_enter
        )
        if role is not None:
            known.roles.setdefault((account.id, organization_id), set()).add(role)


async def _learn_machines(session: AsyncSession, owners: set[str], serials: set[str], known: Known) -> None:
    if not owners or not serials:
        return
    rows = await session.scalars(
        select(MachineRow).where(MachineRow.organization_id.in_(owners), MachineRow.serial.in_(serials))
    )
    found: dict[tuple[str, str], list[KnownMachine]] = {}
    for row in rows:
        words = {"make": row.make, "model": row.model, "site": row.site}
        found.setdefault((row.organization_id, row.serial), []).append(KnownMachine(row.id, words))
    for key, machines in found.items():
        known.machines.setdefault(key, machines)


async def _claimed(session: AsyncSession, import_id: str, claim: Claim) -> ImportTable | None:
    found: ImportTable | None = await session.scalar(
        select(ImportTable)
        .where(
            ImportTable.id == import_id,
            ImportTable.state == ImportState.READING,
            ImportTable.reader_until_ms == claim.until_ms,
            ImportTable.tries == claim.tries,
        )
        .with_for_update()
    )
    return found


async def _forget_rows(session: AsyncSession, made: ImportTable) -> None:
    await session.execute(delete(ImportRowTable).where(ImportRowTable.import_id == made.id))
    for counter in _COUNTERS.values():
        setattr(made, counter, 0)


def _count(made: ImportTable, fates: Mapping[str, int]) -> None:
    for fate, counter in _COUNTERS.items():
        setattr(made, counter, getattr(made, counter) + fates.get(fate, 0))


def _import(row: ImportTable) -> Import:
    counts = {fate.value: int(getattr(row, counter)) for fate, counter in _COUNTERS.items()}
    return Import(
        id=row.id,
        key=row.client_key,
        kind=ImportKind(row.kind),
        state=ImportState(row.state),
        file_name=row.file_name,
        total=sum(counts.values()),
        done=row.rows_applied,
        counts=counts,
        invite=row.invite,
        ignored=tuple(row.ignored),
        created_at_ms=row.created_at_ms,
        finished_at_ms=row.finished_at_ms,
        fault=ImportFault(row.fault) if row.fault else None,
        missing=tuple(row.missing),
    )


def _columns(judged: Judged) -> dict[str, object]:
    return {
        "fate": judged.fate,
        "reason": judged.reason,
        "at_column": judged.column,
        "changes": list(judged.changes),
    }


def _read_again(row: ImportRowTable) -> ReadRow:
    """A row that could not be read stays so; what was refused for how things were is looked at again."""
    from_table = row.reason in READ_REASONS
    return ReadRow(row.number, "", dict(row.cells), row.reason if from_table else "", row.at_column)


def _row(row: ImportRowTable) -> ImportRow:
    judged = Judged(Fate(row.fate), row.reason, row.at_column, tuple(row.changes))
    return ImportRow(row.number, {str(key): str(value) for key, value in row.cells.items()}, judged, row.applied)
