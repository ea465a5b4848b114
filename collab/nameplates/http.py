"""The endpoint that reads a nameplate."""

from __future__ import annotations

from msgspec import Struct

from collab.assist.http import machine_brief
from collab.assist.record_http import asker, document_view
from collab.assist.record_schemas import DocumentView
from collab.assist.schemas import MachineBrief
from collab.edge.endpoint import Access, Call, Endpoint, Nothing, Reply
from rooms.core.codes import Code

from .service import NameplateService


class NameplateView(Struct, frozen=True):
    """ "" for what the plate does not say."""

    make: str
    model: str
    serial: str
    lines: tuple[str, ...]
    machine: MachineBrief | None  # that is known by this serial number
    manual: DocumentView | None  # of its make and model: open it at its page


class NameplateEndpoints:
    def __init__(self, nameplates: NameplateService) -> None:
        self._nameplates = nameplates

    def table(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                method="POST",
                path="/api/assist/sessions/{id}/stills/{key}/nameplate",
                access=Access.ANYONE,
                handler=self.read,
                output=NameplateView,
                refusals=(
                    Code.FORBIDDEN,
                    Code.NOT_FOUND,
                    Code.UNAUTHENTICATED,
                    Code.BAD_FILE,
                    Code.UNAVAILABLE,
                    Code.RATE_LIMITED,
                ),
                about="Read the nameplate on a still; `unavailable` where text recognition is not installed.",
            ),
        )

    async def read(self, call: Call[Nothing]) -> Reply:
        reading = await self._nameplates.read(asker(call.caller), call.path["id"], call.path["key"])
        plate, machine = reading.plate, reading.machine
        brief = machine_brief(machine) if machine else None
        manual = document_view(reading.manual) if reading.manual else None
        return Reply(NameplateView(plate.make, plate.model, plate.serial, plate.lines, brief, manual))
