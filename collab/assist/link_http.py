"""The endpoints of links into sessions."""

from __future__ import annotations

from collab.clock import new_secret, now_ms
from collab.edge.endpoint import Access, Call, Caller, Cookie, CookieName, Endpoint, Nothing, Reply
from collab.meetings.http import GUEST_COOKIE_S
from rooms.core.codes import Code

from . import schemas
from .invitations import qr_svg, sms_en, sms_zh
from .links import HOUR_MS, LinkService
from .values import Link


class LinkEndpoints:
    def __init__(self, links: LinkService) -> None:
        self._links = links

    def table(self) -> tuple[Endpoint, ...]:
        managed = (Code.FORBIDDEN, Code.NOT_FOUND)
        return (
            Endpoint(
                method="GET",
                path="/api/assist/sessions/{id}/links",
                access=Access.MEMBER,
                handler=self.list_links,
                output=schemas.LinkList,
                refusals=managed,
                about="The latest links into a session, without their secrets.",
            ),
            Endpoint(
                method="POST",
                path="/api/assist/sessions/{id}/links",
                access=Access.MEMBER,
                handler=self.make_link,
                input=schemas.NewLink,
                output=schemas.NewLinkView,
                status=201,
                refusals=(*managed, Code.ROOM_ENDED, Code.RATE_LIMITED),
                about="A way in without an account, as address, QR code and text message.",
            ),
            Endpoint(
                method="DELETE",
                path="/api/assist/sessions/{id}/links/{link_id}",
                access=Access.MEMBER,
                handler=self.revoke_link,
                output=schemas.LinkView,
                refusals=managed,
                about="Take a link back: it lets nobody in from now on; who came by it stays.",
            ),
            Endpoint(
                method="POST",
                path="/api/assist/sessions/{id}/links/{link_id}/restore",
                access=Access.MEMBER,
                handler=self.restore_link,
                output=schemas.LinkView,
                refusals=managed,
                about="Undo that a link was taken back, while it has not run out.",
            ),
            Endpoint(
                method="POST",
                path="/api/assist/sessions/{id}/links/{link_id}/reissue",
                access=Access.MEMBER,
                handler=self.reissue_link,
                output=schemas.NewLinkView,
                status=201,
                refusals=(*managed, Code.ROOM_ENDED, Code.RATE_LIMITED),
                about="Another link like this one, in its place: for one that was lost, used or sent to the wrong one.",
            ),
            Endpoint(
                method="GET",
                path="/api/assist/links",
                access=Access.ANYONE,
                handler=self.look_at_link,
                input=schemas.LinkQuery,
                output=schemas.LinkCard,
                refusals=(Code.NOT_FOUND, Code.LINK_EXPIRED, Code.LINK_USED, Code.REMOVED, Code.RATE_LIMITED),
                about="What a link leads to.  It is not used up by looking.",
            ),
            Endpoint(
                method="POST",
                path="/api/assist/links/open",
                access=Access.ANYONE,
                handler=self.open_link,
                input=schemas.OpenLink,
                output=schemas.OpenedLink,
                refusals=(
                    Code.NOT_FOUND,
                    Code.LINK_EXPIRED,
                    Code.LINK_USED,
                    Code.REMOVED,
                    Code.ROOM_ENDED,
                    Code.RATE_LIMITED,
                ),
                about="Open a link.  A one-time link is this browser's from now on.",
            ),
        )

    async def list_links(self, call: Call[Nothing]) -> Reply:
        found = await self._links.listed(call.caller.signed_in, call.path["id"])
        return Reply(schemas.LinkList(tuple(_link_view(link) for link in found)))

    async def make_link(self, call: Call[schemas.NewLink]) -> Reply:
        body, by = call.input, call.caller.signed_in
        link, token, _session = await self._links.make(
            by, call.path["id"], body.role, body.name, body.hours, one_time=body.one_time
        )
        return Reply(_new_link_view(link, token, call.caller))

    async def revoke_link(self, call: Call[Nothing]) -> Reply:
        return Reply(_link_view(await self._links.revoke(call.caller.signed_in, call.path["id"], call.path["link_id"])))

    async def restore_link(self, call: Call[Nothing]) -> Reply:
        return Reply(
            _link_view(await self._links.restore(call.caller.signed_in, call.path["id"], call.path["link_id"]))
        )

    async def reissue_link(self, call: Call[Nothing]) -> Reply:
        by = call.caller.signed_in
        link, token, _session = await self._links.reissue(by, call.path["id"], call.path["link_id"])
        return Reply(_new_link_view(link, token, call.caller))

    async def look_at_link(self, call: Call[schemas.LinkQuery]) -> Reply:
        caller = call.caller
        link, session = await self._links.look(call.input.token, caller.guest_key, caller.address)
        return Reply(
            schemas.LinkCard(
                title=session.title,
                machine=session.machine.title if session.machine else "",
                inviter=session.maker.name if session.maker else "",
                role=link.role,
                name=link.name,
                phase=session.phase,
                expires_at_ms=link.expires_at_ms,
            )
        )

    async def open_link(self, call: Call[schemas.OpenLink]) -> Reply:
        caller = call.caller
        guest_key = caller.guest_key or new_secret()
        opened = await self._links.open(call.input.token, call.input.name, guest_key, caller.address)
        view = schemas.OpenedLink(
            room_code=opened.session.code,
            token=opened.token,
            identity=opened.identity,
            name=opened.name,
            role=opened.role,
            session_id=opened.session.id,
            expires_at_ms=opened.expires_at_ms,
        )
        return Reply(view, cookies=(Cookie(CookieName.GUEST, guest_key, GUEST_COOKIE_S),))


def _new_link_view(link: Link, token: str, caller: Caller) -> schemas.NewLinkView:
    url = f"{caller.base_url}/a/{token}"
    hours = round((link.expires_at_ms - link.created_at_ms) / HOUR_MS)
    words = (caller.signed_in.account.name, link.role, url, hours, link.one_time)
    sms = schemas.Sms(zh=sms_zh(*words), en=sms_en(*words))
    return schemas.NewLinkView(_link_view(link), url, qr_svg(url).decode(), sms)


def _link_view(link: Link) -> schemas.LinkView:
    return schemas.LinkView(
        id=link.id,
        role=link.role,
        name=link.name,
        one_time=link.one_time,
        state=link.state(now_ms()),
        made_by=link.maker,
        opened_by=tuple(schemas.LinkOpeningView(one.name, one.at_ms) for one in link.openings),
        opened_at_ms=link.opened_at_ms,
        created_at_ms=link.created_at_ms,
        expires_at_ms=link.expires_at_ms,
    )
