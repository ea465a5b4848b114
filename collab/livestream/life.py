"""The life of a livestream, pure: which state follows which, by whom.

    draft <-> scheduled -> rehearsal <-> scheduled
                  \\____________\\____-> live -> ended -> replay

What happens in the stage room (rehearsal, live, ended) leads; people only schedule, take back and publish the replay.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from collab.problems import Refusal
from rooms.core.codes import Code


class LifeState(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    REHEARSAL = "rehearsal"  # those on stage meet; the audience waits
    LIVE = "live"
    ENDED = "ended"
    REPLAY = "replay"


MOVES: Mapping[LifeState, frozenset[LifeState]] = {
    LifeState.DRAFT: frozenset({LifeState.SCHEDULED, LifeState.REHEARSAL, LifeState.LIVE}),
    LifeState.SCHEDULED: frozenset({LifeState.DRAFT, LifeState.REHEARSAL, LifeState.LIVE}),
    LifeState.REHEARSAL: frozenset({LifeState.SCHEDULED, LifeState.DRAFT, LifeState.LIVE, LifeState.ENDED}),
    LifeState.LIVE: frozenset({LifeState.ENDED}),
    LifeState.ENDED: frozenset({LifeState.REPLAY}),
    LifeState.REPLAY: frozenset({LifeState.ENDED}),
}
BEFORE = frozenset({LifeState.DRAFT, LifeState.SCHEDULED, LifeState.REHEARSAL})
OVER = frozenset({LifeState.ENDED, LifeState.REPLAY})
# What somebody asks for on a page; the rest follows the stage room.
ASKED: Mapping[str, tuple[frozenset[LifeState], LifeState]] = {
    "schedule": (frozenset({LifeState.DRAFT}), LifeState.SCHEDULED),
    "unschedule": (frozenset({LifeState.SCHEDULED, LifeState.REHEARSAL}), LifeState.DRAFT),
    "publish_replay": (frozenset({LifeState.ENDED}), LifeState.REPLAY),
    "hide_replay": (frozenset({LifeState.REPLAY}), LifeState.ENDED),
}
OF_STAGE: Mapping[str, LifeState] = {
    "rehearsal": LifeState.REHEARSAL,
    "live": LifeState.LIVE,
    "ended": LifeState.ENDED,
}


def asked(state: LifeState, action: str) -> LifeState:
    """Raises WRONG_STATE."""
    sources, target = ASKED[action]
    if state not in sources:
        raise Refusal(Code.WRONG_STATE, f"{action} from {state}")
    return target


def followed(state: LifeState, phase: str) -> LifeState | None:
    """Where a phase of the stage room leads; None when nothing changes, or it comes too late.

    A rehearsal that ends without having been live leaves the livestream as it was announced.
    """
    target = OF_STAGE.get(phase)
    if target is None or target is state:
        return None
    if target is LifeState.ENDED and state in BEFORE:
        return LifeState.SCHEDULED if state is LifeState.REHEARSAL else None
    return target if target in MOVES[state] else None
