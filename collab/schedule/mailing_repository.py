"""Mails that are still to be written, in SQL, and the links in them."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import delete, select, update

from collab.accounts.models import AccountRow
from collab.db.engine import Database
from collab.mail import outbox as mails
from collab.mail.models import Mail
from collab.notices import outbox as notices
from collab.notices.models import Notice

from .event_repository import events_in
from .invitees import invitee_rows, invitees_of
from .models import EventAnswerRow, InviteeRow, MailingKind, MailingRow, ReplyLinkRow, ScheduledEventRow
from .values import Event, Invitee, Mailing


class Batch(Struct, frozen=True):
    mailing: Mailing
    event: Event
    invitees: list[Invitee]
    organizer_locale: str
    is_last: bool


class Written(Struct, frozen=True):
    invitee_id: str
    token_hash: str  # "" = without a link
    mail: Mail


class MailingRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def next_batch(self, limit: int) -> Batch | None:
        """The oldest mailing's next recipients."""
        async with self._database.read() as session:
            row = await session.scalar(select(MailingRow).order_by(MailingRow.id).limit(1))
            if row is None:
                return None
            (event,) = await events_in(session, ScheduledEventRow.id == row.event_id)
            only = InviteeRow.id == row.invitee_id if row.invitee_id else ~InviteeRow.removed
            ids = (
                await session.scalars(
                    select(InviteeRow.id)
                    .where(InviteeRow.event_id == row.event_id, InviteeRow.id > row.after, InviteeRow.email != "", only)
                    .order_by(InviteeRow.id)
                    .limit(limit)
                )
            ).all()
            query = invitee_rows.where(InviteeRow.id.in_(ids)).order_by(InviteeRow.id, EventAnswerRow.key)
            invitees = invitees_of((await session.execute(query)).all())
            organizer = event.organizer.id if event.organizer else ""
            locale = await session.scalar(select(AccountRow.locale).where(AccountRow.id == organizer))
        mailing = Mailing(
            id=row.id,
            event_id=row.event_id,
            kind=MailingKind(row.kind),
            key=row.key,
            invitee_id=row.invitee_id,
            after=row.after,
            sequence=row.sequence,
        )
        return Batch(mailing, event, invitees, locale or "", is_last=len(ids) < limit)

    async def written(
        self, batch: Batch, letters: Sequence[Written], told: Sequence[Notice], public_url: str, at_ms: int
    ) -> None:
        """The mails, their links and where to go on, in one transaction; a mail that is there already stays one."""
        mailing = batch.mailing
        async with self._database.write() as session:
            for one in letters:
                if await mails.put(session, one.mail, at_ms) and one.token_hash:
                    session.add(ReplyLinkRow(token_hash=one.token_hash, invitee_id=one.invitee_id, made_at_ms=at_ms))
            for notice in told:
                await notices.put(session, notice, at_ms, public_url=public_url)
            if not batch.is_last:
                await session.execute(
                    update(MailingRow).where(MailingRow.id == mailing.id).values(after=batch.invitees[-1].id)
                )
                return
            await session.execute(delete(MailingRow).where(MailingRow.id == mailing.id))
            if mailing.kind is MailingKind.CANCEL and mailing.invitee_id:
                await session.execute(delete(InviteeRow).where(InviteeRow.id == mailing.invitee_id, InviteeRow.removed))

    async def by_link(self, token_hash: str) -> tuple[Event, Invitee] | None:
        """None also for who was taken off the list."""
        async with self._database.read() as session:
            row = await session.scalar(
                select(InviteeRow)
                .join(ReplyLinkRow, ReplyLinkRow.invitee_id == InviteeRow.id)
                .where(ReplyLinkRow.token_hash == token_hash, ~InviteeRow.removed)
            )
            if row is None:
                return None
            (event,) = await events_in(session, ScheduledEventRow.id == row.event_id)
            query = invitee_rows.where(InviteeRow.id == row.id).order_by(EventAnswerRow.key)
            (invitee,) = invitees_of((await session.execute(query)).all())
        return event, invitee
