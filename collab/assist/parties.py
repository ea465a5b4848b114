"""Who sees and does what in assistance, decided by what an account belongs to.  Pure.

A machine is its enterprise's; installers see it while they have a job in hand on it; the park's staff see all.
"""

from __future__ import annotations

from msgspec import Struct

from collab.accounts.models import Member
from rooms.core.assist_model import AssistRole

from .models import JobState
from .values import Job, Machine, Session

# States in which an installer has to do with a job and its machine.
IN_HAND = (JobState.REQUESTED, JobState.ACCEPTED, JobState.SCHEDULED, JobState.IN_PROGRESS, JobState.SIGNED_OFF)


class Reach(Struct, frozen=True):
    """How far a member's eyes and hands go."""

    account_id: str
    organization_ids: tuple[str, ...]
    park_staff: bool  # belongs to the park's own organization
    administers_park: bool


def reach_of(member: Member) -> Reach:
    return Reach(
        account_id=member.account.id,
        organization_ids=member.organization_ids,
        park_staff=member.in_park,
        administers_park=member.administers_park,
    )


def may_change_machine(reach: Reach, machine: Machine) -> bool:
    return reach.administers_park or machine.organization.id in reach.organization_ids


class JobSide(Struct, frozen=True):
    """On which sides of a job somebody stands; the same person may stand on both."""

    enterprise: bool
    installer: bool


def job_side(reach: Reach, job: Job) -> JobSide:
    return JobSide(
        enterprise=reach.administers_park or job.enterprise.id in reach.organization_ids,
        installer=job.installer.id in reach.organization_ids,
    )


def session_role(reach: Reach, session: Session) -> AssistRole | None:
    """As what a member takes part; None who has nothing to do with it.

    Its maker as they chose; else the enterprise on site, the installer as expert; colleagues of the maker on the
    maker's side, when the session is about no machine; the park's staff observe.
    """
    if session.maker is not None and session.maker.id == reach.account_id:
        return session.maker_role
    if session.enterprise_id is not None and session.enterprise_id in reach.organization_ids:
        return AssistRole.ON_SITE
    if any(installer_id in reach.organization_ids for installer_id in session.installer_ids):
        return AssistRole.EXPERT
    if session.organization_id is not None and session.organization_id in reach.organization_ids:
        return session.maker_role
    return AssistRole.OBSERVER if reach.park_staff or reach.administers_park else None
