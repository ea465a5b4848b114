"""The ways of somebody whom a place concerns: one table.  Pure.

found --notify--> notified --contact--> contacted --test--> tested --clear--> cleared
  one may be called, tested and cleared without those before: a person may have come by themselves; cleared is
  reopened to contacted.
"""

from __future__ import annotations

from collections.abc import Mapping

from .models import ConcernAction, ConcernState

_S, _A = ConcernState, ConcernAction

WAYS: Mapping[tuple[ConcernState, ConcernAction], ConcernState] = {
    (_S.FOUND, _A.NOTIFY): _S.NOTIFIED,
    **{(state, _A.CONTACT): _S.CONTACTED for state in (_S.FOUND, _S.NOTIFIED, _S.CONTACTED)},
    **{(state, _A.TEST): _S.TESTED for state in (_S.FOUND, _S.NOTIFIED, _S.CONTACTED, _S.TESTED)},
    **{(state, _A.CLEAR): _S.CLEARED for state in (_S.FOUND, _S.NOTIFIED, _S.CONTACTED, _S.TESTED)},
    (_S.TESTED, _A.CONTACT): _S.TESTED,  # called again, with what the test said
    (_S.CLEARED, _A.REOPEN): _S.CONTACTED,
}
WITH_A_NOTE = frozenset({_A.CLEAR, _A.REOPEN})  # why


def moved(state: ConcernState, action: ConcernAction) -> ConcernState | None:
    """None: not possible now."""
    return WAYS.get((state, action))


def actions(state: ConcernState) -> tuple[ConcernAction, ...]:
    """By hand: people are notified together, from their place."""
    return tuple(action for former, action in WAYS if former is state and action is not _A.NOTIFY)
