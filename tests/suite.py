"""Run every check and test in stages, tell the progress, and close with one total.

`python -m tests.suite [STAGE ...] [--long]`; without a stage, all of them.  Every stage runs even when an earlier one
failed.  A check (a linter, a type checker) counts as one test; pytest and vitest report their own counts as JUnit
XML.  A process that outlives the stage which started it is a failure: this runner is the reaper of all its
descendants (prctl(2), PR_SET_CHILD_SUBREAPER), so none can hide.

Where at most AGAIN_MAX tests of a step fail they are run once more, alone: on a shared machine a browser or a server
is now and then late for reasons of the machine.  One that fails twice has failed; one that then passes is named as
unsteady at the end, so that it is seen and mended, and does not stop everybody else.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
REPORTS = ROOT / "build" / "reports"
BIN = Path(sys.executable).parent

PR_SET_CHILD_SUBREAPER = 36
KILL_GRACE_S = 5.0
LONG_FUZZ_S = 600
AGAIN_MAX = 3


@dataclass(frozen=True)
class Step:
    """One command.  With `report` it writes JUnit XML there; without, its exit code is one test."""

    name: str
    command: tuple[str, ...]
    folder: Path = ROOT
    report: Path | None = None
    timeout_s: float = 900.0
    environment: tuple[tuple[str, str], ...] = ()  # added to ours
    again: tuple[str, ...] = ()  # runs only what failed, with the same report; none: not run again


@dataclass(frozen=True)
class Stage:
    name: str
    about: str
    steps: tuple[Step, ...]


@dataclass
class Tally:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    broken: list[str] = field(default_factory=list)
    unsteady: list[str] = field(default_factory=list)  # failed, then passed alone; counted as passed

    def add(self, other: Tally) -> None:
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.broken += other.broken
        self.unsteady += other.unsteady

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def stages(long: bool) -> tuple[Stage, ...]:
    """The plan, cheapest first.  `long` picks the tests marked long instead of the others."""
    if long:
        environment = (("TONGXIN_FUZZ_SECONDS", str(LONG_FUZZ_S)),)
        fuzzing = tuple(
            replace(_pytest(name, folder, marks="fuzz", timeout_s=10_800), environment=environment)
            for name, folder in (("fuzzing", "tests/native"), ("mutations", "tests/unit"))
        )
        return (
            Stage("fuzzing", "every parser for a long time", fuzzing),
            Stage(
                "soak", "fifty people for two hours", (_pytest("soak", "tests/soak", marks="long", timeout_s=9_000),)
            ),
            Stage(
                "long",
                "what takes minutes",
                (_pytest("long", "tests", marks="long", but="tests/soak", timeout_s=7_200),),
            ),
        )
    return (
        Stage(
            "checks",
            "style, types, import rules, generated files",
            (
                Step("ruff check", (str(BIN / "ruff"), "check", "--quiet", ".")),
                Step("ruff format", (str(BIN / "ruff"), "format", "--quiet", "--check", ".")),
                Step("mypy", (str(BIN / "mypy"),)),
                Step("import rules", (str(BIN / "lint-imports"), "--no-logo")),
                Step("protocol.gen.ts", (sys.executable, "-m", "signaling.typescript", "--check")),
                Step("front end", ("npm", "run", "--silent", "check"), STATIC),
            ),
        ),
        Stage("native", "the C core under sanitizers, and fuzzing", (_pytest("native", "tests/native"),)),
        Stage(
            "unit",
            "each module alone",
            (
                _pytest("unit", "tests/unit", split=True),
                Step(
                    "vitest",
                    ("npx", "vitest", "run", "--reporter=dot", "--reporter=junit", f"--outputFile={_report('vitest')}"),
                    STATIC,
                    _report("vitest"),
                ),
            ),
        ),
        Stage(
            "contract",
            "the promises between modules and to clients",
            (_pytest("contract", "tests/contract", split=True),),
        ),
        Stage("integration", "real servers side by side", (_pytest("integration", "tests/integration"),)),
        Stage("e2e", "real browsers in a real meeting", (_pytest("e2e", "tests/e2e", timeout_s=1_200),)),
        Stage(
            "soak",
            "fifty people who never sit still, and a flood",
            (_pytest("flood", "tests/flood"), _pytest("soak", "tests/soak")),
        ),
        Stage("packaging", "the wheel in an empty environment", (_pytest("packaging", "tests/packaging"),)),
    )


def become_reaper() -> None:
    """From now on orphans below this process become its own children."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def run_stage(stage: Stage) -> Tally:
    """Run the steps that exist, one after the other, then look for what they left behind."""
    tally = Tally()
    began = time.monotonic()
    for step in stage.steps:
        tally.add(_run_step(step))
    for left in _reap_descendants():
        print(f"left behind by stage {stage.name}: {left}", flush=True)
        tally.add(Tally(failed=1, broken=[f"{stage.name}: process left behind: {left}"]))
    print(f"--- {stage.name}: {tally} in {time.monotonic() - began:.0f} s", flush=True)
    return tally


def _run_step(step: Step) -> Tally:
    first = _run_once(step)
    if not step.again or not 0 < first.failed <= AGAIN_MAX:
        return first
    print(f"    once more, alone: {', '.join(first.broken)}", flush=True)
    second = _run_once(replace(step, command=step.again))
    passed = second.passed == first.failed and second.failed == 0
    if not passed:  # also when the second run ended before it told of every test
        return first
    return Tally(first.passed + second.passed, 0, first.skipped, unsteady=first.broken)


def _run_once(step: Step) -> Tally:
    if step.report is not None:
        step.report.unlink(missing_ok=True)
    began = time.monotonic()
    environment = {**os.environ, **dict(step.environment)}
    process = subprocess.Popen(
        step.command, cwd=step.folder, env=environment, stdin=subprocess.DEVNULL, start_new_session=True
    )
    try:
        code = process.wait(step.timeout_s)
    except (subprocess.TimeoutExpired, KeyboardInterrupt) as error:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(KILL_GRACE_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if isinstance(error, KeyboardInterrupt):
            raise
        return Tally(failed=1, broken=[f"{step.name}: not finished within {step.timeout_s:.0f} s"])
    if step.report is None:
        print(f"    {step.name}: {'ok' if code == 0 else 'FAILED'} ({time.monotonic() - began:.1f} s)", flush=True)
        return Tally(passed=1) if code == 0 else Tally(failed=1, broken=[step.name])
    tally = read_report(step.report)
    if code != 0 and tally.failed == 0:  # it failed outside of any test: a collection error, a crash
        tally.add(Tally(failed=1, broken=[f"{step.name}: exit code {code}"]))
    return tally


def read_report(report: Path) -> Tally:
    """Count the test cases of a JUnit XML file; a missing or torn file counts nothing."""
    tally = Tally()
    try:
        cases: Iterable[ET.Element] = ET.parse(report).iter("testcase")  # noqa: S314 - written by us
    except (OSError, ET.ParseError):
        return tally
    for case in cases:
        if case.find("failure") is not None or case.find("error") is not None:
            tally.failed += 1
            tally.broken.append(f"{case.get('classname', '')} {case.get('name', '')}".strip())
        elif case.find("skipped") is not None:
            tally.skipped += 1
        else:
            tally.passed += 1
    return tally


def _reap_descendants() -> list[str]:
    """Kill whatever still descends from this process and say what it was.  What has ended is only buried."""
    left: dict[int, str] = {}
    deadline = time.monotonic() + KILL_GRACE_S
    while True:
        _bury_the_dead()
        alive = _descendants(os.getpid())
        if not alive:
            return list(left.values())
        if time.monotonic() > deadline:
            # Given its grace to end by itself; now it is a fault.
            for pid in alive:
                left.setdefault(pid, _command_line(pid))
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
        _wait_for_end(alive[0])


def _wait_for_end(pid: int) -> None:
    """Until the process has ended, but at most 0.1 s."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    select.select([handle], [], [], 0.1)
    os.close(handle)


def _bury_the_dead() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0] != 0:
            pass
    except ChildProcessError:
        return


def _descendants(ancestor: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                status = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it ended while we looked
            if status[0] != "Z":
                children.setdefault(int(status[1]), []).append(int(entry.name))
    found: list[int] = []
    pending = [ancestor]
    while pending:
        below = children.get(pending.pop(), [])
        found += below
        pending += below
    return found


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()[:200]
    except OSError:
        return f"process {pid}"


def _report(name: str) -> Path:
    return REPORTS / f"{name}.xml"


def _pytest(
    name: str, folder: str, *, marks: str = "not long", but: str = "", timeout_s: float = 900.0, split: bool = False
) -> Step:
    """`split`: over two processes, for tests that wait more than they compute and share nothing."""
    without = (f"--ignore={but}",) if but else ()
    command = (sys.executable, "-m", "pytest", "-q", "-m", marks, f"--junitxml={_report(name)}", folder, *without)
    again = (*command, "--last-failed", "--last-failed-no-failures=none")
    parallel = ("-n", "2", "--dist", "worksteal") if split else ()
    return Step(f"pytest {folder}", (*command, *parallel), report=_report(name), timeout_s=timeout_s, again=again)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="tests.suite", description="Run the checks and tests in stages.")
    parser.add_argument("stage", nargs="*", help="only these stages")
    parser.add_argument("--long", action="store_true", help="the tests marked long instead of the others")
    options = parser.parse_args(arguments)
    plan = stages(options.long)
    unknown = set(options.stage) - {stage.name for stage in plan}
    if unknown:
        parser.error(f"no such stage: {', '.join(sorted(unknown))}; there are {', '.join(s.name for s in plan)}")
    chosen = [stage for stage in plan if not options.stage or stage.name in options.stage]

    become_reaper()
    # A shell starts what runs in the background with SIGINT ignored, and all below inherit that: but the tests send it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    REPORTS.mkdir(parents=True, exist_ok=True)
    total = Tally()
    began = time.monotonic()
    for number, stage in enumerate(chosen, 1):
        print(f"\n[{number}/{len(chosen)}] {stage.name}: {stage.about}", flush=True)
        total.add(run_stage(stage))
    print(f"\n{len(chosen)} stages in {time.monotonic() - began:.0f} s")
    for line in total.unsteady:
        print(f"unsteady: {line} (failed once, passed when it was run again alone)")
    for line in total.broken:
        print(f"FAILED {line}")
    print(total, flush=True)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
