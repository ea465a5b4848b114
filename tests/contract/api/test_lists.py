"""No list of the API asks the database more often because it is longer: each is asked for one line and for many."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from collab.accounts.passwords import Passwords
from collab.app import ENDPOINTS
from collab.clock import now_ms
from collab.demo.seed import sign_ins
from collab.demo.write import Size, write_park
from tests.support.api import PASSWORD, Browser, open_park
from tests.support.databases import QueryCount

MANY = 40
LISTS_MIN = 15


@pytest.mark.timeout(120)
async def test_a_longer_list_asks_no_more_often(tmp_path: Path, redis_url: str) -> None:
    async with open_park(tmp_path / "data", "", redis_url) as park:
        # given the demo park, and somebody of its desk and of a company
        passwords = await asyncio.to_thread(Passwords, 8)
        hashed = await passwords.hash(PASSWORD)
        await passwords.close()
        cast = await write_park(
            park.database,
            Size(companies=8, people=60, requests=60, days=40),
            now_ms(),
            hashes=lambda cast: {one.someone.id: hashed for one in sign_ins(cast)},
        )
        people: list[Browser] = []
        for who in (cast.chief, cast.officers[0], cast.of(cast.companies[0])[0]):
            people.append(park.browser())
            assert (await people[-1].sign_in(who.email)).status == 200
        lists = [
            one.path
            for one in park.app[ENDPOINTS]
            if one.method == "GET"
            and "{" not in one.path
            and any(field.name == "limit" for field in msgspec.structs.fields(one.input))
        ]
        queries, wrong, long_ones = QueryCount(park.database), [], set()

        # when each list is asked for one line, and for many
        for path in lists:
            for person in people:
                counts, lengths = [], []
                for limit in (1, MANY):
                    queries.reset()
                    answer = await person.get(f"{path}?limit={limit}")
                    if answer.status != 200:  # not theirs, or it wants to know what about
                        break
                    counts.append(len([one for one in queries.statements if one.startswith("SELECT")]))
                    lengths.append(
                        max((len(found) for found in answer.json.values() if isinstance(found, list)), default=0)
                    )
                else:
                    if lengths[1] > lengths[0]:
                        long_ones.add(path)
                    if counts[1] > counts[0]:
                        wrong.append(f"{path}: {counts} queries for {lengths} lines")
        assert wrong == []
        assert len(long_ones) >= LISTS_MIN, (sorted(long_ones), sorted(lists))
