"""Writes an invented park into a database: companies, people, requests of every type and state.

The same seed and moment give the same park.  Nothing is told to anybody, and nobody has a password until an operator
sets one (`tongxin admin reset`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random
from typing import Final

import msgspec
from msgspec import Struct
from sqlalchemy import insert

from collab.accounts.models import AccountRow, MemberRole, MembershipRow
from collab.db.engine import Database
from collab.organizations.models import OrganizationKind, OrganizationRow
from collab.requests.clockwork import alarm_ms
from collab.requests.definition import may_file
from collab.requests.models import RequestContentRow, RequestEventRow, RequestRow
from collab.requests.states import OPEN, RUNNING, State
from collab.requests.type_repository import TypeRepository
from collab.requests.values import EventDetails, TypeVersion
from collab.requests.working_time import Calendar, WorkingHours, calendar_of

from .filling import answers_to
from .lives import DAY_MS, life_of
from .names import SUBJECTS, company, person

OFFICERS: Final = 24
INSTALLERS_SHARE: Final = 8  # one company in eight installs machines
CHUNK: Final = 1_000
_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_NUMBER_LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

Row = dict[str, object]


class Size(Struct, frozen=True):
    companies: int = 200
    people: int = 3_000
    requests: int = 200_000
    days: int = 730  # of the past that the requests are spread over


class Someone(Struct, frozen=True):
    id: str
    name: str
    organization_id: str
    kind: OrganizationKind
    role: MemberRole


class Cast(Struct, frozen=True):
    park_id: str
    chief: Someone
    officers: list[Someone]
    members: list[Someone]


async def write_park(
    database: Database, size: Size, now_ms: int, seed: int = 20_261_123, tell: Callable[[int], None] | None = None
) -> Cast:
    """Into a database whose types of requests were shipped.  `tell` hears how many requests are there."""
    chance = Random(seed)  # noqa: S311 -- an invented park
    begin_ms = now_ms - size.days * DAY_MS
    cast = await _write_people(database, size, begin_ms, chance)
    types = TypeRepository(database)
    versions = await types.versions([(one.id, one.version) for one in await types.all() if one.version])
    versions.sort(key=lambda one: one.key)  # not by ids, which are chance
    calendar = await asyncio.to_thread(calendar_of, WorkingHours())
    moments = sorted(chance.randint(begin_ms, now_ms) for _ in range(size.requests))
    for start in range(0, len(moments), CHUNK):
        await _write_requests(database, cast, versions, calendar, moments[start : start + CHUNK], now_ms, chance)
        if tell is not None:
            tell(start + CHUNK)
    return cast


async def _write_people(database: Database, size: Size, at_ms: int, chance: Random) -> Cast:
    park_id = new_id(at_ms, chance)
    organizations: list[Row] = [_organization(park_id, "光谷同心园 Tongxin Park", OrganizationKind.PARK, at_ms)]
    letters = {park_id: "park"}
    for number in range(size.companies):
        name, letter = company(number, chance)
        kind = OrganizationKind.INSTALLER if number % INSTALLERS_SHARE == 7 else OrganizationKind.ENTERPRISE
        organization_id = new_id(at_ms, chance)
        organizations.append(_organization(organization_id, name, kind, at_ms))
        letters[organization_id] = letter
    everybody: list[Someone] = []
    accounts: list[Row] = []
    for number in range(size.people):
        if number <= OFFICERS:
            home, role = organizations[0], MemberRole.OFFICER if number else MemberRole.ADMINISTRATOR
        else:
            home = organizations[1 + number % size.companies]
            role = MemberRole.ADMINISTRATOR if number <= OFFICERS + size.companies else MemberRole.MEMBER
        name, letter = person(chance)
        organization_id = str(home["id"])
        someone = Someone(new_id(at_ms, chance), name, organization_id, OrganizationKind(str(home["kind"])), role)
        everybody.append(someone)
        accounts.append(
            {
                "id": someone.id,
                "email": f"{letter}.{number}@{letters[organization_id]}.example",
                "name": name,
                "locale": "zh-CN" if number % 5 else "en",
                "password_hash": None,
                "created_at_ms": at_ms,
                "disabled_at_ms": 0,
            }
        )
    memberships: list[Row] = [
        {"account_id": one.id, "organization_id": one.organization_id, "role": one.role, "since_ms": at_ms}
        for one in everybody
    ]
    async with database.write() as session:
        await session.execute(insert(OrganizationRow), organizations)
        await session.execute(insert(AccountRow), accounts)
        await session.execute(insert(MembershipRow), memberships)
    return Cast(park_id, everybody[0], everybody[1 : OFFICERS + 1], everybody[OFFICERS + 1 :])


def _organization(organization_id: str, name: str, kind: OrganizationKind, at_ms: int) -> Row:
    return {"id": organization_id, "name": name, "kind": kind, "created_at_ms": at_ms}


async def _write_requests(
    database: Database,
    cast: Cast,
    versions: list[TypeVersion],
    calendar: Calendar,
    moments: list[int],
    now_ms: int,
    chance: Random,
) -> None:
    rows: list[Row] = []
    contents: list[Row] = []
    events: list[Row] = []
    for filed_ms in moments:
        requester = chance.choice(cast.members)
        allowed = [one for one in versions if may_file(one.definition.filers, requester.kind, (requester.role,))]
        version = chance.choice(allowed)
        owner = chance.choice(cast.officers)
        row, answers, happened = _request(version, requester, owner, calendar, filed_ms, now_ms, chance)
        rows.append(row)
        contents.append({"request_id": row["id"], "answers": answers})
        events += happened
    async with database.write() as session:
        await session.execute(insert(RequestRow), rows)
        await session.execute(insert(RequestContentRow), contents)
        await session.execute(insert(RequestEventRow), events)


def _request(
    version: TypeVersion,
    requester: Someone,
    owner: Someone,
    calendar: Calendar,
    filed_ms: int,
    now_ms: int,
    chance: Random,
) -> tuple[Row, str, list[Row]]:
    definition = version.definition
    subject = chance.choice(SUBJECTS.get(version.key, ("",)))
    life = life_of(definition, calendar, filed_ms, now_ms, owner.id, chance)
    last, state = life.steps[-1], life.steps[-1].situation.state
    request_id = new_id(filed_ms, chance)
    stopped = state is State.NEEDS_INFORMATION
    due_ms = 0 if stopped else life.due_at_ms
    late = state in RUNNING and due_ms < now_ms
    escalations = 1 if late else 0
    keep_ms = definition.keep_days * DAY_MS
    row: Row = {
        "id": request_id,
        "number": f"{definition.code}-{calendar.day_of(filed_ms):%y%m%d}-{_letters(6, _NUMBER_LETTERS, chance)}",
        "type_id": version.type_id,
        "type_version": version.version,
        "title": subject,
        "organization_id": requester.organization_id,
        "requester_id": requester.id,
        "requester_name": requester.name,
        "client_key": None,
        "audience": definition.audience,
        "confidential": definition.confidential,
        "asked_group": "",
        "asked_id": None,
        "state": state,
        "outcome": last.situation.outcome or "",
        "step": last.situation.step,
        "owner_id": last.situation.owner_id,
        "offered_to_id": None,
        "escalations": escalations,
        "escalated_to": "officers" if late else "",
        "revision": len(life.steps),
        "created_at_ms": filed_ms,
        "submitted_at_ms": filed_ms,
        "taken_at_ms": life.taken_at_ms,
        "due_at_ms": due_ms,
        "left_ms": calendar.worked_ms(last.at_ms, life.due_at_ms) if stopped else 0,
        "decided_at_ms": life.decided_at_ms,
        "changed_at_ms": last.at_ms,
        "alarm_at_ms": alarm_ms(definition, calendar, due_ms, escalations) if state in RUNNING else 0,
        "delete_at_ms": 0 if state in OPEN else max(last.at_ms + keep_ms, now_ms + DAY_MS),
    }
    happened: list[Row] = [
        {
            "request_id": request_id,
            "number": number,
            "action": one.action,
            "state": one.situation.state,
            "account_id": owner.id if one.by_owner else requester.id,
            "name": owner.name if one.by_owner else requester.name,
            "note": one.note,
            "details": msgspec.json.encode(
                EventDetails(outcome=one.situation.outcome, step=one.situation.step)
            ).decode(),
            "at_ms": one.at_ms,
        }
        for number, one in enumerate(life.steps, 1)
    ]
    answers = answers_to(definition, subject, calendar.day_of(filed_ms), chance)
    return row, msgspec.json.encode(answers).decode(), happened


def new_id(at_ms: int, chance: Random) -> str:
    """As collab.clock.new_id, of a chance that can be had again."""
    value = (at_ms << 80) | chance.getrandbits(80)
    return "".join(_ALPHABET[(value >> shift) & 31] for shift in range(125, -1, -5))


def _letters(count: int, alphabet: str, chance: Random) -> str:
    return "".join(chance.choice(alphabet) for _ in range(count))
