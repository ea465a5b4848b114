"""A still of a nameplate becomes make, model and serial number, and the machine that is known by them."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from collab.assist.machines import MachineService
from collab.assist.records import Asker, RecordService
from collab.assist.sessions import SessionService
from collab.assist.values import DocumentFile, Machine, Session
from collab.files.store import Files
from collab.limits import Limits, rate
from collab.problems import Refusal
from rooms.core.assist_model import AssistRole
from rooms.core.codes import Code

from .fields import Nameplate, read_fields
from .reader import TextReader, is_installed

PLATES_OF_PERSON: Final = rate("nameplates", burst=10, per_minute=6)
SERIAL_MIN_CHARS: Final = 3  # a shorter one says nothing about which machine it is
CANDIDATES_MAX: Final = 20


class Reading(Struct, frozen=True):
    plate: Nameplate
    machine: Machine | None  # that whoever asks may see, by its serial number
    manual: DocumentFile | None = None  # of the machine's make and model, or of those on the plate, in the company


class NameplateService:
    def __init__(
        self,
        records: RecordService,
        sessions: SessionService,
        machines: MachineService,
        files: Files,
        reader: TextReader,
        limits: Limits,
    ) -> None:
        self._records = records
        self._sessions = sessions
        self._machines = machines
        self._files = files
        self._reader = reader
        self._limits = limits

    async def read(self, by: Asker, session_id: str, still_id: str) -> Reading:
        """Raises UNAVAILABLE without a time to come back when the engine is not installed."""
        session, party = await self._sessions.entered(by.member, by.guest, session_id=session_id)
        if party.role is AssistRole.OBSERVER:
            raise Refusal(Code.FORBIDDEN, "an observer")
        still = await self._records.still(by, still_id)
        if still.session_id != session.id:
            raise Refusal(Code.NOT_FOUND, "another session's still")
        if not is_installed():
            raise Refusal(Code.UNAVAILABLE, "text recognition is not installed")
        await self._limits.take(PLATES_OF_PERSON, party.identity)
        plate = read_fields(await self._reader.read(await self._files.load(still.file.sha256)))
        machine = await self._known(by, plate, session.machine)
        return Reading(plate, machine, await self._manual(by, plate, machine, session))

    async def _manual(
        self, by: Asker, plate: Nameplate, machine: Machine | None, session: Session
    ) -> DocumentFile | None:
        """Of a machine that is known; else of what the plate says, among the manuals that whoever asks may open."""
        owner_id = machine.organization.id if machine else session.enterprise_id or session.organization_id
        if owner_id is None:
            return None
        make, model = (machine.make, machine.model) if machine else (plate.make, plate.model)
        manual = await self._records.manual(owner_id, make, model)
        try:
            return await self._records.document(by, manual.id) if manual else None
        except Refusal:
            return None

    async def _known(self, by: Asker, plate: Nameplate, about: Machine | None) -> Machine | None:
        """Guests know the machine of their session only."""
        serial = plate.serial.casefold()
        if len(serial) < SERIAL_MIN_CHARS:
            return None
        if about is not None and about.serial.casefold() == serial:
            return about
        if by.member is None:
            return None
        found, _ = await self._machines.listed(by.member, plate.serial, "", CANDIDATES_MAX)
        return next((machine for machine in found if machine.serial.casefold() == serial), None)
