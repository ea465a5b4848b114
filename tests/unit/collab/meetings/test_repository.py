"""Meetings and their tokens in SQL."""

from __future__ import annotations

import asyncio
import re

import pytest

from collab.accounts.service import hash_token
from collab.db.engine import Database
from collab.meetings.models import RoomToken, TokenKind
from collab.meetings.repository import ListedState, MeetingRepository
from collab.problems import FieldFault, Refusal
from rooms.core.model import Phase
from tests.support.databases import QueryCount
from tests.unit.collab.people import People

AT = 10_000


def token_of(meeting_id: str, expires_at_ms: int) -> RoomToken:
    return RoomToken(
        meeting_id=meeting_id,
        kind=TokenKind.PROGRAM,
        identity="program_x",
        name="OBS",
        publish=True,
        subscribe=False,
        expires_at_ms=expires_at_ms,
    )


async def test_a_meeting_is_found_by_its_code_until_it_is_in_the_trash(people: People) -> None:
    host = await people.administrator()
    meeting = await people.meeting(host, "Weekly sync")
    assert re.fullmatch(r"[a-z]{3}-[a-z]{4}-[a-z]{3}", meeting.code)
    assert meeting.host is not None
    assert meeting.host.name == "Lin"
    assert await people.meetings.by_code(meeting.code) == meeting
    await people.meetings.set_trashed(meeting.id, AT)
    assert await people.meetings.by_code(meeting.code) is None
    await people.meetings.set_trashed(meeting.id, 0)
    assert await people.meetings.by_code(meeting.code) == meeting


async def test_a_list_is_one_query_and_pages_newest_first(people: People, queries: QueryCount) -> None:
    host = await people.administrator()
    made = [await people.meeting(host, f"Meeting {number}") for number in range(6)]
    await people.meeting(await people.administrator("Zhou"), "of somebody else")
    queries.reset()
    page = await people.meetings.hosted_by(host.account.id, ListedState.ALL, "", 4)
    assert len(queries.statements) == 1
    assert [one.id for one in page] == [one.id for one in made[:1:-1]]
    rest = await people.meetings.hosted_by(host.account.id, ListedState.ALL, page[-1].id, 4)
    assert [one.id for one in rest] == [one.id for one in made[1::-1]]


async def test_each_state_lists_its_own(people: People) -> None:
    host = await people.administrator()
    opened, ended, trashed = [await people.meeting(host, title) for title in ("open", "ended", "trashed")]
    await people.meetings.ended(ended.id, AT)
    await people.meetings.set_trashed(trashed.id, AT)
    listed = {
        state: [one.title for one in await people.meetings.hosted_by(host.account.id, state, "", 9)]
        for state in ListedState
    }
    assert listed == {
        ListedState.ALL: ["ended", "open"],
        ListedState.OPEN: ["open"],
        ListedState.ENDED: ["ended"],
        ListedState.TRASH: ["trashed"],
    }
    assert opened.phase is Phase.OPEN


async def test_ending_is_final_and_takes_the_tokens_with_it(people: People) -> None:
    meeting = await people.meeting(await people.administrator())
    await people.meetings.add_token(hash_token("t"), token_of(meeting.id, AT + 9), None, AT)
    assert await people.meetings.token(hash_token("t"), AT) == token_of(meeting.id, AT + 9)
    await people.meetings.ended(meeting.id, AT)
    await people.meetings.ended(meeting.id, AT + 500)
    ended = await people.meetings.get(meeting.id)
    assert ended is not None
    assert (ended.phase, ended.ended_at_ms) == (Phase.ENDED, AT)
    assert await people.meetings.token(hash_token("t"), AT) is None


async def test_a_token_runs_out(people: People) -> None:
    meeting = await people.meeting(await people.administrator())
    await people.meetings.add_token(hash_token("t"), token_of(meeting.id, AT), None, AT - 5)
    assert await people.meetings.token(hash_token("t"), AT - 1) is not None
    assert await people.meetings.token(hash_token("t"), AT) is None


async def test_a_start_is_noted_once(people: People) -> None:
    meeting = await people.meeting(await people.administrator())
    await people.meetings.started(meeting.id, AT)
    await people.meetings.started(meeting.id, AT + 5)
    found = await people.meetings.get(meeting.id)
    assert found is not None
    assert found.started_at_ms == AT


async def test_old_trash_is_deleted_and_nothing_else(people: People) -> None:
    host = await people.administrator()
    old, fresh, kept = [await people.meeting(host, title) for title in ("old", "fresh", "kept")]
    await people.meetings.add_token(hash_token("dead"), token_of(kept.id, AT), None, AT)
    await people.meetings.set_trashed(old.id, AT)
    await people.meetings.set_trashed(fresh.id, AT + 100)
    assert await people.meetings.purge(AT + 50, AT + 50) == 1
    assert [await people.meetings.get(one.id) is None for one in (old, fresh, kept)] == [True, False, False]


async def test_a_given_code_is_taken_once(people: People) -> None:
    await people.meetings.add("bench", None, None, False, True, AT, "bench")
    with pytest.raises(Refusal) as refused:
        await people.meetings.add("bench", None, None, False, True, AT, "bench")
    assert refused.value.fields == {"code": FieldFault.TAKEN}


async def test_processes_that_start_together_make_one_ready_meeting(database: Database) -> None:
    meetings = MeetingRepository(database)
    await asyncio.gather(*(meetings.first_start("Ready", AT + number) for number in range(4)))
    ready = await meetings.ready_meeting()
    assert ready is not None
    assert (ready.host, ready.guests_allowed, ready.lobby_enabled) == (None, True, False)
    await meetings.renew_ready_meeting("Ready again", AT)
    again = await meetings.ready_meeting()
    assert again is not None
    assert again.id != ready.id
