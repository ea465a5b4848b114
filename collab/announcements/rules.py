"""Who may announce what to whom, and the ways of an announcement.  Pure.

    draft -> scheduled -> published (versions) -> withdrawn
      ^---------'

The park's staff announce for the park, to everybody or to chosen organizations.  Administrators of a company announce
to its own people, which is nobody else's business: the park's staff does not see it.  Who was reached is written down
when it goes out; whoever joins later was not, and who leaves a company sees what it was told no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from collab.accounts.models import Member
from collab.organizations.models import OrganizationKind
from collab.problems import FieldFault, invalid

from .models import Announcement, AnnouncementState, Audience, Receipt, Scope


class Action(StrEnum):
    EDIT = "edit"
    DELETE = "delete"
    SCHEDULE = "schedule"  # publishing at once is a time that has come
    UNSCHEDULE = "unschedule"
    REVISE = "revise"
    WITHDRAW = "withdraw"
    REMIND = "remind"


FROM: Mapping[Action, AnnouncementState] = {
    Action.EDIT: AnnouncementState.DRAFT,
    Action.DELETE: AnnouncementState.DRAFT,
    Action.SCHEDULE: AnnouncementState.DRAFT,
    Action.UNSCHEDULE: AnnouncementState.SCHEDULED,
    Action.REVISE: AnnouncementState.PUBLISHED,
    Action.WITHDRAW: AnnouncementState.PUBLISHED,
    Action.REMIND: AnnouncementState.PUBLISHED,
}


def actions(state: AnnouncementState) -> tuple[Action, ...]:
    return tuple(action for action, source in FROM.items() if source is state)


def publishes_for(member: Member) -> tuple[str, ...]:
    """The organizations for which this member announces."""
    return tuple(
        one.organization.id
        for one in member.memberships
        if one.organization.kind is OrganizationKind.PARK or one.organization.id in member.administered_ids
    )


def may_write(member: Member, organization_id: str) -> bool:
    return organization_id in publishes_for(member)


def sees(member: Member, announcement: Announcement, receipt: Receipt | None) -> bool:
    """Its publisher at any time; once it is out, whom it reached and who still belongs to those whom it was for."""
    if may_write(member, announcement.organization.id):
        return True
    if receipt is None or announcement.state not in (AnnouncementState.PUBLISHED, AnnouncementState.WITHDRAWN):
        return False
    audience = announcement.audience
    return audience.scope is Scope.PARK or any(map(member.belongs_to, audience.organization_ids))


def is_unread(announcement: Announcement, receipt: Receipt | None) -> bool:
    return (
        receipt is not None
        and announcement.state is AnnouncementState.PUBLISHED
        and receipt.version < announcement.told_version
    )


def checked(audience: Audience, publisher_id: str, publisher_is_park: bool) -> Audience:
    """Without doubles.  Raises INVALID for the people of others, and for organizations that nobody chose."""
    chosen = tuple(dict.fromkeys(audience.organization_ids))
    if audience.scope is Scope.PARK:
        if not publisher_is_park or chosen:
            raise invalid(audience=FieldFault.INVALID)
    elif not chosen or (not publisher_is_park and chosen != (publisher_id,)):
        raise invalid(audience=FieldFault.INVALID)
    return Audience(audience.scope, chosen, tuple(dict.fromkeys(audience.roles)))
