"""Bodies and replies of the livestream endpoints.  These structs are the API."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from collab.accounts.schemas import ID, AfterId, Body, Email, OrganizationId, PersonName
from collab.meetings.schemas import Title
from collab.recordings.models import Chapter

from .life import LifeState
from .models import GROUP_NAME_MAX_CHARS, GroupKind, RegistrationState, StaffRole, Tier
from .values import ChatSettings, CustomField, RegistrationSettings

SEARCH_MAX_CHARS = 80
STAFF_MAX = 50
GROUPS_MAX = 50
EMAILS_MAX = 2_000
DAY_MINUTES = 1_440

AtMs = Annotated[int, Meta(ge=0, le=9_999_999_999_999)]
Zone = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_+/-]+$")]
Minutes = Annotated[int, Meta(ge=5, le=DAY_MINUTES)]
Description = Annotated[str, Meta(max_length=8_000)]
Link = Annotated[str, Meta(max_length=64)]
Locale = Annotated[str, Meta(pattern=r"^(zh-CN|en)$")]
Action = Literal["schedule", "unschedule", "publish_replay", "hide_replay"]


class NewLivestream(Body, frozen=True, kw_only=True):
    title: Title
    description: Description = ""
    organization_id: OrganizationId | None = None
    starts_at_ms: AtMs
    minutes: Minutes = 60
    zone: Zone
    tier: Tier = Tier.SIGNED_IN
    chat: ChatSettings = ChatSettings()
    registration: RegistrationSettings = RegistrationSettings()
    keep_replay: bool = True


class ChangeLivestream(Body, frozen=True, kw_only=True):
    version: Annotated[int, Meta(ge=1)]
    title: Title | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    starts_at_ms: AtMs | UnsetType = UNSET
    minutes: Minutes | UnsetType = UNSET
    zone: Zone | UnsetType = UNSET
    tier: Tier | UnsetType = UNSET
    chat: ChatSettings | UnsetType = UNSET
    registration: RegistrationSettings | UnsetType = UNSET
    keep_replay: bool | UnsetType = UNSET


class LivestreamsQuery(Body, frozen=True, kw_only=True):
    show: Literal["all", "coming", "live", "past"] = "all"
    search: Annotated[str, Meta(max_length=SEARCH_MAX_CHARS)] = ""
    before: AfterId = ""
    limit: Annotated[int, Meta(ge=1, le=100)] = 30


class StaffBody(Body, frozen=True, kw_only=True):
    account_id: Annotated[str, Meta(pattern=ID)]
    role: StaffRole


class SetStaff(Body, frozen=True, kw_only=True):
    people: Annotated[tuple[StaffBody, ...], Meta(max_length=STAFF_MAX)]


class GroupBody(Body, frozen=True, kw_only=True):
    id: AfterId = ""  # "" = a new one
    kind: GroupKind
    name: Annotated[str, Meta(min_length=1, max_length=GROUP_NAME_MAX_CHARS)]
    organization_id: AfterId = ""
    tier: Tier = Tier.ANYONE  # who may use a link
    own_chat: bool = False
    emails: Annotated[tuple[Email, ...], Meta(max_length=EMAILS_MAX)] = ()


class SetGroups(Body, frozen=True, kw_only=True):
    groups: Annotated[tuple[GroupBody, ...], Meta(max_length=GROUPS_MAX)]


class Act(Body, frozen=True, kw_only=True):
    action: Action


class StaffView(Struct, frozen=True):
    account_id: str
    name: str
    role: StaffRole


class GroupView(Struct, frozen=True):
    id: str
    kind: GroupKind
    name: str
    organization_id: str | None
    tier: Tier
    own_chat: bool
    link: str  # the whole address, of a link
    emails: tuple[str, ...]


class LivestreamCard(Struct, frozen=True):
    """As it stands in a list."""

    id: str
    title: str
    organization: str
    state: LifeState
    tier: Tier
    starts_at_ms: int
    minutes: int
    zone: str
    cover_url: str
    live_at_ms: int
    ended_at_ms: int
    role: StaffRole | None
    registered: bool  # it asks for registration


class LivestreamList(Struct, frozen=True):
    livestreams: tuple[LivestreamCard, ...]
    more: bool


class LivestreamView(Struct, frozen=True):
    """For who has a part in it."""

    id: str
    title: str
    description: str
    organization: str
    organization_id: str | None
    state: LifeState
    tier: Tier
    starts_at_ms: int
    minutes: int
    zone: str
    cover_url: str
    chat: ChatSettings
    registration: RegistrationSettings
    keep_replay: bool
    version: int
    live_at_ms: int
    ended_at_ms: int
    room_code: str
    link: str
    role: StaffRole | None
    may_change: bool
    staff: tuple[StaffView, ...]
    groups: tuple[GroupView, ...]


# ------------------------------------------------------------ watching


class WatchQuery(Body, frozen=True, kw_only=True):
    link: Link = ""  # of a group
    registration: Annotated[str, Meta(max_length=80)] = ""  # of a registrant's mail
    name: Annotated[str, Meta(max_length=64)] = ""  # that an anonymous viewer wants to be shown under


Needs = Literal["", "sign_in", "invitation", "registration", "approval", "seat", "banned"]


class CaptionView(Struct, frozen=True):
    language: str
    label: str
    url: str


class ReplayView(Struct, frozen=True):
    film_url: str
    film_ms: int
    chapters: tuple[Chapter, ...]
    captions: tuple[CaptionView, ...]


class YouView(Struct, frozen=True):
    id: str
    name: str
    role: StaffRole | None
    group: str  # its name
    signed_in: bool


class WatchView(Struct, frozen=True):
    id: str
    phase: LifeState
    needs: Needs  # what is missing before one may watch; "" = nothing
    title: str  # "" where only named people may know
    description: str
    organization: str
    hosts: tuple[str, ...]
    cover_url: str
    starts_at_ms: int
    minutes: int
    zone: str
    live_at_ms: int
    ended_at_ms: int
    server_ms: int
    registration: bool
    fields: tuple[CustomField, ...]
    registration_state: RegistrationState | None
    you: YouView | None
    token: str
    token_expires_at_ms: int
    hub: str
    whep: str | None
    hls: str | None
    replay: ReplayView | None


class TicketQuery(Body, frozen=True, kw_only=True):
    token: Annotated[str, Meta(max_length=1_024)] = ""  # a viewer's; "" for who is signed in and has a part


class TicketView(Struct, frozen=True):
    """What joining the stage room needs; `token` "": the sign-in of the browser."""

    code: str
    token: str
    identity: str
    role: str


class PosterQuery(Body, frozen=True, kw_only=True):
    token: Annotated[str, Meta(max_length=1_024)] = ""


# ------------------------------------------------------------ registration


class Register(Body, frozen=True, kw_only=True):
    name: PersonName
    email: Email
    locale: Locale = "zh-CN"
    link: Link = ""
    answers: dict[Annotated[str, Meta(max_length=32)], Annotated[str, Meta(max_length=500)]] = {}  # noqa: RUF012 -- a frozen struct copies its default


class RegisteredView(Struct, frozen=True):
    state: RegistrationState
    mailed: bool  # the way in is in the mail


class RegistrationTokenBody(Body, frozen=True, kw_only=True):
    token: Annotated[str, Meta(min_length=1, max_length=80)]


class RegistrationsQuery(Body, frozen=True, kw_only=True):
    state: RegistrationState | None = None
    search: Annotated[str, Meta(max_length=SEARCH_MAX_CHARS)] = ""
    before: AfterId = ""
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class RegistrationView(Struct, frozen=True):
    id: str
    name: str
    email: str
    state: RegistrationState
    answers: dict[str, str]
    created_at_ms: int


class RegistrationList(Struct, frozen=True):
    registrations: tuple[RegistrationView, ...]
    more: bool
    counts: dict[str, int]


class Decide(Body, frozen=True, kw_only=True):
    confirm: bool
