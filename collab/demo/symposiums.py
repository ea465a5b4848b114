"""Two symposiums of an invented park: one that is over, with its requests and answers, and one that collects issues."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from random import Random
from typing import Final

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from collab.directory.dates import day_of
from collab.requests.models import RequestContentRow, RequestEventRow, RequestRow
from collab.requests.states import DECISIONS, State
from collab.symposiums.answering import ISSUE_TYPE
from collab.symposiums.models import IssueRow, IssueVoteRow, SymposiumRow
from collab.symposiums.states import IssueState, SymposiumState
from collab.symposiums.values import Area, Publish, Scope

from .ids import new_id
from .lives import DAY_MS
from .people import Cast, Someone

HOUR_MS: Final = 3_600_000
VOICES_MAX: Final = 6
_ISSUES: Final = (
    (
        "晚高峰东门拥堵",
        Area.FACILITIES,
        "18:00 前后货车与通勤车混行，出园要半小时。",
        "货车改走北门，错峰放行。",
        Scope.PARK,
        Publish.YES,
    ),
    (
        "Few English-speaking technicians for visiting teams",
        Area.STAFF,
        "Installers from abroad wait for somebody who can interpret on site.",
        "A list of people of the park who can help for some hours.",
        Scope.SEVERAL,
        Publish.YES,
    ),
    (
        "订单融资放款慢",
        Area.FINANCE,
        "从提交合同到放款超过 20 个工作日，错过备料窗口。",
        "请银行和园区共同开一条绿色通道。",
        Scope.OWN,
        Publish.ANONYMOUS,
    ),
    (
        "夜间施工震动影响精密测量",
        Area.PRODUCTION,
        "相邻地块夜间打桩，干涉仪读数漂移。",
        "提前一周告知施工时段，避开 22:00 后。",
        Scope.OWN,
        Publish.NO,
    ),
)
_DECISIONS: Final = {
    State.TAKEN: "服务台牵头，两周内给出方案。 The service desk brings a proposal within two weeks.",
    State.DONE: "园区与物业共同办理。 The park and the building's management see to it together.",
}


async def write_symposiums(
    session: AsyncSession, cast: Cast, shown: Mapping[tuple[str, State], str], now_ms: int, chance: Random
) -> None:
    """After the requests that are shown, some of which came out of the first.  Into the caller's transaction."""
    leads = [cast.of(place)[0] for place in cast.companies]
    officer = cast.officers[0]
    held = _symposium("第三季度企业恳谈会 · Autumn symposium", SymposiumState.CLOSED, officer, now_ms - DAY_MS, chance)
    next_one = _symposium(
        "年终企业恳谈会 · Year-end symposium", SymposiumState.COLLECTING, officer, now_ms + 9 * DAY_MS, chance
    )
    session.add_all((held, next_one))
    await session.flush()
    for position, state in enumerate((State.DONE, State.TAKEN), 1):
        if (request_id := shown.get((ISSUE_TYPE, state))) is not None:
            row = await _talked_about(session, held, request_id, position, officer, now_ms, chance)
            await _voiced(session, row, leads, chance)
    for number, (title, area, problem, wish, scope, publish) in enumerate(_ISSUES):
        author = leads[number % len(leads)]
        row = _issue(next_one, author.organization_id, author.id, author.name, now_ms - number * HOUR_MS, chance)
        row.title, row.problem, row.wish = title, problem, wish
        row.area, row.scope, row.publish = area, scope, publish
        if number < 2:
            row.state, row.position = IssueState.AGENDA, number + 1
        session.add(row)
        await session.flush()
        await _voiced(session, row, [author] if publish is Publish.NO else leads, chance)


def _symposium(title: str, state: SymposiumState, officer: Someone, starts_at_ms: int, chance: Random) -> SymposiumRow:
    at_ms = starts_at_ms - 14 * DAY_MS
    return SymposiumRow(
        id=new_id(at_ms, chance),
        state=state,
        title=title,
        note=(
            "请提出希望园区协调解决的问题，也可以附议其他企业的议题。\n"
            "Say what the park could put right, and back what others bring."
        ),
        starts_at_ms=starts_at_ms,
        collects_until_ms=starts_at_ms - DAY_MS,
        meeting_id=None,
        current_issue_id="",
        speaker="",
        revision=1,
        created_by=officer.id,
        created_at_ms=at_ms,
        changed_at_ms=at_ms,
    )


def _issue(
    symposium: SymposiumRow, organization_id: str, account_id: str | None, name: str, at_ms: int, chance: Random
) -> IssueRow:
    return IssueRow(
        id=new_id(at_ms, chance),
        symposium_id=symposium.id,
        state=IssueState.RAISED,
        position=0,
        organization_id=organization_id,
        account_id=account_id,
        name=name,
        decision="",
        owner_id=None,
        owner_name="",
        due_on=None,
        request_id=None,
        answer="",
        answered_at_ms=0,
        created_at_ms=at_ms,
    )


async def _talked_about(
    session: AsyncSession,
    symposium: SymposiumRow,
    request_id: str,
    position: int,
    officer: Someone,
    now_ms: int,
    chance: Random,
) -> IssueRow:
    """As the request that it became tells it."""
    request = await session.get_one(RequestRow, request_id)
    kept = await session.get_one(RequestContentRow, request_id)
    answers: dict[str, object] = msgspec.json.decode(kept.answers)
    row = _issue(
        symposium,
        request.organization_id,
        request.requester_id,
        request.requester_name,
        symposium.created_at_ms,
        chance,
    )
    row.title, row.problem, row.wish = request.title, str(answers["problem"]), str(answers["wish"])
    row.area, row.scope, row.publish = str(answers["area"]), str(answers["scope"]), Publish.YES
    row.state, row.position, row.request_id = IssueState.REQUESTED, position, request_id
    row.decision = _DECISIONS[State(request.state)]
    row.owner_id, row.owner_name = officer.id, officer.name
    row.due_on = day_of(now_ms) + timedelta(days=14)
    if request.decided_at_ms:
        said = await session.scalar(
            select(RequestEventRow.note)
            .where(RequestEventRow.request_id == request_id, RequestEventRow.action.in_([*DECISIONS]))
            .order_by(RequestEventRow.number.desc())
            .limit(1)
        )
        row.state, row.answer, row.answered_at_ms = IssueState.ANSWERED, said or "", request.decided_at_ms
    session.add(row)
    await session.flush()
    return row


async def _voiced(session: AsyncSession, issue: IssueRow, people: list[Someone], chance: Random) -> None:
    voices = {one.id for one in chance.sample(people, min(len(people), chance.randint(1, VOICES_MAX)))}
    if issue.account_id is not None:
        voices.add(issue.account_id)
    at_ms = issue.created_at_ms
    session.add_all(IssueVoteRow(issue_id=issue.id, account_id=one, at_ms=at_ms) for one in sorted(voices))
    await session.flush()
