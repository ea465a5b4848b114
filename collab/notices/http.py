"""The endpoints of the inbox, of what people choose about notices, and of push."""

from __future__ import annotations

from collab.accounts.models import Member
from collab.edge.endpoint import NO_CONTENT, Access, Call, Endpoint, Reply
from rooms.core.codes import Code

from . import schemas
from .inbox import InboxService
from .kinds import KINDS, Choice
from .models import Kept
from .rules import Quiet, Settings
from .words import Language, language_of, lines_of

NOTICES = "/api/notices"
SETTINGS = "/api/me/notice-settings"
PUSH = "/api/me/push-subscriptions"


class NoticeEndpoints:
    def __init__(self, inbox: InboxService, push_key: str) -> None:
        self._inbox = inbox
        self._push_key = push_key

    def table(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                method="GET",
                path=NOTICES,
                access=Access.MEMBER,
                handler=self.list_notices,
                input=schemas.NoticesQuery,
                output=schemas.NoticeList,
                about="One's own notices in the words of a language, the newest first, and how many are unread.",
            ),
            Endpoint(
                method="POST",
                path=f"{NOTICES}/read",
                access=Access.MEMBER,
                handler=self.read_notices,
                input=schemas.Marking,
                output=schemas.Marked,
                refusals=(Code.RATE_LIMITED,),
                about="Mark some as read, or all up to one.",
            ),
            Endpoint(
                method="POST",
                path=f"{NOTICES}/unread",
                access=Access.MEMBER,
                handler=self.unread_notices,
                input=schemas.Unmarking,
                output=schemas.Marked,
                refusals=(Code.RATE_LIMITED,),
                about="Undo: mark as not read.",
            ),
            Endpoint(
                method="GET",
                path=SETTINGS,
                access=Access.MEMBER,
                handler=self.show_notice_settings,
                input=schemas.SettingsQuery,
                output=schemas.SettingsView,
                about="By which way each kind of notice comes, the quiet hours, and the hour of the digest.",
            ),
            Endpoint(
                method="PUT",
                path=SETTINGS,
                access=Access.MEMBER,
                handler=self.save_notice_settings,
                input=schemas.SettingsBody,
                output=schemas.SettingsView,
                refusals=(Code.RATE_LIMITED,),
                about="Choose.",
            ),
            Endpoint(
                method="POST",
                path=PUSH,
                access=Access.MEMBER,
                handler=self.subscribe_browser,
                input=schemas.PushBody,
                refusals=(Code.RATE_LIMITED, Code.CONFLICT),
                about="Let this browser take pushes.",
            ),
            Endpoint(
                method="DELETE",
                path=PUSH,
                access=Access.MEMBER,
                handler=self.unsubscribe_browser,
                input=schemas.PushEndpoint,
                refusals=(Code.RATE_LIMITED,),
                about="Let this browser take none any more.",
            ),
        )

    async def list_notices(self, call: Call[schemas.NoticesQuery]) -> Reply:
        query, member = call.input, call.caller.signed_in
        found, more, unread = await self._inbox.page(
            member,
            query.before,
            query.limit,
            unread_only=query.state == "unread",
            area=query.area,
        )
        locale = query.locale or member.account.locale
        return Reply(schemas.NoticeList(tuple(notice_view(kept, locale) for kept in found), more, unread))

    async def read_notices(self, call: Call[schemas.Marking]) -> Reply:
        return await self._marked(call.caller.signed_in, call.input.ids, call.input.until, read=True)

    async def unread_notices(self, call: Call[schemas.Unmarking]) -> Reply:
        return await self._marked(call.caller.signed_in, call.input.ids, "", read=False)

    async def _marked(self, member: Member, ids: tuple[str, ...], until: str, *, read: bool) -> Reply:
        changed = await self._inbox.mark(member, ids, until, read=read)
        return Reply(schemas.Marked(tuple(changed), await self._inbox.unread(member)))

    async def show_notice_settings(self, call: Call[schemas.SettingsQuery]) -> Reply:
        return Reply(await self._settings(call.caller.signed_in, call.input.locale))

    async def save_notice_settings(self, call: Call[schemas.SettingsBody]) -> Reply:
        body = call.input
        choices = {one.kind: Choice(mail=one.mail, push=one.push) for one in body.kinds}
        quiet = Quiet(body.quiet.from_minute, body.quiet.until_minute) if body.quiet else None
        await self._inbox.choose(call.caller.signed_in, Settings(choices, quiet, body.digest_minute), body.time_zone)
        return Reply(await self._settings(call.caller.signed_in, ""))

    async def _settings(self, member: Member, locale: str) -> schemas.SettingsView:
        settings, time_zone, browsers = await self._inbox.settings(member)
        is_english = language_of(locale or member.account.locale) is Language.EN
        kinds = tuple(
            schemas.KindView(
                kind,
                about.en if is_english else about.zh,
                about.area,
                settings.choice(kind).mail,
                settings.choice(kind).push,
            )
            for kind, about in KINDS.items()
            if not about.fixed
        )
        quiet = settings.quiet
        return schemas.SettingsView(
            kinds,
            schemas.QuietHours(quiet.from_minute, quiet.until_minute) if quiet else None,
            settings.digest_minute,
            time_zone,
            self._push_key,
            browsers,
        )

    async def subscribe_browser(self, call: Call[schemas.PushBody]) -> Reply:
        await self._inbox.subscribe(call.caller.signed_in, call.input)
        return NO_CONTENT

    async def unsubscribe_browser(self, call: Call[schemas.PushEndpoint]) -> Reply:
        await self._inbox.unsubscribe(call.caller.signed_in, call.input.endpoint)
        return NO_CONTENT


def notice_view(kept: Kept, locale: str) -> schemas.NoticeView:
    lines = lines_of(kept.kind, language_of(locale), kept.params)
    return schemas.NoticeView(
        kept.id,
        kept.kind,
        KINDS[kept.kind].area,
        schemas.AboutView(kept.about.kind, kept.about.id),
        lines.title,
        lines.text,
        lines.action,
        kept.path,
        kept.urgent,
        kept.created_at_ms,
        kept.read_at_ms,
    )
