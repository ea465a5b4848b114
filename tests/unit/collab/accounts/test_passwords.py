"""Passwords: argon2id off the loop, bounded, and the same time for nobody as for somebody."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from collab.accounts import passwords
from collab.accounts.passwords import Passwords, weakness
from collab.problems import FieldFault, Refusal
from rooms.core.codes import Code

GOOD = "correct horse battery"


@pytest.fixture
async def made() -> AsyncIterator[Passwords]:
    one = Passwords(min_chars=10, workers=2)
    yield one
    await one.close()


async def test_a_hash_verifies_its_password_only(made: Passwords) -> None:
    hashed = await made.hash(GOOD)
    assert hashed.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert await made.verify(hashed, GOOD)
    assert not await made.verify(hashed, GOOD + " ")
    assert not await made.verify("not a hash", GOOD)
    assert not made.outdated(hashed)


async def test_nobody_never_matches(made: Passwords) -> None:
    assert not await made.verify(None, "")
    assert not await made.verify(None, GOOD)


async def test_an_unknown_account_takes_as_long_as_a_known_one(made: Passwords) -> None:
    hashed = await made.hash(GOOD)

    async def seconds(password_hash: str | None) -> float:
        """Of all processors: the clock on the wall depends on what else the machine does."""
        begin = time.process_time()
        await made.verify(password_hash, "wrong password")
        return time.process_time() - begin

    known, unknown = [], []
    for _ in range(9):
        known.append(await seconds(hashed))
        unknown.append(await seconds(None))
    assert 0.6 < min(unknown) / min(known) < 1.7


async def test_the_line_of_those_who_wait_is_bounded(made: Passwords, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "WAITING_MAX", 6)
    hashed = await made.hash(GOOD)
    results = await asyncio.gather(
        *(made.verify(hashed, GOOD) for _ in range(passwords.WAITING_MAX + 3)), return_exceptions=True
    )
    refused = [result for result in results if isinstance(result, Refusal)]
    assert [(one.code, one.retry_after_ms > 0) for one in refused] == [(Code.UNAVAILABLE, True)] * 3
    assert results.count(True) == passwords.WAITING_MAX


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        (GOOD, None),
        ("光学与激光联合实验室2026", None),
        ("short", FieldFault.TOO_SHORT),
        ("x" * 300, FieldFault.TOO_LONG),
        ("aaaaaaaaaaaa", FieldFault.TOO_WEAK),
        ("abababababab", FieldFault.TOO_WEAK),
        ("1234567890", FieldFault.TOO_WEAK),
        ("Password123", FieldFault.TOO_WEAK),
        ("Linxiaoming1", FieldFault.TOO_WEAK),
        ("lin@park.example1", FieldFault.TOO_WEAK),
    ],
)
def test_weakness(password: str, fault: FieldFault | None) -> None:
    assert weakness(password, 10, "linxiaoming", "lin@park.example") is fault


async def test_a_weak_choice_is_refused_by_its_field(made: Passwords) -> None:
    with pytest.raises(Refusal) as refused:
        await made.new_hash("short", "Lin", field="new_password")
    assert refused.value.fields == {"new_password": FieldFault.TOO_SHORT}
