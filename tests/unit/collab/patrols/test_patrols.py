"""Spot checks of a job: begun by the park, answered by the installer, closed when nothing is left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from collab.assist.job_repository import JobRepository
from collab.assist.jobs import JobService
from collab.assist.machine_repository import MachineRepository
from collab.assist.machines import MachineService
from collab.assist.models import JobState
from collab.assist.values import JobEvent
from collab.db.engine import Database
from collab.files.store import Files, open_store
from collab.patrols.models import CheckKind, CheckState, FindingState, ItemResult
from collab.patrols.repository import PatrolRepository
from collab.patrols.service import LateFindings, PatrolService
from collab.patrols.values import FindingAction
from rooms.core.codes import Code
from tests.support.databases import QueryCount
from tests.unit.collab.directory.conftest import World, world
from tests.unit.collab.directory.test_needs import refused
from tests.unit.collab.requests.conftest import NoLimits

__all__ = ["world"]

LINES = ["The site is fenced off", "Lifting gear is inspected"]
DUE = date(2026, 12, 3)


@dataclass
class Round:
    world: World
    patrols: PatrolService
    late: LateFindings
    job_id: str


@pytest.fixture
async def round_(world: World, database: Database, tmp_path: Path) -> Round:
    machines = MachineService(MachineRepository(database), world.people.organizations, NoLimits())
    jobs = JobService(JobRepository(database), machines, world.people.organizations, NoLimits())
    event = JobEvent("request", JobState.IN_PROGRESS, world.owner.account.id, "Zhou", "", 1, 2, world.now_ms)
    job = await JobRepository(database).add("Set up", "", world.machine.id, world.factory.id, world.fitters.id, event)
    files = Files(open_store("", tmp_path / "files"), database)
    sql = PatrolRepository(database)
    return Round(
        world,
        PatrolService(database, sql, jobs, files, NoLimits(), lambda: None, lambda: world.now_ms),
        LateFindings(database, sql, lambda: None, lambda: world.now_ms),
        job.id,
    )


async def test_a_check_closes_when_every_line_and_every_finding_is_settled(round_: Round, queries: QueryCount) -> None:
    patrols, world = round_.patrols, round_.world
    check_id = await patrols.begin(world.officer, round_.job_id, CheckKind.PHOTOS, [*LINES, " "], "")
    await patrols.find(world.officer, check_id, "No fence at the north gate", DUE)
    assert await refused(patrols.close(world.officer, check_id)) is Code.WRONG_STATE
    ticks = [(0, ItemResult.FAILED, "north gate"), (1, ItemResult.PASSED, "")]
    await patrols.tick(world.officer, check_id, ticks)
    assert await refused(patrols.close(world.officer, check_id)) is Code.WRONG_STATE  # the finding
    check, _ = await patrols.seen(world.hand, check_id)
    finding = check.findings[0].id
    close = patrols.move_finding(world.hand, check_id, finding, FindingAction.CLOSE, "")
    assert await refused(close) is Code.FORBIDDEN
    await patrols.move_finding(world.hand, check_id, finding, FindingAction.REMEDY, "Fenced")
    await patrols.move_finding(world.officer, check_id, finding, FindingAction.REOPEN, "Not all of it")
    await patrols.move_finding(world.hand, check_id, finding, FindingAction.REMEDY, "Now it is")
    await patrols.move_finding(world.officer, check_id, finding, FindingAction.CLOSE, "")
    await patrols.close(world.officer, check_id)
    queries.reset()
    check, _ = await patrols.seen(world.owner, check_id)
    assert len(queries.statements) <= 7
    assert (check.line.state, check.findings[0].state) == (CheckState.CLOSED, FindingState.CLOSED)
    assert [one.action for one in check.findings[0].events] == ["find", "remedy", "reopen", "remedy", "close"]
    assert await world.notices(world.fitter) == ["finding_new"]
    assert await world.notices(world.officer) == ["finding_remedied", "finding_remedied"]
    assert await refused(patrols.tick(world.officer, check_id, ticks)) is Code.WRONG_STATE


async def test_only_the_jobs_people_see_and_answer(round_: Round) -> None:
    patrols, world = round_.patrols, round_.world
    begin = patrols.begin(world.owner, round_.job_id, CheckKind.VISIT, LINES, "")
    assert await refused(begin) is Code.FORBIDDEN
    begin = patrols.begin(world.rigger, round_.job_id, CheckKind.VISIT, LINES, "")
    assert await refused(begin) is Code.NOT_FOUND
    check_id = await patrols.begin(world.officer, round_.job_id, CheckKind.CALL, LINES, "")
    await patrols.find(world.officer, check_id, "No fence", DUE)
    finding = (await patrols.seen(world.hand, check_id))[0].findings[0].id
    for asked in (
        patrols.seen(world.rigger, check_id),
        patrols.of_job(world.rigger, round_.job_id),
        patrols.photo(world.rigger, check_id, "photo-001"),
        patrols.bringing(world.rigger, check_id, "photo-001", -1),
        patrols.tick(world.rigger, check_id, []),
        patrols.move_finding(world.rigger, check_id, finding, FindingAction.REMEDY, ""),
        patrols.seen(world.officer, "0" * 26),
    ):
        assert await refused(asked) is Code.NOT_FOUND
    listed = patrols.listed(world.owner, None, late=False, before="", limit=10)
    assert await refused(listed) is Code.FORBIDDEN
    assert await refused(patrols.find(world.hand, check_id, "x", DUE)) is Code.FORBIDDEN


async def test_what_is_late_is_listed_and_told_once(round_: Round, queries: QueryCount) -> None:
    patrols, world = round_.patrols, round_.world
    check_id = await patrols.begin(world.officer, round_.job_id, CheckKind.VISIT, LINES, "")
    await patrols.begin(world.officer, round_.job_id, CheckKind.VISIT, LINES, "")
    await patrols.find(world.officer, check_id, "No fence", DUE)
    assert (await patrols.listed(world.officer, None, late=True, before="", limit=10))[0] == []
    world.now_ms += 3 * 86_400_000
    assert patrols.today == DUE + timedelta(days=1)
    queries.reset()
    found, more = await patrols.listed(world.chief, CheckState.OPEN, late=True, before="", limit=10)
    assert len(queries.statements) == 1
    assert ([(one.id, one.open_findings, one.items) for one in found], more) == ([(check_id, 1, 2)], False)
    for _again in range(2):
        await round_.late.work()
    assert await world.notices(world.officer) == ["finding_late"]
    assert await world.notices(world.fitter) == ["finding_new", "finding_late"]
