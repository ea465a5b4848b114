"""The answer of a symposium's issue is published in the transaction that decides its request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from collab.notices import outbox
from collab.notices.kinds import NoticeKind
from collab.notices.models import Notice, Subject
from collab.requests.following import Filed, Opened
from collab.requests.models import RequestEventRow, RequestRow
from collab.requests.states import DECISIONS, State

from .models import IssueRow, IssueVoteRow
from .states import IssueState

ISSUE_TYPE: Final = "symposium_issue"


class Answering:
    """Follows requests (requests/following.py)."""

    async def moved(self, session: AsyncSession, filed: Filed) -> None:
        if filed.version.key == ISSUE_TYPE and filed.state is State.DECIDED:
            await publish(session, filed.request.id, filed.at_ms)

    async def opened(self, reader_id: str, opened: Sequence[Opened]) -> None:
        """Issues are not confidential."""


async def publish(session: AsyncSession, request_id: str, at_ms: int) -> None:
    """To whoever raised the issue of this request and all who gave it their voice; anew when it is decided anew.
    Nothing for a request that is no issue's, or is not decided."""
    states = (IssueState.REQUESTED, IssueState.ANSWERED)
    found = (
        await session.execute(
            select(IssueRow, RequestRow.revision)
            .join(RequestRow, RequestRow.id == IssueRow.request_id)
            .where(
                IssueRow.request_id == request_id,
                IssueRow.state.in_(states),
                RequestRow.state.in_((State.DECIDED, State.DONE)),
            )
        )
    ).one_or_none()
    if found is None:
        return
    issue, revision = found
    said = await session.scalar(
        select(RequestEventRow.note)
        .where(RequestEventRow.request_id == request_id, RequestEventRow.action.in_([*DECISIONS]))
        .order_by(RequestEventRow.number.desc())
        .limit(1)
    )
    issue.state, issue.answer, issue.answered_at_ms = IssueState.ANSWERED, said or "", at_ms
    voices = await session.scalars(select(IssueVoteRow.account_id).where(IssueVoteRow.issue_id == issue.id))
    told = sorted({*voices, *([issue.account_id] if issue.account_id else [])})
    notice = Notice(
        kind=NoticeKind.SYMPOSIUM_ANSWERED,
        account_ids=tuple(told),
        key=f"symposium_issue:{issue.id}:{revision}",
        about=Subject("symposium", issue.symposium_id),
        path=f"/symposiums/{issue.symposium_id}?issue={issue.id}",
        params={"title": issue.title, "answer": said or ""},
    )
    await outbox.put(session, notice, at_ms)
