"""A run does what the dry run said, once, in bites of few statements; rows are judged as things are."""

from __future__ import annotations

import asyncio

from sqlalchemy import func, select, update

from collab.accounts.models import AccountRow, MemberRole, OneTimeLinkRow
from collab.assist.models import MachineRow
from collab.audit.models import AuditAction, AuditRow
from collab.db.engine import Database
from collab.imports.columns import head_of, read_row
from collab.imports.judging import Known, KnownOrganization
from collab.imports.repository import BITE_ROWS, ImportRepository
from collab.imports.values import (
    PIECE_ROWS,
    Fate,
    Import,
    ImportFault,
    ImportKind,
    ImportState,
    ReadPiece,
    ReadRow,
    Reason,
)
from collab.mail.models import MailRow
from collab.oidc.models import OidcIdentityRow
from collab.organizations.models import OrganizationKind
from tests.support.databases import QueryCount
from tests.unit.collab.people import People

AT_MS = 1_700_000_000_000
LINKS = "https://park.example"
HEADS = {
    ImportKind.ORGANIZATIONS: ("name", "kind"),
    ImportKind.PEOPLE: ("email", "name", "organization", "roles", "locale"),
    ImportKind.MACHINES: ("organization", "serial", "make", "model", "site"),
}


class Desk:
    def __init__(self, database: Database, by: str) -> None:
        self.imports = ImportRepository(database)
        self.by = by
        self._number = 0

    async def planned(self, kind: ImportKind, *lines: tuple[str, ...]) -> Import:
        head = head_of(kind, HEADS[kind])
        rows = [read_row(kind, head, number, cells) for number, cells in enumerate(lines, start=2)]
        return await self.planned_rows(kind, rows)

    async def planned_rows(self, kind: ImportKind, rows: list[ReadRow]) -> Import:
        self._number += 1
        key = f"import-{self._number:04d}"
        import_id = await self.imports.add(self.by, key, kind, "table.csv", AT_MS)
        assert import_id is not None
        claim = await self.imports.claim(import_id, AT_MS, AT_MS + 1)
        assert claim is not None
        known = Known()
        for begin in range(0, len(rows), PIECE_ROWS):
            piece = ReadPiece(rows=rows[begin : begin + PIECE_ROWS])
            assert await self.imports.read_piece(import_id, claim, piece, known)
        await self.imports.end_reading(import_id, claim)
        return await self.seen(key)

    async def seen(self, key: str) -> Import:
        found = await self.imports.by_key(self.by, key)
        assert found is not None
        return found

    async def run(self, planned: Import, *, invite: bool = False) -> Import:
        assert await self.imports.begin(planned, invite=invite)
        while await self.imports.apply_bite(planned.id, LINKS, AT_MS):
            pass
        return await self.seen(planned.key)

    async def fates(self, done: Import) -> list[tuple[Fate, str]]:
        return [(row.judged.fate, row.judged.reason) for row in await self.imports.rows(done.id, None, 0, 1_000)]


async def desk_of(database: Database, people: People) -> Desk:
    return Desk(database, (await people.administrator()).account.id)


async def count(database: Database, table: type) -> int:
    async with database.read() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def count_of(database: Database, action: AuditAction) -> int:
    async with database.read() as session:
        return await session.scalar(select(func.count()).where(AuditRow.action == action)) or 0


async def test_organizations_come_change_and_stay(database: Database, people: People) -> None:
    desk = await desk_of(database, people)
    lines = (("Works", "enterprise"), ("Fitters", "installer"), ("Park", "enterprise"), ("", "enterprise"))
    planned = await desk.planned(ImportKind.ORGANIZATIONS, *lines)
    assert planned.counts == {"created": 2, "changed": 0, "unchanged": 0, "refused": 2}
    assert len(await people.organizations.all()) == 1  # a dry run
    done = await desk.run(planned)
    assert (done.state, done.done, done.total) == (ImportState.DONE, 4, 4)
    assert await desk.fates(done) == [
        (Fate.CREATED, ""),
        (Fate.CREATED, ""),
        (Fate.REFUSED, Reason.PARK),
        (Fate.REFUSED, Reason.REQUIRED),
    ]
    again = await desk.run(await desk.planned(ImportKind.ORGANIZATIONS, ("Works", "enterprise"), ("Fitters", "企业")))
    assert again.counts == {"created": 0, "changed": 1, "unchanged": 1, "refused": 0}
    kinds = {one.name: one.kind for one in await people.organizations.all()}
    assert kinds["Fitters"] is OrganizationKind.ENTERPRISE


async def test_people_get_accounts_and_roles_and_lose_none(database: Database, people: People) -> None:
    desk = await desk_of(database, people)
    works, other = await people.organization(), await people.organization("Other")
    boss = await people.employee(works, "Boss", MemberRole.ADMINISTRATOR, "boss@works.example")
    done = await desk.run(
        await desk.planned(
            ImportKind.PEOPLE,
            ("mei@works.example", "Mei", works.name, "officer", "en"),
            ("mei@works.example", "Mei", other.name, "", ""),
            ("boss@works.example", "The Boss", works.name, "member", ""),
            ("zhou@works.example", "Zhou", "Nowhere", "", ""),
        )
    )
    assert await desk.fates(done) == [
        (Fate.CREATED, ""),
        (Fate.CHANGED, ""),
        (Fate.CHANGED, ""),
        (Fate.REFUSED, Reason.UNKNOWN_ORGANIZATION),
    ]
    known = await people.member_of(boss.account.id)
    assert known.account.name == "The Boss"
    assert set(known.memberships[0].roles) == {MemberRole.ADMINISTRATOR, MemberRole.MEMBER}
    async with database.read() as session:
        mei = await session.scalar(select(AccountRow.id).where(AccountRow.email == "mei@works.example"))
    assert mei is not None
    member = await people.member_of(mei)
    assert {one.organization.name: one.roles for one in member.memberships} == {
        works.name: (MemberRole.OFFICER,),
        other.name: (MemberRole.MEMBER,),
    }


async def test_machines_are_known_by_their_serial_number(database: Database, people: People) -> None:
    desk = await desk_of(database, people)
    works = await people.organization()
    line = (works.name, "SN-1", "Han", "L-20", "Hall 3")
    assert (await desk.run(await desk.planned(ImportKind.MACHINES, line))).counts["created"] == 1
    assert (await desk.run(await desk.planned(ImportKind.MACHINES, line[:4]))).counts["unchanged"] == 1
    moved = await desk.run(await desk.planned(ImportKind.MACHINES, (*line[:4], "Hall 4")))
    (row,) = await desk.imports.rows(moved.id, Fate.CHANGED, 0, 10)
    assert row.judged.changes == ("site",)
    assert await count(database, MachineRow) == 1


async def test_what_changed_since_the_dry_run_counts(database: Database, people: People) -> None:
    desk = await desk_of(database, people)
    planned = await desk.planned(ImportKind.PEOPLE, ("mei@works.example", "Mei", "Laser Works", "", ""))
    assert planned.counts["refused"] == 1
    await people.organization("Laser Works")
    assert (await desk.run(planned)).counts["created"] == 1


async def test_bites_have_a_bounded_number_of_statements(
    database: Database, people: People, queries: QueryCount
) -> None:
    desk = await desk_of(database, people)
    works = await people.organization()
    lines = [(f"p{number}@works.example", f"P {number}", works.name, "", "") for number in range(2 * BITE_ROWS)]
    planned = await desk.planned(ImportKind.PEOPLE, *lines)
    assert await desk.imports.begin(planned, invite=False)
    queries.reset()
    assert await desk.imports.apply_bite(planned.id, LINKS, AT_MS)
    assert len(queries.statements) <= 12
    half = await desk.seen(planned.key)
    assert (half.state, half.done, half.total) == (ImportState.APPLYING, BITE_ROWS, 2 * BITE_ROWS)
    assert await desk.imports.unfinished() == [planned.id]


async def test_a_question_about_machines_does_not_grow_with_the_table(
    database: Database, people: People, queries: QueryCount
) -> None:
    desk = await desk_of(database, people)
    works = await people.organization()
    import_id = await desk.imports.add(desk.by, "import-many", ImportKind.MACHINES, "table.csv", AT_MS)
    assert import_id is not None
    claim = await desk.imports.claim(import_id, AT_MS, AT_MS + 1)
    assert claim is not None
    known = Known({f"Works {number}": KnownOrganization(f"{number:026}", works.kind) for number in range(40_000)})
    head = head_of(ImportKind.MACHINES, HEADS[ImportKind.MACHINES])
    row = read_row(ImportKind.MACHINES, head, 2, (works.name, "SN-1", "Make", "Model", "Hall"))
    queries.reset()
    assert await desk.imports.read_piece(import_id, claim, ReadPiece(rows=[row]), known)
    assert all(len(statement) < 5_000 for statement in queries.statements)


async def test_two_workers_at_once_do_every_row_once(database: Database, people: People) -> None:
    desk = await desk_of(database, people)
    works = await people.organization()
    lines = [(f"p{number}@works.example", f"P {number}", works.name, "", "") for number in range(BITE_ROWS + 5)]
    planned = await desk.planned(ImportKind.PEOPLE, *lines)
    assert await desk.imports.begin(planned, invite=True)
    assert not await desk.imports.begin(planned, invite=True)
    assert await count_of(database, AuditAction.IMPORT_APPLIED) == 1  # in the transaction that began it

    async def work() -> None:
        while await desk.imports.apply_bite(planned.id, LINKS, AT_MS):
            pass

    await asyncio.gather(work(), work(), work())
    done = await desk.seen(planned.key)
    assert (done.state, done.counts["created"]) == (ImportState.DONE, len(lines))
    assert await count(database, MailRow) == await count(database, OneTimeLinkRow) == len(lines)


async def test_who_comes_by_the_sign_in_provider_is_not_asked_for_a_password(
    database: Database, people: People
) -> None:
    desk = await desk_of(database, people)
    works = await people.organization()
    mei = (await people.employee(works, "Mei", email="mei@works.example")).account
    async with database.write() as session:
        await session.execute(update(AccountRow).where(AccountRow.id == mei.id).values(password_hash=None))
        session.add(OidcIdentityRow(issuer="i", subject="s", account_id=mei.id, linked_at_ms=1, used_at_ms=1))
    line = (mei.email, mei.name, works.name, "", "")
    await desk.run(await desk.planned(ImportKind.PEOPLE, line), invite=True)
    assert await count(database, MailRow) == 0


async def test_only_who_has_no_password_is_invited_and_once(database: Database, people: People) -> None:
    desk = await desk_of(database, people)
    works = await people.organization()
    boss = await people.employee(works, "Boss", email="boss@works.example")
    lines = (
        ("mei@works.example", "Mei {name} <b>", works.name, "", "en"),
        ("boss@works.example", boss.account.name, works.name, "", ""),
    )
    before = await count(database, OneTimeLinkRow)
    await desk.run(await desk.planned(ImportKind.PEOPLE, *lines))
    assert await count(database, MailRow) == 0
    await desk.run(await desk.planned(ImportKind.PEOPLE, *lines), invite=True)
    async with database.read() as session:
        (mail,) = (await session.scalars(select(MailRow))).all()
    assert (mail.to_address, mail.subject) == ("mei@works.example", f"{works.name} invites you to Tongxin")
    assert f"{LINKS}/reset?token=" in mail.text
    assert "Mei {name} <b>" in mail.text
    assert "<b>" not in mail.html
    assert await count(database, OneTimeLinkRow) == before + 1


async def test_every_change_has_its_line_in_the_audit_log(database: Database, people: People) -> None:
    desk = await desk_of(database, people)
    works = await people.organization()
    await desk.run(await desk.planned(ImportKind.PEOPLE, ("mei@works.example", "Mei", works.name, "officer", "")))
    async with database.read() as session:
        line = await session.scalar(select(AuditRow).where(AuditRow.action == "roles_changed"))
    assert line is not None
    assert (line.actor_id, line.organization_id, line.subject_name) == (desk.by, works.id, "Mei")
    assert line.details == {"file": "table.csv", "roles": "officer"}


async def test_what_a_file_said_of_people_is_deleted(database: Database, people: People) -> None:
    desk = await desk_of(database, people)
    planned = await desk.planned(ImportKind.ORGANIZATIONS, ("Works", "enterprise"))
    assert await desk.imports.purge(AT_MS) == []
    assert await desk.imports.purge(AT_MS + 1) == [planned.id]
    assert await desk.imports.by_key(desk.by, planned.key) is None
    assert await desk.imports.rows(planned.id, None, 0, 10) == []


async def test_a_reader_whose_time_is_over_writes_nothing_and_the_next_begins_anew(
    database: Database, people: People
) -> None:
    desk = await desk_of(database, people)
    kind = ImportKind.ORGANIZATIONS
    head = head_of(kind, HEADS[kind])
    piece = ReadPiece(rows=[read_row(kind, head, 2, ("Works", "enterprise"))], ignored=["colour"])
    import_id = await desk.imports.add(desk.by, "import-slow", kind, "table.csv", AT_MS)
    assert import_id is not None
    assert await desk.imports.add(desk.by, "import-slow", kind, "table.csv", AT_MS) is None
    slow = await desk.imports.claim(import_id, AT_MS, AT_MS + 10)
    assert slow is not None
    assert await desk.imports.read_piece(import_id, slow, piece, Known())
    assert (await desk.seen("import-slow")).total == 1  # somebody may look on
    assert await desk.imports.claim(import_id, AT_MS + 9, AT_MS + 20) is None
    next_one = await desk.imports.claim(import_id, AT_MS + 10, AT_MS + 20)
    assert next_one is not None
    assert next_one.tries == 2
    assert not await desk.imports.read_piece(import_id, slow, piece, Known())
    await desk.imports.end_reading(import_id, slow)
    assert (await desk.seen("import-slow")).state is ImportState.READING
    assert await desk.imports.read_piece(import_id, next_one, piece, Known())
    assert await desk.imports.unread() == [import_id]
    await desk.imports.end_reading(import_id, next_one, ImportFault.TOO_MANY)
    seen = await desk.seen("import-slow")
    assert (seen.state, seen.fault, seen.total) == (ImportState.UNREADABLE, ImportFault.TOO_MANY, 0)
    assert await desk.imports.rows(import_id, None, 0, 10) == []


async def test_pieces_have_a_bounded_number_of_statements(
    database: Database, people: People, queries: QueryCount
) -> None:
    desk = await desk_of(database, people)
    works = await people.organization()
    kind = ImportKind.PEOPLE
    head = head_of(kind, HEADS[kind])
    lines = [(f"p{number}@works.example", f"P {number}", works.name, "", "") for number in range(PIECE_ROWS)]
    rows = [read_row(kind, head, number, cells) for number, cells in enumerate(lines, start=2)]
    import_id = await desk.imports.add(desk.by, "import-wide", kind, "table.csv", AT_MS)
    assert import_id is not None
    claim = await desk.imports.claim(import_id, AT_MS, AT_MS + 10)
    assert claim is not None
    queries.reset()
    assert await desk.imports.read_piece(import_id, claim, ReadPiece(rows=rows), Known())
    assert len(queries.statements) <= 8
