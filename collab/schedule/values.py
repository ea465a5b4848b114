"""The frozen values that leave the repositories of the schedule."""

from __future__ import annotations

from msgspec import Struct

from .expand import Series
from .models import EventState, InvitationAnswer, MailingKind


class Person(Struct, frozen=True):
    id: str
    name: str


class Event(Struct, frozen=True):
    id: str
    code: str
    organizer: Person | None
    organizer_email: str
    organization_id: str | None
    title: str
    description: str
    series: Series
    opens_before_min: int
    remind_before_min: int
    state: EventState
    sequence: int
    created_at_ms: int
    changed_at_ms: int

    @property
    def rule_text(self) -> str:
        return self.series.rule.text if self.series.rule else ""


class Answer(Struct, frozen=True):
    key: str  # "" = the whole series
    answer: InvitationAnswer
    note: str
    answered_at_ms: int


class Invitee(Struct, frozen=True):
    id: str
    account_id: str | None
    organization_id: str | None
    email: str
    name: str
    named: bool
    locale: str  # "" = no account
    answers: tuple[Answer, ...] = ()

    def answer_for(self, key: str) -> InvitationAnswer:
        """The answer to that occurrence, else to the series."""
        found = {one.key: one.answer for one in self.answers}
        return found.get(key, found.get("", InvitationAnswer.NEEDS_ACTION))


class InviteeWish(Struct, frozen=True):
    """Whom the organizer writes down; one of the three."""

    account_id: str = ""
    organization_id: str = ""
    email: str = ""
    name: str = ""


class Mailing(Struct, frozen=True):
    id: str
    event_id: str
    kind: MailingKind
    key: str
    invitee_id: str
    after: str
    sequence: int
