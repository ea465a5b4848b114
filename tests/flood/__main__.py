"""`python -m tests.flood [--per-second 200000] [--seconds 10]` (as root): what a flood does to a running call."""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import asdict
from pathlib import Path

from .measure import ALL_KINDS, measure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--per-second", type=float, default=200_000.0)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--receivers", type=int, default=10)
    parser.add_argument("--kinds", default=ALL_KINDS, help="letters, see flood.c; each of them is also measured alone")
    options = parser.parse_args()
    for kinds in dict.fromkeys((options.kinds, *options.kinds)):
        with tempfile.TemporaryDirectory() as folder:
            found = measure(
                Path(folder),
                per_second=options.per_second,
                window_s=options.seconds,
                receivers=options.receivers,
                kinds=kinds,
            )
        print(f"kinds {kinds}: {found.reached_per_second:.0f} packets/s reached")
        for name, call in (("calm", found.calm), ("flooded", found.flooded)):
            figures = ", ".join(f"{key} {value:.4g}" for key, value in asdict(call).items())
            print(f"  {name}: loss {100 * call.loss:.3f} %, {figures}", flush=True)


if __name__ == "__main__":
    main()
