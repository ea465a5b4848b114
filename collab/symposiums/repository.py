"""Symposiums in SQL.  Every method is one transaction; a reach leaves out what its holder does not see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Select, and_, case, delete, exists, false, func, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from collab.clock import new_id
from collab.db.dialect import insert_once
from collab.db.engine import Database
from collab.directory.people import leads_of
from collab.meetings.models import MeetingRow
from collab.notices import outbox
from collab.notices.kinds import NoticeKind
from collab.notices.models import Notice, Subject
from collab.organizations.models import OrganizationKind, OrganizationRow
from collab.requests.models import RequestRow
from collab.requests.parties import Reach
from collab.requests.states import State

from .answering import publish
from .models import IssueRow, IssueVoteRow, SymposiumRow
from .states import OPEN, IssueState, SymposiumState
from .values import Area, Issue, Named, Outcome, Planned, Publish, Raised, RequestOfIssue, Scope, Symposium

ISSUES_MAX: Final = 200  # of a symposium
EVERYTHING: Final = Reach("", (), (), desk=True, administers_park=False)  # the clock: sees all, has no voice


class SymposiumRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def listed(self, reach: Reach, before: str, limit: int) -> list[Symposium]:
        """Newest first.  One query."""
        query = _symposiums(reach)
        if before:
            query = query.where(SymposiumRow.id < before)
        async with self._database.read() as session:
            rows = (await session.execute(query.order_by(SymposiumRow.id.desc()).limit(limit))).all()
        return [_symposium(*row) for row in rows]

    async def ahead(self, reach: Reach, limit: int) -> list[Symposium]:
        """Those that are live or still to come, the next first.  One query."""
        states = (SymposiumState.LIVE, SymposiumState.COLLECTING)
        query = _symposiums(reach).where(SymposiumRow.state.in_(states))
        async with self._database.read() as session:
            rows = await session.execute(query.order_by(SymposiumRow.starts_at_ms, SymposiumRow.id).limit(limit))
            return [_symposium(*row) for row in rows]

    async def get(self, reach: Reach, symposium_id: str) -> Symposium | None:
        async with self._database.read() as session:
            row = (await session.execute(_symposiums(reach).where(SymposiumRow.id == symposium_id))).one_or_none()
        return _symposium(*row) if row else None

    async def of_meeting(self, meeting_id: str) -> str:
        """The symposium that is live in this room, "" when there is none."""
        query = select(SymposiumRow.id).where(
            SymposiumRow.meeting_id == meeting_id, SymposiumRow.state == SymposiumState.LIVE
        )
        async with self._database.read() as session:
            return await session.scalar(query) or ""

    async def add(self, planned: Planned, account_id: str, at_ms: int) -> str:
        """Whoever leads a company is told, in the same transaction."""
        row = SymposiumRow(
            id=new_id(at_ms),
            state=SymposiumState.COLLECTING,
            **msgspec.structs.asdict(planned),
            meeting_id=None,
            current_issue_id="",
            speaker="",
            revision=1,
            created_by=account_id,
            created_at_ms=at_ms,
            changed_at_ms=at_ms,
        )
        companies = select(OrganizationRow.id).where(OrganizationRow.kind != OrganizationKind.PARK)
        async with self._database.write() as session:
            session.add(row)
            told = await leads_of(session, list(await session.scalars(companies)))
            await outbox.put(session, _notice(NoticeKind.SYMPOSIUM_CALLED, row.id, planned.title, tuple(told)), at_ms)
        return row.id

    async def change(self, symposium: Symposium, at_ms: int, **values: object) -> bool:
        """False when somebody else changed it meanwhile."""
        async with self._database.write() as session:
            return await _change(session, symposium, at_ms, values)

    async def begin(self, symposium: Symposium, meeting_id: str, at_ms: int) -> bool:
        """Those who stand behind its issues are told.  False as above."""
        async with self._database.write() as session:
            values: dict[str, object] = {"state": SymposiumState.LIVE, "meeting_id": meeting_id}
            if not await _change(session, symposium, at_ms, values):
                return False
            voices = (
                select(IssueVoteRow.account_id)
                .join(IssueRow, IssueRow.id == IssueVoteRow.issue_id)
                .where(IssueRow.symposium_id == symposium.id, IssueRow.state.in_(OPEN))
                .distinct()
                .order_by(IssueVoteRow.account_id)
            )
            told = tuple(await session.scalars(voices))
            await outbox.put(
                session, _notice(NoticeKind.SYMPOSIUM_BEGUN, symposium.id, symposium.title, told, urgent=True), at_ms
            )
        return True

    # ------------------------------------------------------------ issues

    async def issues(self, reach: Reach, symposium_id: str) -> list[Issue]:
        """In the order of the agenda, then by voices.  One query."""
        query = _issues(reach).where(IssueRow.symposium_id == symposium_id)
        async with self._database.read() as session:
            rows = (await session.execute(query)).all()
        found = [_issue(*row) for row in rows]
        return sorted(found, key=lambda one: (one.position == 0, one.position, -one.votes, one.id))

    async def issue(self, reach: Reach, symposium_id: str, issue_id: str) -> Issue | None:
        query = _issues(reach).where(IssueRow.id == issue_id, IssueRow.symposium_id == symposium_id)
        async with self._database.read() as session:
            row = (await session.execute(query)).one_or_none()
        return _issue(*row) if row else None

    async def raise_issue(
        self, symposium_id: str, raised: Raised, organization_id: str, by: tuple[str, str], at_ms: int
    ) -> str | None:
        """`by`: (account, name), whose voice it has.  "" when issues are no longer collected, None at ISSUES_MAX."""
        async with self._database.write() as session:
            # the lock makes the state and the count true
            query = select(SymposiumRow.state).where(SymposiumRow.id == symposium_id).with_for_update()
            if await session.scalar(query) != SymposiumState.COLLECTING:
                return ""
            held = select(func.count()).select_from(IssueRow).where(IssueRow.symposium_id == symposium_id)
            if (await session.scalar(held) or 0) >= ISSUES_MAX:
                return None
            row = IssueRow(
                id=new_id(at_ms),
                symposium_id=symposium_id,
                state=IssueState.RAISED,
                position=0,
                **msgspec.to_builtins(raised),
                organization_id=organization_id,
                account_id=by[0],
                name=by[1],
                decision="",
                owner_id=None,
                owner_name="",
                due_on=None,
                request_id=None,
                answer="",
                answered_at_ms=0,
                created_at_ms=at_ms,
            )
            session.add(row)
            await session.flush()
            session.add(IssueVoteRow(issue_id=row.id, account_id=by[0], at_ms=at_ms))
            return row.id

    async def set_withdrawn(self, issue: Issue, *, withdrawn: bool) -> None:
        """Off the agenda too; nothing once it is not collected any more."""
        states = (IssueState.RAISED, IssueState.AGENDA) if withdrawn else (IssueState.WITHDRAWN,)
        mine = and_(IssueRow.id == issue.id, IssueRow.state.in_(states), _in_state(SymposiumState.COLLECTING))
        after = IssueState.WITHDRAWN if withdrawn else IssueState.RAISED
        async with self._database.write() as session:
            await session.execute(update(IssueRow).where(mine).values(state=after, position=0))

    async def vote(self, issue: Issue, account_id: str, up: bool, at_ms: int) -> bool:
        """Once, however often it is sent.  False when the issue takes no votes any more."""
        votable = select(IssueRow.id).where(
            IssueRow.id == issue.id,
            IssueRow.state.in_(OPEN),
            or_(_in_state(SymposiumState.COLLECTING), _in_state(SymposiumState.LIVE)),
        )
        async with self._database.write() as session:
            if await session.scalar(votable.with_for_update()) is None:
                return False
            if up:
                await insert_once(session, IssueVoteRow, issue_id=issue.id, account_id=account_id, at_ms=at_ms)
            else:
                mine = and_(IssueVoteRow.issue_id == issue.id, IssueVoteRow.account_id == account_id)
                await session.execute(delete(IssueVoteRow).where(mine))
        return True

    async def set_agenda(self, symposium: Symposium, issue_ids: Sequence[str], at_ms: int) -> bool:
        """In this order; the others come off.  False as above.  Three statements, however many issues."""
        places = case({issue_id: place for place, issue_id in enumerate(issue_ids, 1)}, value=IssueRow.id, else_=0)
        state = case((IssueRow.state == IssueState.DISCUSSED, IssueRow.state), else_=IssueState.AGENDA)
        ours = and_(IssueRow.symposium_id == symposium.id, IssueRow.state.in_(OPEN))
        async with self._database.write() as session:
            if not await _change(session, symposium, at_ms, {}):
                return False
            off = and_(ours, IssueRow.state == IssueState.AGENDA)
            await session.execute(update(IssueRow).where(off).values(state=IssueState.RAISED, position=0))
            if issue_ids:
                on = and_(ours, IssueRow.id.in_(issue_ids))
                await session.execute(update(IssueRow).where(on).values(position=places, state=state))
        return True

    async def decide(self, issue: Issue, outcome: Outcome) -> bool:
        """Also anew, while it is live."""
        mine = and_(
            IssueRow.id == issue.id,
            IssueRow.state.in_((IssueState.AGENDA, IssueState.DISCUSSED)),
            _in_state(SymposiumState.LIVE),
        )
        values = {
            "state": IssueState.DISCUSSED,
            "decision": outcome.decision,
            "owner_id": outcome.owner_id or None,
            "owner_name": outcome.owner_name,
            "due_on": outcome.due_on,
        }
        async with self._database.write() as session:
            done = await session.scalars(update(IssueRow).where(mine).values(values).returning(IssueRow.id))
            return bool(done.all())

    # ------------------------------------------------------------ afterwards

    async def without_request(self, after: str, limit: int) -> list[Issue]:
        """Issues of closed symposiums that are not requests yet, by id."""
        query = (
            _issues(EVERYTHING)
            .where(IssueRow.state.in_(OPEN), _in_state(SymposiumState.CLOSED), IssueRow.id > after)
            .order_by(IssueRow.id)
            .limit(limit)
        )
        async with self._database.read() as session:
            return [_issue(*row) for row in (await session.execute(query)).all()]

    async def leaders(self, organization_id: str) -> list[str]:
        """Accounts that lead a company."""
        async with self._database.read() as session:
            return sorted(await leads_of(session, [organization_id]))

    async def requested(self, issue: Issue, request_id: str, at_ms: int) -> None:
        """Its owner is told.  A request that was decided meanwhile is published at once."""
        mine = and_(IssueRow.id == issue.id, IssueRow.state.in_(OPEN))
        values = {"state": IssueState.REQUESTED, "request_id": request_id}
        async with self._database.write() as session:
            done = await session.scalars(update(IssueRow).where(mine).values(values).returning(IssueRow.id))
            if not done.all():
                return
            if issue.owner is not None and issue.owner.id:
                notice = Notice(
                    kind=NoticeKind.SYMPOSIUM_ASSIGNED,
                    account_ids=(issue.owner.id,),
                    key=f"symposium_issue:{issue.id}:owner",
                    about=Subject("request", request_id),
                    path=f"/requests/{request_id}",
                    params={"title": issue.raised.title, "decision": issue.decision},
                )
                await outbox.put(session, notice, at_ms)
            await publish(session, request_id, at_ms)

    async def unfiled(self, issue_id: str) -> None:
        mine = and_(IssueRow.id == issue_id, IssueRow.state.in_(OPEN))
        async with self._database.write() as session:
            await session.execute(update(IssueRow).where(mine).values(state=IssueState.UNFILED))


def _notice(kind: NoticeKind, symposium_id: str, title: str, told: tuple[str, ...], *, urgent: bool = False) -> Notice:
    return Notice(
        kind=kind,
        account_ids=told,
        key=f"{kind}:{symposium_id}",
        about=Subject("symposium", symposium_id),
        path=f"/symposiums/{symposium_id}",
        params={"title": title},
        urgent=urgent,
    )


async def _change(session: AsyncSession, symposium: Symposium, at_ms: int, values: dict[str, object]) -> bool:
    mine: ColumnElement[bool] = and_(SymposiumRow.id == symposium.id, SymposiumRow.revision == symposium.revision)
    changed = await session.scalars(
        update(SymposiumRow)
        .where(mine)
        .values({**values, "revision": symposium.revision + 1, "changed_at_ms": at_ms})
        .returning(SymposiumRow.id)
    )
    return bool(changed.all())


def _in_state(state: SymposiumState) -> ColumnElement[bool]:
    """The symposium of an issue."""
    return exists().where(SymposiumRow.id == IssueRow.symposium_id, SymposiumRow.state == state)


def visible(reach: Reach) -> ColumnElement[bool]:
    """What is not to be published is its company's and the park's desk's; what was withdrawn, its author's and of
    those who lead their company."""
    open_to_all = true() if reach.desk else IssueRow.publish != Publish.NO
    ours = IssueRow.organization_id.in_(reach.organization_ids) if reach.organization_ids else false()
    led = IssueRow.organization_id.in_(reach.led_ids) if reach.led_ids else false()
    mine = IssueRow.account_id == reach.account_id
    return or_(mine, and_(IssueRow.state != IssueState.WITHDRAWN, or_(open_to_all, ours)), led)


def _symposiums(reach: Reach) -> Select[*tuple[Any, ...]]:
    seen = and_(IssueRow.symposium_id == SymposiumRow.id, IssueRow.state != IssueState.WITHDRAWN, visible(reach))
    issues = select(func.count()).select_from(IssueRow).where(seen)
    answered = issues.where(IssueRow.state == IssueState.ANSWERED)
    return select(SymposiumRow, MeetingRow.code, issues.scalar_subquery(), answered.scalar_subquery()).outerjoin(
        MeetingRow, MeetingRow.id == SymposiumRow.meeting_id
    )


def _issues(reach: Reach) -> Select[*tuple[Any, ...]]:
    votes = select(func.count()).where(IssueVoteRow.issue_id == IssueRow.id).scalar_subquery()
    mine = and_(IssueVoteRow.issue_id == IssueRow.id, IssueVoteRow.account_id == reach.account_id)
    voted = select(IssueVoteRow.issue_id).where(mine).exists()
    return (
        select(IssueRow, OrganizationRow.name, votes, voted, RequestRow.state, RequestRow.due_at_ms)
        .join(OrganizationRow, OrganizationRow.id == IssueRow.organization_id)
        .outerjoin(RequestRow, RequestRow.id == IssueRow.request_id)
        .where(visible(reach))
    )


def _symposium(row: SymposiumRow, code: str | None, issues: int, answered: int) -> Symposium:
    return Symposium(
        id=row.id,
        state=SymposiumState(row.state),
        title=row.title,
        note=row.note,
        starts_at_ms=row.starts_at_ms,
        collects_until_ms=row.collects_until_ms,
        room=code or "",
        meeting_id=row.meeting_id or "",
        current_issue_id=row.current_issue_id,
        speaker=row.speaker,
        revision=row.revision,
        created_at_ms=row.created_at_ms,
        issues=issues,
        answered=answered,
    )


def _issue(
    row: IssueRow, organization: str, votes: int, voted: bool, request_state: str | None, due_at_ms: int | None
) -> Issue:
    return Issue(
        id=row.id,
        symposium_id=row.symposium_id,
        state=IssueState(row.state),
        position=row.position,
        raised=Raised(
            title=row.title,
            area=Area(row.area),
            problem=row.problem,
            wish=row.wish,
            scope=Scope(row.scope),
            publish=Publish(row.publish),
        ),
        organization=Named(row.organization_id, organization),
        account_id=row.account_id,
        name=row.name,
        decision=row.decision,
        owner=Named(row.owner_id or "", row.owner_name) if row.owner_name else None,
        due_on=row.due_on,
        request=RequestOfIssue(row.request_id, State(request_state), due_at_ms or 0)
        if row.request_id and request_state
        else None,
        answer=row.answer,
        answered_at_ms=row.answered_at_ms,
        created_at_ms=row.created_at_ms,
        votes=votes,
        voted=bool(voted),
    )
