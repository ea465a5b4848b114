"""Pages of organizations and installers: who writes, who reads what, how they are found."""

from __future__ import annotations

from datetime import date, timedelta

from msgspec.structs import replace

from collab.directory.matching import Days
from collab.directory.organization_repository import OrganizationFilter
from collab.directory.reminders import CertificateReminders
from collab.directory.trades import ContactRole, CrewStatus, Industry, Language, Trade
from collab.directory.values import Contact, Profile
from collab.directory.views import page_view
from collab.organizations.models import OrganizationKind
from rooms.core.codes import Code
from tests.support.databases import QueryCount

from .conftest import MONDAY, World
from .test_needs import refused

ABOUT = Profile(summary_zh="激光切割", summary_en="Laser cutting", industry=Industry.LASER, region="HB")


def contact(name: str, account_id: str | None = None, *, public: bool = False) -> Contact:
    return Contact(ContactRole.GENERAL, name, account_id, "027-1", "", public)


async def test_administrators_and_the_parks_staff_write_a_page(world: World) -> None:
    pages, company = world.engine.pages, world.factory.id
    assert await refused(pages.change(world.owner, company, ABOUT, [], 0)) is Code.FORBIDDEN
    assert await refused(pages.change(world.fitter, company, ABOUT, [], 0)) is Code.FORBIDDEN
    written = await pages.change(world.boss, company, ABOUT, [contact("Zhou", world.owner.account.id)], 0)
    assert (written.profile.revision, written.profile.changed_by_name) == (1, "Sun")
    again = await pages.change(world.officer, company, replace(ABOUT, summary_en="Cutting"), [], 1)
    assert (again.profile.summary_en, again.contacts) == ("Cutting", ())
    assert await refused(pages.change(world.boss, company, ABOUT, [], 1)) is Code.CONFLICT
    assert await refused(pages.change(world.boss, company, ABOUT, [], 0)) is Code.CONFLICT


async def test_a_contacts_account_is_one_of_the_organization(world: World) -> None:
    """Nobody is made to ring in another's name."""
    theirs = [contact("Wu", world.fitter.account.id)]
    assert await refused(world.engine.pages.change(world.boss, world.factory.id, ABOUT, theirs, 0)) is Code.INVALID


async def test_others_see_the_public_part(world: World) -> None:
    engine = world.engine
    contacts = [contact("Front desk", public=True), contact("Zhou", world.owner.account.id)]
    await engine.pages.change(world.boss, world.factory.id, ABOUT, contacts, 0)
    seen = await engine.pages.seen(world.fitter, world.factory.id)
    assert [one.name for one in seen.contacts] == ["Front desk"]
    assert (seen.within, seen.may_edit) == (False, False)
    await world.certify(world.fitter)
    crew = await world.crew(world.fitter, "One", status_note="in Xian")
    await engine.installers.add_busy(world.hand, crew.id, Days(MONDAY, MONDAY), "Secret customer")
    for by, within in ((world.owner, False), (world.hand, True), (world.officer, True)):
        page = await engine.pages.seen(by, world.fitters.id)
        shown = page_view(
            page,
            await engine.installers.certificates(world.fitters.id),
            await engine.installers.crews(world.fitters.id),
            engine.installers.today,
        )
        assert (shown.certificates[0].number, shown.crews[0].status_note) == (
            ("L-1", "in Xian") if within else ("", "")
        )
        assert shown.crews[0].busy[0].note == ("Secret customer" if within else "")
        assert shown.crews[0].busy[0].starts_on == MONDAY


async def test_the_list_is_found_by_what_crews_can_do(world: World, queries: QueryCount) -> None:
    pages = world.engine.pages
    await pages.change(world.boss, world.factory.id, ABOUT, [], 0)
    await world.crew(world.fitter, "One")
    await world.crew(world.fitter, "Two", status=CrewStatus.OFF)
    queries.reset()
    found, more = await pages.listed(OrganizationFilter(), "", 2)
    assert ([one.organization.name for one in found], more) == (["Fitters", "Laser Works"], True)
    assert len(queries.statements) == 2
    assert (found[0].trades, found[0].crews, found[0].available) == ((Trade.LASER,), 2, 1)
    rest, more = await pages.listed(OrganizationFilter(), found[-1].organization.id, 9)
    assert ([one.organization.name for one in rest], more) == (["Park", "Riggers"], False)

    async def names(wanted: OrganizationFilter) -> list[str]:
        return [one.organization.name for one in (await pages.listed(wanted, "", 9))[0]]

    assert await names(OrganizationFilter(trade=Trade.LASER)) == ["Fitters"]
    assert await names(OrganizationFilter(trade=Trade.WELDING)) == []
    assert await names(OrganizationFilter(language=Language.CHINESE, available=True)) == ["Fitters"]
    assert await names(OrganizationFilter(kind=OrganizationKind.INSTALLER)) == ["Fitters", "Riggers"]
    assert await names(OrganizationFilter(industry=Industry.LASER)) == ["Laser Works"]
    assert await names(OrganizationFilter(search="切割")) == ["Laser Works"]
    assert await names(OrganizationFilter(search="%")) == []
    assert await names(OrganizationFilter(region="HB")) == ["Laser Works"]


async def test_a_crew_is_its_installers(world: World) -> None:
    installers = world.engine.installers
    crew = await world.crew(world.fitter, "One")
    hand_says = {"status": CrewStatus.WORKING, "status_note": "till Friday"}
    assert (await installers.change_crew(world.hand, crew.id, hand_says, {})).status is CrewStatus.WORKING
    assert await refused(installers.change_crew(world.hand, crew.id, {"size": 9}, {})) is Code.FORBIDDEN
    assert await refused(installers.change_crew(world.rigger, crew.id, hand_says, {})) is Code.NOT_FOUND
    assert await refused(installers.retire_crew(world.owner, crew.id)) is Code.NOT_FOUND
    busy = await installers.add_busy(world.hand, crew.id, Days(MONDAY, MONDAY), "")
    assert await refused(installers.remove_busy(world.rigger, crew.id, busy.busy[0].id)) is Code.NOT_FOUND
    past = Days(date(2026, 11, 1), date(2026, 11, 2))
    assert await refused(installers.add_busy(world.hand, crew.id, past, "")) is Code.INVALID
    assert (await installers.remove_busy(world.hand, crew.id, busy.busy[0].id)).busy == ()
    await installers.retire_crew(world.fitter, crew.id)
    assert await refused(installers.crew(crew.id)) is Code.NOT_FOUND


async def test_only_installers_have_crews_and_certificates(world: World) -> None:
    values: dict[str, object] = {"name": "X", "size": 1, "region": "HB"}
    adding = world.engine.installers.add_crew(world.boss, world.factory.id, values, {})
    assert await refused(adding) is Code.WRONG_STATE


async def test_who_leads_an_installer_is_told_before_a_certificate_ends(world: World) -> None:
    reminders = CertificateReminders(world.database, world.engine.installers_sql, lambda: None, lambda: world.now_ms)
    today = world.engine.installers.today
    await world.certify(world.fitter, until=today + timedelta(days=20))
    await world.certify(world.rigger, until=today + timedelta(days=90))
    for _again in range(2):
        await reminders.work()
    assert await world.notices(world.fitter) == ["certificate_ends"]
    assert await world.notices(world.rigger) == []
    world.now_ms += 14 * 86_400_000  # six days before
    await reminders.work()
    assert await world.notices(world.fitter) == ["certificate_ends"] * 2
    await world.certify(world.fitter)  # a new one takes over
    world.now_ms += 86_400_000
    await reminders.work()
    assert len(await world.notices(world.fitter)) == 2
