"""Minutes and action items of an occurrence, and its attendance where the organization keeps one."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import UNSET, Struct
from msgspec.structs import replace

from collab.accounts.models import Member
from collab.notices.kinds import NoticeKind
from collab.notices.models import Notice, Subject
from collab.problems import FieldFault, Refusal, invalid
from rooms.core.codes import Code
from rooms.core.text import clean_lines

from . import schemas
from .door import OVERRUN_MS
from .expand import MINUTE_MS, Occurrence, occurrence, parse_local
from .models import ITEM_MAX_CHARS, MINUTES_MAX_CHARS
from .parties import EventPart
from .record_repository import ActionItem, Minutes, ScheduleRecordRepository, Stay
from .service import ScheduleService, Seen
from .values import Person

EARLY_MS = 60 * MINUTE_MS


class Record(Struct, frozen=True):
    minutes: Minutes
    items: list[ActionItem]
    attendance_on: bool
    stays: list[Stay]
    may_write: bool


class ScheduleRecordService:
    def __init__(
        self,
        schedule: ScheduleService,
        records: ScheduleRecordRepository,
        clock_ms: Callable[[], int],
        nudge: Callable[[], None],
    ) -> None:
        self._schedule = schedule
        self._records = records
        self._clock_ms = clock_ms
        self._nudge = nudge

    async def record(self, by: Member, event_id: str, key: str) -> Record:
        seen, shown = await self._seen(by, event_id, key)
        since = await self._records.attendance_since(seen.event.organization_id)
        stays = []
        if since and seen.part is EventPart.MANAGER:
            stays = await self._records.stays(
                seen.event.code, shown.starts_at_ms - EARLY_MS, shown.ends_at_ms + OVERRUN_MS, since
            )
        return Record(
            minutes=await self._records.minutes(event_id, key),
            items=await self._records.items(event_id, key),
            attendance_on=since > 0,
            stays=stays,
            may_write=_may_write(seen),
        )

    async def write(self, by: Member, event_id: str, key: str, body: schemas.MinutesBody) -> Record:
        seen, shown = await self._seen(by, event_id, key)
        _check_may_write(seen)
        text = clean_lines(body.text, MINUTES_MAX_CHARS)
        await self._records.write_minutes(
            event_id, key, text, body.version, by.account.name, shown.starts_at_ms, self._clock_ms()
        )
        return await self.record(by, event_id, key)

    async def add_item(self, by: Member, event_id: str, key: str, body: schemas.NewActionItem) -> Record:
        seen, _ = await self._seen(by, event_id, key)
        _check_may_write(seen)
        item = ActionItem("", event_id, key, _text(body.text), _owner(seen, body.owner_id), _due(body.due), 0)
        await self._put(by, seen, item, is_new_owner=True)
        return await self.record(by, event_id, key)

    async def change_item(self, by: Member, item_id: str, body: schemas.ChangeActionItem) -> Record:
        """Its owner says when it is done; whoever writes the minutes changes the rest."""
        item = await self._records.item(item_id)
        if item is None:
            raise Refusal(Code.NOT_FOUND, "no such item")
        seen = await self._schedule.seen(by, item.event_id)
        is_owner = item.owner is not None and item.owner.id == by.account.id
        only_done = body.text is UNSET and body.owner_id is UNSET and body.due is UNSET
        if not (is_owner and only_done):
            _check_may_write(seen)
        changed = replace(
            item,
            text=item.text if body.text is UNSET else _text(body.text),
            owner=item.owner if body.owner_id is UNSET else _owner(seen, body.owner_id),
            due=item.due if body.due is UNSET else _due(body.due),
            done_at_ms=item.done_at_ms
            if body.done is UNSET
            else (item.done_at_ms or self._clock_ms())
            if body.done
            else 0,
        )
        await self._put(by, seen, changed, is_new_owner=changed.owner != item.owner)
        return await self.record(by, item.event_id, item.key)

    # ------------------------------------------------------------ the organization's policy

    async def policy(self, by: Member, organization_id: str) -> int:
        if not by.belongs_to(organization_id) and not by.administers(organization_id):
            raise Refusal(Code.NOT_FOUND, "an organization of others")
        return await self._records.attendance_since(organization_id)

    async def set_policy(self, by: Member, organization_id: str, *, attendance: bool) -> int:
        await self.policy(by, organization_id)
        if not by.administers(organization_id):
            raise Refusal(Code.FORBIDDEN, "not an administrator of that organization")
        await self._records.set_attendance(organization_id, self._clock_ms() if attendance else 0)
        return await self.policy(by, organization_id)

    # ------------------------------------------------------------

    async def _seen(self, by: Member, event_id: str, key: str) -> tuple[Seen, Occurrence]:
        seen = await self._schedule.seen(by, event_id)
        shown = occurrence(seen.event.series, key)
        if shown is None:
            raise Refusal(Code.NOT_FOUND, "no such occurrence")
        return seen, shown

    async def _put(self, by: Member, seen: Seen, item: ActionItem, *, is_new_owner: bool) -> None:
        now, owner = self._clock_ms(), item.owner
        told = None
        if is_new_owner and owner is not None and owner.id != by.account.id:
            told = Notice(
                kind=NoticeKind.ACTION_ITEM,
                account_ids=(owner.id,),
                key=f"schedule:item:{item.id or now}:{owner.id}",
                about=Subject("event", seen.event.id),
                path=f"/calendar/{seen.event.id}?at={item.key}",
                params={
                    "from": by.account.name,
                    "item": item.text,
                    "title": seen.event.title,
                    "due": item.due or "-",
                },
            )
        await self._records.put_item(item, told, now)
        if told is not None:
            self._nudge()


def _may_write(seen: Seen) -> bool:
    return seen.part is EventPart.MANAGER or (seen.own is not None and seen.own.named)


def _check_may_write(seen: Seen) -> None:
    if not _may_write(seen):
        raise Refusal(Code.FORBIDDEN, "only those who were invited by name write the minutes")


def _text(raw: str) -> str:
    text = clean_lines(raw, ITEM_MAX_CHARS)
    if not text:
        raise invalid(text=FieldFault.INVALID)
    return text


def _due(raw: str) -> str:
    if raw and parse_local(f"{raw}T00:00") is None:
        raise invalid(due=FieldFault.INVALID)
    return raw


def _owner(seen: Seen, account_id: str) -> Person | None:
    """One of those who were invited, or the organizer."""
    if not account_id:
        return None
    if seen.event.organizer is not None and seen.event.organizer.id == account_id:
        return seen.event.organizer
    for one in seen.invitees:
        if one.account_id == account_id:
            return Person(account_id, one.name[:64])
    raise invalid(owner_id=FieldFault.INVALID)
