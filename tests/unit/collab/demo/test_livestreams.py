"""What the invented park has streamed and will stream can be counted, registered for and watched by the real one."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from random import Random

import av
import pytest
from obstore.store import ObjectStore
from sqlalchemy import select

from collab.accounts.repository import AccountRepository
from collab.db.engine import Database
from collab.demo.films import CARDS, SECONDS_EACH, write_films
from collab.demo.livestreams import SHOWN, write_livestreams
from collab.demo.people import Cast, invent_people, write_people
from collab.files.store import Files, open_store
from collab.livestream.life import LifeState
from collab.livestream.models import LivestreamRow
from collab.livestream.numbers_repository import NumbersRepository
from collab.livestream.registration import checked
from collab.livestream.registration_repository import RegistrationRepository
from collab.livestream.repository import LivestreamRepository
from collab.livestream.values import Livestream
from signaling.egress.slides import FRAMES_PER_S
from tests.support.databases import QueryCount, SqliteDatabases

NOW_MS = 1_795_401_000_000


@pytest.fixture
def database_url(sqlite_databases: SqliteDatabases) -> str:
    """The statements are the ones of the repositories' own tests."""
    return sqlite_databases.url()


async def streamed(database: Database) -> tuple[Cast, list[Livestream]]:
    cast = invent_people(8, 60, NOW_MS - 40 * 86_400_000, Random(7))
    async with database.write() as session:
        await write_people(session, cast, NOW_MS, {})
        await write_livestreams(session, cast, NOW_MS, Random(8))
        ids = list(await session.scalars(select(LivestreamRow.id)))
    found = [await LivestreamRepository(database).get(one) for one in ids]
    return cast, [one for one in found if one is not None]


async def test_there_is_one_of_each_state_with_what_belongs_to_it(database: Database, queries: QueryCount) -> None:
    cast, livestreams = await streamed(database)
    assert len(livestreams) == len(SHOWN)
    of = {one.state: one for one in livestreams}
    assert set(of) == {LifeState.DRAFT, LifeState.SCHEDULED, LifeState.ENDED, LifeState.REPLAY}
    numbers, registrations = NumbersRepository(database), RegistrationRepository(database)
    for one in livestreams:
        assert (one.starts_at_ms < NOW_MS) == (one.state in (LifeState.ENDED, LifeState.REPLAY))
        stays = await numbers.stays(one.id, NOW_MS, 60_000)
        assert bool(stays) == (one.live_at_ms > 0)
        assert all(one.live_at_ms <= stay.joined_at_ms <= stay.left_at_ms <= one.ended_at_ms for stay in stays)
        for registered in await registrations.listed(one.id, None, "", "", 100):
            assert checked(one.registration.fields, registered.answers) == registered.answers
    asked = await numbers.questions(of[LifeState.ENDED].id)
    assert all(votes for _row, votes in asked)
    ((poll, answers),) = await numbers.polls(of[LifeState.ENDED].id)
    assert all(choice < len(poll.options) for answer in answers for choice in answer.choices)
    # and a company sees what is announced to it
    boss = await AccountRepository(database).member(cast.of(cast.companies[3])[0].id)
    assert boss is not None
    queries.reset()
    listed = await LivestreamRepository(database).listed(
        boss.account.id, boss.account.email, boss.organization_ids, boss.administered_ids,
        all_of_park=False, states=(), search="", before="", limit=20,
    )  # fmt: skip
    assert {one.state for one in listed} == {LifeState.SCHEDULED, LifeState.ENDED, LifeState.REPLAY}
    assert len(queries.statements) <= 4  # however many there are


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return open_store("", tmp_path / "files")


def frames_of(film: bytes) -> tuple[int, float]:
    """How many, and how long they last (seconds)."""
    with av.open(io.BytesIO(film), "r") as container:
        assert container.duration is not None
        return len(list(container.decode(video=0))), container.duration / av.time_base


async def test_the_replay_is_a_film_that_plays(database: Database, store: ObjectStore) -> None:
    _cast, livestreams = await streamed(database)
    files = Files(store, database)
    assert await write_films(database, files, Random(9)) == 1
    replay = next(one for one in livestreams if one.state is LifeState.REPLAY)
    recording = await LivestreamRepository(database).replay(replay.room_id)
    assert recording is not None
    assert recording.sha256 is not None
    frames, seconds = await asyncio.to_thread(frames_of, await files.load(recording.sha256))
    assert frames == len(CARDS) * SECONDS_EACH * FRAMES_PER_S
    assert seconds == pytest.approx(recording.film_ms / 1_000, abs=1 / FRAMES_PER_S)
