"""The people of an invented park, and where they belong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from typing import Final

from msgspec import Struct
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from collab.accounts.models import AccountRow, MemberRole, MembershipRow
from collab.notices.kinds import KINDS, MailChoice
from collab.notices.models import NoticeSettingsRow
from collab.notices.zones import HOME
from collab.organizations.models import OrganizationKind, OrganizationRow
from collab.requests.models import DeskGroupMemberRow, DeskGroupRow

from .ids import new_id
from .names import BANKS_AND_FUND, FOREIGN, INSTALLERS, PARK, company, person

OFFICERS_MAX: Final = 24
OFFICERS_MIN: Final = 4
PEOPLE_OF_OFFICER: Final = 125
SERVICE_TEAM: Final = 3
PARTNERS_PEOPLE: Final = 3  # of a bank, the fund, an installer: one of them its administrator
INSTALLERS_SHARE: Final = 8  # of a large park: one company in eight installs machines
SMALL_PARK: Final = 20  # companies, none of which does
DIGEST_MINUTE: Final = 8 * 60

# (key, Chinese, English): whom the shipped types of requests ask first or have review
GROUPS: Final = (
    ("health", "健康专班", "Health team"),
    ("site_service", "现场服务队", "Site service team"),
    ("experts", "评审专家组", "Panel of experts"),
    ("safety", "安全管理组", "Safety team"),
)

Row = dict[str, object]


class Place(Struct, frozen=True):
    id: str
    name: str
    letters: str
    kind: OrganizationKind

    @property
    def domain(self) -> str:
        return f"{self.letters}.example"


class Someone(Struct, frozen=True):
    id: str
    name: str
    email: str
    locale: str
    place: Place
    role: MemberRole

    @property
    def organization_id(self) -> str:
        return self.place.id

    @property
    def kind(self) -> OrganizationKind:
        return self.place.kind


class Cast(Struct, frozen=True):
    park: Place
    banks: tuple[Place, ...]  # two, and the fund
    installers: tuple[Place, ...]
    companies: tuple[Place, ...]
    chief: Someone
    officers: list[Someone]
    team: list[Someone]  # of the park, on site
    members: list[Someone]  # of all others

    @property
    def everybody(self) -> list[Someone]:
        return [self.chief, *self.officers, *self.team, *self.members]

    def of(self, place: Place) -> list[Someone]:
        """Its administrator first."""
        return [one for one in self.everybody if one.place.id == place.id]


def invent_people(companies: int, people: int, at_ms: int, chance: Random) -> Cast:
    """Pure.  At least as many people as every place needs, whatever is asked for."""
    park = Place(new_id(at_ms, chance), *PARK, OrganizationKind.PARK)
    banks = tuple(Place(new_id(at_ms, chance), *one, OrganizationKind.INSTITUTION) for one in BANKS_AND_FUND)
    installers = tuple(Place(new_id(at_ms, chance), *one, OrganizationKind.INSTALLER) for one in INSTALLERS)
    firms = tuple(_company(number, at_ms, chance) for number in range(companies))
    officers = min(OFFICERS_MAX, max(OFFICERS_MIN, people // PEOPLE_OF_OFFICER))
    chief, *staff = _staff(park, officers, at_ms, chance)
    members = [_someone(at_ms, chance, *one) for one in _members((*installers, *banks), firms)]
    known = {one.email for one in (chief, *staff, *members)}
    number = 0
    while 1 + len(staff) + len(members) < people and firms:
        one = _someone(at_ms, chance, firms[number % len(firms)], MemberRole.MEMBER, "", number)
        number += 1
        if one.email not in known:
            known.add(one.email)
            members.append(one)
    return Cast(park, banks, installers, firms, chief, staff[:officers], staff[officers:], members)


def _company(number: int, at_ms: int, chance: Random) -> Place:
    installs = number >= SMALL_PARK and number % INSTALLERS_SHARE == INSTALLERS_SHARE - 1
    kind = OrganizationKind.INSTALLER if installs else OrganizationKind.ENTERPRISE
    return Place(new_id(at_ms, chance), *company(number, chance), kind)


def _staff(park: Place, officers: int, at_ms: int, chance: Random) -> Iterator[Someone]:
    yield _someone(at_ms, chance, park, MemberRole.ADMINISTRATOR, "admin")
    for number in range(officers):
        yield _someone(at_ms, chance, park, MemberRole.OFFICER, f"officer{number + 1 if number else ''}")
    for number in range(SERVICE_TEAM):
        yield _someone(at_ms, chance, park, MemberRole.MEMBER, f"service{number + 1 if number else ''}")


def _members(partners: tuple[Place, ...], firms: tuple[Place, ...]) -> Iterator[tuple[Place, MemberRole, str]]:
    for place in (*partners, *firms):
        yield place, MemberRole.ADMINISTRATOR, "admin"
        yield place, MemberRole.MEMBER, "engineer" if place.kind is not OrganizationKind.INSTITUTION else "finance"
    for place in partners:
        for number in range(2, PARTNERS_PEOPLE):
            yield place, MemberRole.MEMBER, f"member{number}"


def _someone(at_ms: int, chance: Random, place: Place, role: MemberRole, box: str, number: int = 0) -> Someone:
    name, letters = person(chance)
    locale = "zh-CN"
    if place.kind is OrganizationKind.INSTALLER and box == "engineer":
        name, letters = chance.choice(FOREIGN)
        locale = "en"
    address = box or f"{letters}{number or ''}"
    return Someone(new_id(at_ms, chance), name, f"{address}@{place.domain}", locale, place, role)


async def write_people(session: AsyncSession, cast: Cast, at_ms: int, hashes: Mapping[str, str]) -> None:
    """`hashes`: of the passwords of those who have one, by account.  Mail is off for all: nobody reads it."""
    places = (cast.park, *cast.banks, *cast.installers, *cast.companies)
    everybody = cast.everybody
    await session.execute(
        insert(OrganizationRow),
        [{"id": one.id, "name": one.name, "kind": one.kind, "created_at_ms": at_ms} for one in places],
    )
    accounts: list[Row] = [
        {
            "id": one.id,
            "email": one.email,
            "name": one.name,
            "locale": one.locale,
            "password_hash": hashes.get(one.id),
            "created_at_ms": at_ms,
            "disabled_at_ms": 0,
        }
        for one in everybody
    ]
    memberships: list[Row] = [
        {"account_id": one.id, "organization_id": one.organization_id, "role": one.role, "since_ms": at_ms}
        for one in everybody
    ]
    no_mail = {kind.value: {"mail": MailChoice.OFF.value, "push": about.usual.push} for kind, about in KINDS.items()}
    settings: list[Row] = [
        {
            "account_id": one.id,
            "choices": no_mail,
            "quiet_from_minute": -1,
            "quiet_until_minute": -1,
            "digest_minute": DIGEST_MINUTE,
            "time_zone": HOME,
        }
        for one in everybody
    ]
    await session.execute(insert(AccountRow), accounts)
    await session.execute(insert(MembershipRow), memberships)
    await session.execute(insert(NoticeSettingsRow), settings)
    await session.execute(insert(DeskGroupRow), [{"key": key, "name_zh": zh, "name_en": en} for key, zh, en in GROUPS])
    staff = (*cast.team, *cast.officers[:2])
    await session.execute(
        insert(DeskGroupMemberRow),
        [{"group_key": key, "account_id": one.id} for key, *_ in GROUPS for one in staff],
    )
