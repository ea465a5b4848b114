"""`python -m tests.bench_network`: calls on bad networks, ours and Janus's in one run."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from tests.support import namespaces

from . import calls, fec, load, report
from .hosts import Network, network
from .measure import Recording, figures, record, widest
from .report import Row
from .scenarios import SCENARIOS, Scenario, begin

Start = Callable[[Network, Path], AbstractAsyncContextManager[calls.Call]]
WARM_UP_S = 8.0  # Chromium's estimate grows to the camera's limit
TRIES = 3  # of a call that does not come about, on a machine that is busy with other things


async def run(start: Start, scenario: Scenario, folder: Path, seed: int, warm_up_s: float) -> list[Row]:
    with network(seed) as hosts:
        busy = await load.busy()
        async with start(hosts, folder) as call:
            begin(hosts, scenario.phases[0])
            await asyncio.sleep(warm_up_s)
            recorded: list[Recording] = []
            for phase in scenario.phases:
                begin(hosts, phase)
                recorded.append(await record(call, phase.seconds))
    width = max(widest(one.subscriber) for one in recorded)
    steady_width = max(widest(one.steady) for one in recorded)
    return [
        Row(call.name, phase, figures(one.subscriber, width), figures(one.steady, steady_width), one, busy)
        for phase, one in zip(scenario.phases, recorded, strict=True)
    ]


async def try_run(start: Start, scenario: Scenario, folder: Path, seed: int, warm_up_s: float) -> list[Row]:
    """No rows when the call did not come about, which is said; the others' figures stand without it."""
    for number in range(TRIES):
        own = folder / str(number)
        own.mkdir(parents=True)
        try:
            return await run(start, scenario, own, seed, warm_up_s)
        except Exception as error:  # noqa: BLE001 - whatever it was, the other scenarios are still worth measuring
            print(f"{scenario.name}: no call: {error!r}", file=sys.stderr, flush=True)
    return []


async def measure(
    starts: list[Start], scenarios: list[Scenario], folder: Path, seed: int, warm_up_s: float
) -> report.Tables:
    tables: report.Tables = {}
    for scenario in scenarios:
        rows: list[Row] = []
        for number, start in enumerate(starts):
            rows += await try_run(start, scenario, folder / f"{len(tables)}-{number}", seed, warm_up_s)
        order = {phase.name: number for number, phase in enumerate(scenario.phases)}
        tables[scenario.name] = sorted(rows, key=lambda row: order[row.phase.name])
        print(scenario.name, *(report.line(row) for row in tables[scenario.name]), sep="\n", flush=True)
    return tables


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench_network", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="only try the bench: a few seconds each, nothing is written"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="scenarios whose name holds this; nothing is written")
    parser.add_argument("--fec", action="store_true", help="redundancy for video instead, which is written")
    arguments = parser.parse_args()
    if reason := namespaces.available():
        print(reason, file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="tx-networks-") as name:
        folder = Path(name)
        if arguments.fec:
            text = asyncio.run(fec.measure(folder, arguments.seed, 0.1 if arguments.quick else 1.0))
            print(text)
            if not arguments.quick:
                report.write_redundancy(text)
            return 0
        starts: list[Start] = [calls.tongxin]
        if shutil.which("janus"):
            starts.append(calls.debian_janus)
        else:
            print("janus is not installed (apt-get install janus): its rows are left out")
        scenarios = [scenario for scenario in SCENARIOS if arguments.only in scenario.name]
        if arguments.quick:
            scenarios = [scenario.faster(0.1) for scenario in scenarios]
        tables = asyncio.run(measure(starts, scenarios, folder, arguments.seed, 1.0 if arguments.quick else WARM_UP_S))
    text = report.render(tables)
    print(text)
    if not (arguments.quick or arguments.only):
        report.write(tables)
    return 0


if __name__ == "__main__":
    sys.exit(main())
