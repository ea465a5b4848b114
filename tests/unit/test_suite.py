"""The runner's own promises: it counts what was reported and finds what was left running."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.suite import ROOT, Lane, groups, read_report, stages

JUNIT = """<testsuites><testsuite>
<testcase classname="a" name="one"/>
<testcase classname="a" name="two"><failure>no</failure></testcase>
<testcase classname="a" name="three"><error>no</error></testcase>
<testcase classname="a" name="four"><skipped/></testcase>
</testsuite></testsuites>"""

# The stage runs in a process of its own, because a reaper adopts every orphan of the test run.
STAGE = """
import sys
from tests.suite import Stage, Step, become_reaper, run_stages
become_reaper()
print(run_stages([Stage("probe", "", (Step("probe", ("bash", "-c", sys.argv[1])),))]).broken)
"""

AGAIN = """
import sys
from pathlib import Path
from tests.suite import Stage, Step, become_reaper, run_stages
become_reaper()
report, first, second = sys.argv[1:]
step = Step("probe", ("bash", "-c", first), report=Path(report), again=("bash", "-c", second))
tally = run_stages([Stage("probe", "", (step,))])
print(tally, tally.unsteady)
"""

# Each lane ends only when it has seen that the other one runs.
LANES = """
import sys
from pathlib import Path
from tests.suite import Lane, Stage, Step, become_reaper, run_stages
become_reaper()
folder = Path(sys.argv[1])
def waits(me, other):
    script = f"nice; touch {folder / me}; until test -e {folder / other}; do read -t 0.02 <> <(:) || true; done"
    return (Step(me, ("bash", "-c", script), timeout_s=30),)
print(run_stages([Stage("a", "", waits("a", "b"), Lane.WAITS), Stage("b", "", waits("b", "a"), Lane.COMPUTES)]))
"""

# The lane that waits ends only when the other one, whose own is nothing, has taken what fits into both.
EITHER = LANES.replace('waits("b", "a"), Lane.COMPUTES', 'waits("b", "a"), Lane.EITHER')


def test_counts_each_outcome_of_a_junit_report(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(JUNIT)

    tally = read_report(report)

    assert str(tally) == "1 passed, 2 failed, 1 skipped"
    assert tally.broken == ["a two", "a three"]


def test_a_missing_report_counts_nothing(tmp_path: Path) -> None:
    assert str(read_report(tmp_path / "none.xml")) == "0 passed, 0 failed, 0 skipped"


def test_a_process_that_outlives_its_stage_is_a_failure_and_is_ended() -> None:
    said = _run_stage("setsid sleep 287 </dev/null >/dev/null 2>&1 & true")

    assert "process left behind: sleep 287" in said
    assert _running("sleep 287") == []


def test_a_process_that_ends_by_itself_is_none() -> None:
    assert _run_stage("setsid sleep 0.3 </dev/null >/dev/null 2>&1 & true").endswith("[]")


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ("<testcase classname='a' name='two'/>", "2 passed, 0 failed, 0 skipped ['a two']"),
        ("<testcase classname='a' name='two'><failure/></testcase>", "1 passed, 1 failed, 0 skipped []"),
        ("", "1 passed, 1 failed, 0 skipped []"),
    ],
)
def test_what_failed_is_run_once_more_and_counts_when_it_fails_again(tmp_path: Path, second: str, said: str) -> None:
    report = tmp_path / "report.xml"
    first = "<testcase classname='a' name='one'/><testcase classname='a' name='two'><error/></testcase>"

    def writes(cases: str) -> str:
        return f'echo "<testsuite>{cases}</testsuite>" > {report}'

    done = subprocess.run(
        [sys.executable, "-c", AGAIN, str(report), writes(first), writes(second)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.stdout.splitlines()[-1] == said


@pytest.mark.parametrize("plan", [LANES, EITHER])
def test_one_lane_computes_beside_the_other_that_waits_and_yields_to_it(plan: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", plan, str(tmp_path)], cwd=ROOT, check=True, capture_output=True, text=True, timeout=60
    )

    mine = os.nice(0)
    said = done.stdout.splitlines()
    assert said[-1] == "2 passed, 0 failed, 0 skipped"
    assert {str(mine), str(min(19, mine + 5))} <= set(said)


def test_a_lane_of_its_own_runs_stage_by_stage() -> None:
    plan = stages(long=False)
    both, *alone = groups(plan)
    assert {stage.lane for stage in both} == {Lane.WAITS, Lane.COMPUTES, Lane.EITHER}
    assert [[stage.lane for stage in one] for one in alone] == [[Lane.ALONE]]
    assert [[one.name for one in group] for group in groups(both[:1])] == [[both[0].name]]
    assert all(len(group) == 1 for group in groups(stages(long=True)))


def _run_stage(script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", STAGE, script], cwd=ROOT, check=True, capture_output=True, text=True, timeout=60
    )
    return done.stdout.strip()


def _running(command: str) -> list[str]:
    wanted = command.replace(" ", "\0").encode() + b"\0"
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if entry.read_bytes() == wanted:
                found.append(entry.parent.name)
        except OSError:
            continue
    return found
