"""The endpoints of organizations' pages."""

from __future__ import annotations

from functools import partial

from collab.accounts.schemas import Body
from collab.edge.endpoint import NO_CONTENT, Access, Call, Endpoint, Nothing, Reply, Streamed
from collab.files.store import Files
from collab.problems import Refusal
from rooms.core.codes import Code

from . import schemas
from .installers import InstallerService
from .organization_repository import OrganizationFilter
from .pages import LOGO_MAX_BYTES, OrganizationPage, PageService
from .values import Contact, Profile
from .views import line_view, page_view

ORGANIZATIONS = "/api/directory/organizations"


class LogoQuery(Body, frozen=True, kw_only=True):
    """`v` only tells one logo's address from another's."""

    v: str = ""


class DirectoryEndpoints:
    def __init__(self, pages: PageService, installers: InstallerService, files: Files) -> None:
        self._pages = pages
        self._installers = installers
        self._files = files

    def table(self) -> tuple[Endpoint, ...]:
        edited = (Code.NOT_FOUND, Code.RATE_LIMITED)
        return (
            Endpoint(
                method="GET",
                path=ORGANIZATIONS,
                access=Access.MEMBER,
                handler=self.list_organizations,
                input=schemas.OrganizationsQuery,
                output=schemas.OrganizationLines,
                about="The park's organizations by name, with the public part of what they say of themselves.",
            ),
            Endpoint(
                method="GET",
                path=f"{ORGANIZATIONS}/{{id}}",
                access=Access.MEMBER,
                handler=self.show_organization,
                output=schemas.OrganizationPageView,
                refusals=(Code.NOT_FOUND,),
                about="One organization's page; what is not public only for its people and the park's staff.",
            ),
            Endpoint(
                method="PUT",
                path=f"{ORGANIZATIONS}/{{id}}",
                access=Access.MEMBER,
                handler=self.change_organization,
                input=schemas.ProfileBody,
                output=schemas.OrganizationPageView,
                refusals=(*edited, Code.CONFLICT),
                about="Write the page anew. For the organization's administrators and the park's staff.",
            ),
            Endpoint(
                method="PUT",
                path=f"{ORGANIZATIONS}/{{id}}/logo",
                access=Access.MEMBER,
                handler=self.bring_logo,
                upload_max_bytes=LOGO_MAX_BYTES,
                output=schemas.OrganizationPageView,
                refusals=(*edited, Code.WRONG_STATE),
                about="A JPEG or PNG of at most 500 kB, once there is a page.",
            ),
            Endpoint(
                method="GET",
                path=f"{ORGANIZATIONS}/{{id}}/logo",
                access=Access.MEMBER,
                handler=self.show_logo,
                input=LogoQuery,
                media_type="application/octet-stream",
                refusals=(Code.NOT_FOUND,),
                about="The picture.",
            ),
            Endpoint(
                method="DELETE",
                path=f"{ORGANIZATIONS}/{{id}}/logo",
                access=Access.MEMBER,
                handler=self.remove_logo,
                refusals=edited,
                about="Take the logo off.",
            ),
        )

    async def list_organizations(self, call: Call[schemas.OrganizationsQuery]) -> Reply:
        query = call.input
        wanted = OrganizationFilter(
            search=query.search,
            kind=query.kind,
            industry=query.industry,
            region=query.region,
            trade=query.trade,
            language=query.language,
            available=query.available,
        )
        found, more = await self._pages.listed(wanted, query.after, query.limit)
        return Reply(schemas.OrganizationLines(tuple(map(line_view, found)), more))

    async def show_organization(self, call: Call[Nothing]) -> Reply:
        return await self._page(await self._pages.seen(call.caller.signed_in, call.path["id"]))

    async def change_organization(self, call: Call[schemas.ProfileBody]) -> Reply:
        body = call.input
        profile = Profile(
            summary_zh=body.summary_zh,
            summary_en=body.summary_en,
            industry=body.industry,
            headcount=body.headcount,
            region=body.region,
            address=body.address,
            website=body.website,
            founded_on=body.founded_on,
        )
        contacts = [
            Contact(one.role, one.name, one.account_id, one.phone, one.email, one.public) for one in body.contacts
        ]
        by, organization_id = call.caller.signed_in, call.path["id"]
        return await self._page(await self._pages.change(by, organization_id, profile, contacts, body.revision))

    async def bring_logo(self, call: Call[Nothing]) -> Reply:
        by, organization_id = call.caller.signed_in, call.path["id"]
        await self._pages.bringing_logo(by, organization_id)
        async with call.upload() as upload:
            await self._pages.set_logo(organization_id, upload)
        return await self._page(await self._pages.seen(by, organization_id))

    async def show_logo(self, call: Call[LogoQuery]) -> Reply:
        page = await self._pages.seen(call.caller.signed_in, call.path["id"])
        sha256 = page.profile.logo_sha256
        file = await self._files.get(sha256) if sha256 else None
        if file is None:
            raise Refusal(Code.NOT_FOUND, "no logo")
        return Reply(Streamed(partial(self._files.stream, file.sha256), file.media_type, file.size_bytes, file.sha256))

    async def remove_logo(self, call: Call[Nothing]) -> Reply:
        await self._pages.remove_logo(call.caller.signed_in, call.path["id"])
        return NO_CONTENT

    async def _page(self, page: OrganizationPage) -> Reply:
        organization_id = page.organization.id
        certificates = await self._installers.certificates(organization_id)
        crews = await self._installers.crews(organization_id)
        return Reply(page_view(page, certificates, crews, self._installers.today))
