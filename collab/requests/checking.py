"""Whether what is brought to a request is what its type asks for: its answers, and the documents of its checklist."""

from __future__ import annotations

from collections.abc import Callable

from collab.problems import FieldFault, Refusal
from rooms.core.codes import Code

from .answers import Answers, Checked, check_answers, choices_of
from .definition import Definition
from .hours import HoursService
from .records import RecordRepository


class Checker:
    def __init__(self, hours: HoursService, records: RecordRepository, clock_ms: Callable[[], int]) -> None:
        self._hours = hours
        self._records = records
        self._clock_ms = clock_ms

    async def answers(
        self, definition: Definition, answers: Answers, *, complete: bool, files_of: dict[str, int] | None = None
    ) -> Checked:
        """Raises INVALID naming the fields."""
        calendar = await self._hours.calendar()
        today = calendar.day_of(self._clock_ms())
        checked = check_answers(definition.fields, answers, today, complete=complete, files_of=files_of)
        if checked.faults:
            raise Refusal(Code.INVALID, "answers", fields=checked.faults)
        return checked

    async def whole(self, request_id: str, definition: Definition, answers: Answers) -> Answers:
        """Answers that may be submitted with what was brought already.  Raises INVALID."""
        files_of, brought = await self._records.brought(request_id)
        checked = await self.answers(definition, answers, complete=True, files_of=files_of)
        check_documents(definition, checked.answers, brought)
        return checked.answers


def check_documents(definition: Definition, answers: Answers, brought: frozenset[str]) -> None:
    """Raises INVALID naming the lines of the checklist that are needed and that nothing was brought for."""
    chosen = choices_of(definition.fields, answers)
    missing = [
        document.id
        for document in definition.documents
        if document.required
        and document.id not in brought
        and (
            document.show_if is None
            or not chosen.get(document.show_if.field, frozenset()).isdisjoint(document.show_if.is_any)
        )
    ]
    if missing:
        raise Refusal(Code.INVALID, "documents", fields=dict.fromkeys(missing, FieldFault.REQUIRED))
