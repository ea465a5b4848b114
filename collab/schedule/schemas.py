"""Bodies and replies of the schedule's endpoints."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from collab.accounts.models import EMAIL_MAX_CHARS
from collab.accounts.schemas import Body, OrganizationId
from rooms.core.model import NAME_MAX_CHARS, TITLE_MAX_CHARS

from .models import (
    DESCRIPTION_MAX_CHARS,
    INVITEES_MAX,
    ITEM_MAX_CHARS,
    MINUTES_MAX_CHARS,
    NOTE_MAX_CHARS,
    ZONE_MAX_CHARS,
    EventState,
    InvitationAnswer,
)
from .parties import EventPart
from .rules import RULE_MAX_CHARS

YEAR_2200_MS = 7_258_118_400_000
WEEK_MIN = 10_080
PEOPLE_ASKED_MAX = 50

At = Annotated[int, Meta(ge=0, le=YEAR_2200_MS)]
Title = Annotated[str, Meta(min_length=1, max_length=TITLE_MAX_CHARS)]
Description = Annotated[str, Meta(max_length=DESCRIPTION_MAX_CHARS)]
Local = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d$")]
Zone = Annotated[str, Meta(min_length=1, max_length=ZONE_MAX_CHARS)]
Length = Annotated[int, Meta(ge=5, le=WEEK_MIN)]
RuleText = Annotated[str, Meta(max_length=RULE_MAX_CHARS)]
OpensBefore = Annotated[int, Meta(ge=-1, le=1_440)]
RemindBefore = Annotated[int, Meta(ge=-1, le=WEEK_MIN)]
MaybeKey = Annotated[str, Meta(pattern=r"^(\d{8}T\d{6})?$")]
MaybeOrganizationId = Annotated[str, Meta(pattern=r"^([0-9a-z]{26})?$")]
Sequence = Annotated[int, Meta(ge=0, le=1_000_000)]


class EventScope(StrEnum):
    ALL = "all"
    ONE = "one"
    FOLLOWING = "following"  # this one and all after it


class NewInvitee(Body, frozen=True, kw_only=True):
    """One of the three, by `account_id`, `organization_id` or `email` with a `name`."""

    account_id: MaybeOrganizationId = ""
    organization_id: MaybeOrganizationId = ""
    email: Annotated[str, Meta(max_length=EMAIL_MAX_CHARS)] = ""
    name: Annotated[str, Meta(max_length=NAME_MAX_CHARS)] = ""


Invites = Annotated[tuple[NewInvitee, ...], Meta(max_length=INVITEES_MAX)]


class NewEvent(Body, frozen=True, kw_only=True):
    """`starts` is the time on the clock of `zone`; `rrule` as in RFC 5545 3.3.10, by days or longer."""

    title: Title
    starts: Local
    zone: Zone
    minutes: Length
    description: Description = ""
    rrule: RuleText = ""
    invitees: Invites = ()
    lobby_enabled: bool = False
    guests_allowed: bool = True
    encrypted: bool = False
    opens_before_min: OpensBefore = 15
    remind_before_min: RemindBefore = 10


class ChangeEvent(Body, frozen=True, kw_only=True):
    """`key` names the occurrence for `one` and `following`.  `one` takes title, starts and minutes only."""

    sequence: Sequence
    scope: EventScope = EventScope.ALL
    key: MaybeKey = ""
    title: Title | UnsetType = UNSET
    starts: Local | UnsetType = UNSET
    zone: Zone | UnsetType = UNSET
    minutes: Length | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    rrule: RuleText | UnsetType = UNSET
    invitees: Invites | UnsetType = UNSET
    opens_before_min: OpensBefore | UnsetType = UNSET
    remind_before_min: RemindBefore | UnsetType = UNSET


class CancelEvent(Body, frozen=True, kw_only=True):
    sequence: Sequence
    scope: EventScope = EventScope.ALL
    key: MaybeKey = ""


class GivenAnswer(StrEnum):
    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"


Note = Annotated[str, Meta(max_length=NOTE_MAX_CHARS)]


class GiveAnswer(Body, frozen=True, kw_only=True):
    """`key` "" answers for the whole series."""

    answer: GivenAnswer
    key: MaybeKey = ""
    note: Note = ""


class OccurrencesQuery(Body, frozen=True, kw_only=True):
    from_ms: At
    to_ms: At


class SchedulePerson(Struct, frozen=True):
    id: str
    name: str


class OccurrenceView(Struct, frozen=True):
    event_id: str
    key: str
    title: str
    starts_at_ms: int
    ends_at_ms: int
    zone: str
    rrule: str  # "" = once
    changed: bool  # not as the series says
    organizer: SchedulePerson | None
    answer: InvitationAnswer | None  # one's own; null for the organizer
    may_change: bool
    sequence: int
    code: str
    link: str


class OccurrenceList(Struct, frozen=True):
    occurrences: tuple[OccurrenceView, ...]
    more: bool  # more than are shown


class InviteeView(Struct, frozen=True):
    """`email` is shown to those who manage the meeting."""

    id: str
    account_id: str | None
    organization_id: str | None
    name: str
    email: str
    named: bool  # written down, not only with an organization
    answer: InvitationAnswer
    note: str


class OverrideView(Struct, frozen=True):
    key: str
    cancelled: bool
    starts: str
    minutes: int
    title: str


class EventView(Struct, frozen=True):
    id: str
    title: str
    description: str
    starts: str
    zone: str
    minutes: int
    rrule: str
    overrides: tuple[OverrideView, ...]
    organizer: SchedulePerson | None
    part: EventPart
    answer: InvitationAnswer | None
    state: EventState
    sequence: int
    opens_before_min: int
    remind_before_min: int
    invitees: tuple[InviteeView, ...]
    code: str
    link: str


class AnswerQuery(Body, frozen=True, kw_only=True):
    token: Annotated[str, Meta(min_length=1, max_length=64)]


class AnswerByLink(Body, frozen=True, kw_only=True):
    token: Annotated[str, Meta(min_length=1, max_length=64)]
    answer: GivenAnswer
    note: Note = ""


class InvitationCard(Struct, frozen=True):
    """What the page behind the link of a mail shows."""

    title: str
    description: str
    organizer: str
    name: str
    starts_at_ms: int
    ends_at_ms: int
    zone: str
    rrule: str
    starts: str  # of the next occurrence, on the clock of `zone`
    minutes: int
    answer: InvitationAnswer
    state: EventState
    code: str
    link: str


class MySchedule(Struct, frozen=True):
    zone: str
    from_min: int
    to_min: int
    days: int  # bit 0 is Monday
    chosen: bool  # false: a guess
    feed_made_at_ms: int  # 0 = no feed


class ChangeMySchedule(Body, frozen=True, kw_only=True):
    zone: Zone
    from_min: Annotated[int, Meta(ge=0, le=1_439)] = 540
    to_min: Annotated[int, Meta(ge=1, le=1_440)] = 1_080
    days: Annotated[int, Meta(ge=0, le=127)] = 31


class FeedView(Struct, frozen=True):
    """The address is shown this once."""

    url: str
    made_at_ms: int


class PeopleQuery(Body, frozen=True, kw_only=True):
    q: Annotated[str, Meta(max_length=NAME_MAX_CHARS)] = ""


class FoundPerson(Struct, frozen=True):
    id: str
    name: str
    organization: str


class PeopleFound(Struct, frozen=True):
    people: tuple[FoundPerson, ...]
    organizations: tuple[SchedulePerson, ...]  # that one may invite


class AskFreeBusy(Body, frozen=True, kw_only=True):
    account_ids: Annotated[tuple[OrganizationId, ...], Meta(max_length=PEOPLE_ASKED_MAX)]
    from_ms: At
    to_ms: At
    but: MaybeOrganizationId = ""  # an event that does not count, because it is being moved


class AskSuggestions(Body, frozen=True, kw_only=True):
    account_ids: Annotated[tuple[OrganizationId, ...], Meta(max_length=PEOPLE_ASKED_MAX)]
    from_ms: At
    to_ms: At
    zone: Zone
    minutes: Length
    but: MaybeOrganizationId = ""


class SpanView(Struct, frozen=True):
    from_ms: int
    to_ms: int


class DiaryView(Struct, frozen=True):
    account_id: str
    zone: str
    from_min: int
    to_min: int
    days: int
    busy: tuple[SpanView, ...]


class FreeBusy(Struct, frozen=True):
    diaries: tuple[DiaryView, ...]


class SuggestionView(Struct, frozen=True):
    starts_at_ms: int
    ends_at_ms: int
    busy: tuple[str, ...]
    outside_hours: tuple[str, ...]


class SuggestionList(Struct, frozen=True):
    suggestions: tuple[SuggestionView, ...]


class MinutesBody(Body, frozen=True, kw_only=True):
    """`version` is the one that was changed; 0 for the first."""

    version: Annotated[int, Meta(ge=0, le=1_000_000)]
    text: Annotated[str, Meta(max_length=MINUTES_MAX_CHARS)]


DueDate = Annotated[str, Meta(pattern=r"^(\d{4}-\d\d-\d\d)?$")]
ItemText = Annotated[str, Meta(min_length=1, max_length=ITEM_MAX_CHARS)]


class NewActionItem(Body, frozen=True, kw_only=True):
    text: ItemText
    owner_id: MaybeOrganizationId = ""
    due: DueDate = ""


class ChangeActionItem(Body, frozen=True, kw_only=True):
    text: ItemText | UnsetType = UNSET
    owner_id: MaybeOrganizationId | UnsetType = UNSET
    due: DueDate | UnsetType = UNSET
    done: bool | UnsetType = UNSET


class ActionItemView(Struct, frozen=True):
    id: str
    text: str
    owner: SchedulePerson | None
    due: str
    done_at_ms: int


class AttendedView(Struct, frozen=True):
    name: str
    joined_at_ms: int
    left_at_ms: int


class OccurrenceRecord(Struct, frozen=True):
    """Of one occurrence: what was written, what is to be done, and who was there when the record is switched on."""

    key: str
    text: str
    version: int
    changed_by: str
    changed_at_ms: int
    items: tuple[ActionItemView, ...]
    attendance_on: bool
    stays: tuple[AttendedView, ...]
    may_write: bool


class PolicyView(Struct, frozen=True):
    attendance: bool
    since_ms: int


class ChangePolicy(Body, frozen=True, kw_only=True):
    attendance: bool
