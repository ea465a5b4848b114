"""The life of a policy: one table.  Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class PolicyState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"  # companies see it
    WITHDRAWN = "withdrawn"


class PolicyAction(StrEnum):
    PUBLISH = "publish"
    WITHDRAW = "withdraw"


WAYS: Final[Mapping[tuple[PolicyState, PolicyAction], PolicyState]] = {
    (PolicyState.DRAFT, PolicyAction.PUBLISH): PolicyState.PUBLISHED,
    (PolicyState.DRAFT, PolicyAction.WITHDRAW): PolicyState.WITHDRAWN,
    (PolicyState.PUBLISHED, PolicyAction.WITHDRAW): PolicyState.WITHDRAWN,
    (PolicyState.WITHDRAWN, PolicyAction.PUBLISH): PolicyState.PUBLISHED,
}


def actions_of(state: PolicyState) -> tuple[PolicyAction, ...]:
    return tuple(action for action in PolicyAction if (state, action) in WAYS)
