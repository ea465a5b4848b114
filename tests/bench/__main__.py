"""`make bench`: all figures in one run, in a network namespace of its own.  `--quick` only tries the bench itself."""

from __future__ import annotations

import argparse
import contextlib
import itertools
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from signaling.sfu import _sfu

from . import cases, crypto, first_frame, forwarding, joins, large_room, load, namespace, report, saturation, signalling
from .forwarding import Maker, Target
from .janus import Janus
from .native_core import NativeCore
from .null import NullForwarder
from .peer import Profile
from .tongxin import Tongxin


class Bench:
    """The parts of one run.  Others are started afresh for each measurement; ours stays up, emptied, as it would."""

    def __init__(self, folder: Path, address: str, arguments: argparse.Namespace) -> None:
        self._folder = folder
        self._address = address
        self._arguments = arguments
        self._numbers = itertools.count()
        self._server: Tongxin | None = None
        self.janus = shutil.which("janus") is not None
        if not self.janus:
            print("janus is not installed (apt-get install janus): its column is left out")

    def close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def _fresh(self, name: str) -> Path:
        return self._folder / f"{name}{next(self._numbers)}"

    def _null(self) -> contextlib.AbstractContextManager[Target]:
        return contextlib.closing(NullForwarder(self._folder, self._address))

    def _core(self, workers: int) -> Maker:
        return lambda: contextlib.closing(NativeCore(self._address, workers))

    @contextlib.contextmanager
    def _tongxin(self) -> Iterator[Target]:
        if self._server is None:
            self._server = Tongxin(self._fresh("tongxin"), self._address)
        try:
            yield self._server
        finally:
            self._server.leave()

    def _janus(self) -> contextlib.AbstractContextManager[Target]:
        return contextlib.closing(Janus(self._fresh("janus"), self._address))

    def _new_tongxin(self) -> contextlib.closing[Tongxin]:
        self.close()
        return contextlib.closing(Tongxin(self._fresh("tongxin"), self._address))

    def forwarding(self) -> list[report.Compared]:
        wanted = cases.QUICK if self._arguments.quick else cases.ALL
        compared: list[report.Compared] = []
        too_many: set[str] = set()  # crowds that Janus could not let in; it is asked once
        for case in wanted:
            if self._arguments.only in case.title:
                print(f"forwarding: {case.title}", flush=True)
                ours = self._core(case.workers) if case.core_alone else self._tongxin
                makers: list[Maker] = [self._null, ours]
                crowd = str(case.crowd)
                if self.janus and case.crowd.receivers <= cases.VIEWERS_MAX and crowd not in too_many:
                    makers.append(self._janus)
                compared.append(report.Compared(case, forwarding.compare(makers, self._folder, case)))
                too_many |= {crowd for row in compared[-1].rows if row.name == Janus.name and row.failure}
        return compared

    def saturation(self) -> list[saturation.Saturation]:
        print("saturation of one processor", flush=True)
        asked: list[tuple[Maker, Profile]] = [(self._null, Profile.GCM)]
        asked += [(self._tongxin, Profile.GCM), (self._tongxin, Profile.SHA1)]
        asked += [(self._janus, Profile.GCM)] if self.janus else []
        return [saturation.measure(make, self._folder, profile) for make, profile in asked]

    def large_room(self) -> large_room.LargeRoom:
        print(f"a room of {self._arguments.people} microphones", flush=True)
        return large_room.measure(self._folder, self._address, self._arguments.people)

    def joins(self) -> joins.Joins:
        count = self._arguments.joins
        print(f"joins: {count} at 20 a second", flush=True)
        with self._new_tongxin() as server:
            return joins.measure(server, self._folder, count, 20)

    def signalling(self) -> signalling.RoundTrip:
        print(f"signalling: {self._arguments.idle} idle sockets", flush=True)
        with self._new_tongxin() as server:
            return signalling.measure(server, self._arguments.idle, self._arguments.pings)

    def first_frame(self) -> first_frame.FirstFrame:
        print(f"first frame: {self._arguments.browser_joins} joins in Chromium", flush=True)
        return first_frame.measure(self._fresh("chromium"), self._arguments.browser_joins)

    def run(self) -> report.Figures:
        compared = self.forwarding()
        if self._arguments.only:
            return report.Figures(compared, backend=_sfu.SRTP_LIBRARY)
        full = not self._arguments.quick
        return report.Figures(
            compared,
            self.saturation() if full else [],
            crypto.measure() if full else [],
            _sfu.SRTP_LIBRARY,
            self.large_room() if full else None,
            self.joins(),
            self.signalling(),
            self.first_frame() if self._arguments.browser_joins else None,
        )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few and short, nothing is written")
    parser.add_argument(
        "--only", default="", metavar="TEXT", help="only the rows whose title has it; nothing is written"
    )
    parser.add_argument("--people", type=int, default=300, help="in the large room")
    parser.add_argument("--joins", type=int, default=100)
    parser.add_argument("--idle", type=int, default=500)
    parser.add_argument("--pings", type=int, default=500)
    parser.add_argument("--browser-joins", type=int, default=20)
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.joins, arguments.idle, arguments.pings, arguments.browser_joins = 5, 20, 20, 0
    began = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="tx-bench-") as name, namespace.enter() as address:
            folder = Path(name)
            load.compile_native(folder)
            with contextlib.closing(Bench(folder, address, arguments)) as bench:
                figures = bench.run()
    except PermissionError as refused:
        print(refused, file=sys.stderr)
        return 1
    text = report.render(figures)
    print(text)
    print(f"took {time.monotonic() - began:.0f} s")
    if not (arguments.quick or arguments.only):
        report.TARGET.write_text(text)
        report.PICTURE.write_text(report.picture(figures))
    return verdict(figures)


def verdict(figures: report.Figures) -> int:
    """1 when anything was damaged, or we could not take a case or lost more than a hundredth of its packets."""
    rows = [row for compared in figures.forwarding for row in compared.rows]
    ours = [row for row in rows if row.name in report.OURS]
    # Gaps in the sequence numbers are what was lost; sent less received also counts what is under way at a mark.
    return int(any(row.bad for row in rows) or any(row.failure or row.lost_share > 0.01 for row in ours))


if __name__ == "__main__":
    sys.exit(main())
