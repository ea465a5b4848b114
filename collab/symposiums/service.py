"""Symposiums: issues are collected with votes, talked about one after the other, and settled afterwards by requests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec
import structlog
from msgspec import Struct
from msgspec.structs import replace

from collab.accounts.models import Member
from collab.accounts.repository import AccountRepository
from collab.directory.dates import day_of
from collab.limits import Limits, rate
from collab.meetings.live import LiveRooms
from collab.meetings.service import MeetingService
from collab.problems import FieldFault, Refusal, invalid
from collab.requests.parties import Reach, reach_of
from collab.requests.types import files_as
from rooms.core.assist_model import RecordKind
from rooms.core.codes import Code
from rooms.core.commands import NoteRecord
from rooms.core.model import NAME_MAX_CHARS
from rooms.core.text import clean_lines, clean_name

from .afterwards import Afterwards
from .models import DECISION_MAX_CHARS, NOTE_MAX_CHARS, PROBLEM_MAX_CHARS, TITLE_MAX_CHARS, WISH_MAX_CHARS
from .repository import SymposiumRepository
from .states import OPEN, WAYS, IssueState, SymposiumAction, SymposiumState
from .values import Issue, Named, Outcome, Planned, Publish, Raised, Symposium

SYMPOSIUMS_OF_ACCOUNT = rate("symposiums", burst=120, per_minute=60)
ISSUES_OF_ACCOUNT = rate("symposium_issues", burst=10, per_minute=2)
AGENDA_MAX: Final = 60

log = structlog.get_logger("symposiums")


class SeenSymposium(Struct, frozen=True):
    symposium: Symposium
    issues: tuple[Issue, ...]  # that the asking person may see, as far as they may
    reach: Reach
    raises_for: tuple[Named, ...]  # companies for which they may bring an issue now
    at_ms: int

    def may_withdraw(self, issue: Issue) -> bool:
        return self.symposium.state is SymposiumState.COLLECTING and answers_for(self.reach, issue)


class SymposiumService:
    def __init__(
        self,
        symposiums: SymposiumRepository,
        afterwards: Afterwards,
        meetings: MeetingService,
        live: LiveRooms,
        accounts: AccountRepository,
        limits: Limits,
        nudge: Callable[[], None],
        clock_ms: Callable[[], int],
        soon: Callable[[], None],
    ) -> None:
        """`soon` has the work done that a symposium leaves behind (afterwards.py)."""
        self._symposiums = symposiums
        self._afterwards = afterwards
        self._meetings = meetings
        self._live = live
        self._accounts = accounts
        self._limits = limits
        self._nudge = nudge
        self._clock_ms = clock_ms
        self._soon = soon

    # ------------------------------------------------------------ reading

    async def listed(self, by: Member, before: str, limit: int) -> tuple[list[Symposium], bool]:
        """Newest first, for everybody."""
        found = await self._symposiums.listed(reach_of(by), before, limit + 1)
        return found[:limit], len(found) > limit

    async def ahead(self, by: Member, limit: int) -> list[Symposium]:
        """Those that are live or still to come, the next first."""
        return await self._symposiums.ahead(reach_of(by), limit)

    async def seen(self, by: Member, symposium_id: str) -> SeenSymposium:
        """Raises NOT_FOUND."""
        reach, at_ms = reach_of(by), self._clock_ms()
        symposium = await self._known(reach, symposium_id)
        issues = await self._symposiums.issues(reach, symposium_id)
        raises_for = tuple(await self._companies(by)) if collects(symposium, at_ms) else ()
        return SeenSymposium(symposium, tuple(_shown(reach, one) for one in issues), reach, raises_for, at_ms)

    async def in_room(self, meeting_id: str) -> str:
        """The symposium that is live in a meeting, "" = none."""
        return await self._symposiums.of_meeting(meeting_id)

    async def _known(self, reach: Reach, symposium_id: str) -> Symposium:
        found = await self._symposiums.get(reach, symposium_id)
        if found is None:
            raise Refusal(Code.NOT_FOUND, "no such symposium")
        return found

    async def _companies(self, by: Member) -> list[Named]:
        """Those for which they may file what an issue becomes."""
        version = await self._afterwards.issue_type()
        if version is None:
            return []
        ours = [one.organization for one in by.memberships]
        return [Named(one.id, one.name) for one in ours if files_as(by, version.definition, one.id)]

    # ------------------------------------------------------------ the park's officers

    async def add(self, by: Member, planned: Planned) -> str:
        """Raises FORBIDDEN, INVALID."""
        await self._led(by)
        made = await self._symposiums.add(_checked(planned), by.account.id, self._clock_ms())
        self._nudge()
        log.info("symposium_added", symposium=made, by=by.account.id)
        return made

    async def plan(self, by: Member, symposium_id: str, planned: Planned, revision: int) -> None:
        """Its title, note and times, while issues are collected.  Raises as set_agenda."""
        symposium = await self._open(by, symposium_id, revision)
        if symposium.state is not SymposiumState.COLLECTING:
            raise Refusal(Code.WRONG_STATE, f"a symposium that is {symposium.state}")
        await self._change(symposium, **msgspec.structs.asdict(_checked(planned)))

    async def move(self, by: Member, symposium_id: str, action: SymposiumAction) -> None:
        """Beginning opens its room; closing makes a request of each issue, soon afterwards.

        Raises NOT_FOUND, FORBIDDEN, WRONG_STATE, CONFLICT."""
        symposium = await self._known(reach_of(by), symposium_id)
        await self._led(by)
        state = WAYS.get((symposium.state, action))
        if state is None:
            raise Refusal(Code.WRONG_STATE, f"{action} of a symposium that is {symposium.state}")
        if action is SymposiumAction.BEGIN:
            await self._begin(by, symposium)
        else:
            await self._change(symposium, state=state, current_issue_id="", speaker="")
        log.info("symposium_moved", symposium=symposium_id, action=action, by=by.account.id)
        if action is SymposiumAction.CLOSE:
            self._soon()

    async def _begin(self, by: Member, symposium: Symposium) -> None:
        """Into its room comes whoever has an account, without waiting."""
        meeting = await self._meetings.create(by, symposium.title, lobby_enabled=False, guests_allowed=False)
        if not await self._symposiums.begin(symposium, meeting.id, self._clock_ms()):
            await self._meetings.trash(by, meeting.id)
            raise Refusal(Code.CONFLICT, "changed meanwhile")
        self._nudge()

    async def set_agenda(self, by: Member, symposium_id: str, issue_ids: Sequence[str], revision: int) -> None:
        """What was talked about, and what is talked about now, stays on it.

        Raises NOT_FOUND, FORBIDDEN, WRONG_STATE, INVALID, CONFLICT."""
        symposium = await self._open(by, symposium_id, revision)
        issues = await self._symposiums.issues(reach_of(by), symposium_id)
        known = {one.id for one in issues if one.state in OPEN}
        kept = {one.id for one in issues if one.state is IssueState.DISCUSSED} | {symposium.current_issue_id} - {""}
        wanted = set(issue_ids)
        if len(wanted) != len(issue_ids) or not kept <= wanted <= known:
            raise invalid(issue_ids=FieldFault.INVALID)
        if not await self._symposiums.set_agenda(symposium, issue_ids, self._clock_ms()):
            raise Refusal(Code.CONFLICT, "changed meanwhile")
        await self._tell(symposium)

    async def show(self, by: Member, symposium_id: str, issue_id: str, speaker: str, revision: int) -> None:
        """The issue that is talked about ("" = none), and who has the word.

        Raises NOT_FOUND, FORBIDDEN, WRONG_STATE unless it is live, INVALID, CONFLICT."""
        symposium = await self._open(by, symposium_id, revision)
        if symposium.state is not SymposiumState.LIVE:
            raise Refusal(Code.WRONG_STATE, "not live")
        if issue_id:
            issue = await self._symposiums.issue(reach_of(by), symposium_id, issue_id)
            if issue is None or not issue.position:
                raise invalid(issue_id=FieldFault.INVALID)
        await self._change(symposium, current_issue_id=issue_id, speaker=clean_name(speaker, NAME_MAX_CHARS))

    async def decide(self, by: Member, symposium_id: str, issue_id: str, outcome: Outcome) -> None:
        """What was decided, who sees to it and by when.  Raises NOT_FOUND, FORBIDDEN, WRONG_STATE, INVALID."""
        reach = reach_of(by)
        symposium = await self._known(reach, symposium_id)
        await self._led(by)
        issue = await self._issue(reach, symposium_id, issue_id)
        decision = clean_lines(outcome.decision, DECISION_MAX_CHARS)
        if not decision:
            raise invalid(decision=FieldFault.REQUIRED)
        if outcome.due_on is not None and outcome.due_on < day_of(self._clock_ms()):
            raise invalid(due_on=FieldFault.INVALID)
        name = ""
        if outcome.owner_id:
            owner = await self._accounts.member(outcome.owner_id)
            if owner is None or not leads(owner):
                raise invalid(owner_id=FieldFault.INVALID)
            name = owner.account.name
        if not await self._symposiums.decide(issue, replace(outcome, decision=decision, owner_name=name)):
            raise Refusal(Code.WRONG_STATE, "not on the agenda of a live symposium")
        await self._tell(symposium)

    async def _change(self, symposium: Symposium, **values: object) -> None:
        if not await self._symposiums.change(symposium, self._clock_ms(), **values):
            raise Refusal(Code.CONFLICT, "changed meanwhile")
        await self._tell(symposium)

    async def _tell(self, symposium: Symposium) -> None:
        """Everybody in its room reads it again."""
        if symposium.meeting_id:
            note = NoteRecord(actor="", kind=RecordKind.SYMPOSIUM, record_id=symposium.id)
            await self._live.tell(symposium.meeting_id, note)

    async def _led(self, by: Member) -> None:
        if not leads(by):
            raise Refusal(Code.FORBIDDEN, "for the park's officers")
        await self._limits.take(SYMPOSIUMS_OF_ACCOUNT, by.account.id)

    async def _open(self, by: Member, symposium_id: str, revision: int) -> Symposium:
        symposium = await self._known(reach_of(by), symposium_id)
        await self._led(by)
        if symposium.state not in (SymposiumState.COLLECTING, SymposiumState.LIVE):
            raise Refusal(Code.WRONG_STATE, f"a symposium that is {symposium.state}")
        if symposium.revision != revision:
            raise Refusal(Code.CONFLICT, "changed meanwhile")
        return symposium

    # ------------------------------------------------------------ companies

    async def raise_issue(self, by: Member, symposium_id: str, raised: Raised, organization_id: str = "") -> str:
        """For a company of one's own.  Raises NOT_FOUND, WRONG_STATE once it is too late, INVALID, TOO_MANY."""
        symposium = await self._known(reach_of(by), symposium_id)
        await self._limits.take(ISSUES_OF_ACCOUNT, by.account.id)
        at_ms = self._clock_ms()
        if not collects(symposium, at_ms):
            raise Refusal(Code.WRONG_STATE, "no more issues")
        own = [one.id for one in await self._companies(by) if organization_id in ("", one.id)]
        if not own:
            raise invalid(organization_id=FieldFault.INVALID)
        cleaned = replace(
            raised,
            title=clean_name(raised.title, TITLE_MAX_CHARS),
            problem=clean_lines(raised.problem, PROBLEM_MAX_CHARS),
            wish=clean_lines(raised.wish, WISH_MAX_CHARS),
        )
        empty = {name: FieldFault.REQUIRED for name in ("title", "problem", "wish") if not getattr(cleaned, name)}
        if empty:
            raise invalid(**empty)
        author = (by.account.id, by.account.name)
        made = await self._symposiums.raise_issue(symposium_id, cleaned, own[0], author, at_ms)
        if made is None:
            raise Refusal(Code.TOO_MANY, "issues")
        if not made:
            raise Refusal(Code.WRONG_STATE, "no more issues")
        return made

    async def withdraw(self, by: Member, symposium_id: str, issue_id: str, *, withdrawn: bool) -> None:
        """By whoever raised it or leads their company, while issues are collected; or bring it back.

        Raises NOT_FOUND, FORBIDDEN, WRONG_STATE."""
        reach = reach_of(by)
        symposium = await self._known(reach, symposium_id)
        await self._limits.take(SYMPOSIUMS_OF_ACCOUNT, by.account.id)
        issue = await self._issue(reach, symposium_id, issue_id)
        if not answers_for(reach, issue):
            raise Refusal(Code.FORBIDDEN, "of another company")
        if symposium.state is not SymposiumState.COLLECTING:
            raise Refusal(Code.WRONG_STATE, "not collected any more")
        await self._symposiums.set_withdrawn(issue, withdrawn=withdrawn)

    async def vote(self, by: Member, symposium_id: str, issue_id: str, *, up: bool) -> None:
        """Until the symposium is closed.  Raises NOT_FOUND, WRONG_STATE."""
        reach = reach_of(by)
        await self._known(reach, symposium_id)
        await self._limits.take(SYMPOSIUMS_OF_ACCOUNT, by.account.id)
        issue = await self._issue(reach, symposium_id, issue_id)
        if not await self._symposiums.vote(issue, by.account.id, up, self._clock_ms()):
            raise Refusal(Code.WRONG_STATE, "no more votes")

    async def _issue(self, reach: Reach, symposium_id: str, issue_id: str) -> Issue:
        issue = await self._symposiums.issue(reach, symposium_id, issue_id)
        if issue is None:
            raise Refusal(Code.NOT_FOUND, "no such issue")
        return issue


def leads(by: Member) -> bool:
    """The park's officers and administrators."""
    return reach_of(by).desk


def collects(symposium: Symposium, at_ms: int) -> bool:
    return symposium.state is SymposiumState.COLLECTING and at_ms < symposium.collects_until_ms


def answers_for(reach: Reach, issue: Issue) -> bool:
    """Whoever raised it, and who leads their company."""
    return reach.account_id == issue.account_id or issue.organization.id in reach.led_ids


def _checked(planned: Planned) -> Planned:
    title = clean_name(planned.title, TITLE_MAX_CHARS)
    if not title:
        raise invalid(title=FieldFault.REQUIRED)
    if planned.collects_until_ms > planned.starts_at_ms:
        raise invalid(collects_until_ms=FieldFault.INVALID)
    return replace(planned, title=title, note=clean_lines(planned.note, NOTE_MAX_CHARS))


def _shown(reach: Reach, issue: Issue) -> Issue:
    """To other companies without a person's name and, where it asked for that, without the company; the request can be
    opened by those who see it, its state and clock by everybody."""
    if reach.desk or issue.organization.id in reach.organization_ids or reach.account_id == issue.account_id:
        return issue
    hidden = replace(
        issue, account_id=None, name="", request=replace(issue.request, id="") if issue.request is not None else None
    )
    if issue.raised.publish is Publish.ANONYMOUS:
        return replace(hidden, organization=Named("", ""))
    return hidden
