"""CPU time and memory of a process with all its threads and children, from /proc."""

from __future__ import annotations

import os
from pathlib import Path


def tree(pid: int) -> list[int]:
    """The process and its descendants (a server may keep workers in processes of their own)."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            children = (task / "children").read_text().split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        for child in children:
            found += tree(int(child))
    return found


def cpu_ns(pid: int) -> int:
    """Nanoseconds on a CPU so far, user and system, of all threads (schedstat counts exactly, stat in ticks).

    Threads that ended between two readings are lost: measure while the thread set stands still.
    """
    return sum(own_cpu_ns(member) for member in tree(pid))


def own_cpu_ns(pid: int) -> int:
    """The same of this process alone, without its children."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            total += int((task / "schedstat").read_text().split()[0])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total


def rss_bytes(pid: int) -> int:
    """Resident memory that is not shared with others, summed over the tree."""
    total = 0
    for member in tree(pid):
        for line in Path(f"/proc/{member}/smaps_rollup").read_text().splitlines():
            if line.startswith(("Private_Clean:", "Private_Dirty:")):
                total += int(line.split()[1]) * 1024
    return total


def pin(pid: int, processor: int) -> None:
    """Holds all threads of the tree on one processor; without effect on a machine that has not that many."""
    if processor not in os.sched_getaffinity(0):
        return
    for member in tree(pid):
        for task in Path(f"/proc/{member}/task").iterdir():
            os.sched_setaffinity(int(task.name), {processor})
