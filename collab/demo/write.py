"""Writes an invented park into a database: people, requests of every type and state, a week of meetings, installations.

The same seed and moment give the same park.  Nothing is told to anybody by mail.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import date
from random import Random
from typing import Final

import msgspec
from msgspec import Struct
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from collab.db.engine import Database
from collab.requests.alarm import name_of
from collab.requests.clockwork import alarm_ms, escalations_of
from collab.requests.definition import Definition, EscalatedTo, Finish, Group, may_file
from collab.requests.models import RequestContentRow, RequestEventRow, RequestRow
from collab.requests.states import OPEN, RUNNING, Action, Situation, State
from collab.requests.type_repository import TypeRepository
from collab.requests.values import EventDetails, TypeVersion
from collab.requests.working_time import EPOCH, Calendar, WorkingHours, calendar_of

from .announcements import write_announcements
from .directory import write_directory
from .filling import answers_to
from .health import write_health
from .ids import letters, new_id
from .installations import write_installations
from .lives import DAY_MS, life_of
from .livestreams import write_livestreams
from .meetings import write_meetings
from .names import SUBJECTS
from .people import Cast, Row, Someone, invent_people, write_people
from .policies import write_policies
from .symposiums import write_symposiums
from .told import write_told

CHUNK: Final = 1_000
HOUR_MS: Final = 3_600_000
_NUMBER_LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


class Size(Struct, frozen=True):
    """Companies without the banks, the fund and the three installers, which every park has."""

    companies: int = 200
    people: int = 3_000
    requests: int = 200_000
    days: int = 730  # of the past that the requests are spread over


SMALL: Final = Size(companies=14, people=120, requests=400, days=45)
LARGE: Final = Size()


async def write_park(
    database: Database,
    size: Size,
    now_ms: int,
    seed: int = 20_261_123,
    tell: Callable[[int], None] | None = None,
    hashes: Callable[[Cast], Mapping[str, str]] | None = None,
) -> Cast:
    """Into a database whose types of requests were shipped.  `tell` hears how many requests are there; `hashes` gives
    the password hashes of those who can sign in, by account."""
    chance = Random(seed)  # noqa: S311 -- an invented park
    begin_ms = now_ms - size.days * DAY_MS
    cast = invent_people(size.companies, size.people, begin_ms, chance)
    types = TypeRepository(database)
    versions = await types.versions([(one.id, one.version) for one in await types.all() if one.version])
    versions.sort(key=lambda one: one.key)  # not by ids, which are chance
    calendar = await asyncio.to_thread(calendar_of, WorkingHours())
    async with database.write() as session:
        await write_people(session, cast, begin_ms, hashes(cast) if hashes else {})
        shown = await _write_each_state(session, cast, versions, calendar, now_ms, chance)
        await write_meetings(session, cast, now_ms, chance)
        await write_installations(session, cast, now_ms, chance)
        await write_told(session, cast, shown, now_ms, chance)
        # of a chance of its own: what is told of it leaves the rest of the park as it is
        await write_directory(session, cast, now_ms, Random(seed + 1))  # noqa: S311
        await write_announcements(session, cast, now_ms, Random(seed + 19))  # noqa: S311
        await write_policies(session, cast, shown, now_ms, Random(seed + 2))  # noqa: S311
        await write_symposiums(session, cast, shown, now_ms, Random(seed + 3))  # noqa: S311
        await write_livestreams(session, cast, now_ms, Random(seed + 4))  # noqa: S311
    moments = sorted(chance.randint(begin_ms, now_ms) for _ in range(size.requests))
    for start in range(0, len(moments), CHUNK):
        await _write_requests(database, cast, versions, calendar, moments[start : start + CHUNK], now_ms, chance)
        if tell is not None:
            tell(min(start + CHUNK, len(moments)))
    await write_health(database, now_ms)
    return cast


async def _write_each_state(
    session: AsyncSession, cast: Cast, versions: list[TypeVersion], calendar: Calendar, now_ms: int, chance: Random
) -> dict[tuple[str, State], str]:
    """One request of every type in every state it can be in, of people who can sign in; their ids.

    A type whose decision ends it is never only decided; of drafts nobody but the requester knows.
    """
    papers = Papers()
    shown: dict[tuple[str, State], str] = {}
    filers = [one for place in (*cast.companies[:2], *cast.installers[:1]) for one in cast.of(place)[:2]]
    for kind, version in enumerate(versions):
        allowed = [one for one in filers if may_file(version.definition.filers, one.kind, (one.role,))]
        if not allowed:
            continue
        for number, state in enumerate(State):
            if state is State.DECIDED and version.definition.finish is Finish.AT_ONCE:
                continue
            filed_ms = now_ms - chance.randint(20, 600) * 60_000 - number * HOUR_MS
            requester = allowed[(kind + number) % len(allowed)]
            owner = cast.officers[number % 2]
            shown[version.key, state] = papers.add(
                version, requester, owner, calendar, filed_ms, now_ms, chance, aim=state
            )
    await papers.write(session)
    return shown


async def _write_requests(
    database: Database,
    cast: Cast,
    versions: list[TypeVersion],
    calendar: Calendar,
    moments: list[int],
    now_ms: int,
    chance: Random,
) -> None:
    papers = Papers()
    for filed_ms in moments:
        requester = chance.choice(cast.members)
        allowed = [one for one in versions if may_file(one.definition.filers, requester.kind, (requester.role,))]
        version = chance.choice(allowed)
        owner = chance.choice(cast.officers)
        papers.add(version, requester, owner, calendar, filed_ms, now_ms, chance)
    async with database.write() as session:
        await papers.write(session)


class Papers:
    """Rows of requests, to be written at once."""

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._contents: list[Row] = []
        self._events: list[Row] = []

    def add(
        self,
        version: TypeVersion,
        requester: Someone,
        owner: Someone,
        calendar: Calendar,
        filed_ms: int,
        now_ms: int,
        chance: Random,
        aim: State | None = None,
    ) -> str:
        """The request's id."""
        subject = chance.choice(SUBJECTS.get(version.key, ("",)))
        happened: list[Row] = []
        if aim is State.DRAFT:
            row = _draft(version, requester, calendar, subject, filed_ms, chance)
        else:
            row, happened = _request(version, requester, owner, calendar, subject, filed_ms, now_ms, chance, aim)
        answers = answers_to(version.definition, subject, calendar.day_of(filed_ms), chance)
        self._rows.append(row)
        self._contents.append({"request_id": row["id"], "answers": msgspec.json.encode(answers).decode()})
        self._events += happened
        return str(row["id"])

    async def write(self, session: AsyncSession) -> None:
        await session.execute(insert(RequestRow), self._rows)
        await session.execute(insert(RequestContentRow), self._contents)
        await session.execute(insert(RequestEventRow), self._events)


def _draft(
    version: TypeVersion, requester: Someone, calendar: Calendar, subject: str, at_ms: int, chance: Random
) -> Row:
    row = _new_row(version, requester, subject, new_id(at_ms, chance), calendar.day_of(at_ms), at_ms, chance)
    return {**row, "submitted_at_ms": 0, "asked_group": "", "filed_day": 0}


def _new_row(
    version: TypeVersion, requester: Someone, subject: str, request_id: str, day: date, at_ms: int, chance: Random
) -> Row:
    definition: Definition = version.definition
    return {
        "id": request_id,
        "number": f"{definition.code}-{day:%y%m%d}-{letters(6, _NUMBER_LETTERS, chance)}",
        "type_id": version.type_id,
        "type_version": version.version,
        "title": subject,
        "organization_id": requester.organization_id,
        "requester_id": requester.id,
        "requester_name": requester.name,
        "client_key": None,
        "audience": definition.audience,
        "confidential": definition.confidential,
        "asked_group": definition.asked.group if isinstance(definition.asked, Group) else "",
        "asked_id": None,
        "state": State.DRAFT,
        "outcome": "",
        "step": 0,
        "owner_id": None,
        "offered_to_id": None,
        "escalations": 0,
        "escalated_to": "",
        "revision": 0,
        "created_at_ms": at_ms,
        "submitted_at_ms": at_ms,
        "taken_at_ms": 0,
        "due_at_ms": 0,
        "left_ms": 0,
        "decided_at_ms": 0,
        "changed_at_ms": at_ms,
        "alarm_at_ms": 0,
        "delete_at_ms": 0,
        "filed_day": (day - EPOCH).days,
    }


def _request(
    version: TypeVersion,
    requester: Someone,
    owner: Someone,
    calendar: Calendar,
    subject: str,
    filed_ms: int,
    now_ms: int,
    chance: Random,
    aim: State | None,
) -> tuple[Row, list[Row]]:
    definition = version.definition
    life = life_of(definition, calendar, filed_ms, now_ms, owner.id, chance, aim)
    last, state = life.steps[-1], life.steps[-1].situation.state
    request_id = new_id(filed_ms, chance)
    stopped = state is State.NEEDS_INFORMATION
    due_ms = 0 if stopped else life.due_at_ms
    escalated, alarm = _escalated(definition, calendar, due_ms, now_ms) if state in RUNNING else ([], 0)
    keep_ms = definition.keep_days * DAY_MS
    row: Row = {
        **_new_row(version, requester, subject, request_id, calendar.day_of(filed_ms), filed_ms, chance),
        "state": state,
        "outcome": last.situation.outcome or "",
        "step": last.situation.step,
        "owner_id": last.situation.owner_id,
        "escalations": len(escalated),
        "escalated_to": name_of(escalated[-1][1]) if escalated else "",
        "taken_at_ms": life.taken_at_ms,
        "due_at_ms": due_ms,
        "left_ms": calendar.worked_ms(last.at_ms, life.due_at_ms) if stopped else 0,
        "decided_at_ms": life.decided_at_ms,
        "alarm_at_ms": alarm,
        "delete_at_ms": 0 if state in OPEN else max(last.at_ms + keep_ms, now_ms + DAY_MS),
    }
    happened = [
        _event(one.action, one.situation, owner if one.by_owner else requester, one.note, one.at_ms)
        for one in life.steps
    ]
    # What was late before somebody took it is told by its row alone.
    happened += [
        _event(Action.ESCALATE, last.situation, None, "", at_ms, name_of(to))
        for at_ms, to in escalated
        if at_ms >= last.at_ms
    ]
    row["revision"], row["changed_at_ms"] = len(happened), happened[-1]["at_ms"]
    return row, [{**one, "request_id": request_id, "number": number} for number, one in enumerate(happened, 1)]


def _escalated(
    definition: Definition, calendar: Calendar, due_ms: int, now_ms: int
) -> tuple[list[tuple[int, EscalatedTo]], int]:
    """The escalations until now, when and to whom, and when the next one comes."""
    made: list[tuple[int, EscalatedTo]] = []
    while 0 < (alarm := alarm_ms(definition, calendar, due_ms, len(made))) <= now_ms:
        made.append((alarm, escalations_of(definition)[len(made)].to))
    return made, alarm


def _event(
    action: Action, situation: Situation, by: Someone | None, note: str, at_ms: int, escalated_to: str = ""
) -> Row:
    details = EventDetails(outcome=situation.outcome, step=situation.step, escalated_to=escalated_to)
    return {
        "action": action,
        "state": situation.state,
        "account_id": by.id if by else "",
        "name": by.name if by else "",
        "note": note,
        "details": msgspec.json.encode(details).decode(),
        "at_ms": at_ms,
    }
