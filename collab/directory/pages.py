"""Pages of organizations: what they say of themselves, their contacts, and who of the park looks after them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import structlog
from msgspec import Struct
from msgspec.structs import replace

from collab.accounts.models import Member
from collab.accounts.repository import AccountRepository
from collab.db.engine import Database
from collab.edge.uploads import Received
from collab.files.contents import BadFile, read_picture
from collab.files.store import Files
from collab.limits import Limits, rate
from collab.officers.standing import Standing, standing
from collab.organizations.models import Organization
from collab.problems import FieldFault, Refusal, invalid
from rooms.core.codes import Code
from rooms.core.text import clean_lines, clean_name

from .dates import day_of
from .models import ADDRESS_MAX_CHARS, PHONE_MAX_CHARS, SUMMARY_MAX_CHARS
from .organization_repository import DirectoryRepository, OrganizationFilter
from .parties import reach_of
from .regions import is_region
from .values import Contact, OrganizationLine, Profile

CONTACTS_MAX: Final = 20
LOGO_MAX_BYTES: Final = 500_000
PAGES_OF_ACCOUNT = rate("organization_pages", burst=60, per_minute=10)

log = structlog.get_logger("directory")


class OrganizationPage(Struct, frozen=True):
    organization: Organization
    profile: Profile
    contacts: tuple[Contact, ...]  # that the asking person may see
    standing: Standing | None
    within: bool  # the asking person sees all of it
    may_edit: bool


class PageService:
    def __init__(
        self,
        pages: DirectoryRepository,
        accounts: AccountRepository,
        files: Files,
        database: Database,
        limits: Limits,
        clock_ms: Callable[[], int],
    ) -> None:
        self._pages = pages
        self._accounts = accounts
        self._files = files
        self._database = database
        self._limits = limits
        self._clock_ms = clock_ms

    async def listed(self, wanted: OrganizationFilter, after: str, limit: int) -> tuple[list[OrganizationLine], bool]:
        found = await self._pages.listed(replace(wanted, search=clean_name(wanted.search)), after, limit + 1)
        return found[:limit], len(found) > limit

    async def seen(self, by: Member, organization_id: str) -> OrganizationPage:
        """Every organization has a public part.  Raises NOT_FOUND."""
        found = await self._pages.get(organization_id)
        if found is None:
            raise Refusal(Code.NOT_FOUND, "no such organization")
        organization, profile, contacts = found
        reach = reach_of(by)
        within = reach.within(organization_id)
        async with self._database.read() as session:
            standings = await standing(session, [organization_id], day_of(self._clock_ms()))
        return OrganizationPage(
            organization=organization,
            profile=profile,
            contacts=tuple(one for one in contacts if within or one.public),
            standing=standings.get(organization_id) if within else None,
            within=within,
            may_edit=reach.edits(organization_id),
        )

    async def change(
        self, by: Member, organization_id: str, profile: Profile, contacts: Sequence[Contact], revision: int
    ) -> OrganizationPage:
        """By its administrators and the park's staff.  Raises NOT_FOUND, FORBIDDEN, INVALID, CONFLICT when somebody
        else has written since `revision`."""
        await self._edited(by, organization_id)
        cleaned = replace(
            profile,
            summary_zh=clean_lines(profile.summary_zh, SUMMARY_MAX_CHARS),
            summary_en=clean_lines(profile.summary_en, SUMMARY_MAX_CHARS),
            address=clean_name(profile.address, ADDRESS_MAX_CHARS),
            changed_at_ms=self._clock_ms(),
            changed_by_name=by.account.name,
        )
        if cleaned.region and not is_region(cleaned.region):
            raise invalid(region=FieldFault.INVALID)
        if cleaned.founded_on is not None and cleaned.founded_on > day_of(self._clock_ms()):
            raise invalid(founded_on=FieldFault.INVALID)
        known = [await self._contact(organization_id, one) for one in contacts]
        if not await self._pages.set_profile(organization_id, cleaned, known, revision):
            raise Refusal(Code.CONFLICT, "changed meanwhile")
        log.info("organization_page_changed", organization=organization_id, by=by.account.id)
        return await self.seen(by, organization_id)

    async def _contact(self, organization_id: str, one: Contact) -> Contact:
        """With an account, it is one of the organization's: nobody is called in the name of another's."""
        name = clean_name(one.name)
        if not name:
            raise invalid(contacts=FieldFault.INVALID)
        if one.account_id is not None:
            member = await self._accounts.member(one.account_id)
            if member is None or not member.belongs_to(organization_id):
                raise invalid(contacts=FieldFault.INVALID)
        phone = clean_name(one.phone, PHONE_MAX_CHARS)
        return replace(one, name=name, phone=phone, email=clean_name(one.email, 254))

    # ------------------------------------------------------------ the logo

    async def bringing_logo(self, by: Member, organization_id: str) -> None:
        """Asked before a byte of the upload is read.  Raises NOT_FOUND, FORBIDDEN, WRONG_STATE without a profile."""
        page = await self._edited(by, organization_id)
        if not page.profile.revision:
            raise Refusal(Code.WRONG_STATE, "no profile yet")

    async def set_logo(self, organization_id: str, upload: Received) -> None:
        """A JPEG or PNG, without what else it carried.  Raises BAD_FILE."""
        try:
            picture = read_picture(await upload.content())
        except BadFile as bad:
            raise Refusal(Code.BAD_FILE, str(bad)) from None
        stored = await self._files.keep(picture.content, picture.media_type)
        await self._pages.set_logo(organization_id, stored.sha256)

    async def remove_logo(self, by: Member, organization_id: str) -> None:
        await self._edited(by, organization_id)
        await self._pages.set_logo(organization_id, None)

    async def _edited(self, by: Member, organization_id: str) -> OrganizationPage:
        await self._limits.take(PAGES_OF_ACCOUNT, by.account.id)
        page = await self.seen(by, organization_id)
        if not page.may_edit:
            raise Refusal(Code.FORBIDDEN, "another's page")
        return page
