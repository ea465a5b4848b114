"""Who announces what to whom, for every kind of member."""

from __future__ import annotations

import pytest

from collab.accounts.models import Account, Member, MemberRole, Membership
from collab.announcements.models import (
    Announcement,
    AnnouncementState,
    Audience,
    Named,
    Receipt,
    Scope,
)
from collab.announcements.rules import FROM, Action, actions, checked, is_unread, may_write, sees
from collab.announcements.telling import excerpt
from collab.organizations.models import Organization, OrganizationKind
from collab.problems import Refusal

PARK = Organization("p", "Park", OrganizationKind.PARK)
WORKS = Organization("w", "Laser Works", OrganizationKind.ENTERPRISE)


def member(organization: Organization, *roles: MemberRole) -> Member:
    return Member(Account("a", "a@x.example", "A", "en"), (Membership(organization, roles),))


def announcement(organization: Organization, state: AnnouncementState, told: int = 1) -> Announcement:
    return Announcement(
        id="1",
        organization=Named(organization.id, organization.name),
        author_name="A",
        state=state,
        audience=Audience(Scope.ORGANIZATIONS, (organization.id,)),
        organizations=(),
        title="Water",
        text="Off",
        version=told,
        told_version=told,
        revision=1,
        people=1,
        created_at_ms=1,
        changed_at_ms=1,
        publish_at_ms=1,
        published_at_ms=1,
        withdrawn_at_ms=0,
        reminded_at_ms=0,
        files=(),
    )


@pytest.mark.parametrize(
    ("by", "for_park", "for_works"),
    [
        (member(PARK, MemberRole.MEMBER), True, False),
        (member(PARK, MemberRole.ADMINISTRATOR), True, False),  # a company's own affairs are its own
        (member(WORKS, MemberRole.ADMINISTRATOR), False, True),
        (member(WORKS, MemberRole.OFFICER), False, False),
        (member(WORKS, MemberRole.MEMBER), False, False),
    ],
)
def test_the_park_announces_for_the_park_and_a_company_for_itself(by: Member, for_park: bool, for_works: bool) -> None:
    assert (may_write(by, PARK.id), may_write(by, WORKS.id)) == (for_park, for_works)


@pytest.mark.parametrize("state", list(AnnouncementState))
def test_readers_see_what_is_out_and_its_publisher_all(state: AnnouncementState) -> None:
    one, reader = announcement(WORKS, state), member(WORKS, MemberRole.MEMBER)
    assert sees(member(WORKS, MemberRole.ADMINISTRATOR), one, None)
    assert sees(reader, one, Receipt(0, 0)) is (state in (AnnouncementState.PUBLISHED, AnnouncementState.WITHDRAWN))
    assert not sees(reader, one, None)  # came later
    assert not sees(member(PARK, MemberRole.ADMINISTRATOR), one, None)
    assert not sees(member(PARK, MemberRole.MEMBER), one, Receipt(1, 5))  # has left the works


def test_a_version_that_asks_to_be_read_is_unread_until_it_is() -> None:
    second = announcement(WORKS, AnnouncementState.PUBLISHED, told=2)
    assert is_unread(second, Receipt(1, 5))
    assert not is_unread(second, Receipt(2, 5))
    assert not is_unread(second, None)
    assert not is_unread(announcement(WORKS, AnnouncementState.WITHDRAWN), Receipt(0, 0))


@pytest.mark.parametrize(
    ("audience", "is_park", "right"),
    [
        (Audience(Scope.PARK), True, True),
        (Audience(Scope.PARK), False, False),
        (Audience(Scope.PARK, ("w",)), True, False),
        (Audience(Scope.ORGANIZATIONS, ("w", "v", "w")), True, True),
        (Audience(Scope.ORGANIZATIONS), True, False),
        (Audience(Scope.ORGANIZATIONS, ("w",)), False, True),
        (Audience(Scope.ORGANIZATIONS, ("w", "v")), False, False),
        (Audience(Scope.ORGANIZATIONS, ("v",)), False, False),
    ],
)
def test_a_company_reaches_its_own_people_only(audience: Audience, is_park: bool, right: bool) -> None:
    if right:
        kept = checked(audience, "w", is_park)
        assert len(set(kept.organization_ids)) == len(kept.organization_ids)
    else:
        with pytest.raises(Refusal):
            checked(audience, "w", is_park)


def test_every_act_has_one_state_to_begin_from() -> None:
    assert set(FROM) == set(Action)
    assert actions(AnnouncementState.DRAFT) == (Action.EDIT, Action.DELETE, Action.SCHEDULE)
    assert actions(AnnouncementState.WITHDRAWN) == ()


def test_an_excerpt_is_one_short_line() -> None:
    assert excerpt("Water\n is  off") == "Water is off"
    assert len(excerpt("a " * 500)) <= 200
