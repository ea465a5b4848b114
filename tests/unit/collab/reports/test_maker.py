from __future__ import annotations

import asyncio

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from collab.problems import Refusal
from collab.reports.keys import public_hex
from collab.reports.maker import WAITING_MAX, ReportMaker
from collab.reports.seal import Verdict, verify
from rooms.core.codes import Code
from tests.support.reports import full_report

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


async def test_a_report_comes_from_another_process_and_is_sealed() -> None:
    files = await ReportMaker(KEY).make(full_report(2), "zh")
    for file in (files.pdf, files.html):
        assert verify(file, frozenset({public_hex(KEY)})).verdict is Verdict.INTACT


async def test_a_picture_that_cannot_be_read_is_named_and_the_next_report_is_made() -> None:
    maker, report = ReportMaker(KEY), full_report(1)
    bad = replace(report, stills=(replace(report.stills[0], image=b"\xff\xd8 no"),))
    with pytest.raises(Refusal) as refused:
        await maker.make(bad, "en")
    assert refused.value.code is Code.BAD_FILE
    assert (await maker.make(full_report(0), "en")).chain


async def test_a_process_that_fails_is_said_and_harms_no_other() -> None:
    maker = ReportMaker(KEY)
    with pytest.raises(Refusal) as refused:
        await maker.make(full_report(0), "tlh")
    assert refused.value.code is Code.UNAVAILABLE
    assert (await maker.make(full_report(0), "en")).chain


async def test_a_queue_has_an_end_and_who_goes_away_leaves_nothing() -> None:
    maker = ReportMaker(KEY)
    waiting = [asyncio.ensure_future(maker.make(full_report(0), "en")) for _ in range(WAITING_MAX)]
    await asyncio.sleep(0)
    with pytest.raises(Refusal) as refused:
        await maker.make(full_report(0), "en")
    assert refused.value.code is Code.UNAVAILABLE
    for one in waiting:
        one.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert (await maker.make(full_report(0), "en")).chain
