"""What the invented park has announced can be read, counted and gone on with by the real one."""

from __future__ import annotations

from random import Random

import pytest

from collab.accounts.repository import AccountRepository
from collab.announcements.models import AnnouncementState
from collab.announcements.receipts import ReceiptRepository
from collab.announcements.repository import AnnouncementRepository
from collab.announcements.rules import publishes_for, sees
from collab.db.engine import Database
from collab.demo.announcements import write_announcements
from collab.demo.people import invent_people, write_people
from tests.support.databases import SqliteDatabases

NOW_MS = 1_795_401_000_000


@pytest.fixture
def database_url(sqlite_databases: SqliteDatabases) -> str:
    """The statements are the ones of the repositories' own tests."""
    return sqlite_databases.url()


async def test_it_has_each_state_and_receipts_that_add_up(database: Database) -> None:
    cast = invent_people(8, 60, NOW_MS - 40 * 86_400_000, Random(7))
    async with database.write() as session:
        await write_people(session, cast, NOW_MS, {})
        await write_announcements(session, cast, NOW_MS, Random(8))
    announcements, receipts = AnnouncementRepository(database), ReceiptRepository(database)
    chief = await AccountRepository(database).member(cast.chief.id)
    assert chief is not None
    written = await receipts.written(publishes_for(chief), None, "", 20)
    assert {one.state for one in written} == {
        AnnouncementState.DRAFT,
        AnnouncementState.SCHEDULED,
        AnnouncementState.PUBLISHED,
    }
    for line in written:
        found = await announcements.get(line.id, chief.account.id)
        assert found is not None
        assert sees(chief, *found)
        tallies = await receipts.tallies(found[0])
        assert (sum(one.people for one in tallies), sum(one.read for one in tallies)) == (line.people, line.read)
    assert len(written) == 4  # and a company's own, which the park does not see
    assert await announcements.due(NOW_MS + 2 * 86_400_000, 10) != []
