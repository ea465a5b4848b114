"""Exports and erasures over a real database, SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import gc
import json
import zipfile
from pathlib import Path

import pytest
from obstore.store import LocalStore
from sqlalchemy import delete, select, update

from collab.accounts.models import AccountRow, Member, MemberRole
from collab.audit.repository import Wanted
from collab.calls.models import CallRow
from collab.db.engine import Database
from collab.files.models import MediaType
from collab.files.store import Files
from collab.mail import outbox
from collab.mail.models import Mail
from collab.meetings.models import ChatMessageRow, MeetingRow
from collab.organizations.models import Organization
from collab.personal.archive import archive_of
from collab.personal.exporting import PAGE_ROWS, ExportReader, file_name
from collab.personal.found import BITE_ROWS, Person
from collab.personal.letters import erasure_planned
from collab.personal.models import Erasure, ErasureState, ExportState
from collab.personal.repository import PersonalRepository
from collab.personal.rules import Area, Rule
from collab.personal.service import archive_name
from collab.personal.table import RULES
from collab.personal.work import PersonalWork
from collab.recordings.models import RecordingRow
from collab.requests.models import RequestEventRow, RequestFileRow, RequestRow, RequestTypeRow
from collab.tokens.models import ApiTokenRow
from rooms.core.codes import Code
from rooms.store.sessions import AccountSession
from tests.unit.collab.people import People

NOW_MS = 1_795_000_000_000
DAY_MS = 86_400_000


class Ended:
    """Sessions and connections that were ended."""

    def __init__(self) -> None:
        self.sessions: list[str] = []
        self.connections: list[str] = []

    async def create(self, account_id: str, address: str = "", user_agent: str = "") -> tuple[str, AccountSession]:
        raise NotImplementedError

    async def revoke(self, token: str) -> None:
        raise NotImplementedError

    async def revoke_all(self, account_id: str, except_token: str = "") -> int:
        self.sessions.append(account_id)
        return 0

    async def close_identity(self, identity: str, code: Code, sign_in: str = "") -> None:
        self.connections.append(identity)


class CutOff(Exception):
    """As if the process were killed."""


class Killed(PersonalRepository):
    """Dies once, after `rules` rules."""

    def __init__(self, database: Database, rules: int) -> None:
        super().__init__(database)
        self._left = rules

    async def do_rule(self, rule: Rule, person: Person, pseudonym: str, at_ms: int) -> None:
        if self._left == 0:
            self._left = -1
            raise CutOff
        self._left -= 1
        await super().do_rule(rule, person, pseudonym, at_ms)


@pytest.fixture
def files(database: Database, tmp_path: Path) -> Files:
    return Files(LocalStore(prefix=tmp_path / "files", mkdir=True), database)


@pytest.fixture
async def park(people: People) -> Organization:
    await people.administrator("Lin")
    return await people.organization()


@pytest.fixture
async def mei(people: People, park: Organization) -> Member:
    return await people.employee(park, "Mei", MemberRole.MEMBER)


def work_of(database: Database, files: Files, ended: Ended, personal: PersonalRepository | None = None) -> PersonalWork:
    return PersonalWork(
        personal or PersonalRepository(database),
        ExportReader(database),
        files,
        ended,
        ended,
        lambda: NOW_MS,
    )


async def planned(database: Database, member: Member, due_at_ms: int = NOW_MS) -> Erasure:
    personal = PersonalRepository(database)
    person = await personal.person(member.account.id)
    assert person is not None
    letter = erasure_planned(person, "en", 14, "https://park.example", f"erasure:{member.account.id}")
    return await personal.plan_erasure(person, person.id, NOW_MS - DAY_MS, due_at_ms, letter)


async def filled(database: Database, people: People, mei: Member, lin: str, messages: int = 3) -> str:
    """Mei has said something in a meeting of hers, called somebody, and made a token.  The meeting's id."""
    meeting = await people.meeting(mei)
    async with database.write() as session:
        session.add_all(
            ChatMessageRow(
                meeting_id=meeting.id,
                id=f"message-{number}",
                sender_id=f"seat-{number}",
                sender_name="Mei",
                identity=mei.account.id if number else "",  # the first is of before it was kept
                text="My phone is 138",
                nonce="",
                sent_at_ms=number,
                deleted=False,
            )
            for number in range(messages)
        )
        session.add(
            CallRow(
                id="0" * 26,
                about_kind="machine",
                about_id="1",
                about="L-20",
                path="/",
                from_id=lin,
                from_name="Lin",
                to_id=mei.account.id,
                to_name="Mei",
                state="missed",
                created_at_ms=1,
                expires_at_ms=1,
                ended_at_ms=1,
                note="",
                note_revision=0,
                note_by="Mei",
                note_at_ms=0,
            )
        )
        session.add(
            ApiTokenRow(
                id="1" * 26,
                account_id=mei.account.id,
                name="Plant",
                token_hash="0" * 64,
                scopes=[],
                created_at_ms=1,
                expires_at_ms=2,
                used_at_ms=0,
                used_from="",
                revoked_at_ms=0,
            )
        )
    return meeting.id


async def test_an_erased_person_is_nowhere_and_what_others_need_stays_under_a_pseudonym(
    database: Database, people: People, park: Organization, mei: Member, files: Files
) -> None:
    lin = (await people.accounts.credentials("lin@park.example")) or pytest.fail("no Lin")
    meeting_id = await filled(database, people, mei, lin.account_id)
    erasure, ended = await planned(database, mei), Ended()

    await work_of(database, files, ended).run_all()

    async with database.read() as session:
        account = await session.get(AccountRow, mei.account.id)
        messages = list(await session.scalars(select(ChatMessageRow).where(ChatMessageRow.meeting_id == meeting_id)))
        call = await session.get(CallRow, "0" * 26)
        token = await session.get(ApiTokenRow, "1" * 26)
        meeting = await session.get(MeetingRow, meeting_id)
    assert account
    assert account.name == erasure.pseudonym
    assert "mei" not in account.email
    assert account.password_hash is None
    assert account.disabled_at_ms == NOW_MS
    assert {(one.sender_name, one.text, one.deleted) for one in messages} == {(erasure.pseudonym, "", True)}
    assert call
    assert (call.from_name, call.to_name, call.note_by) == ("Lin", erasure.pseudonym, erasure.pseudonym)
    assert token is None
    assert meeting is not None
    assert set(ended.sessions) == set(ended.connections) == {mei.account.id}
    done = await PersonalRepository(database).erasure(mei.account.id)
    assert done
    assert done.state is ErasureState.DONE
    assert done.done == done.total == len(RULES)
    assert await people.accounts.member(mei.account.id) is None


async def test_one_that_was_killed_goes_on_and_leaves_nothing_out(
    database: Database, people: People, mei: Member, files: Files
) -> None:
    lin = (await people.accounts.credentials("lin@park.example")) or pytest.fail("no Lin")
    meeting_id = await filled(database, people, mei, lin.account_id, messages=BITE_ROWS + 1)
    erasure = await planned(database, mei)
    killed = Killed(database, rules=len(RULES) // 3)

    with pytest.raises(CutOff):
        await work_of(database, files, Ended(), killed).erase(erasure.id)
    half = await killed.erasure(mei.account.id)
    await work_of(database, files, Ended()).run_all()

    assert half
    assert half.state is ErasureState.RUNNING
    assert half.done == len(RULES) // 3
    async with database.read() as session:
        names = set(
            await session.scalars(select(ChatMessageRow.sender_name).where(ChatMessageRow.meeting_id == meeting_id))
        )
    assert names == {erasure.pseudonym}
    done = await killed.erasure(mei.account.id)
    assert done
    assert done.state is ErasureState.DONE


async def test_until_its_day_it_can_be_undone_and_then_nothing_happens(
    database: Database, people: People, mei: Member, files: Files
) -> None:
    personal = PersonalRepository(database)
    erasure = await planned(database, mei, NOW_MS + 1)
    work = work_of(database, files, Ended())

    await work.run_all()
    person = await personal.person(mei.account.id)
    assert person
    assert await personal.undo_erasure(erasure, person, NOW_MS)
    await work.erase(erasure.id)

    assert (await people.member_of(mei.account.id)).account.name == "Mei"


async def test_the_only_administrator_stays(database: Database, people: People, files: Files) -> None:
    lin = await people.administrator("Lin")
    await planned(database, lin)
    personal = PersonalRepository(database)
    assert (await personal.obstacles(lin.account.id)).only_administrator

    await work_of(database, files, Ended()).run_all()

    refused = await personal.erasure(lin.account.id)
    assert refused
    assert refused.state is ErasureState.REFUSED
    assert (await people.member_of(lin.account.id)).administers_park


async def test_a_row_by_name_alone_is_left_where_somebody_else_has_the_name(
    database: Database, people: People, park: Organization, mei: Member, files: Files
) -> None:
    lin = (await people.accounts.credentials("lin@park.example")) or pytest.fail("no Lin")
    await filled(database, people, mei, lin.account_id)
    namesake = await people.employee(park, "Wei")
    await people.accounts.change(namesake.account.id, name="Mei")
    erasure = await planned(database, mei)

    await work_of(database, files, Ended()).run_all()

    async with database.read() as session:
        call = await session.get(CallRow, "0" * 26)
    assert call
    assert (call.to_name, call.note_by) == (erasure.pseudonym, "Mei")


async def test_the_audit_log_stays_and_its_readers_see_the_pseudonym(
    database: Database, people: People, mei: Member, files: Files
) -> None:
    erasure = await planned(database, mei)
    before = await people.audit.found(Wanted(search="Mei"), 100)
    await work_of(database, files, Ended()).run_all()

    assert before
    after = await people.audit.found(Wanted(subject_id=mei.account.id), 100)
    assert {one.id for one in after} >= {one.id for one in before if one.subject.id == mei.account.id}
    assert {one.subject.name for one in after} == {erasure.pseudonym}
    assert [
        one for one in await people.audit.found(Wanted(search="Mei"), 100) if one.subject.id == mei.account.id
    ] == []


async def test_an_archive_has_a_file_for_each_area_without_secrets(
    database: Database, people: People, mei: Member, files: Files
) -> None:
    lin = (await people.accounts.credentials("lin@park.example")) or pytest.fail("no Lin")
    await filled(database, people, mei, lin.account_id)
    link = "https://park.example/reset?token=secret-of-a-link"
    letter = Mail(key="reset:1", to_address=mei.account.email, subject="Your password", text=link, html=link)
    async with database.write() as session:
        await outbox.put(session, letter, NOW_MS)
    personal = PersonalRepository(database)
    person = await personal.person(mei.account.id)
    assert person is not None
    steps: list[tuple[int, int]] = []

    async def advance(done: int, total: int) -> None:
        steps.append((done, total))

    async with archive_of(person, ExportReader(database), files, NOW_MS, advance) as (path, made):
        with zipfile.ZipFile(path) as archive:
            found = {name: json.loads(archive.read(name)) for name in archive.namelist()}
        assert made.size_bytes == path.stat().st_size

    assert set(found) == {f"{area}.json" for area in Area} | {"manifest.json"}
    assert found["account.json"]["accounts"][0]["email"] == mei.account.email
    assert {one["text"] for one in found["meetings.json"]["chat_messages"]} == {"My phone is 138"}
    assert [one["name"] for one in found["programs.json"]["api_tokens"]] == ["Plant"]
    assert "token_hash" not in found["programs.json"]["api_tokens"][0]
    assert found["calls.json"]["calls"][0]["to_name"] == "Mei"
    assert [one["subject"] for one in found["notices.json"]["mail_outbox"]] == ["Your password"]
    assert "secret-of-a-link" not in json.dumps(found)
    assert steps[-1] == (len(Area) + 1, len(Area) + 1)


async def test_an_export_is_made_once_fetched_and_gone_when_its_time_is_over(
    database: Database, mei: Member, files: Files
) -> None:
    personal = PersonalRepository(database)
    person = await personal.person(mei.account.id)
    assert person is not None
    asked = await personal.ask_export(person, person.id, NOW_MS)
    assert (await personal.ask_export(person, person.id, NOW_MS)).id == asked.id  # while one waits
    work = work_of(database, files, Ended())

    await work.run_all()
    ready = await personal.export(asked.id)
    content = b"".join([piece async for piece in files.stream_aside(archive_name(asked.id))])
    assert ready
    assert ready.state is ExportState.READY
    assert ready.size_bytes == len(content)
    assert ready.done == ready.total > 0

    later = PersonalWork(
        personal,
        ExportReader(database),
        files,
        Ended(),
        Ended(),
        lambda: ready.expires_at_ms,
    )
    await later.delete_old()
    gone = await personal.export(asked.id)
    assert gone
    assert gone.state is ExportState.GONE
    with pytest.raises(FileNotFoundError):
        [piece async for piece in files.stream_aside(archive_name(asked.id))]


async def test_two_who_ask_at_once_get_one_export(database: Database, mei: Member) -> None:
    personal = PersonalRepository(database)
    person = await personal.person(mei.account.id)
    assert person is not None
    asked = await asyncio.gather(*(personal.ask_export(person, person.id, NOW_MS) for _ in range(6)))
    assert len({one.id for one in asked}) == 1


async def test_rows_that_come_and_go_while_an_export_is_read_move_no_others(
    database: Database, people: People, mei: Member
) -> None:
    lin = (await people.accounts.credentials("lin@park.example")) or pytest.fail("no Lin")
    await filled(database, people, mei, lin.account_id, messages=PAGE_ROWS + 5)
    person = await PersonalRepository(database).person(mei.account.id)
    assert person is not None
    read: list[str] = []
    async for page in ExportReader(database).rows(Area.MEETINGS, person):
        if page.table != "chat_messages":
            continue
        read += [json.loads(row)["id"] for row in page.rows]
        if len(read) == PAGE_ROWS:
            async with database.write() as session:
                await session.execute(delete(ChatMessageRow).where(ChatMessageRow.id.in_(read[:3])))
    assert len(read) == len(set(read)) == PAGE_ROWS + 4  # one of them names nobody


async def test_an_archive_that_is_given_up_leaves_nothing_behind(database: Database, mei: Member, files: Files) -> None:
    person = await PersonalRepository(database).person(mei.account.id)
    assert person is not None

    async def advance(done: int, _total: int) -> None:
        if done == 2:
            raise CutOff

    with pytest.raises(CutOff):
        async with archive_of(person, ExportReader(database), files, NOW_MS, advance):
            pytest.fail("it was made")
    gc.collect()  # an archive that were still open would complain now


def test_no_name_of_a_file_leads_out_of_its_folder() -> None:
    digest = "a" * 64
    assert file_name(digest, "../../etc/passwd") == f"{digest[:16]}-_.._etc_passwd"
    assert file_name(digest, "..") == digest[:16]
    assert file_name(digest, "报告\x00.pdf") == f"{digest[:16]}-报告_.pdf"


async def test_drafts_go_and_what_was_filed_stays_with_its_events_and_files(
    database: Database, mei: Member, files: Files
) -> None:
    """The database refuses to change what events say; who they name may be changed."""
    draft, kept_id = "d" * 26, "f" * 26
    pdf = await files.keep(b"%PDF-1.4 test", MediaType.PDF)
    async with database.write() as session:
        session.add(request_type())
        await session.flush()
        session.add_all([request(draft, mei, "draft"), request(kept_id, mei, "decided")])
        await session.flush()
        mine = {"request_id": kept_id, "account_id": mei.account.id, "name": "Mei"}
        session.add(
            RequestEventRow(**mine, number=1, action="submit", state="submitted", note="", details="{}", at_ms=1)
        )
        session.add(
            RequestFileRow(
                **mine,
                key="paper",
                field_id="",
                document_id="",
                internal=False,
                sha256=pdf.sha256,
                file_name="证明.pdf",
                stored_at_ms=1,
            )
        )
    person = await PersonalRepository(database).person(mei.account.id)
    assert person is not None
    found, left_out = await ExportReader(database).files(person)
    erasure = await planned(database, mei)

    await work_of(database, files, Ended()).run_all()

    assert [one.name for one in found] == [f"{pdf.sha256[:16]}-证明.pdf"]
    assert left_out == 0
    async with database.read() as session:
        left = list(await session.scalars(select(RequestRow)))
        events = list(await session.scalars(select(RequestEventRow)))
        papers = list(await session.scalars(select(RequestFileRow)))
    assert [(one.id, one.requester_name) for one in left] == [(kept_id, erasure.pseudonym)]
    assert [one.name for one in events] == [one.name for one in papers] == [erasure.pseudonym]


async def test_films_of_private_meetings_go_to_the_trash_and_an_organizations_stay(
    database: Database, people: People, mei: Member, files: Files
) -> None:
    private, shared = await people.meeting(mei, "Private"), await people.meeting(mei, "Shared")
    async with database.write() as session:
        await session.execute(update(MeetingRow).where(MeetingRow.id == private.id).values(organization_id=None))
        session.add_all([film("p" * 26, private.id), film("s" * 26, shared.id)])
    await planned(database, mei)

    await work_of(database, files, Ended()).run_all()

    async with database.read() as session:
        films = {one.id[0]: one.trashed_at_ms for one in await session.scalars(select(RecordingRow))}
    assert films == {"p": NOW_MS, "s": 0}


def film(recording_id: str, meeting_id: str) -> RecordingRow:
    return RecordingRow(
        id=recording_id,
        meeting_id=meeting_id,
        title="",
        state="ready",
        started_by=None,
        started_at_ms=1,
        film_ms=1,
        size_bytes=1,
        chapters=[],
        share_expires_at_ms=0,
        trashed_at_ms=0,
    )


def request_type() -> RequestTypeRow:
    return RequestTypeRow(
        id="t" * 26,
        key="question",
        version=1,
        draft="",
        draft_revision=0,
        retired=False,
        shipped_version=0,
        shipped_digest="",
        created_at_ms=1,
        changed_at_ms=1,
    )


def request(request_id: str, member: Member, state: str) -> RequestRow:
    return RequestRow(
        id=request_id,
        number=request_id[:12],
        type_id="t" * 26,
        type_version=1,
        title="A question",
        organization_id=member.organization_ids[0],
        requester_id=member.account.id,
        requester_name=member.account.name,
        client_key=None,
        audience="organization",
        confidential=False,
        asked_group="",
        state=state,
        outcome="",
        step=0,
        escalations=0,
        escalated_to="",
        revision=1,
        created_at_ms=1,
        submitted_at_ms=0,
        taken_at_ms=0,
        due_at_ms=0,
        left_ms=0,
        decided_at_ms=0,
        changed_at_ms=1,
        alarm_at_ms=0,
        delete_at_ms=0,
        filed_day=0,
    )
