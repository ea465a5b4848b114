"""Whom a scheduled meeting invites, within the transactions of the event's repository."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from msgspec import Struct
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from collab.accounts.models import AccountRow, MembershipRow
from collab.clock import new_id
from collab.problems import Refusal
from rooms.core.codes import Code

from .models import INVITEES_MAX, EventAnswerRow, InvitationAnswer, InviteeRow, MailingKind, MailingRow
from .values import Answer, Invitee, InviteeWish

invitee_rows = (
    select(InviteeRow, AccountRow.locale, EventAnswerRow)
    .outerjoin(AccountRow, AccountRow.id == InviteeRow.account_id)
    .outerjoin(EventAnswerRow, EventAnswerRow.invitee_id == InviteeRow.id)
)


async def invitees_in(session: AsyncSession, event_id: str) -> list[Invitee]:
    query = invitee_rows.where(InviteeRow.event_id == event_id, ~InviteeRow.removed).order_by(
        InviteeRow.organization_id.is_(None), InviteeRow.name, InviteeRow.id, EventAnswerRow.key
    )
    return invitees_of((await session.execute(query)).all())


async def own_in(session: AsyncSession, event_ids: list[str], account_id: str) -> dict[str, Invitee]:
    query = invitee_rows.where(
        InviteeRow.event_id.in_(event_ids), InviteeRow.account_id == account_id, ~InviteeRow.removed
    ).order_by(InviteeRow.id, EventAnswerRow.key)
    rows = list((await session.execute(query)).all())
    event_of = {row.id: row.event_id for row, *_ in rows}
    return {event_of[one.id]: one for one in invitees_of(rows)}


def invitees_of(rows: Iterable[tuple[InviteeRow, str | None, EventAnswerRow | None]]) -> list[Invitee]:
    """Rows of one invitee stand together."""
    found = []
    for _id, group in groupby(rows, key=lambda row: row[0].id):
        same = list(group)
        row, locale, _ = same[0]
        answers = tuple(
            Answer(one.key, InvitationAnswer(one.answer), one.note, one.answered_at_ms)
            for *_rest, one in same
            if one is not None
        )
        found.append(
            Invitee(
                id=row.id,
                account_id=row.account_id,
                organization_id=row.organization_id,
                email=row.email,
                name=row.name,
                named=row.named,
                locale=locale or "",
                answers=answers,
            )
        )
    return found


async def set_invitees(
    session: AsyncSession, event_id: str, wishes: Sequence[InviteeWish], organizer_id: str | None, at_ms: int
) -> list[str]:
    """The ids of who came new.  Those who stay keep their answers, those who go stay until their cancellation went."""
    wanted = await _expanded(session, wishes, organizer_id)
    rows = list(await session.scalars(select(InviteeRow).where(InviteeRow.event_id == event_id)))
    for row in rows:
        wish = wanted.pop(_identity(row.account_id, row.organization_id, row.email), None)
        if wish is None:
            if not row.removed:
                row.removed = True
                add_mailing(session, event_id, MailingKind.CANCEL, "", 0, at_ms, invitee_id=row.id)
            continue
        row.removed, row.named = False, wish.named
    if len(rows) + len(wanted) > 2 * INVITEES_MAX or len(wanted) > INVITEES_MAX:
        raise Refusal(Code.TOO_MANY, "invitees")
    added = [
        InviteeRow(
            id=new_id(at_ms),
            event_id=event_id,
            account_id=one.account_id,
            organization_id=one.organization_id,
            email=one.email,
            name=one.name,
            named=one.named,
            removed=False,
        )
        for one in wanted.values()
    ]
    session.add_all(added)
    await session.flush()
    return [one.id for one in added]


class _Wanted(Struct, frozen=True):
    account_id: str | None
    organization_id: str | None
    email: str
    name: str
    named: bool


def _identity(account_id: str | None, organization_id: str | None, email: str) -> str:
    return account_id or organization_id or email


async def _expanded(
    session: AsyncSession, wishes: Sequence[InviteeWish], organizer_id: str | None
) -> dict[str, _Wanted]:
    """Every person once, whichever way they were named; an address that an account has is that account."""
    accounts = {one.account_id for one in wishes if one.account_id}
    organizations = {one.organization_id: one.name for one in wishes if one.organization_id}
    emails = {one.email: one.name for one in wishes if one.email}
    found: dict[str, _Wanted] = {one: _Wanted(None, one, "", name, named=True) for one, name in organizations.items()}
    rows = await session.execute(
        select(AccountRow.id, AccountRow.email, AccountRow.name)
        .where(
            AccountRow.disabled_at_ms == 0,
            or_(
                AccountRow.id.in_(accounts),
                AccountRow.email.in_(emails),
                AccountRow.id.in_(
                    select(MembershipRow.account_id).where(MembershipRow.organization_id.in_(organizations))
                ),
            ),
        )
        .limit(2 * INVITEES_MAX)
    )
    for account_id, email, name in rows:
        written = emails.pop(email, None)
        named = account_id in accounts or written is not None
        if account_id != organizer_id:
            found[account_id] = _Wanted(account_id, None, email, written or name, named=named)
    found.update({email: _Wanted(None, None, email, name, named=True) for email, name in emails.items()})
    return found


def add_mailing(
    session: AsyncSession,
    event_id: str,
    kind: MailingKind,
    key: str,
    sequence: int,
    at_ms: int,
    *,
    invitee_id: str = "",
) -> None:
    session.add(
        MailingRow(
            id=new_id(at_ms),
            event_id=event_id,
            kind=kind,
            key=key,
            invitee_id=invitee_id,
            after="",
            sequence=sequence,
            at_ms=at_ms,
        )
    )
