"""Lines of the audit log: written with what they are about, found by what is asked, kept by the database itself."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from collab.accounts.models import MemberRole
from collab.audit.actor import SERVER, Actor, ActorWay, acting, who_acts
from collab.audit.models import AuditAction, AuditRow, Subject, SubjectKind
from collab.audit.repository import AuditRepository, Wanted, record
from collab.clock import now_ms
from collab.db.engine import Database
from tests.support.databases import QueryCount
from tests.unit.collab.people import People

DAY_MS = 86_400_000
MEI = Actor("0" * 26, "Mei", "2001:db8::1", ActorWay.BROWSER)
FILM = Subject(SubjectKind.RECORDING, "r" * 26, "Hall 3, morning")


@pytest.fixture
def audit(database: Database) -> AuditRepository:
    return AuditRepository(database)


def test_who_acts_is_known_inside_and_forgotten_after() -> None:
    assert who_acts() == SERVER
    with acting(MEI):
        assert who_acts() == MEI
    assert who_acts() == SERVER


async def test_a_line_says_who_did_what_to_what_from_where(audit: AuditRepository) -> None:
    with acting(MEI):
        await audit.note(AuditAction.RECORDING_SHARED, FILM, organization_id="o" * 26, hours="24", nothing="")
    (line,) = await audit.found(Wanted(), 10)
    assert (line.actor_id, line.actor_name, line.address, line.way) == (MEI.account_id, "Mei", "2001:db8::1", "browser")
    assert (line.action, line.subject, line.organization_id) == ("recording_shared", FILM, "o" * 26)
    assert line.details == {"hours": "24"}
    assert abs(line.at_ms - now_ms()) < 60_000


async def test_what_is_rolled_back_was_never_done(audit: AuditRepository, database: Database) -> None:
    async def fails() -> None:
        async with database.write() as session:
            record(session, AuditAction.RECORDING_SHARED, FILM)
            raise RuntimeError("later")

    with pytest.raises(RuntimeError, match="later"):
        await fails()
    assert await audit.found(Wanted(), 10) == []


async def test_long_texts_are_cut_to_their_columns(audit: AuditRepository) -> None:
    long = "长" * 5_000
    with acting(Actor("", long, long)):
        await audit.note(AuditAction.AUDIT_READ, Subject(name=long), actor=None, **{f"key{n}": long for n in range(40)})
    (line,) = await audit.found(Wanted(), 10)
    assert (len(line.actor_name), len(line.subject.name), len(line.address)) == (64, 120, 45)
    assert {len(value) for value in line.details.values()} == {200}
    assert len(line.details) == 12


async def test_a_search_is_one_query_and_goes_on_from_page_to_page(audit: AuditRepository, queries: QueryCount) -> None:
    with acting(MEI):
        for number in range(7):
            subject = Subject(SubjectKind.ORGANIZATION, f"{number:026d}", f"Works {number}_%")
            await audit.note(AuditAction.ORGANIZATION_ADDED, subject, organization_id=f"{number % 2:026d}")
    await audit.note(AuditAction.AUDIT_READ)
    queries.reset()
    first = await audit.found(Wanted(actor_id=MEI.account_id), 4)
    assert len(queries.statements) == 1
    rest = await audit.found(Wanted(actor_id=MEI.account_id, before=first[-1].id), 4)
    assert [line.subject.name for line in first + rest] == [f"Works {number}_%" for number in reversed(range(7))]
    for wanted, expected in (
        (Wanted(search="works"), 7),
        (Wanted(search="mei"), 7),
        (Wanted(search="_%"), 7),
        (Wanted(search="6_%"), 1),
        (Wanted(search="works%"), 0),
        (Wanted(organization_ids=(f"{1:026d}",)), 3),
        (Wanted(organization_ids=()), 0),
        (Wanted(action="audit_read"), 1),
        (Wanted(subject_id=f"{5:026d}"), 1),
        (Wanted(address="2001:db8::1"), 7),
        (Wanted(from_ms=now_ms() + DAY_MS), 0),
        (Wanted(to_ms=now_ms() - DAY_MS), 0),
        (Wanted(from_ms=now_ms() - DAY_MS, to_ms=now_ms() + DAY_MS), 8),
    ):
        assert len(await audit.found(wanted, 50)) == expected, wanted


async def test_the_database_keeps_every_line_as_it_is(audit: AuditRepository, database: Database) -> None:
    await audit.note(AuditAction.SIGNED_IN, FILM)
    for statement in (update(AuditRow).values(actor_name="Nobody"), delete(AuditRow)):
        with pytest.raises(DBAPIError, match="audit log"):
            async with database.write() as session:
                await session.execute(statement)
    (line,) = await audit.found(Wanted(), 10)
    assert line.actor_name == ""


async def test_only_what_is_old_is_deleted(audit: AuditRepository, database: Database) -> None:
    await audit.note(AuditAction.SIGNED_IN, FILM)
    async with database.write() as session:
        kept = await session.scalar(select(AuditRow))
        assert kept is not None
        columns = {column.name: getattr(kept, column.name) for column in AuditRow.__table__.columns}
        for number, days in enumerate((31, 400)):
            session.add(AuditRow(**{**columns, "id": f"{number:026d}", "at_ms": now_ms() - days * DAY_MS}))
    assert await audit.purge(now_ms() - 365 * DAY_MS) == 1
    assert await audit.purge(now_ms() - 365 * DAY_MS) == 0
    assert len(await audit.found(Wanted(), 10)) == 2


async def test_roles_are_changed_together_with_their_line(audit: AuditRepository, people: People) -> None:
    await people.administrator()
    works = await people.organization()
    mei = await people.employee(works, "Mei")
    await people.accounts.set_roles(mei.account.id, works.id, (MemberRole.OFFICER,), 2_000)
    await people.accounts.set_roles(mei.account.id, works.id, (MemberRole.OFFICER,), 2_000)  # nothing changes
    lines = await audit.found(Wanted(action="roles_changed"), 10)
    assert [(line.subject.name, line.organization_id, line.details) for line in lines] == [
        ("Mei", works.id, {"former": "member", "roles": "officer"})
    ]
