"""`python -m tests.soak [--minutes 120] [--people 50] [--json FILE]`: run it and tell what came of it."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import tempfile
from pathlib import Path

from .report import findings, summary
from .town import Outcome, Plan, Town, open_town


async def _run(town: Town) -> Outcome:
    """Ctrl-C and SIGTERM end it early, with a summary."""
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, town.end_early)
    return await town.run()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=120.0)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--folder", type=Path, help="keep the server's log and data here")
    options = parser.parse_args()
    plan = Plan(options.minutes * 60, options.people, seed=options.seed)
    with tempfile.TemporaryDirectory() as temporary, open_town(options.folder or Path(temporary), plan) as town:
        outcome = asyncio.run(_run(town))
    if options.json is not None:
        outcome.write(options.json)
    print(summary(outcome))
    found = findings(outcome)
    print("\n".join(["FOUND:", *found]) if found else "nothing was found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
