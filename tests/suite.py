"""Run every check and test in stages, tell the progress, and close with one total.

`python -m tests.suite [STAGE ...] [--long]`; without a stage, all of them.  Every stage runs even when an earlier one
failed.  A check (a linter, a type checker) counts as one test; pytest and vitest report their own counts as JUnit
XML.  A process that outlives the stage which started it is a failure: this runner is the reaper of all its
descendants (support/reaper.py), so none can hide.

Browsers in a meeting wait more than they compute, and so does a soak.  So the stages run in two lanes: one waits, the
other computes beside it with less right to the processors (nice(1)), and shows what it said when a stage of it ends.
What fits into either lane is taken by the one that is done first, so that no processor idles at the end.

Where at most AGAIN_MAX tests of a step fail they are run once more at the end of the lanes, alone: on a shared machine
a browser or a server is now and then late for reasons of the machine.  One that fails twice has failed; one that then
passes is named as unsteady at the end, so that it is seen and mended, and does not stop everybody else.
"""

from __future__ import annotations

import argparse
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.support.reaper import become_reaper, reap_descendants

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
REPORTS = ROOT / "build" / "reports"
CACHES = ROOT / "build" / "pytest"
BIN = Path(sys.executable).parent

KILL_GRACE_S = 5.0
LONG_FUZZ_S = 600
AGAIN_MAX = 3
PATIENT = ("nice", "-n", "5")  # a third of the weight of the other lane (sched(7))
LOOK_EVERY_S = 1.0  # whether the run was interrupted


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


class Lane(Enum):
    ALONE = "alone"  # after the others
    WAITS = "waits"
    COMPUTES = "computes"
    EITHER = "either"  # whichever of the two is done with its own first


@dataclass(frozen=True)
class Stage:
    name: str
    about: str
    steps: tuple[Step, ...]
    lane: Lane = Lane.ALONE


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
            Lane.COMPUTES,
        ),
        Stage("integration", "real servers side by side", (_pytest("integration", "tests/integration"),), Lane.WAITS),
        Stage(
            "native", "the C core under sanitizers, and fuzzing", (_pytest("native", "tests/native"),), Lane.COMPUTES
        ),
        Stage(
            "e2e",
            "real browsers in a real meeting",
            (_pytest("e2e", "tests/e2e", marks="not long and not pages", timeout_s=1_200),),
            Lane.WAITS,
        ),
        Stage(
            "unit",
            "each module alone",
            (
                _pytest("unit", "tests/unit", split=True, timeout_s=1_200),
                Step(
                    "vitest",
                    ("npx", "vitest", "run", "--reporter=dot", "--reporter=junit", f"--outputFile={_report('vitest')}"),
                    STATIC,
                    _report("vitest"),
                ),
            ),
            Lane.COMPUTES,
        ),
        Stage(
            "contract",
            "the promises between modules and to clients",
            (_pytest("contract", "tests/contract", split=True, timeout_s=1_200),),
            Lane.COMPUTES,
        ),
        Stage("soak", "fifty people who never sit still", (_pytest("soak", "tests/soak"),), Lane.WAITS),
        Stage(
            "pages",
            "real browsers on pages that show no media",
            (_pytest("pages", "tests/e2e", marks="pages and not long"),),
            Lane.EITHER,
        ),
        Stage(
            "packaging",
            "the wheel in an empty environment",
            (_pytest("packaging", "tests/packaging"),),
            Lane.EITHER,
        ),
        Stage("flood", "a media port under fire", (_pytest("flood", "tests/flood"),)),
    )


def groups(chosen: Sequence[Stage]) -> list[list[Stage]]:
    """What runs at the same time; one after the other where there are not two lanes of it."""
    lanes = [stage for stage in chosen if stage.lane is not Lane.ALONE]
    if len({stage.lane for stage in lanes}) < 2:
        return [[stage] for stage in chosen]
    return [lanes, *([stage] for stage in chosen if stage.lane is Lane.ALONE)]


@dataclass
class _Done:
    """A step that has run, and what it came to."""

    stage: Stage
    step: Step
    tally: Tally


def run_stages(stages: Sequence[Stage]) -> Tally:
    """Run the two lanes beside each other, then once more what failed, then look for what they left behind."""
    computing = deque(stage for stage in stages if stage.lane is Lane.COMPUTES)
    others = deque(stage for stage in stages if stage.lane in (Lane.WAITS, Lane.ALONE))
    either = deque(stage for stage in stages if stage.lane is Lane.EITHER)
    cpu = _CpuTime()
    stop = threading.Event()
    with ThreadPoolExecutor(1) as beside:
        patient = beside.submit(_run_lane, computing, either, stop, cpu, patient=bool(others))
        try:
            done = _run_lane(others, either, stop, cpu)
            done += patient.result()
        except BaseException:
            stop.set()
            raise
    tally = Tally()
    for one in done:
        tally.add(_again(one))
    names = ", ".join(stage.name for stage in stages)
    for left in reap_descendants(KILL_GRACE_S):
        print(f"left behind by {names}: {left}", flush=True)
        tally.add(Tally(failed=1, broken=[f"{names}: process left behind: {left}"]))
    return tally


class _CpuTime:
    """What the processes cost that have ended, with all that they waited for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told_s = self._all_s()

    def since_last_asked_s(self) -> float:
        with self._lock:
            before, self._told_s = self._told_s, self._all_s()
            return self._told_s - before

    @staticmethod
    def _all_s() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime


def _run_lane(
    own: deque[Stage], either: deque[Stage], stop: threading.Event, cpu: _CpuTime, *, patient: bool = False
) -> list[_Done]:
    done: list[_Done] = []
    while not stop.is_set():
        try:
            stage = (own or either).popleft()
        except IndexError:
            break
        print(f"\n[{stage.name}] {stage.about}{', beside the others' if patient else ''}", flush=True)
        began, cpu_s = time.monotonic(), 0.0
        tally = Tally()
        for step in stage.steps:
            done.append(_Done(stage, step, _run_once(step, stop, patient=patient)))
            cpu_s += cpu.since_last_asked_s()
            tally.add(done[-1].tally)
        took_s = time.monotonic() - began
        print(f"--- {stage.name}: {tally} in {took_s:.0f} s, with {cpu_s:.0f} s of CPU", flush=True)
    return done


def _again(done: _Done) -> Tally:
    """What a step comes to when those of its tests that failed, if they are few, have had their second chance."""
    first, step = done.tally, done.step
    if not step.again or not 0 < first.failed <= AGAIN_MAX:
        return first
    print(f"\n[{done.stage.name}] once more, alone: {', '.join(first.broken)}", flush=True)
    second = _run_once(replace(step, command=step.again), threading.Event())
    passed = second.passed == first.failed and second.failed == 0
    if not passed:  # also when the second run ended before it told of every test
        return first
    return Tally(first.passed + second.passed, 0, first.skipped, unsteady=first.broken)


def _run_once(step: Step, stop: threading.Event, *, patient: bool = False) -> Tally:
    """`patient`: with less right to the processors, and with its output kept together until it ends."""
    if step.report is not None:
        step.report.unlink(missing_ok=True)
    began = time.monotonic()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            (*PATIENT, *step.command) if patient else step.command,
            cwd=step.folder,
            env={**os.environ, **dict(step.environment)},
            stdin=subprocess.DEVNULL,
            stdout=said if patient else None,
            stderr=subprocess.STDOUT if patient else None,
            start_new_session=True,
        )
        try:
            code = _wait(process, began + step.timeout_s, stop)
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
        finally:
            said.seek(0)
            if text := said.read().decode(errors="replace").strip():
                print(f"\n{text}", flush=True)
    if step.report is None:
        print(f"    {step.name}: {'ok' if code == 0 else 'FAILED'} ({time.monotonic() - began:.1f} s)", flush=True)
        return Tally(passed=1) if code == 0 else Tally(failed=1, broken=[step.name])
    tally = read_report(step.report)
    if code != 0 and tally.failed == 0:  # it failed outside of any test: a collection error, a crash
        tally.add(Tally(failed=1, broken=[f"{step.name}: exit code {code}"]))
    return tally


def _wait(process: subprocess.Popen[bytes], until: float, stop: threading.Event) -> int:
    """Its exit code.  Raises TimeoutExpired, also when the run was interrupted."""
    while True:
        left_s = until - time.monotonic()
        try:
            return process.wait(max(0.0, min(LOOK_EVERY_S, left_s)))
        except subprocess.TimeoutExpired:
            if left_s <= 0 or stop.is_set():
                raise


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


def _report(name: str) -> Path:
    return REPORTS / f"{name}.xml"


def _pytest(
    name: str, folder: str, *, marks: str = "not long", but: str = "", timeout_s: float = 900.0, split: bool = False
) -> Step:
    """`split`: over two processes, for tests that wait more than they compute and share nothing."""
    without = (f"--ignore={but}",) if but else ()
    cache = f"cache_dir={CACHES / name}"  # its own: two that end at the same moment would forget each other's failures
    with_marks = (sys.executable, "-m", "pytest", "-q", "-o", cache, "-m", marks)
    command = (*with_marks, f"--junitxml={_report(name)}", folder, *without)
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
    for stages_now in groups(chosen):
        total.add(run_stages(stages_now))
    print(f"\n{len(chosen)} stages in {time.monotonic() - began:.0f} s")
    for line in total.unsteady:
        print(f"unsteady: {line} (failed once, passed when it was run again alone)")
    for line in total.broken:
        print(f"FAILED {line}")
    print(total, flush=True)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
