"""The endpoints of types, of the groups that they name, and of the park's working hours."""

from __future__ import annotations

from collections.abc import Callable

from collab.edge.endpoint import NO_CONTENT, Access, Call, Endpoint, Nothing, Reply
from collab.problems import FieldFault, Refusal, invalid
from rooms.core.codes import Code

from . import type_schemas as schemas
from .answers import check_answers
from .definition import faults_of
from .hours import HoursService, KeptHours
from .people import DeskPeople
from .schemas import NameView
from .types import ListedType, TypeService


class TypeEndpoints:
    def __init__(
        self, types: TypeService, people: DeskPeople, hours: HoursService, clock_ms: Callable[[], int]
    ) -> None:
        self._types = types
        self._people = people
        self._hours = hours
        self._clock_ms = clock_ms

    def table(self) -> tuple[Endpoint, ...]:
        return (*self._types_table(), *self._desk_table())

    def _types_table(self) -> tuple[Endpoint, ...]:
        building = (Code.NOT_FOUND, Code.CONFLICT)
        return (
            Endpoint(
                method="GET",
                path="/api/request-types",
                access=Access.MEMBER,
                handler=self.list_types,
                output=schemas.RequestTypeList,
                about="The types that one may file; for the park's administrators all, with their drafts.",
            ),
            Endpoint(
                method="POST",
                path="/api/request-types",
                access=Access.PARK_ADMINISTRATOR,
                handler=self.add_type,
                input=schemas.NewType,
                output=schemas.RequestTypeView,
                status=201,
                about="A new type, as a draft.",
            ),
            Endpoint(
                method="POST",
                path="/api/request-types/preview",
                access=Access.PARK_ADMINISTRATOR,
                handler=self.try_definition,
                input=schemas.TryDefinition,
                output=schemas.Tried,
                about="What would be wrong with a definition, and with answers to it; nothing is kept.",
            ),
            Endpoint(
                method="GET",
                path="/api/request-types/{id}",
                access=Access.MEMBER,
                handler=self.show_type,
                output=schemas.RequestTypeView,
                refusals=(Code.NOT_FOUND,),
                about="One type, if one may file it.",
            ),
            Endpoint(
                method="PATCH",
                path="/api/request-types/{id}",
                access=Access.PARK_ADMINISTRATOR,
                handler=self.retire_type,
                input=schemas.ChangeType,
                output=schemas.RequestTypeView,
                refusals=(Code.NOT_FOUND,),
                about="Take no new requests of this type, or take them again.",
            ),
            Endpoint(
                method="PUT",
                path="/api/request-types/{id}/draft",
                access=Access.PARK_ADMINISTRATOR,
                handler=self.save_draft,
                input=schemas.SaveDraft,
                output=schemas.RequestTypeView,
                refusals=building,
                about="Write the draft of the next version; `conflict` when somebody else has written meanwhile.",
            ),
            Endpoint(
                method="POST",
                path="/api/request-types/{id}/versions",
                access=Access.PARK_ADMINISTRATOR,
                handler=self.publish_draft,
                input=schemas.PublishDraft,
                output=schemas.RequestTypeView,
                status=201,
                refusals=(*building, Code.WRONG_STATE),
                about="Publish the draft: new requests are filed with it, others keep theirs.",
            ),
            Endpoint(
                method="GET",
                path="/api/request-types/{id}/versions",
                access=Access.PARK_ADMINISTRATOR,
                handler=self.list_type_versions,
                output=schemas.RequestTypeVersions,
                refusals=(Code.NOT_FOUND,),
                about="The versions of a type, newest first.",
            ),
            Endpoint(
                method="GET",
                path="/api/request-types/{id}/definition",
                access=Access.PARK_ADMINISTRATOR,
                handler=self.show_version,
                input=schemas.VersionQuery,
                output=schemas.DefinitionView,
                refusals=(Code.NOT_FOUND,),
                about="What a type was in one of its versions.",
            ),
        )

    def _desk_table(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                method="GET",
                path="/api/requests/groups",
                access=Access.PARK_ADMINISTRATOR,
                handler=self.list_groups,
                output=schemas.GroupList,
                about="The groups of the park's staff that types can name, with their members.",
            ),
            Endpoint(
                method="PUT",
                path="/api/requests/groups",
                access=Access.PARK_ADMINISTRATOR,
                handler=self.set_group,
                input=schemas.SetGroup,
                output=schemas.GroupList,
                about="Make a group, or replace its names and members.",
            ),
            Endpoint(
                method="DELETE",
                path="/api/requests/groups",
                access=Access.PARK_ADMINISTRATOR,
                handler=self.remove_group,
                input=schemas.RemoveGroup,
                refusals=(Code.NOT_FOUND,),
                about="Remove a group.",
            ),
            Endpoint(
                method="GET",
                path="/api/requests/hours",
                access=Access.MEMBER,
                handler=self.show_hours,
                output=schemas.HoursView,
                about="The park's working hours and holidays, which the clocks count with.",
            ),
            Endpoint(
                method="PUT",
                path="/api/requests/hours",
                access=Access.PARK_ADMINISTRATOR,
                handler=self.set_hours,
                input=schemas.SetHours,
                output=schemas.HoursView,
                refusals=(Code.CONFLICT,),
                about="Change them; what is due already stays due then.",
            ),
        )

    # ------------------------------------------------------------ types

    async def list_types(self, call: Call[Nothing]) -> Reply:
        found = await self._types.listed(call.caller.signed_in)
        return Reply(schemas.RequestTypeList(tuple(map(type_view, found))))

    async def show_type(self, call: Call[Nothing]) -> Reply:
        return Reply(type_view(await self._types.get(call.caller.signed_in, call.path["id"])))

    async def add_type(self, call: Call[schemas.NewType]) -> Reply:
        return Reply(type_view(await self._types.add(call.caller.signed_in, call.input.key, call.input.definition)))

    async def save_draft(self, call: Call[schemas.SaveDraft]) -> Reply:
        body = call.input
        return Reply(
            type_view(await self._types.save(call.caller.signed_in, call.path["id"], body.revision, body.definition))
        )

    async def publish_draft(self, call: Call[schemas.PublishDraft]) -> Reply:
        return Reply(type_view(await self._types.publish(call.caller.signed_in, call.path["id"], call.input.revision)))

    async def retire_type(self, call: Call[schemas.ChangeType]) -> Reply:
        return Reply(type_view(await self._types.retire(call.caller.signed_in, call.path["id"], call.input.retired)))

    async def list_type_versions(self, call: Call[Nothing]) -> Reply:
        found = await self._types.history(call.path["id"])
        return Reply(schemas.RequestTypeVersions(tuple(schemas.RequestTypeVersionView(*one) for one in found)))

    async def show_version(self, call: Call[schemas.VersionQuery]) -> Reply:
        version = await self._types.version(call.path["id"], call.input.version)
        return Reply(schemas.DefinitionView(version.definition))

    async def try_definition(self, call: Call[schemas.TryDefinition]) -> Reply:
        definition, at_ms = call.input.definition, self._clock_ms()
        calendar = await self._hours.calendar()
        checked = check_answers(definition.fields, call.input.answers, calendar.day_of(at_ms), complete=True)
        return Reply(
            schemas.Tried(
                faults_of(definition), checked.faults, checked.answers, calendar.due_ms(definition.clock, at_ms)
            )
        )

    # ------------------------------------------------------------ groups, hours

    async def list_groups(self, _call: Call[Nothing]) -> Reply:
        return await self._groups()

    async def set_group(self, call: Call[schemas.SetGroup]) -> Reply:
        body = call.input
        staff = {one.id for one in await self._people.staff()}
        if not staff.issuperset(body.account_ids):
            raise invalid(account_ids=FieldFault.INVALID)
        await self._people.set_group(body.key, body.name_zh, body.name_en, body.account_ids)
        return await self._groups()

    async def remove_group(self, call: Call[schemas.RemoveGroup]) -> Reply:
        if not await self._people.remove_group(call.input.key):
            raise Refusal(Code.NOT_FOUND, "no such group")
        return NO_CONTENT

    async def show_hours(self, _call: Call[Nothing]) -> Reply:
        return Reply(_hours(await self._hours.get()))

    async def set_hours(self, call: Call[schemas.SetHours]) -> Reply:
        return Reply(_hours(await self._hours.change(call.input.hours, call.input.revision)))

    async def _groups(self) -> Reply:
        return Reply(
            schemas.GroupList(
                tuple(
                    schemas.GroupView(
                        one.key, one.name_zh, one.name_en, tuple(NameView(who.id, who.name) for who in one.members)
                    )
                    for one in await self._people.groups()
                )
            )
        )


def type_view(listed: ListedType) -> schemas.RequestTypeView:
    kept = listed.type
    return schemas.RequestTypeView(
        id=kept.id,
        key=kept.key,
        version=kept.version,
        definition=listed.latest.definition if listed.latest else None,
        retired=kept.retired,
        shipped=0 < kept.shipped_version == kept.version,
        may_file=listed.may_file,
        draft=listed.draft,
        draft_revision=kept.draft_revision,
        changed_at_ms=kept.changed_at_ms,
    )


def _hours(kept: KeptHours) -> schemas.HoursView:
    return schemas.HoursView(kept.hours, kept.revision)
