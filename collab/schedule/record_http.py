"""The endpoints of minutes, action items, attendance, and the policy that switches it on."""

from __future__ import annotations

from collab.edge.endpoint import Access, Call, Endpoint, Nothing, Reply
from rooms.core.codes import Code

from . import schemas
from .record_repository import ActionItem
from .records import Record, ScheduleRecordService


class ScheduleRecordEndpoints:
    def __init__(self, records: ScheduleRecordService) -> None:
        self._records = records

    def table(self) -> tuple[Endpoint, ...]:
        written = (Code.FORBIDDEN, Code.NOT_FOUND)
        return (
            Endpoint(
                method="GET",
                path="/api/schedule/events/{id}/records/{occurrence_key}",
                access=Access.MEMBER,
                handler=self.get_occurrence_record,
                output=schemas.OccurrenceRecord,
                refusals=(Code.NOT_FOUND,),
                about="Minutes and action items of one occurrence, and for its managers who was there.",
            ),
            Endpoint(
                method="PUT",
                path="/api/schedule/events/{id}/records/{occurrence_key}",
                access=Access.MEMBER,
                handler=self.write_minutes,
                input=schemas.MinutesBody,
                output=schemas.OccurrenceRecord,
                refusals=(*written, Code.CONFLICT),
                about="Write the minutes; `version` is the one that was changed.",
            ),
            Endpoint(
                method="POST",
                path="/api/schedule/events/{id}/records/{occurrence_key}/items",
                access=Access.MEMBER,
                handler=self.add_action_item,
                input=schemas.NewActionItem,
                output=schemas.OccurrenceRecord,
                status=201,
                refusals=written,
                about="Something to be done, by whom and until when; the owner is told.",
            ),
            Endpoint(
                method="PATCH",
                path="/api/schedule/items/{id}",
                access=Access.MEMBER,
                handler=self.change_action_item,
                input=schemas.ChangeActionItem,
                output=schemas.OccurrenceRecord,
                refusals=written,
                about="Change it; its owner may say that it is done.",
            ),
            Endpoint(
                method="GET",
                path="/api/organizations/{id}/attendance",
                access=Access.MEMBER,
                handler=self.get_attendance_policy,
                output=schemas.PolicyView,
                refusals=(Code.NOT_FOUND,),
                about="Whether the organization's meetings keep a record of who was there.",
            ),
            Endpoint(
                method="PUT",
                path="/api/organizations/{id}/attendance",
                access=Access.MEMBER,
                handler=self.set_attendance_policy,
                input=schemas.ChangePolicy,
                output=schemas.PolicyView,
                refusals=written,
                about="Switch the record on or off; only what is joined from then on counts.",
            ),
        )

    async def get_occurrence_record(self, call: Call[Nothing]) -> Reply:
        event_id, key = call.path["id"], call.path["occurrence_key"]
        return _view(key, await self._records.record(call.caller.signed_in, event_id, key))

    async def write_minutes(self, call: Call[schemas.MinutesBody]) -> Reply:
        event_id, key = call.path["id"], call.path["occurrence_key"]
        return _view(key, await self._records.write(call.caller.signed_in, event_id, key, call.input))

    async def add_action_item(self, call: Call[schemas.NewActionItem]) -> Reply:
        event_id, key = call.path["id"], call.path["occurrence_key"]
        return _view(key, await self._records.add_item(call.caller.signed_in, event_id, key, call.input))

    async def change_action_item(self, call: Call[schemas.ChangeActionItem]) -> Reply:
        record = await self._records.change_item(call.caller.signed_in, call.path["id"], call.input)
        return _view(record.items[0].key if record.items else "", record)

    async def get_attendance_policy(self, call: Call[Nothing]) -> Reply:
        since = await self._records.policy(call.caller.signed_in, call.path["id"])
        return Reply(schemas.PolicyView(since > 0, since))

    async def set_attendance_policy(self, call: Call[schemas.ChangePolicy]) -> Reply:
        since = await self._records.set_policy(call.caller.signed_in, call.path["id"], attendance=call.input.attendance)
        return Reply(schemas.PolicyView(since > 0, since))


def _view(key: str, record: Record) -> Reply:
    minutes = record.minutes
    return Reply(
        schemas.OccurrenceRecord(
            key=key,
            text=minutes.text,
            version=minutes.version,
            changed_by=minutes.changed_by,
            changed_at_ms=minutes.changed_at_ms,
            items=tuple(_item_view(one) for one in record.items),
            attendance_on=record.attendance_on,
            stays=tuple(schemas.AttendedView(one.name, one.joined_at_ms, one.left_at_ms) for one in record.stays),
            may_write=record.may_write,
        )
    )


def _item_view(item: ActionItem) -> schemas.ActionItemView:
    owner = schemas.SchedulePerson(item.owner.id, item.owner.name) if item.owner else None
    return schemas.ActionItemView(item.id, item.text, owner, item.due, item.done_at_ms)
