"""Who sees and does what with a request, decided by what an account belongs to.  Pure.

What somebody does not see does not exist for them: the repository takes the same Reach as a filter (visible.py), so
that nothing of another company is answered, counted or guessed.
"""

from __future__ import annotations

from msgspec import Struct

from collab.accounts.models import Member, MemberRole
from collab.organizations.models import OrganizationKind

from .definition import Administrators, Audience, Group, Owner, Reviewer
from .states import Actor, Part, State
from .values import Request

LEADING = (MemberRole.ADMINISTRATOR, MemberRole.OFFICER)


class Reach(Struct, frozen=True):
    """How far a member's eyes and hands go."""

    account_id: str
    organization_ids: tuple[str, ...]
    led_ids: tuple[str, ...]  # organizations where the member is officer or administrator
    desk: bool  # an officer or administrator of the park
    administers_park: bool
    groups: frozenset[str] = frozenset()  # of the park's staff


def reach_of(member: Member, groups: frozenset[str] = frozenset()) -> Reach:
    led = tuple(one.organization.id for one in member.memberships if not frozenset(one.roles).isdisjoint(LEADING))
    park = {one.organization.id for one in member.memberships if one.organization.kind is OrganizationKind.PARK}
    return Reach(
        account_id=member.account.id,
        organization_ids=member.organization_ids,
        led_ids=led,
        desk=not park.isdisjoint(led),
        administers_park=member.administers_park,
        groups=groups if park else frozenset(),
    )


def sees(reach: Reach, request: Request) -> bool:
    if reach.account_id == request.requester_id:
        return True
    if request.state is State.DRAFT:
        return False
    if request.audience is Audience.COMPANY and request.organization.id in reach.organization_ids:
        return True
    if request.audience is Audience.COMPANY_OFFICERS and request.organization.id in reach.led_ids:
        return True
    return works_on(reach, request)


def works_on(reach: Reach, request: Request) -> bool:
    """Stands on the park's side of it: sees internal comments, may take it."""
    if request.state is State.DRAFT or reach.account_id == request.requester_id:
        return False
    if reach.administers_park or (request.asked_group and request.asked_group in reach.groups):
        return True
    if reach.desk and not request.confidential:
        return True
    named = {request.owner.id if request.owner else "", request.offered_to.id if request.offered_to else ""}
    return reach.account_id in named | {request.asked_id or ""}


def actor_of(reach: Reach, request: Request, reviewer: Reviewer) -> Actor:
    """`reviewer`: of the step that the request is at.  Nobody decides what they filed themselves."""
    parts: set[Part] = set()
    if reach.account_id == request.requester_id or (
        reach.account_id and request.audience is not Audience.REQUESTER and _leads(reach, request)
    ):
        parts.add(Part.REQUESTER)
    if works_on(reach, request):
        parts.add(Part.STAFF)
        if reach.administers_park:
            parts.add(Part.ADMINISTRATOR)
        if request.owner is not None and request.owner.id == reach.account_id:
            parts.add(Part.OWNER)
        if request.offered_to is not None and request.offered_to.id == reach.account_id:
            parts.add(Part.OFFERED)
        if reviews(reach, request, reviewer):
            parts.add(Part.REVIEWER)
    return Actor(reach.account_id, frozenset(parts))


def reviews(reach: Reach, request: Request, reviewer: Reviewer) -> bool:
    match reviewer:
        case Owner():
            return request.owner is not None and request.owner.id == reach.account_id
        case Administrators():
            return reach.administers_park
        case Group(group=group):
            return group in reach.groups or reach.administers_park


def _leads(reach: Reach, request: Request) -> bool:
    """Officers and administrators act for their company, whoever of it filed the request."""
    return request.organization.id in reach.led_ids and request.state is not State.DRAFT


CLOCK = Actor(None, frozenset({Part.CLOCK}))
