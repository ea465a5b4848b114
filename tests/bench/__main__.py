"""`make bench`: all figures in one run, in a network namespace of its own.  `--quick` only tries the bench itself."""

from __future__ import annotations

import argparse
import itertools
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from . import first_frame, forwarding, joins, load, namespace, report, signalling
from .forwarding import Target
from .janus import Janus
from .null import NullForwarder
from .tongxin import Tongxin


def run(folder: Path, address: str, arguments: argparse.Namespace) -> report.Figures:
    numbers = itertools.count()

    def fresh(name: str) -> Path:
        return folder / f"{name}{next(numbers)}"

    makers: list[Callable[[], Target]] = [
        lambda: NullForwarder(folder, address, arguments.receivers),
        lambda: Tongxin(fresh("tongxin"), address),
    ]
    if shutil.which("janus"):
        makers.append(lambda: Janus(fresh("janus"), address))
    else:
        print("janus is not installed (apt-get install janus): its row is left out")
    shape = load.Shape()
    print(f"forwarding: 1 to {arguments.receivers}, {shape.size_bytes} bytes", flush=True)
    rows = forwarding.compare(makers, folder, shape, arguments.receivers, arguments.window_s, arguments.rounds)
    print(f"joins: {arguments.joins} at 20 a second", flush=True)
    server = Tongxin(fresh("tongxin"), address)
    try:
        joined = joins.measure(server, folder, arguments.joins, 20)
    finally:
        server.close()
    print(f"signalling: {arguments.idle} idle sockets", flush=True)
    server = Tongxin(fresh("tongxin"), address)
    try:
        trip = signalling.measure(server, arguments.idle, arguments.pings)
    finally:
        server.close()
    first = None
    if arguments.browser_joins:
        print(f"first frame: {arguments.browser_joins} joins in Chromium", flush=True)
        first = first_frame.measure(fresh("chromium"), arguments.browser_joins)
    return report.Figures(rows, shape, arguments.receivers, joined, trip, first)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few and short, nothing is written")
    parser.add_argument("--receivers", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--window-s", type=float, default=8.0)
    parser.add_argument("--joins", type=int, default=100)
    parser.add_argument("--idle", type=int, default=500)
    parser.add_argument("--pings", type=int, default=500)
    parser.add_argument("--browser-joins", type=int, default=20)
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.receivers, arguments.rounds, arguments.window_s = 5, 1, 1.0
        arguments.joins, arguments.idle, arguments.pings, arguments.browser_joins = 5, 20, 20, 0
    try:
        with tempfile.TemporaryDirectory(prefix="tx-bench-") as name, namespace.enter() as address:
            folder = Path(name)
            load.compile_native(folder)
            figures = run(folder, address, arguments)
    except PermissionError as refused:
        print(refused, file=sys.stderr)
        return 1
    text = report.render(figures, NullForwarder.name)
    print(text)
    # Gaps in the sequence numbers are what was lost; sent less received also counts what is under way at a mark.
    damaged = sum(row.bad for row in figures.forwarding)
    gaps = sum(row.gaps for row in figures.forwarding if row.name == Tongxin.name)
    expected = sum(row.expected for row in figures.forwarding if row.name == Tongxin.name)
    if not arguments.quick:
        report.TARGET.write_text(text)
    return 1 if damaged or gaps > expected // 100 else 0


if __name__ == "__main__":
    sys.exit(main())
