"""The ways of an installation job between an enterprise and an installer.  Pure.

requested --accept--> accepted --schedule--> scheduled --start--> in_progress --sign_off--> signed_off
    |                     |                  |  ^   |                  |
    decline               cancel             |  schedule (another date)|
    v                     v                  v                         v
declined              cancelled <---------cancel--------------------cancel (by the enterprise)
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from .models import JobState
from .parties import JobSide


class JobAction(StrEnum):
    ACCEPT = "accept"
    DECLINE = "decline"
    SCHEDULE = "schedule"
    START = "start"
    SIGN_OFF = "sign_off"
    CANCEL = "cancel"


REQUEST = "request"  # the first event of every job


class Way(Struct, frozen=True):
    former: JobState
    action: JobAction
    state: JobState
    enterprise: bool = False  # may take it
    installer: bool = False


WAYS: tuple[Way, ...] = (
    Way(JobState.REQUESTED, JobAction.ACCEPT, JobState.ACCEPTED, installer=True),
    Way(JobState.REQUESTED, JobAction.DECLINE, JobState.DECLINED, installer=True),
    Way(JobState.REQUESTED, JobAction.CANCEL, JobState.CANCELLED, enterprise=True),
    Way(JobState.ACCEPTED, JobAction.SCHEDULE, JobState.SCHEDULED, enterprise=True, installer=True),
    Way(JobState.ACCEPTED, JobAction.CANCEL, JobState.CANCELLED, enterprise=True, installer=True),
    Way(JobState.SCHEDULED, JobAction.SCHEDULE, JobState.SCHEDULED, enterprise=True, installer=True),
    Way(JobState.SCHEDULED, JobAction.START, JobState.IN_PROGRESS, enterprise=True, installer=True),
    Way(JobState.SCHEDULED, JobAction.CANCEL, JobState.CANCELLED, enterprise=True, installer=True),
    Way(JobState.IN_PROGRESS, JobAction.SIGN_OFF, JobState.SIGNED_OFF, enterprise=True),
    Way(JobState.IN_PROGRESS, JobAction.CANCEL, JobState.CANCELLED, enterprise=True),
)
_BY_STEP = {(way.former, way.action): way for way in WAYS}
FINAL = (JobState.SIGNED_OFF, JobState.DECLINED, JobState.CANCELLED)


def way(former: JobState, action: JobAction) -> Way | None:
    return _BY_STEP.get((former, action))


def may_take(way: Way, side: JobSide) -> bool:
    return (way.enterprise and side.enterprise) or (way.installer and side.installer)


def actions(state: JobState, side: JobSide) -> tuple[JobAction, ...]:
    """What somebody on this side can do now, in the order of the table."""
    return tuple(one.action for one in WAYS if one.former is state and may_take(one, side))
