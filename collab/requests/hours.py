"""The park's working hours: kept as one row, made ready to count with once for each change."""

from __future__ import annotations

import asyncio

import msgspec
from msgspec import Struct

from collab.clock import now_ms
from collab.db.engine import Database
from collab.problems import FieldFault, Refusal, invalid
from rooms.core.codes import Code

from .models import ParkHoursRow
from .working_time import BadHours, Calendar, WorkingHours, calendar_of

_ROW = 1


class KeptHours(Struct, frozen=True):
    hours: WorkingHours
    revision: int  # 0: nobody has set any, these are the defaults


class HoursService:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._ready: tuple[int, Calendar] | None = None

    async def get(self) -> KeptHours:
        async with self._database.read() as session:
            row = await session.get(ParkHoursRow, _ROW)
        if row is None:
            return KeptHours(WorkingHours(), 0)
        return KeptHours(msgspec.json.decode(row.hours, type=WorkingHours), row.revision)

    async def calendar(self) -> Calendar:
        kept = await self.get()
        if self._ready is None or self._ready[0] != kept.revision:
            self._ready = (kept.revision, await asyncio.to_thread(calendar_of, kept.hours))
        return self._ready[1]

    async def change(self, hours: WorkingHours, revision: int) -> KeptHours:
        """Raises INVALID, CONFLICT when somebody else changed them meanwhile.  Due times that are set stay."""
        try:
            await asyncio.to_thread(calendar_of, hours)
        except BadHours as bad:
            raise invalid(**{str(bad): FieldFault.INVALID}) from None
        packed = msgspec.json.encode(hours).decode()
        async with self._database.write() as session:
            row = await session.get(ParkHoursRow, _ROW, with_for_update=True)
            if (row.revision if row else 0) != revision:
                raise Refusal(Code.CONFLICT, "the hours were changed meanwhile")
            if row is None:
                session.add(ParkHoursRow(id=_ROW, hours=packed, revision=1, changed_at_ms=now_ms()))
            else:
                row.hours, row.revision, row.changed_at_ms = packed, revision + 1, now_ms()
        return KeptHours(hours, revision + 1)
