"""The endpoints of other platforms that a livestream is sent on to."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from collab.accounts.schemas import Body, PersonName
from collab.edge.endpoint import NO_CONTENT, Access, Call, Endpoint, Nothing, Reply
from rooms.core.codes import Code

from .models import KEY_MAX_CHARS, URL_MAX_CHARS, RestreamTarget
from .service import RestreamService

TARGETS = "/api/livestreams/{id}/restreams"
REFUSED = (Code.NOT_FOUND, Code.FORBIDDEN)


class NewRestream(Body, frozen=True, kw_only=True):
    name: PersonName
    url: Annotated[str, Meta(min_length=1, max_length=URL_MAX_CHARS)]
    key: Annotated[str, Meta(min_length=1, max_length=KEY_MAX_CHARS)]


class EnableRestream(Body, frozen=True, kw_only=True):
    enabled: bool


class RestreamView(Struct, frozen=True):
    id: str
    name: str
    url: str
    enabled: bool
    state: str  # idle, connecting, sending, retrying
    cause: str  # of the last failure, as of signaling/restream/wire.Cause; "" = none
    sent_bytes: int  # over this connection


class RestreamList(Struct, frozen=True):
    restreams: tuple[RestreamView, ...]


class RestreamEndpoints:
    def __init__(self, restreams: RestreamService) -> None:
        self._restreams = restreams

    def table(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                method="GET",
                path=TARGETS,
                access=Access.MEMBER,
                handler=self.list_restreams,
                output=RestreamList,
                refusals=REFUSED,
                about="Other platforms that the livestream is sent on to, without their keys, and how that goes.",
            ),
            Endpoint(
                method="POST",
                path=TARGETS,
                access=Access.MEMBER,
                handler=self.add_restream,
                input=NewRestream,
                output=RestreamView,
                status=201,
                refusals=(*REFUSED, Code.WRONG_STATE, Code.TOO_MANY, Code.RATE_LIMITED),
                about="Send it on to one more, by RTMP or RTMPS, while it is live. The key is never shown again.",
            ),
            Endpoint(
                method="PATCH",
                path=f"{TARGETS}/{{target_id}}",
                access=Access.MEMBER,
                handler=self.enable_restream,
                input=EnableRestream,
                refusals=REFUSED,
                about="Switch it on or off, also while it is live.",
            ),
            Endpoint(
                method="DELETE",
                path=f"{TARGETS}/{{target_id}}",
                access=Access.MEMBER,
                handler=self.remove_restream,
                refusals=REFUSED,
                about="Send nothing there any more, and forget the key.",
            ),
        )

    async def list_restreams(self, call: Call[Nothing]) -> Reply:
        found = await self._restreams.of(call.caller.signed_in, call.path["id"])
        return Reply(RestreamList(tuple(map(self._view, found))))

    async def add_restream(self, call: Call[NewRestream]) -> Reply:
        asked = call.input
        made = await self._restreams.add(call.caller.signed_in, call.path["id"], asked.name, asked.url, asked.key)
        return Reply(self._view(made))

    async def enable_restream(self, call: Call[EnableRestream]) -> Reply:
        await self._restreams.enable(call.caller.signed_in, call.path["id"], call.path["target_id"], call.input.enabled)
        return NO_CONTENT

    async def remove_restream(self, call: Call[Nothing]) -> Reply:
        await self._restreams.remove(call.caller.signed_in, call.path["id"], call.path["target_id"])
        return NO_CONTENT

    def _view(self, target: RestreamTarget) -> RestreamView:
        running = self._restreams.restream_of(target.id)
        return RestreamView(
            target.id,
            target.name,
            target.url,
            target.enabled,
            running.state.value if running is not None else "idle",
            running.cause.value if running is not None and running.cause is not None else "",
            running.sent_bytes if running is not None else 0,
        )
