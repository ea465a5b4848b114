"""Accounts, memberships and one-time links in SQL."""

from __future__ import annotations

import asyncio

import pytest

from collab.accounts.models import LinkKind, MemberRole
from collab.accounts.repository import AccountRepository
from collab.accounts.service import hash_token
from collab.db.engine import Database
from collab.meetings.repository import MeetingRepository
from collab.problems import FieldFault, Refusal
from rooms.core.codes import Code
from tests.support.databases import QueryCount
from tests.unit.collab.people import NO_HASH, People

AT = 10_000


async def set_up(accounts: AccountRepository, token: str, email: str = "a@b.cc") -> str:
    return await accounts.make_first_administrator(
        hash_token(token), AT, email=email, name="A", password_hash=NO_HASH, organization="Park", locale="en"
    )


async def test_the_setup_link_makes_one_administrator_and_is_used_up(database: Database) -> None:
    accounts = AccountRepository(database)
    assert not await accounts.has_park_administrator()
    await accounts.add_link(LinkKind.SETUP, hash_token("one"), AT, AT + 1_000)
    account_id = await set_up(accounts, "one")
    member = await accounts.member(account_id)
    assert member is not None
    assert member.administers_park
    assert await accounts.has_park_administrator()
    with pytest.raises(Refusal) as refused:
        await set_up(accounts, "one", "other@b.cc")
    assert refused.value.code is Code.WRONG_STATE


async def test_two_setup_links_used_at_the_same_moment_make_one_administrator(database: Database) -> None:
    accounts = AccountRepository(database)
    await MeetingRepository(database).first_start("Ready", AT)
    for token in ("one", "two"):
        await accounts.add_link(LinkKind.SETUP, hash_token(token), AT, AT + 1_000)
    results = await asyncio.gather(
        set_up(accounts, "one", "one@b.cc"), set_up(accounts, "two", "two@b.cc"), return_exceptions=True
    )
    assert sum(isinstance(result, Refusal) for result in results) == 1
    assert await accounts.count() == 1


async def test_the_first_administrator_takes_over_the_ready_meeting(database: Database) -> None:
    accounts, meetings = AccountRepository(database), MeetingRepository(database)
    await meetings.first_start("Ready", AT)
    await accounts.add_link(LinkKind.SETUP, hash_token("one"), AT, AT + 1_000)
    account_id = await set_up(accounts, "one")
    ready = await meetings.ready_meeting()
    assert ready is not None
    assert ready.host is not None
    assert ready.host.id == account_id


@pytest.mark.parametrize(("made_at", "expires_at"), [(AT - 2_000, AT - 1), (AT - 2_000, AT)])
async def test_a_link_that_ran_out_is_unknown(database: Database, made_at: int, expires_at: int) -> None:
    accounts = AccountRepository(database)
    await accounts.add_link(LinkKind.SETUP, hash_token("old"), made_at, expires_at)
    assert await accounts.link(hash_token("old"), AT) is None
    with pytest.raises(Refusal) as refused:
        await set_up(accounts, "old")
    assert refused.value.code is Code.NOT_FOUND


async def test_an_invitation_works_once(people: People) -> None:
    company = await people.organization()
    member = await people.employee(company, "Wang", MemberRole.OFFICER)
    assert [one.organization.name for one in member.memberships] == ["Laser Works"]
    assert member.memberships[0].roles == (MemberRole.OFFICER,)
    with pytest.raises(Refusal) as refused:
        await people.accounts.accept_invitation(
            hash_token("invitation of Wang"), AT, name="x", password_hash=NO_HASH, locale="en", existing_id=None
        )
    assert refused.value.code is Code.NOT_FOUND


async def test_an_address_belongs_to_one_account(people: People) -> None:
    company = await people.organization()
    await people.employee(company, "Wang", email="same@x.example")
    with pytest.raises(Refusal) as refused:
        await people.employee(company, "Zhao", email="same@x.example")
    assert refused.value.fields == {"email": FieldFault.TAKEN}


async def test_an_invitation_to_an_organization_that_is_not_there_is_refused(people: People) -> None:
    with pytest.raises(Refusal) as refused:
        await people.accounts.add_link(
            LinkKind.INVITATION, hash_token("x"), AT, AT + 1, email="a@b.cc", name="A", organization_id="0" * 26
        )
    assert refused.value.fields == {"organization_id": FieldFault.INVALID}


async def test_a_member_with_many_memberships_is_one_query(people: People, queries: QueryCount) -> None:
    first, second = await people.organization("First"), await people.organization("Second")
    member = await people.employee(first, "Wang")
    await people.accounts.add_link(
        LinkKind.INVITATION,
        hash_token("more"),
        AT,
        AT + 9,
        email=member.account.email,
        organization_id=second.id,
        roles=(MemberRole.MEMBER, MemberRole.ADMINISTRATOR),
    )
    await people.accounts.accept_invitation(
        hash_token("more"), AT, name="", password_hash="", locale="en", existing_id=member.account.id
    )
    queries.reset()
    member = await people.member_of(member.account.id)
    assert len(queries.statements) == 1
    assert [one.organization.name for one in member.memberships] == ["First", "Second"]
    assert set(member.memberships[1].roles) == {MemberRole.MEMBER, MemberRole.ADMINISTRATOR}
    assert member.administers(second.id)
    assert not member.administers(first.id)
    assert not member.administers_park


async def test_the_list_of_members_is_paged_in_two_queries(people: People, queries: QueryCount) -> None:
    company = await people.organization()
    made = [await people.employee(company, f"Person{number}") for number in range(7)]
    queries.reset()
    page = await people.accounts.members(company.id, "", 5)
    assert len(queries.statements) == 2
    assert page is not None
    assert [one.id for one in page] == [one.account.id for one in made[:5]]
    rest = await people.accounts.members(company.id, page[-1].id, 5)
    assert rest is not None
    assert [one.name for one in rest] == ["Person5", "Person6"]
    assert await people.accounts.members("0" * 26, "", 5) is None


async def test_roles_are_replaced_and_an_empty_set_ends_the_membership(people: People) -> None:
    await people.administrator()
    company = await people.organization()
    member = await people.employee(company, "Wang")
    account_id = member.account.id
    assert await people.accounts.set_roles(account_id, company.id, (MemberRole.ADMINISTRATOR,), AT)
    assert (await people.member_of(account_id)).memberships[0].roles == (MemberRole.ADMINISTRATOR,)
    assert await people.accounts.set_roles(account_id, company.id, (), AT)
    assert (await people.member_of(account_id)).memberships == ()
    assert not await people.accounts.set_roles(account_id, company.id, (MemberRole.MEMBER,), AT)


async def test_the_last_administrator_of_the_park_stays(people: People) -> None:
    member = await people.administrator()
    park_id = member.memberships[0].organization.id
    with pytest.raises(Refusal) as refused:
        await people.accounts.set_roles(member.account.id, park_id, (MemberRole.MEMBER,), AT)
    assert refused.value.code is Code.CONFLICT
    assert (await people.member_of(member.account.id)).administers_park
    await people.administrator("Zhou")
    assert await people.accounts.set_roles(member.account.id, park_id, (MemberRole.MEMBER,), AT)


async def test_a_reset_link_sets_the_password_once(people: People) -> None:
    member = await people.administrator()
    await people.accounts.add_link(LinkKind.RESET, hash_token("r"), AT, AT + 9, email=member.account.email)
    assert await people.accounts.reset_password(hash_token("r"), AT, "new hash") == member.account.id
    known = await people.accounts.credentials(member.account.email)
    assert known is not None
    assert known.password_hash == "new hash"
    with pytest.raises(Refusal):
        await people.accounts.reset_password(hash_token("r"), AT, "newer hash")
