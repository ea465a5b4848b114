"""Registrations in SQL.  A seat is taken and a mail is written in one transaction."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from collab.clock import new_id
from collab.db.engine import Database
from collab.mail import outbox as mails
from collab.mail.models import Mail
from collab.problems import Refusal
from rooms.core.codes import Code

from .models import LivestreamRegistrationRow, LivestreamRow, RegistrationState
from .values import Registration

Row = LivestreamRegistrationRow
WriteMail = Callable[[Registration], Mail | None]

SEATED = (RegistrationState.CONFIRMED,)
REGISTRATIONS_MAX = 100_000


class RegistrationRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, livestream_id: str, registration_id: str) -> Registration | None:
        async with self._database.read() as session:
            row = await session.get(Row, registration_id)
        return _value(row) if row is not None and row.livestream_id == livestream_id else None

    async def of_person(self, livestream_id: str, account_id: str, email: str) -> Registration | None:
        """Of an account: its own, or one under its address, which is known to be its own."""
        query = select(Row).where(
            Row.livestream_id == livestream_id, or_(Row.account_id == account_id, Row.email == email)
        )
        async with self._database.read() as session:
            row = await session.scalar(query.order_by(Row.id).limit(1))
        return _value(row) if row else None

    async def add(
        self,
        livestream_id: str,
        email: str,
        name: str,
        locale: str,
        account_id: str | None,
        answers: dict[str, str],
        *,
        approval: bool,
        capacity: int,
        at_ms: int,
        mail: WriteMail,
    ) -> Registration:
        """One for an address: who comes again gets the mail again, and what was cancelled begins anew."""
        async with self._database.write() as session:
            await _lock(session, livestream_id)
            row = await session.scalar(select(Row).where(Row.livestream_id == livestream_id, Row.email == email))
            if row is None:
                row = Row(
                    id=new_id(at_ms),
                    livestream_id=livestream_id,
                    email=email,
                    created_at_ms=at_ms,
                    state=RegistrationState.CANCELLED,
                    reminded_at_ms=0,
                )
                session.add(row)
            if row.state == RegistrationState.CANCELLED:
                row.name, row.locale, row.account_id = name, locale, account_id
                row.answers, row.changed_at_ms = answers, at_ms
                full = await _full(session, livestream_id, capacity)
                row.state = (
                    RegistrationState.PENDING
                    if approval
                    else RegistrationState.WAITING
                    if full
                    else RegistrationState.CONFIRMED
                )
            await session.flush()
            registration = _value(row)
            await _put(session, mail(registration), at_ms)
        return registration

    async def decide(
        self, livestream_id: str, registration_id: str, *, confirm: bool, capacity: int, at_ms: int, mail: WriteMail
    ) -> Registration:
        """Raises NOT_FOUND; WRONG_STATE for one that was cancelled."""
        async with self._database.write() as session:
            await _lock(session, livestream_id)
            row = await session.get(Row, registration_id)
            if row is None or row.livestream_id != livestream_id:
                raise Refusal(Code.NOT_FOUND, "no such registration")
            if row.state == RegistrationState.CANCELLED:
                raise Refusal(Code.WRONG_STATE, "cancelled")
            if not confirm:
                target = RegistrationState.DECLINED
            elif row.state == RegistrationState.PENDING and await _full(session, livestream_id, capacity):
                target = RegistrationState.WAITING
            else:
                target = RegistrationState.CONFIRMED  # over the capacity too: whoever decides sees the numbers
            changed, had_seat = row.state != target, row.state in SEATED
            row.state, row.changed_at_ms = target, at_ms
            await session.flush()
            registration = _value(row)
            if changed:
                await _put(session, mail(registration), at_ms)
            if had_seat and target not in SEATED:
                await _move_up(session, livestream_id, capacity, at_ms, mail)
        return registration

    async def cancel(
        self, livestream_id: str, registration_id: str, *, capacity: int, at_ms: int, mail: WriteMail
    ) -> Registration:
        """Who waits longest moves up."""
        async with self._database.write() as session:
            await _lock(session, livestream_id)
            row = await session.get(Row, registration_id)
            if row is None or row.livestream_id != livestream_id:
                raise Refusal(Code.NOT_FOUND, "no such registration")
            if row.state != RegistrationState.CANCELLED:
                row.state, row.changed_at_ms = RegistrationState.CANCELLED, at_ms
                await session.flush()
                await _put(session, mail(_value(row)), at_ms)
                await _move_up(session, livestream_id, capacity, at_ms, mail)
            return _value(row)

    async def fill_seats(self, livestream_id: str, capacity: int, at_ms: int, mail: WriteMail) -> None:
        """After the capacity has grown."""
        async with self._database.write() as session:
            await _lock(session, livestream_id)
            await _move_up(session, livestream_id, capacity, at_ms, mail)

    async def listed(
        self, livestream_id: str, state: RegistrationState | None, search: str, before: str, limit: int
    ) -> list[Registration]:
        """Newest first."""
        query = select(Row).where(Row.livestream_id == livestream_id)
        if state is not None:
            query = query.where(Row.state == state)
        if search:
            found: list[ColumnElement[bool]] = [
                Row.name.icontains(search, autoescape=True),
                Row.email.icontains(search, autoescape=True),
            ]
            query = query.where(or_(*found))
        if before:
            query = query.where(Row.id < before)
        async with self._database.read() as session:
            rows = await session.scalars(query.order_by(Row.id.desc()).limit(limit))
            return [_value(row) for row in rows]

    async def counts(self, livestream_id: str) -> dict[str, int]:
        query = select(Row.state, func.count()).where(Row.livestream_id == livestream_id).group_by(Row.state)
        async with self._database.read() as session:
            return {row[0]: row[1] for row in (await session.execute(query)).all()}

    # ------------------------------------------------------------ mails to many

    async def due(self, at_ms: int, limit: int) -> list[str]:
        """Livestreams with somebody who is to be reminded within the time that any of them may ask for."""
        horizon = at_ms + 10_080 * 60_000
        query = (
            select(LivestreamRow.id)
            .join(Row, Row.livestream_id == LivestreamRow.id)
            .where(
                LivestreamRow.state.in_(("scheduled", "rehearsal")),
                LivestreamRow.trashed_at_ms == 0,
                LivestreamRow.starts_at_ms.between(at_ms, horizon),
                Row.state == RegistrationState.CONFIRMED,
                Row.reminded_at_ms == 0,
            )
            .distinct()
            .limit(limit)
        )
        async with self._database.read() as session:
            return list((await session.scalars(query)).all())

    async def remind(self, livestream_id: str, at_ms: int, limit: int, mail: WriteMail) -> int:
        """Those who were not yet: how many."""
        waits = (
            select(Row)
            .where(
                Row.livestream_id == livestream_id,
                Row.state == RegistrationState.CONFIRMED,
                Row.reminded_at_ms == 0,
            )
            .order_by(Row.id)
            .limit(limit)
        )
        async with self._database.write() as session:
            rows = (await session.scalars(waits)).all()
            for row in rows:
                row.reminded_at_ms = at_ms
                await _put(session, mail(_value(row)), at_ms)
        return len(rows)

    async def tell_all(self, livestream_id: str, after: str, at_ms: int, limit: int, mail: WriteMail) -> str:
        """Everybody who has a seat or waits for one, some at a time; the id of the last, "" when all were told."""
        states = (RegistrationState.CONFIRMED, RegistrationState.WAITING, RegistrationState.PENDING)
        query = (
            select(Row)
            .where(Row.livestream_id == livestream_id, Row.state.in_(states), Row.id > after)
            .order_by(Row.id)
            .limit(limit)
        )
        async with self._database.write() as session:
            rows = (await session.scalars(query)).all()
            for row in rows:
                await _put(session, mail(_value(row)), at_ms)
        return rows[-1].id if len(rows) == limit else ""


async def _lock(session: AsyncSession, livestream_id: str) -> None:
    """Seats of one livestream are given one after the other."""
    found = await session.scalar(
        update(LivestreamRow)
        .where(LivestreamRow.id == livestream_id)
        .values(token_key=LivestreamRow.token_key)
        .returning(LivestreamRow.id)
    )
    if found is None:
        raise Refusal(Code.NOT_FOUND, "no such livestream")


async def _full(session: AsyncSession, livestream_id: str, capacity: int) -> bool:
    query = select(func.count()).where(Row.livestream_id == livestream_id)
    if (await session.scalar(query) or 0) > REGISTRATIONS_MAX:
        raise Refusal(Code.TOO_MANY, "registrations")
    if not capacity:
        return False
    return (await session.scalar(query.where(Row.state.in_(SEATED))) or 0) >= capacity


async def _move_up(session: AsyncSession, livestream_id: str, capacity: int, at_ms: int, mail: WriteMail) -> None:
    longest = (
        select(Row)
        .where(Row.livestream_id == livestream_id, Row.state == RegistrationState.WAITING)
        .order_by(Row.changed_at_ms, Row.id)
        .limit(1)
    )
    while not await _full(session, livestream_id, capacity):
        row = await session.scalar(longest)
        if row is None:
            return
        row.state, row.changed_at_ms = RegistrationState.CONFIRMED, at_ms
        await session.flush()
        await _put(session, mail(_value(row)), at_ms)


async def _put(session: AsyncSession, mail: Mail | None, at_ms: int) -> None:
    if mail is not None:
        await mails.put(session, mail, at_ms)


def _value(row: Row) -> Registration:
    return Registration(
        id=row.id,
        livestream_id=row.livestream_id,
        email=row.email,
        name=row.name,
        locale=row.locale,
        account_id=row.account_id,
        answers=dict(row.answers),
        state=RegistrationState(row.state),
        created_at_ms=row.created_at_ms,
    )
