"""The endpoints of health and prevention."""

from __future__ import annotations

from msgspec import UNSET

from collab.edge.endpoint import Access, Call, Endpoint, Nothing, Reply
from rooms.core.codes import Code

from . import schemas
from .service import HealthService
from .values import PlaceFacts


class HealthEndpoints:
    def __init__(self, health: HealthService) -> None:
        self._health = health

    def table(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                method="GET",
                path="/api/health/places",
                access=Access.MEMBER,
                handler=self.list_places,
                input=schemas.PlacesQuery,
                output=schemas.PlaceList,
                about="Places at risk, newest first, with how many people are how far. For the health group.",
            ),
            Endpoint(
                method="POST",
                path="/api/health/places",
                access=Access.MEMBER,
                handler=self.add_place,
                input=schemas.NewPlace,
                output=schemas.PlaceCard,
                status=201,
                refusals=(Code.TOO_MANY,),
                about="Enter a place; it is compared with all that was declared. For the health group.",
            ),
            Endpoint(
                method="GET",
                path="/api/health/places/{id}",
                access=Access.MEMBER,
                handler=self.show_place,
                output=schemas.PlaceCard,
                refusals=(Code.NOT_FOUND,),
                about="One place with its corrections. For the health group.",
            ),
            Endpoint(
                method="PATCH",
                path="/api/health/places/{id}",
                access=Access.MEMBER,
                handler=self.change_place,
                input=schemas.ChangePlace,
                output=schemas.PlaceCard,
                refusals=(Code.NOT_FOUND, Code.WRONG_STATE, Code.CONFLICT),
                about="Correct it, end it, take it back; it is compared again. For the health group.",
            ),
            Endpoint(
                method="GET",
                path="/api/health/places/{id}/people",
                access=Access.MEMBER,
                handler=self.list_people,
                input=schemas.PeopleQuery,
                output=schemas.PeopleList,
                refusals=(Code.NOT_FOUND,),
                about="Whom it concerns, and why. Each person shown is logged. For the health group.",
            ),
            Endpoint(
                method="POST",
                path="/api/health/places/{id}/notify",
                access=Access.MEMBER,
                handler=self.notify_people,
                input=schemas.NotifyPeople,
                output=schemas.NotifiedView,
                refusals=(Code.NOT_FOUND, Code.WRONG_STATE),
                about="Tell everybody who was not told yet, and their companies' officers. For the health group.",
            ),
            Endpoint(
                method="GET",
                path="/api/health/concerns/{id}",
                access=Access.MEMBER,
                handler=self.show_concern,
                input=schemas.PurposeQuery,
                output=schemas.ConcernCard,
                refusals=(Code.NOT_FOUND,),
                about="One person's follow-up. Logged. For the health group.",
            ),
            Endpoint(
                method="POST",
                path="/api/health/concerns/{id}/moves",
                access=Access.MEMBER,
                handler=self.move_concern,
                input=schemas.MoveConcern,
                output=schemas.ConcernCard,
                refusals=(Code.NOT_FOUND, Code.WRONG_STATE, Code.CONFLICT),
                about="Contacted, tested, cleared, reopened. Logged. For the health group.",
            ),
            Endpoint(
                method="GET",
                path="/api/health/mine",
                access=Access.MEMBER,
                handler=self.show_own,
                output=schemas.OwnHealth,
                about="What one was told, how many of one's company were, and who looked at one's data.",
            ),
            Endpoint(
                method="GET",
                path="/api/health/accesses",
                access=Access.PARK_ADMINISTRATOR,
                handler=self.list_accesses,
                input=schemas.AccessesQuery,
                output=schemas.AccessList,
                about="Who saw what is kept about whom, for what purpose, newest first.",
            ),
        )

    async def list_places(self, call: Call[schemas.PlacesQuery]) -> Reply:
        query = call.input
        found, more = await self._health.listed(
            call.caller.signed_in, only_open=not query.all, before=query.before, limit=query.limit
        )
        return Reply(schemas.PlaceList(tuple(map(schemas.place_view, found)), more, self._health.today))

    async def add_place(self, call: Call[schemas.NewPlace]) -> Reply:
        body = call.input
        facts = PlaceFacts(
            address=body.address,
            level=body.level,
            source=body.source,
            starts_on=body.starts_on,
            ends_on=body.ends_on,
        )
        return await self._card(call, await self._health.add(call.caller.signed_in, facts, body.note))

    async def show_place(self, call: Call[Nothing]) -> Reply:
        return await self._card(call, call.path["id"])

    async def change_place(self, call: Call[schemas.ChangePlace]) -> Reply:
        body, by, place_id = call.input, call.caller.signed_in, call.path["id"]
        place, _ = await self._health.place(by, place_id)
        known = place.facts
        facts = PlaceFacts(
            address=known.address if body.address is UNSET else body.address,
            level=known.level if body.level is UNSET else body.level,
            source=known.source if body.source is UNSET else body.source,
            starts_on=known.starts_on if body.starts_on is UNSET else body.starts_on,
            ends_on=known.ends_on if body.ends_on is UNSET else body.ends_on,
        )
        await self._health.change(by, place_id, body.revision, facts, body.note, retract=body.retract)
        return await self._card(call, place_id)

    async def list_people(self, call: Call[schemas.PeopleQuery]) -> Reply:
        query = call.input
        found, more = await self._health.people(
            call.caller.signed_in,
            call.path["id"],
            query.purpose,
            states=(query.state,) if query.state else (),
            after=query.after,
            limit=query.limit,
        )
        return Reply(schemas.PeopleList(tuple(map(schemas.concern_view, found)), more))

    async def notify_people(self, call: Call[schemas.NotifyPeople]) -> Reply:
        told = await self._health.notify(call.caller.signed_in, call.path["id"], call.input.concern_ids)
        return Reply(schemas.NotifiedView(told.people, told.companies, told.without_contact))

    async def show_concern(self, call: Call[schemas.PurposeQuery]) -> Reply:
        found = await self._health.concern(call.caller.signed_in, call.path["id"], call.input.purpose)
        return Reply(schemas.concern_card(*found))

    async def move_concern(self, call: Call[schemas.MoveConcern]) -> Reply:
        body = call.input
        moved = await self._health.move(call.caller.signed_in, call.path["id"], body.revision, body.action, body.note)
        return Reply(schemas.concern_card(*moved))

    async def show_own(self, call: Call[Nothing]) -> Reply:
        by = call.caller.signed_in
        concerns, companies, accesses = await self._health.own(by)
        return Reply(
            schemas.OwnHealth(
                tuple(map(schemas.own_view, concerns)),
                tuple(map(schemas.company_view, companies)),
                tuple(map(schemas.access_view, accesses)),
                await self._health.may_work(by),
            )
        )

    async def list_accesses(self, call: Call[schemas.AccessesQuery]) -> Reply:
        query = call.input
        found, more = await self._health.accesses(
            person_id=query.person_id, reader_id=query.reader_id, before=query.before, limit=query.limit
        )
        return Reply(schemas.AccessList(tuple(map(schemas.access_view, found)), more))

    async def _card(
        self, call: Call[schemas.NewPlace] | Call[Nothing] | Call[schemas.ChangePlace], place_id: str
    ) -> Reply:
        place, changes = await self._health.place(call.caller.signed_in, place_id)
        return Reply(schemas.PlaceCard(schemas.place_view(place), tuple(map(schemas.change_view, changes))))
