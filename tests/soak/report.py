"""What a soak says at its end, and what of it is a fault."""

from __future__ import annotations

from typing import Final

from . import measure
from .town import Outcome

# A soak of minutes has not reached its plateau: caches and arenas still fill.
SLOPE_JUDGED_FROM_S: Final = 1_800
SLOPE_MAX_BYTES_PER_HOUR: Final = 8 << 20
GROWTH_MAX_BYTES: Final = 48 << 20  # of a short soak, from its first settled sample to its last
FILES_LEFT_MAX: Final = 56  # above an idle server: the pools of database (8 times 3 files) and Redis (32 connections)
# Gone with the rooms; the others run out by themselves (rooms/store/keys.py).
KEYS_OF_LIVE_ROOMS: Final = ("room lease",)
LOST_MAX: Final = 0.02  # of all packets, most of it on ways that people had just left


def summary(outcome: Outcome) -> str:
    samples = outcome.samples
    settled = measure.settled(samples)
    plan = outcome.plan
    lines = [
        f"{outcome.lasted_s / 60:.1f} of {plan.seconds / 60:.1f} min, {plan.people} people, seed {plan.seed}",
        "done: " + ", ".join(f"{name} {count}" for name, count in sorted(outcome.did.items())),
        "streams: " + ", ".join(f"{name} {count}" for name, count in outcome.streams.items()),
        f"all back after kills: {', '.join(f'{seconds} s' for seconds in outcome.recovered_s)}",
        "watched: " + ", ".join(f"{name} {count}" for name, count in sorted(outcome.watched.items())),
    ]
    if settled:
        first, last = settled[0], settled[-1]
        lines.append(
            f"settled life {last.life}: {first.at_s:.0f} to {last.at_s:.0f} s, RSS {first.rss_bytes / 2**20:.1f} to "
            f"{last.rss_bytes / 2**20:.1f} MiB, slope {outcome.slope_bytes_per_hour / 2**20:+.2f} MiB/h, "
            f"files {first.files} to {last.files}, threads {first.threads} to {last.threads}, "
            f"server CPU {100 * (last.cpu_s - first.cpu_s) / max(1.0, last.at_s - first.at_s):.0f} %"
        )
    for name, one in (("idle", outcome.idle), ("emptied", outcome.emptied)):
        if one is not None:
            lines.append(
                f"{name}: RSS {one.rss_bytes / 2**20:.1f} MiB, files {one.files}, threads {one.threads}, "
                f"gauges {one.gauges}, keys {one.keys}"
            )
    lines.append(f"the watcher's own largest lag: {outcome.lag_max_s:.2f} s")
    return "\n".join(lines)


def findings(outcome: Outcome) -> list[str]:
    """Empty when the server did all that it should."""
    found = [*outcome.faults, *(f"log: {line}" for line in outcome.bad_lines)]
    settled = measure.settled(outcome.samples)
    if len(settled) < 3:
        return [*found, "too few samples"]
    if outcome.lasted_s >= SLOPE_JUDGED_FROM_S and outcome.slope_bytes_per_hour > SLOPE_MAX_BYTES_PER_HOUR:
        found.append(f"memory grows by {outcome.slope_bytes_per_hour / 2**20:.1f} MiB an hour")
    if settled[-1].rss_bytes - settled[0].rss_bytes > GROWTH_MAX_BYTES:
        found.append(f"memory grew from {settled[0].rss_bytes} to {settled[-1].rss_bytes} bytes")
    idle, emptied = outcome.idle, outcome.emptied
    if idle is None or emptied is None:
        return [*found, "it did not come to its end"]
    if emptied.files > idle.files + FILES_LEFT_MAX:
        found.append(
            f"{emptied.files} open files after all had left, {idle.files} before they came: {emptied.file_kinds}"
        )
    found += [
        f"key left in Redis: {kind} ({emptied.keys[kind]})" for kind in KEYS_OF_LIVE_ROOMS if kind in emptied.keys
    ]
    packets, gaps = outcome.streams["packets"], outcome.streams["gaps"]
    if not packets or gaps > packets * LOST_MAX:
        found.append(f"{gaps} of {packets + gaps} packets did not come")
    if outcome.streams["damaged"]:
        found.append(f"{outcome.streams['damaged']} packets were damaged")
    if not outcome.watched["judged"]:
        found.append("nobody watched anything")
    return found
