"""The numbers of a livestream and its exports as tables, for hosts and moderators."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from collab.accounts.schemas import Body
from collab.apart import Apart
from collab.audit.models import AuditAction, Subject, SubjectKind
from collab.audit.repository import AuditRepository
from collab.clock import now_ms
from collab.edge.endpoint import Access, Call, Document, Endpoint, Nothing, Reply, Written
from collab.limits import rate
from collab.problems import Refusal
from collab.requests.export import CSV_TYPE, XLSX_MAX_S, XLSX_ROWS_MAX, XLSX_TYPE, XLSX_WAITING_MAX, csv_of
from collab.requests.workbook import Row, Workbook
from rooms.core.codes import Code

from .http import CHANGED, ONE
from .life import OVER
from .numbers import AudienceNumbers, GroupNumbers, PersonNumbers, numbers_of, within
from .numbers_repository import NumbersRepository
from .service import LivestreamService
from .values import Livestream

PERSONS_SHOWN_MAX: Final = 500
FRESH_MS: Final = 10_000
EXPORTS = rate("live_exports", burst=30, per_minute=10)

What = Literal["visits", "people", "chat", "questions", "polls", "registrations"]

HEADS: Final[Mapping[str, tuple[str, ...]]] = {
    "visits": ("person", "group", "came", "left", "seconds"),
    "people": ("person", "group", "first came", "visits", "seconds"),
    "chat": ("at", "group", "person", "role", "text", "state"),
    "questions": ("at", "group", "person", "text", "votes", "state", "answer"),
    "polls": ("at", "question", "answer", "votes", "person"),
    "registrations": ("at", "person", "address", "state"),
}


class ExportQuery(Body, frozen=True, kw_only=True):
    what: What = "visits"


class NumbersView(Struct, frozen=True):
    peak: int
    people: int
    visits: int
    watched_ms: int
    average_ms: int
    began_at_ms: int
    ended_at_ms: int
    step_ms: int
    viewers: tuple[int, ...]
    joins: tuple[int, ...]
    leaves: tuple[int, ...]
    groups: tuple[GroupNumbers, ...]
    persons: tuple[PersonNumbers, ...]
    messages: int
    questions: int
    polls: int


class NumbersEndpoints:
    def __init__(
        self,
        livestreams: LivestreamService,
        numbers: NumbersRepository,
        audit: AuditRepository,
        clock_ms: Callable[[], int] = now_ms,
    ) -> None:
        self._audit = audit
        self._livestreams = livestreams
        self._numbers = numbers
        self._clock_ms = clock_ms
        self._apart = Apart(
            "collab.requests.workbook", waiting_max=XLSX_WAITING_MAX, max_s=XLSX_MAX_S, retry_after_ms=5_000
        )

    def table(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                method="GET",
                path=f"{ONE}/numbers",
                access=Access.MEMBER,
                handler=self.get_livestream_numbers,
                output=NumbersView,
                refusals=CHANGED,
                about="Viewers over time, watch time by person and group, joins and leaves, of the time it was live.",
            ),
            Endpoint(
                method="GET",
                path=f"{ONE}/export.csv",
                access=Access.MEMBER,
                handler=self.export_livestream_csv,
                input=ExportQuery,
                media_type=CSV_TYPE,
                refusals=(*CHANGED, Code.RATE_LIMITED),
                rate=EXPORTS,
                about="Visits, people, chat, questions, polls or registrations as a table.",
            ),
            Endpoint(
                method="GET",
                path=f"{ONE}/export.xlsx",
                access=Access.MEMBER,
                handler=self.export_livestream_xlsx,
                input=ExportQuery,
                media_type=XLSX_TYPE,
                refusals=(*CHANGED, Code.RATE_LIMITED, Code.TOO_MANY, Code.UNAVAILABLE),
                rate=EXPORTS,
                about="The same as a workbook.",
            ),
        )

    async def get_livestream_numbers(self, call: Call[Nothing]) -> Reply:
        livestream = await self._livestreams.moderated(call.caller.signed_in, call.path["id"])
        numbers = await self._numbers_of(livestream)
        messages, questions, polls = await self._numbers.counts(livestream.id)
        return Reply(
            NumbersView(**msgspec.structs.asdict(numbers), messages=messages, questions=questions, polls=polls)
        )

    async def export_livestream_csv(self, call: Call[ExportQuery]) -> Reply:
        livestream = await self._livestreams.moderated(call.caller.signed_in, call.path["id"])
        what = call.input.what
        await self._tell_of_export(livestream, what)

        async def chunks() -> AsyncIterator[bytes]:
            yield "\ufeff".encode()
            async for rows in self._rows(livestream, what):
                yield csv_of(rows)

        return Reply(Written(chunks, CSV_TYPE, f"{livestream.title} {what}.csv"))

    async def export_livestream_xlsx(self, call: Call[ExportQuery]) -> Reply:
        livestream = await self._livestreams.moderated(call.caller.signed_in, call.path["id"])
        await self._tell_of_export(livestream, call.input.what)
        kept: list[Row] = []
        async for rows in self._rows(livestream, call.input.what):
            kept += rows
            if len(kept) > XLSX_ROWS_MAX + 1:
                raise Refusal(Code.TOO_MANY, "rows of a workbook")
        made = await self._apart.run(msgspec.msgpack.encode(Workbook(call.input.what.capitalize(), kept)))
        return Reply(Document(made, XLSX_TYPE))

    # ------------------------------------------------------------ inside

    async def _tell_of_export(self, livestream: Livestream, what: What) -> None:
        subject = Subject(SubjectKind.LIVESTREAM, livestream.id, livestream.title)
        await self._audit.note(
            AuditAction.LIVESTREAM_EXPORTED, subject, organization_id=livestream.organization_id, what=str(what)
        )

    def _span(self, livestream: Livestream) -> tuple[int, int]:
        """While it was live; before that nothing counts."""
        now = self._clock_ms()
        begins = livestream.live_at_ms or now
        return begins, (livestream.ended_at_ms or now) if livestream.state in OVER else now

    async def _numbers_of(self, livestream: Livestream, persons_max: int = PERSONS_SHOWN_MAX) -> AudienceNumbers:
        stays = await self._numbers.stays(livestream.id, self._clock_ms(), FRESH_MS)
        begins, ends = self._span(livestream)
        return await asyncio.to_thread(numbers_of, stays, _names(livestream), begins, ends, persons_max)

    async def _rows(self, livestream: Livestream, what: What) -> AsyncIterator[list[Row]]:
        """The names of the columns, then pages of rows."""
        zone = await asyncio.to_thread(ZoneInfo, livestream.zone)
        names = _names(livestream)
        fields = livestream.registration.fields if what == "registrations" else ()
        yield [[*HEADS[what], *(field.label for field in fields)]]
        match what:
            case "visits":
                stays = await self._numbers.stays(livestream.id, self._clock_ms(), FRESH_MS)
                yield [
                    [
                        stay.name,
                        names.get(stay.group_id, ""),
                        _moment(stay.joined_at_ms, zone),
                        _moment(stay.left_at_ms, zone),
                        str((stay.left_at_ms - stay.joined_at_ms) // 1_000),
                    ]
                    for stay in within(stays, *self._span(livestream))
                ]
            case "people":
                numbers = await self._numbers_of(livestream, XLSX_ROWS_MAX)
                yield [
                    [one.name, one.group, _moment(one.first_ms, zone), str(one.visits), str(one.watched_ms // 1_000)]
                    for one in numbers.persons
                ]
            case "chat":
                async for page in self._numbers.messages(livestream.id):
                    yield [
                        [_moment(row.at_ms, zone), names.get(row.room, ""), row.name, row.role, row.text, row.state]
                        for row in page
                    ]
            case "questions":
                yield [
                    [
                        _moment(row.at_ms, zone),
                        names.get(row.room, ""),
                        row.name,
                        row.text,
                        str(votes),
                        row.state,
                        row.answer,
                    ]
                    for row, votes in await self._numbers.questions(livestream.id)
                ]
            case "polls":
                for poll, answers in await self._numbers.polls(livestream.id):
                    counted = [sum(number in one.choices for one in answers) for number in range(len(poll.options))]
                    yield [
                        [_moment(poll.at_ms, zone), poll.question, option, str(count), ""]
                        for option, count in zip(poll.options, counted, strict=True)
                    ]
                    yield [
                        [
                            _moment(one.at_ms, zone),
                            poll.question,
                            "; ".join(poll.options[number] for number in one.choices if number < len(poll.options)),
                            "",
                            one.name,
                        ]
                        for one in answers
                    ]
            case "registrations":
                async for registered in self._numbers.registrations(livestream.id):
                    yield [
                        [
                            _moment(row.created_at_ms, zone),
                            row.name,
                            row.email,
                            row.state,
                            *(row.answers.get(field.key, "") for field in fields),
                        ]
                        for row in registered
                    ]


def _names(livestream: Livestream) -> dict[str, str]:
    return {group.id: group.name for group in livestream.groups}


def _moment(at_ms: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at_ms / 1_000, UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
