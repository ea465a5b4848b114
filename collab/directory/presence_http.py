"""The endpoint that tells who of an organization is in."""

from __future__ import annotations

from msgspec import Struct

from collab.edge.endpoint import Access, Call, Endpoint, Nothing, Reply
from rooms.core.codes import Code

from .presence import PresenceService, Present


class PresentPeople(Struct, frozen=True):
    people: tuple[Present, ...]


class PresenceEndpoints:
    def __init__(self, presence: PresenceService) -> None:
        self._presence = presence

    def table(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                method="GET",
                path="/api/directory/organizations/{id}/people",
                access=Access.MEMBER,
                handler=self.people,
                output=PresentPeople,
                refusals=(Code.NOT_FOUND, Code.FORBIDDEN),
                about="Who of it is in a call, here, or away. For its own people and the officer who looks after it.",
            ),
        )

    async def people(self, call: Call[Nothing]) -> Reply:
        return Reply(PresentPeople(tuple(await self._presence.people(call.caller.signed_in, call.path["id"]))))
