"""The life of a symposium and of an issue in it: two tables.  Pure.

collecting --begin--> live --close--> closed, after which each issue is a request with a clock: what was talked about
with its decision, what there was no time for as it was raised.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class SymposiumState(StrEnum):
    COLLECTING = "collecting"  # issues and votes
    LIVE = "live"  # one issue after the other
    CLOSED = "closed"
    CANCELLED = "cancelled"


class SymposiumAction(StrEnum):
    BEGIN = "begin"
    CLOSE = "close"
    CANCEL = "cancel"


class IssueState(StrEnum):
    RAISED = "raised"
    AGENDA = "agenda"
    DISCUSSED = "discussed"
    REQUESTED = "requested"  # there is a request
    ANSWERED = "answered"  # published
    UNFILED = "unfiled"  # nobody is left who could file it
    WITHDRAWN = "withdrawn"  # by its company, while issues are collected


WAYS: Final[Mapping[tuple[SymposiumState, SymposiumAction], SymposiumState]] = {
    (SymposiumState.COLLECTING, SymposiumAction.BEGIN): SymposiumState.LIVE,
    (SymposiumState.COLLECTING, SymposiumAction.CANCEL): SymposiumState.CANCELLED,
    (SymposiumState.LIVE, SymposiumAction.CLOSE): SymposiumState.CLOSED,
}


OPEN: Final = (IssueState.RAISED, IssueState.AGENDA, IssueState.DISCUSSED)  # not a request yet


def actions_of(state: SymposiumState) -> tuple[SymposiumAction, ...]:
    return tuple(action for action in SymposiumAction if (state, action) in WAYS)
