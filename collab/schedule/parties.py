"""Who sees and does what with a scheduled meeting.  Pure.

Its organizer and the administrators of the organizer's organization manage it, as they manage its room; whoever is
invited, alone or with an organization, sees it and answers.  To everybody else it does not exist.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from collab.accounts.models import Member

from .values import Event


class EventPart(StrEnum):
    MANAGER = "manager"
    INVITED = "invited"
    COLLEAGUE = "colleague"  # an organization of theirs is invited, they were not written down themselves


class Reach(Struct, frozen=True):
    """How far a member's eyes go."""

    account_id: str
    organization_ids: tuple[str, ...]
    administers: tuple[str, ...]
    administers_park: bool


def reach_of(member: Member) -> Reach:
    return Reach(
        account_id=member.account.id,
        organization_ids=member.organization_ids,
        administers=member.administered_ids,
        administers_park=member.administers_park,
    )


def part_of(
    reach: Reach, event: Event, invited_accounts: frozenset[str], invited_organizations: frozenset[str]
) -> EventPart | None:
    """None: to them it does not exist."""
    if event.organizer is not None and event.organizer.id == reach.account_id:
        return EventPart.MANAGER
    if reach.administers_park or (event.organization_id is not None and event.organization_id in reach.administers):
        return EventPart.MANAGER
    if reach.account_id in invited_accounts:
        return EventPart.INVITED
    if invited_organizations.intersection(reach.organization_ids):
        return EventPart.COLLEAGUE
    return None
