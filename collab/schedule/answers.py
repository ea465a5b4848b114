"""Answers to invitations, and the organizer's notice of them, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from collab.accounts.models import AccountRow
from collab.db.engine import Database
from collab.notices import outbox
from collab.notices.kinds import NoticeKind
from collab.notices.models import Notice, Subject
from collab.notices.words import Language, language_of

from .event_repository import events_in
from .mailer import shown_of, when_text
from .models import EventAnswerRow, InvitationAnswer, InviteeRow, ScheduledEventRow

_WORDS: Final[Mapping[Language, Mapping[InvitationAnswer, str]]] = {
    Language.ZH: {
        InvitationAnswer.ACCEPTED: "接受",
        InvitationAnswer.TENTATIVE: "暂定",
        InvitationAnswer.DECLINED: "谢绝",
    },
    Language.EN: {
        InvitationAnswer.ACCEPTED: "accepted",
        InvitationAnswer.TENTATIVE: "may come",
        InvitationAnswer.DECLINED: "declined",
    },
}


class AnswerRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def give(self, invitee_id: str, key: str, answer: InvitationAnswer, note: str, at_ms: int) -> bool:
        """`key`: of the occurrence, "" = the whole series.  Whether the organizer was told: not of what they know."""
        async with self._database.write() as session:
            former = await session.get(EventAnswerRow, (invitee_id, key))
            is_known = former is not None and (former.answer, former.note) == (answer, note)
            await session.merge(
                EventAnswerRow(invitee_id=invitee_id, key=key, answer=answer, note=note, answered_at_ms=at_ms)
            )
            return not is_known and await _tell(session, invitee_id, key, answer, note, at_ms)


async def _tell(
    session: AsyncSession, invitee_id: str, key: str, answer: InvitationAnswer, note: str, at_ms: int
) -> bool:
    invitee = await session.get_one(InviteeRow, invitee_id)
    (event,) = await events_in(session, ScheduledEventRow.id == invitee.event_id)
    if event.organizer is None:
        return False
    locale = await session.scalar(select(AccountRow.locale).where(AccountRow.id == event.organizer.id))
    notice = Notice(
        kind=NoticeKind.MEETING_ANSWERED,
        account_ids=(event.organizer.id,),
        key=f"schedule:{event.id}:{invitee_id}:{key}:{at_ms}",
        about=Subject("event", event.id),
        path=f"/calendar/{event.id}",
        params={
            "title": event.title,
            "from": invitee.name or invitee.email,
            "answer": _WORDS[language_of(locale or "")].get(answer, ""),
            "note": f" “{note}”" if note else "",
            "when": when_text(event, shown_of(event, key, at_ms)),
        },
    )
    return bool(await outbox.put(session, notice, at_ms))
