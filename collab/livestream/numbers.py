"""The numbers of an audience, pure: from stays to viewers over time, watch time, peak."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

STEPS: Final = 120  # of the chart
STEP_MIN_MS: Final = 1_000


class Stay(Struct, frozen=True):
    """From `joined_at_ms` to before `left_at_ms`."""

    viewer_id: str
    name: str
    group_id: str
    joined_at_ms: int
    left_at_ms: int


class GroupNumbers(Struct, frozen=True):
    name: str  # "" = of no group
    people: int
    watched_ms: int


class PersonNumbers(Struct, frozen=True):
    name: str
    group: str
    first_ms: int
    watched_ms: int
    visits: int


class AudienceNumbers(Struct, frozen=True):
    """`viewers`: the most at once within each step; `joins` and `leaves`: how many in each."""

    peak: int
    people: int
    visits: int
    watched_ms: int
    average_ms: int
    began_at_ms: int
    ended_at_ms: int
    step_ms: int
    viewers: tuple[int, ...]
    joins: tuple[int, ...]
    leaves: tuple[int, ...]
    groups: tuple[GroupNumbers, ...]
    persons: tuple[PersonNumbers, ...]


def within(stays: Sequence[Stay], begins_at_ms: int, ends_at_ms: int) -> list[Stay]:
    """The parts of stays while it was live."""
    return [
        Stay(
            one.viewer_id,
            one.name,
            one.group_id,
            max(one.joined_at_ms, begins_at_ms),
            min(one.left_at_ms, ends_at_ms),
        )
        for one in stays
        if min(one.left_at_ms, ends_at_ms) > max(one.joined_at_ms, begins_at_ms)
    ]


def merged(stays: Sequence[Stay]) -> list[Stay]:
    """One person in two tabs is there once: what overlaps is one stay."""
    joined: list[Stay] = []
    for one in sorted(stays, key=lambda stay: (stay.viewer_id, stay.joined_at_ms)):
        last = joined[-1] if joined else None
        if last is not None and last.viewer_id == one.viewer_id and one.joined_at_ms <= last.left_at_ms:
            joined[-1] = Stay(
                one.viewer_id,
                one.name or last.name,
                one.group_id,
                last.joined_at_ms,
                max(last.left_at_ms, one.left_at_ms),
            )
        else:
            joined.append(one)
    return joined


def numbers_of(
    stays: Sequence[Stay], groups: Mapping[str, str], begins_at_ms: int, ends_at_ms: int, persons_max: int
) -> AudienceNumbers:
    """`groups`: id -> name.  While it is live, `ends_at_ms` is now."""
    ends_at_ms = max(ends_at_ms, begins_at_ms + STEP_MIN_MS)
    there = merged(within(stays, begins_at_ms, ends_at_ms))
    step_ms = max(STEP_MIN_MS, -(-(ends_at_ms - begins_at_ms) // STEPS))
    steps = -(-(ends_at_ms - begins_at_ms) // step_ms)
    joins, leaves, viewers = [0] * steps, [0] * steps, [0] * steps
    turns = sorted(
        [(one.joined_at_ms, 1) for one in there] + [(one.left_at_ms, -1) for one in there]
    )  # who leaves goes before who comes
    count = peak = at = 0
    for at_ms, turn in turns:
        step = min(steps - 1, (at_ms - begins_at_ms) // step_ms)
        while at < step:
            at += 1
            viewers[at] = count
        count += turn
        viewers[step] = max(viewers[step], count)
        peak = max(peak, count)
        if turn > 0:
            joins[step] += 1
        elif at_ms < ends_at_ms:
            leaves[step] += 1
    while at < steps - 1:
        at += 1
        viewers[at] = count
    by_person: dict[str, list[Stay]] = defaultdict(list)
    for one in there:
        by_person[one.viewer_id].append(one)
    persons = [
        PersonNumbers(
            name=own[-1].name,
            group=groups.get(own[-1].group_id, ""),
            first_ms=own[0].joined_at_ms,
            watched_ms=sum(one.left_at_ms - one.joined_at_ms for one in own),
            visits=len(own),
        )
        for own in by_person.values()
    ]
    by_group: dict[str, list[PersonNumbers]] = defaultdict(list)
    for person in persons:
        by_group[person.group].append(person)
    watched_ms = sum(person.watched_ms for person in persons)
    return AudienceNumbers(
        peak=peak,
        people=len(persons),
        visits=len(there),
        watched_ms=watched_ms,
        average_ms=watched_ms // len(persons) if persons else 0,
        began_at_ms=begins_at_ms,
        ended_at_ms=ends_at_ms,
        step_ms=step_ms,
        viewers=tuple(viewers),
        joins=tuple(joins),
        leaves=tuple(leaves),
        groups=tuple(
            GroupNumbers(name, len(own), sum(one.watched_ms for one in own)) for name, own in sorted(by_group.items())
        ),
        persons=tuple(sorted(persons, key=lambda one: -one.watched_ms)[:persons_max]),
    )
