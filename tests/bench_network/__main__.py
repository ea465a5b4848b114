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

from . import calls, report
from .hosts import Network, network
from .measure import figures, record, widest
from .report import Row
from .scenarios import SCENARIOS, Scenario, apply

Start = Callable[[Network, Path], AbstractAsyncContextManager[calls.Call]]
WARM_UP_S = 10.0  # Chromium's estimate grows to the camera's limit


async def run(start: Start, scenario: Scenario, folder: Path, seed: int, warm_up_s: float) -> list[Row]:
    rows = []
    with network(seed) as hosts:
        async with start(hosts, folder) as call:
            await asyncio.sleep(warm_up_s)
            recorded = []
            for phase in scenario.phases:
                apply(scenario.line(hosts), phase.weather)
                recorded.append(await record(call, phase.seconds))
            call_width = max(widest(samples) for samples in recorded)
            for phase, samples in zip(scenario.phases, recorded, strict=True):
                rows.append(Row(call.name, phase.name, figures(samples, call_width)))
    return rows


async def measure(starts: list[Start], scenarios: list[Scenario], folder: Path, seed: int, warm_up_s: float) -> str:
    tables: dict[str, list[Row]] = {}
    for scenario in scenarios:
        rows: list[Row] = []
        for number, start in enumerate(starts):
            own = folder / f"{len(tables)}-{number}"
            own.mkdir()
            rows += await run(start, scenario, own, seed, warm_up_s)
        order = {phase.name: number for number, phase in enumerate(scenario.phases)}
        tables[scenario.name] = sorted(rows, key=lambda row: order[row.phase])
        print(scenario.name, *(report.line(row) for row in tables[scenario.name]), sep="\n", flush=True)
    return report.render(tables)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench_network", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="only try the bench: a few seconds each, nothing is written"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="scenarios whose name holds this; nothing is written")
    arguments = parser.parse_args()
    if reason := namespaces.available():
        print(reason, file=sys.stderr)
        return 1
    starts: list[Start] = [calls.tongxin]
    if shutil.which("janus"):
        starts.append(calls.debian_janus)
    else:
        print("janus is not installed (apt-get install janus): its rows are left out")
    scenarios = [scenario for scenario in SCENARIOS if arguments.only in scenario.name]
    if arguments.quick:
        scenarios = [scenario.faster(0.1) for scenario in scenarios]
    with tempfile.TemporaryDirectory(prefix="tx-networks-") as name:
        text = asyncio.run(
            measure(starts, scenarios, Path(name), arguments.seed, 1.0 if arguments.quick else WARM_UP_S)
        )
    print(text)
    if not (arguments.quick or arguments.only):
        report.TARGET.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
