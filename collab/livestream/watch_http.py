"""The endpoints of the audience: watching, registering, the way onto the stage, the replay with its captions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from collab.accounts.schemas import Body
from collab.clock import new_secret, now_ms
from collab.edge.endpoint import NO_CONTENT, Access, Call, Cookie, CookieName, Document, Endpoint, Reply, Streamed
from collab.files.models import MediaType
from collab.files.store import Files
from collab.limits import rate
from collab.meetings.http import GUEST_COOKIE_S
from collab.problems import Refusal
from collab.recordings.models import Chapter
from collab.recordings.transcript import as_text
from rooms.core.codes import Code
from rooms.core.text import clean_name

from . import schemas
from .captions import CAPTIONS_MAX_BYTES, CaptionRepository, cleaned
from .http import CHANGED, ONE, cover_url
from .life import OVER, LifeState
from .models import RegistrationState, StaffRole
from .registration import RegistrationService
from .repository import LivestreamRepository
from .service import LivestreamService
from .tokens import Viewer
from .values import Livestream
from .watching import Watching, WatchService

# A hall behind one address opens the page at once, and its tokens are made anew every some minutes.
WATCHES = rate("live_watches", burst=3_000, per_minute=1_500)
TICKETS = rate("live_tickets", burst=60, per_minute=60)
VTT: Final = "text/vtt; charset=utf-8"
PLAIN: Final = "text/plain; charset=utf-8"

Language = Annotated[str, Meta(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?$")]


class CaptionQuery(Body, frozen=True, kw_only=True):
    language: Language
    label: Annotated[str, Meta(max_length=64)] = ""
    token: Annotated[str, Meta(max_length=1_024)] = ""
    form: Literal["captions", "text"] = "captions"  # GET: to show, or to read


class RemoveCaption(Body, frozen=True, kw_only=True):
    language: Language


class CaptionList(Struct, frozen=True):
    captions: tuple[schemas.CaptionView, ...]


class WatchEndpoints:
    def __init__(
        self,
        livestreams: LivestreamService,
        watching: WatchService,
        registrations: RegistrationService,
        repository: LivestreamRepository,
        captions: CaptionRepository,
        files: Files,
        hls_url: Callable[[str], Awaitable[str | None]],
        clock_ms: Callable[[], int] = now_ms,
    ) -> None:
        """`hls_url` tells where the segments of a livestream are, while there are any."""
        self._livestreams = livestreams
        self._watching = watching
        self._registrations = registrations
        self._repository = repository
        self._captions = captions
        self._files = files
        self._hls_url = hls_url
        self._clock_ms = clock_ms

    def table(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                method="GET",
                path=f"{ONE}/watch",
                access=Access.ANYONE,
                handler=self.watch_livestream,
                input=schemas.WatchQuery,
                output=schemas.WatchView,
                refusals=(Code.NOT_FOUND, Code.RATE_LIMITED),
                rate=WATCHES,
                about="What there is to watch now and with which token, or what is missing.  Asked again before the "
                "token runs out.",
            ),
            Endpoint(
                method="POST",
                path=f"{ONE}/stage-ticket",
                access=Access.ANYONE,
                handler=self.stage_ticket,
                input=schemas.TicketQuery,
                output=schemas.TicketView,
                status=201,
                refusals=(
                    Code.NOT_FOUND,
                    Code.FORBIDDEN,
                    Code.UNAUTHENTICATED,
                    Code.EXPIRED,
                    Code.REMOVED,
                    Code.ROOM_ENDED,
                    Code.RATE_LIMITED,
                ),
                rate=TICKETS,
                about="What joining the stage needs: for who has a part, and for a viewer who was invited.",
            ),
            Endpoint(
                method="POST",
                path=f"{ONE}/registrations",
                access=Access.ANYONE,
                handler=self.register_for_livestream,
                input=schemas.Register,
                output=schemas.RegisteredView,
                status=201,
                refusals=(*CHANGED, Code.SIGN_IN_REQUIRED, Code.WRONG_STATE, Code.TOO_MANY, Code.RATE_LIMITED),
                about="Register.  The way in comes by mail, to the address of the account for who is signed in.",
            ),
            Endpoint(
                method="POST",
                path=f"{ONE}/registrations/cancel",
                access=Access.ANYONE,
                handler=self.cancel_livestream_registration,
                input=schemas.RegistrationTokenBody,
                output=schemas.RegisteredView,
                refusals=(Code.NOT_FOUND,),
                about="Give the seat back, by the link of a mail.",
            ),
            Endpoint(
                method="GET",
                path=f"{ONE}/film",
                access=Access.ANYONE,
                handler=self.get_livestream_film,
                input=schemas.PosterQuery,
                media_type=MediaType.MP4,
                refusals=(Code.NOT_FOUND, Code.UNAUTHENTICATED, Code.EXPIRED, Code.REMOVED, Code.WRONG_STATE),
                about="The film of the replay, whole or a range of it, with a viewer's token.",
            ),
            Endpoint(
                method="GET",
                path=f"{ONE}/captions",
                access=Access.ANYONE,
                handler=self.get_livestream_captions,
                input=CaptionQuery,
                media_type="text/vtt",
                refusals=(Code.NOT_FOUND, Code.UNAUTHENTICATED, Code.EXPIRED, Code.REMOVED),
                about="Captions of the replay in one language (WebVTT; as `text` to read), with a viewer's token.",
            ),
            Endpoint(
                method="PUT",
                path=f"{ONE}/captions",
                access=Access.MEMBER,
                handler=self.put_livestream_captions,
                input=CaptionQuery,
                upload_max_bytes=CAPTIONS_MAX_BYTES,
                output=CaptionList,
                refusals=(*CHANGED, Code.BAD_FILE, Code.TOO_MANY),
                about="Bring captions of the replay (WebVTT) in one language, in place of earlier ones.",
            ),
            Endpoint(
                method="DELETE",
                path=f"{ONE}/captions",
                access=Access.MEMBER,
                handler=self.remove_livestream_captions,
                input=RemoveCaption,
                refusals=CHANGED,
                about="Take captions away.",
            ),
        )

    async def watch_livestream(self, call: Call[schemas.WatchQuery]) -> Reply:
        asked, caller = call.input, call.caller
        livestream = await self._livestreams.with_replay(await self._livestreams.get(call.path["id"]))
        guest_key = caller.guest_key or new_secret()
        seen = await self._watching.watch(
            livestream, caller.member, guest_key, link=asked.link, registration=asked.registration, name=asked.name
        )
        token = self._watching.token(livestream, seen.viewer) if seen.viewer else ""
        view = await self._view(livestream, seen, token, signed_in=caller.member is not None)
        cookies = () if caller.member or not token else (Cookie(CookieName.GUEST, guest_key, GUEST_COOKIE_S),)
        return Reply(view, cookies=cookies)

    async def stage_ticket(self, call: Call[schemas.TicketQuery]) -> Reply:
        livestream = await self._livestreams.get(call.path["id"])
        ticket = await self._watching.ticket(livestream, call.caller.member, call.input.token)
        return Reply(schemas.TicketView(ticket.code, ticket.token, ticket.identity, ticket.role))

    async def register_for_livestream(self, call: Call[schemas.Register]) -> Reply:
        livestream = await self._livestreams.get(call.path["id"])
        registration = await self._registrations.register(
            livestream, call.caller.member, call.input, call.caller.address
        )
        # Whether the address had a seat before is for its mailbox only.
        shown = registration.state
        if call.caller.member is None and shown not in (RegistrationState.WAITING, RegistrationState.CONFIRMED):
            shown = RegistrationState.PENDING
        return Reply(schemas.RegisteredView(shown, True))

    async def cancel_livestream_registration(self, call: Call[schemas.RegistrationTokenBody]) -> Reply:
        livestream = await self._livestreams.get(call.path["id"])
        registration = await self._registrations.by_token(livestream, call.input.token)
        if registration is None:
            raise Refusal(Code.NOT_FOUND, "no such registration")
        return Reply(schemas.RegisteredView((await self._registrations.cancel(livestream, registration)).state, True))

    async def get_livestream_film(self, call: Call[schemas.PosterQuery]) -> Reply:
        livestream, viewer = await self._watching.check(call.path["id"], call.input.token)
        film = await self._repository.replay(livestream.room_id) if _may_replay(livestream, viewer) else None
        if film is None or film.sha256 is None:
            raise Refusal(Code.WRONG_STATE, "no replay")
        return Reply(Streamed(partial(self._files.stream, film.sha256), MediaType.MP4, film.size_bytes, film.sha256))

    async def get_livestream_captions(self, call: Call[CaptionQuery]) -> Reply:
        livestream, _viewer = await self._watching.check(call.path["id"], call.input.token)
        text = await self._captions.text(livestream.id, call.input.language)
        if text is None:
            raise Refusal(Code.NOT_FOUND, "no such language")
        if call.input.form == "text":
            return Reply(Document(as_text(text).encode(), PLAIN))
        return Reply(Document(text.encode(), VTT))

    async def put_livestream_captions(self, call: Call[CaptionQuery]) -> Reply:
        asked = call.input
        livestream = await self._livestreams.managed(call.caller.signed_in, call.path["id"])
        async with call.upload() as received:
            text = cleaned(await received.content())
        label = clean_name(asked.label) or asked.language
        await self._captions.put(livestream.id, asked.language, label, text, self._clock_ms())
        return Reply(CaptionList(await self._caption_views(livestream.id, "")))

    async def remove_livestream_captions(self, call: Call[RemoveCaption]) -> Reply:
        livestream = await self._livestreams.managed(call.caller.signed_in, call.path["id"])
        if not await self._captions.remove(livestream.id, call.input.language):
            raise Refusal(Code.NOT_FOUND, "no such language")
        return NO_CONTENT

    # ------------------------------------------------------------ inside

    async def _view(self, one: Livestream, seen: Watching, token: str, *, signed_in: bool) -> schemas.WatchView:
        knows, viewer, registered = seen.may_know, seen.viewer, seen.registration
        live = one.state is LifeState.LIVE and viewer is not None
        return schemas.WatchView(
            id=one.id,
            phase=one.state,
            needs=seen.needs,
            title=one.title if knows else "",
            description=one.description if knows else "",
            organization=one.organization if knows else "",
            hosts=tuple(who.name for who in one.staff if who.role is StaffRole.HOST) if viewer else (),
            cover_url=cover_url(one) if knows else "",
            starts_at_ms=one.starts_at_ms if knows else 0,
            minutes=one.minutes,
            zone=one.zone,
            live_at_ms=one.live_at_ms,
            ended_at_ms=one.ended_at_ms,
            server_ms=self._clock_ms(),
            registration=one.registration.enabled,
            fields=one.registration.fields if seen.needs == "registration" else (),
            registration_state=registered.state if registered else None,
            you=schemas.YouView(viewer.id, viewer.name, viewer.role, seen.group.name if seen.group else "", signed_in)
            if viewer
            else None,
            token=token,
            token_expires_at_ms=viewer.expires_at_ms if viewer else 0,
            hub=f"/api/livestreams/{one.id}/hub" if viewer else "",
            whep=f"/whep/{one.id}" if live else None,
            hls=await self._hls_url(one.id) if live else None,
            replay=await self._replay(one, viewer, token) if viewer else None,
        )

    async def _replay(self, one: Livestream, viewer: Viewer, token: str) -> schemas.ReplayView | None:
        film = await self._repository.replay(one.room_id) if _may_replay(one, viewer) else None
        if film is None:
            return None
        return schemas.ReplayView(
            f"/api/livestreams/{one.id}/film?token={token}",
            film.film_ms,
            tuple(Chapter(int(str(at_ms)), str(title)) for at_ms, title in film.chapters),
            await self._caption_views(one.id, token),
        )

    async def _caption_views(self, livestream_id: str, token: str) -> tuple[schemas.CaptionView, ...]:
        query = f"&token={token}" if token else ""
        return tuple(
            schemas.CaptionView(
                one.language,
                one.label,
                f"/api/livestreams/{livestream_id}/captions?language={one.language}{query}",
            )
            for one in await self._captions.all(livestream_id)
        )


def _may_replay(livestream: Livestream, viewer: Viewer) -> bool:
    """Its hosts see the film before it is shown to all."""
    return livestream.state is LifeState.REPLAY or (livestream.state in OVER and viewer.role is not None)
