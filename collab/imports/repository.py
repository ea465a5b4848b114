"""Imports in SQL.  Every method is one transaction; a bite of rows is judged and written in one, so it is done once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from collab.accounts.models import AccountRow, MembershipRow
from collab.assist.models import MachineRow
from collab.clock import new_id
from collab.db.engine import Database
from collab.organizations.models import OrganizationKind, OrganizationRow

from .judging import Judge, Known, KnownAccount, KnownMachine, KnownOrganization
from .models import ImportRowTable, ImportTable
from .values import READ_REASONS, Fate, Import, ImportKind, ImportRow, ImportState, Judged, ReadRow
from .writing import Writing

BITE_ROWS: Final = 200
INSERTED_ROWS: Final = 500  # in one statement


class ImportRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    # ------------------------------------------------------------ reading

    async def by_key(self, created_by: str, client_key: str) -> Import | None:
        async with self._database.read() as session:
            row = await session.scalar(
                select(ImportTable).where(ImportTable.created_by == created_by, ImportTable.client_key == client_key)
            )
            return await _counted(session, row) if row else None

    async def rows(self, import_id: str, fate: Fate | None, after: int, limit: int) -> list[ImportRow]:
        """By number, from behind `after`."""
        query = select(ImportRowTable).where(ImportRowTable.import_id == import_id, ImportRowTable.number > after)
        if fate is not None:
            query = query.where(ImportRowTable.fate == fate)
        async with self._database.read() as session:
            found = await session.scalars(query.order_by(ImportRowTable.number).limit(limit))
            return [_row(one) for one in found]

    async def unfinished(self) -> list[str]:
        async with self._database.read() as session:
            return list(
                await session.scalars(
                    select(ImportTable.id).where(ImportTable.state == ImportState.APPLYING).order_by(ImportTable.id)
                )
            )

    async def judged(self, kind: ImportKind, rows: Sequence[ReadRow]) -> list[Judged]:
        """What would become of them: nothing is written."""
        known = Known()
        judge = Judge(kind, known, new_id)
        judgements: list[Judged] = []
        async with self._database.read() as session:
            for begin in range(0, len(rows), BITE_ROWS):
                bite = rows[begin : begin + BITE_ROWS]
                await _learn(session, kind, [one.cells for one in bite if not one.reason], known)
                judgements += map(judge.judge, bite)
                judge.writes.clear()
        return judgements

    # ------------------------------------------------------------ writing

    async def add(
        self,
        created_by: str,
        client_key: str,
        kind: ImportKind,
        file_name: str,
        ignored: list[str],
        rows: Sequence[tuple[ReadRow, Judged]],
        at_ms: int,
    ) -> None:
        """Does nothing when the same key has made one meanwhile."""
        made = ImportTable(
            id=new_id(at_ms),
            created_by=created_by,
            client_key=client_key,
            kind=kind,
            state=ImportState.PLANNED,
            file_name=file_name,
            invite=False,
            ignored=ignored,
            created_at_ms=at_ms,
            finished_at_ms=0,
        )
        try:
            async with self._database.write() as session:
                session.add(made)
                await session.flush()
                for begin in range(0, len(rows), INSERTED_ROWS):
                    await session.execute(
                        insert(ImportRowTable),
                        [
                            {"import_id": made.id, "number": row.number, "cells": row.cells, "applied": False}
                            | _columns(judged)
                            for row, judged in rows[begin : begin + INSERTED_ROWS]
                        ],
                    )
        except IntegrityError:
            if await self.by_key(created_by, client_key) is None:
                raise

    async def begin(self, import_id: str, *, invite: bool) -> bool:
        """False when it was begun before."""
        async with self._database.write() as session:
            begun = await session.scalars(
                update(ImportTable)
                .where(ImportTable.id == import_id, ImportTable.state == ImportState.PLANNED)
                .values(state=ImportState.APPLYING, invite=invite)
                .returning(ImportTable.id)
            )
            return bool(begun.all())

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
            for table, row in zip(pending, rows, strict=True):
                for name, value in _columns(judge.judge(row)).items():
                    setattr(table, name, value)
                table.applied = True
            by = await session.get(AccountRow, made.created_by)
            await Writing(session, made, by, links_url, at_ms).write(judge.writes)
            more = len(pending) == BITE_ROWS
            if not more:
                made.state, made.finished_at_ms = ImportState.DONE, at_ms
        return more

    async def purge(self, before_ms: int) -> int:
        async with self._database.write() as session:
            gone = await session.scalars(
                delete(ImportTable).where(ImportTable.created_at_ms < before_ms).returning(ImportTable.id)
            )
            return len(gone.all())


# ------------------------------------------------------------ within a transaction


async def _learn(session: AsyncSession, kind: ImportKind, cells: Sequence[dict[str, str]], known: Known) -> None:
    """What there is of all that these rows name, in two queries.  What an earlier row changes stays as it said."""
    names = {one["name" if kind is ImportKind.ORGANIZATIONS else "organization"] for one in cells}
    if names := names - set(known.organizations):
        rows = await session.scalars(select(OrganizationRow).where(OrganizationRow.name.in_(names)))
        for row in rows:
            known.organizations[row.name] = KnownOrganization(row.id, OrganizationKind(row.kind))
    match kind:
        case ImportKind.ORGANIZATIONS:
            pass
        case ImportKind.PEOPLE:
            await _learn_people(session, {one["email"] for one in cells} - set(known.accounts), known)
        case ImportKind.MACHINES:
            owners = {one.id for one in known.organizations.values()}
            serials = {one["serial"] for one in cells}
            await _learn_machines(session, owners, serials, known)


async def _learn_people(session: AsyncSession, emails: set[str], known: Known) -> None:
    if not emails:
        return
    rows = await session.execute(
        select(AccountRow, MembershipRow.organization_id, MembershipRow.role)
        .outerjoin(MembershipRow, MembershipRow.account_id == AccountRow.id)
        .where(AccountRow.email.in_(emails))
    )
    for account, organization_id, role in rows:
        known.accounts[account.email] = KnownAccount(
            account.id, account.name, account.locale, bool(account.disabled_at_ms), account.password_hash is not None
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


async def _counted(session: AsyncSession, row: ImportTable) -> Import:
    counted = (
        await session.execute(
            select(ImportRowTable.fate, ImportRowTable.applied, func.count())
            .where(ImportRowTable.import_id == row.id)
            .group_by(ImportRowTable.fate, ImportRowTable.applied)
        )
    ).all()
    counts = {fate.value: 0 for fate in Fate}
    for fate, _applied, count in counted:
        counts[fate] += count
    return Import(
        id=row.id,
        key=row.client_key,
        kind=ImportKind(row.kind),
        state=ImportState(row.state),
        file_name=row.file_name,
        total=sum(counts.values()),
        done=sum(count for _fate, applied, count in counted if applied),
        counts=counts,
        invite=row.invite,
        ignored=tuple(row.ignored),
        created_at_ms=row.created_at_ms,
        finished_at_ms=row.finished_at_ms,
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
