"""The endpoints of livestreams for those who make them."""

from __future__ import annotations

from functools import partial

from collab.edge.endpoint import NO_CONTENT, Access, Call, Caller, Endpoint, Nothing, Reply, Streamed
from collab.files.store import Files
from collab.problems import Refusal
from rooms.core.codes import Code

from . import schemas
from .life import LifeState
from .registration import RegistrationService
from .service import COVER_MAX_BYTES, LivestreamService, manages, role_of
from .values import Livestream, Registration

SHOWN = {
    "all": (),
    "coming": (LifeState.DRAFT, LifeState.SCHEDULED, LifeState.REHEARSAL),
    "live": (LifeState.LIVE,),
    "past": (LifeState.ENDED, LifeState.REPLAY),
}
ONE = "/api/livestreams/{id}"
CHANGED = (Code.NOT_FOUND, Code.FORBIDDEN)


class LivestreamEndpoints:
    def __init__(self, livestreams: LivestreamService, registrations: RegistrationService, files: Files) -> None:
        self._livestreams = livestreams
        self._registrations = registrations
        self._files = files

    def table(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                method="GET",
                path="/api/livestreams",
                access=Access.MEMBER,
                handler=self.list_livestreams,
                input=schemas.LivestreamsQuery,
                output=schemas.LivestreamList,
                about="Livestreams that one has a part in, administers, or that are announced to one; newest first.",
            ),
            Endpoint(
                method="POST",
                path="/api/livestreams",
                access=Access.MEMBER,
                handler=self.create_livestream,
                input=schemas.NewLivestream,
                output=schemas.LivestreamView,
                status=201,
                refusals=(Code.FORBIDDEN, Code.RATE_LIMITED),
                about="Draft a livestream, with its stage.",
            ),
            Endpoint(
                method="GET",
                path=ONE,
                access=Access.MEMBER,
                handler=self.get_livestream,
                output=schemas.LivestreamView,
                refusals=(Code.NOT_FOUND,),
                about="A livestream, for who has a part in it or manages it.",
            ),
            Endpoint(
                method="PATCH",
                path=ONE,
                access=Access.MEMBER,
                handler=self.change_livestream,
                input=schemas.ChangeLivestream,
                output=schemas.LivestreamView,
                refusals=(*CHANGED, Code.CONFLICT),
                about="Change it; those who registered are told of another time or title.",
            ),
            Endpoint(
                method="DELETE",
                path=ONE,
                access=Access.MEMBER,
                handler=self.trash_livestream,
                refusals=(*CHANGED, Code.WRONG_STATE),
                about="Take it away; not while somebody is on its stage.",
            ),
            Endpoint(
                method="POST",
                path=f"{ONE}/restore",
                access=Access.MEMBER,
                handler=self.restore_livestream,
                output=schemas.LivestreamView,
                refusals=CHANGED,
                about="Bring it back.",
            ),
            Endpoint(
                method="POST",
                path=f"{ONE}/acts",
                access=Access.MEMBER,
                handler=self.act_on_livestream,
                input=schemas.Act,
                output=schemas.LivestreamView,
                refusals=(*CHANGED, Code.WRONG_STATE),
                about="Announce it, take it back to a draft, show or hide the replay.",
            ),
            Endpoint(
                method="PUT",
                path=f"{ONE}/people",
                access=Access.MEMBER,
                handler=self.set_livestream_people,
                input=schemas.SetStaff,
                output=schemas.LivestreamView,
                refusals=CHANGED,
                about="Hosts, presenters and moderators, all at once.",
            ),
            Endpoint(
                method="PUT",
                path=f"{ONE}/groups",
                access=Access.MEMBER,
                handler=self.set_livestream_groups,
                input=schemas.SetGroups,
                output=schemas.LivestreamView,
                refusals=CHANGED,
                about="The groups that it is for, all at once.",
            ),
            Endpoint(
                method="PUT",
                path=f"{ONE}/cover",
                access=Access.MEMBER,
                handler=self.put_livestream_cover,
                upload_max_bytes=COVER_MAX_BYTES,
                output=schemas.LivestreamView,
                refusals=(*CHANGED, Code.BAD_FILE),
                about="Its picture, a JPEG or PNG.",
            ),
            Endpoint(
                method="GET",
                path=f"{ONE}/cover",
                access=Access.ANYONE,
                handler=self.get_livestream_cover,
                media_type="image/*",
                refusals=(Code.NOT_FOUND,),
                about="Its picture, once it is announced.",
            ),
            Endpoint(
                method="GET",
                path=f"{ONE}/registrations",
                access=Access.MEMBER,
                handler=self.list_livestream_registrations,
                input=schemas.RegistrationsQuery,
                output=schemas.RegistrationList,
                refusals=CHANGED,
                about="Who has registered, newest first, with the number in each state.",
            ),
            Endpoint(
                method="POST",
                path=f"{ONE}/registrations/{{registration_id}}",
                access=Access.MEMBER,
                handler=self.decide_livestream_registration,
                input=schemas.Decide,
                output=schemas.RegistrationView,
                refusals=(*CHANGED, Code.WRONG_STATE),
                about="Confirm or decline a registration; its owner is written to.",
            ),
        )

    async def list_livestreams(self, call: Call[schemas.LivestreamsQuery]) -> Reply:
        asked, member = call.input, call.caller.signed_in
        found, more = await self._livestreams.listed(member, SHOWN[asked.show], asked.search, asked.before, asked.limit)
        cards = tuple(
            schemas.LivestreamCard(
                id=one.id,
                title=one.title,
                organization=one.organization,
                state=one.state,
                tier=one.tier,
                starts_at_ms=one.starts_at_ms,
                minutes=one.minutes,
                zone=one.zone,
                cover_url=cover_url(one),
                live_at_ms=one.live_at_ms,
                ended_at_ms=one.ended_at_ms,
                role=role_of(member, one),
                registered=one.registration.enabled,
            )
            for one in found
        )
        return Reply(schemas.LivestreamList(cards, more))

    async def create_livestream(self, call: Call[schemas.NewLivestream]) -> Reply:
        return _reply(await self._livestreams.create(call.caller.signed_in, call.input), call.caller)

    async def get_livestream(self, call: Call[Nothing]) -> Reply:
        return _reply(await self._livestreams.staffed(call.caller.signed_in, call.path["id"]), call.caller)

    async def change_livestream(self, call: Call[schemas.ChangeLivestream]) -> Reply:
        before = await self._livestreams.managed(call.caller.signed_in, call.path["id"])
        after = await self._livestreams.change(call.caller.signed_in, call.path["id"], call.input)
        await self._registrations.changed(before, after)
        return _reply(after, call.caller)

    async def trash_livestream(self, call: Call[Nothing]) -> Reply:
        before = await self._livestreams.managed(call.caller.signed_in, call.path["id"])
        after = await self._livestreams.trash(call.caller.signed_in, call.path["id"])
        await self._registrations.changed(before, after)
        return NO_CONTENT

    async def restore_livestream(self, call: Call[Nothing]) -> Reply:
        return _reply(await self._livestreams.restore(call.caller.signed_in, call.path["id"]), call.caller)

    async def act_on_livestream(self, call: Call[schemas.Act]) -> Reply:
        return _reply(
            await self._livestreams.act(call.caller.signed_in, call.path["id"], call.input.action), call.caller
        )

    async def set_livestream_people(self, call: Call[schemas.SetStaff]) -> Reply:
        return _reply(
            await self._livestreams.set_staff(call.caller.signed_in, call.path["id"], call.input.people), call.caller
        )

    async def set_livestream_groups(self, call: Call[schemas.SetGroups]) -> Reply:
        return _reply(
            await self._livestreams.set_groups(call.caller.signed_in, call.path["id"], call.input.groups), call.caller
        )

    async def put_livestream_cover(self, call: Call[Nothing]) -> Reply:
        await self._livestreams.managed(call.caller.signed_in, call.path["id"])
        async with call.upload() as received:
            content = await received.content()
        return _reply(await self._livestreams.keep_cover(call.caller.signed_in, call.path["id"], content), call.caller)

    async def get_livestream_cover(self, call: Call[Nothing]) -> Reply:
        livestream = await self._livestreams.get(call.path["id"])
        has_part = call.caller.member is not None and role_of(call.caller.member, livestream) is not None
        if livestream.cover_sha256 is None or (livestream.state is LifeState.DRAFT and not has_part):
            raise Refusal(Code.NOT_FOUND, "no cover")
        return Reply(
            Streamed(
                partial(self._files.stream, livestream.cover_sha256),
                livestream.cover_type,
                livestream.cover_bytes,
                livestream.cover_sha256,
            )
        )

    async def list_livestream_registrations(self, call: Call[schemas.RegistrationsQuery]) -> Reply:
        asked = call.input
        livestream = await self._livestreams.moderated(call.caller.signed_in, call.path["id"])
        found, more, counts = await self._registrations.listed(
            livestream.id, asked.state, asked.search, asked.before, asked.limit
        )
        return Reply(schemas.RegistrationList(tuple(_registration(one) for one in found), more, counts))

    async def decide_livestream_registration(self, call: Call[schemas.Decide]) -> Reply:
        livestream = await self._livestreams.moderated(call.caller.signed_in, call.path["id"])
        decided = await self._registrations.decide(livestream, call.path["registration_id"], confirm=call.input.confirm)
        return Reply(_registration(decided))


def cover_url(livestream: Livestream) -> str:
    if livestream.cover_sha256 is None:
        return ""
    return f"/api/livestreams/{livestream.id}/cover?{livestream.cover_sha256[:8]}"


def _registration(one: Registration) -> schemas.RegistrationView:
    return schemas.RegistrationView(one.id, one.name, one.email, one.state, one.answers, one.created_at_ms)


def _reply(one: Livestream, caller: Caller) -> Reply:
    member = caller.signed_in
    link = f"{caller.base_url}/live/{one.id}"
    return Reply(
        schemas.LivestreamView(
            id=one.id,
            title=one.title,
            description=one.description,
            organization=one.organization,
            organization_id=one.organization_id,
            state=one.state,
            tier=one.tier,
            starts_at_ms=one.starts_at_ms,
            minutes=one.minutes,
            zone=one.zone,
            cover_url=cover_url(one),
            chat=one.chat,
            registration=one.registration,
            keep_replay=one.keep_replay,
            version=one.version,
            live_at_ms=one.live_at_ms,
            ended_at_ms=one.ended_at_ms,
            room_code=one.room_code,
            link=link,
            role=role_of(member, one),
            may_change=manages(member, one),
            staff=tuple(schemas.StaffView(who.account_id, who.name, who.role) for who in one.staff),
            groups=tuple(
                schemas.GroupView(
                    id=group.id,
                    kind=group.kind,
                    name=group.name,
                    organization_id=group.organization_id,
                    tier=group.tier,
                    own_chat=group.own_chat,
                    link=f"{link}?link={group.link}" if group.link else "",
                    emails=group.emails,
                )
                for group in one.groups
            ),
        )
    )
