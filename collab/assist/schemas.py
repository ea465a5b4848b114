"""Bodies and replies of the endpoints of machines, sessions and links."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from collab.accounts.schemas import AfterId, Body, OrganizationId
from rooms.core.assist_model import AssistRole
from rooms.core.model import NAME_MAX_CHARS, TITLE_MAX_CHARS, Phase

from .models import MACHINE_TEXT_MAX_CHARS, SITE_MAX_CHARS
from .values import LinkState

LINK_HOURS_MAX = 14 * 24
SEARCH_MAX_CHARS = 80

NeededWord = Annotated[str, Meta(min_length=1, max_length=MACHINE_TEXT_MAX_CHARS)]
Word = Annotated[str, Meta(max_length=MACHINE_TEXT_MAX_CHARS)]
Site = Annotated[str, Meta(max_length=SITE_MAX_CHARS)]
Limit = Annotated[int, Meta(ge=1, le=100)]
MaybeId = AfterId
LinkToken = Annotated[str, Meta(pattern=r"^[0-9a-z]{20}$")]


class NewMachine(Body, frozen=True, kw_only=True):
    """`organization_id` is one's own company when it is left out."""

    make: NeededWord
    model: NeededWord
    serial: Word = ""
    site: Site = ""
    organization_id: OrganizationId | UnsetType = UNSET


class ChangeMachine(Body, frozen=True, kw_only=True):
    make: NeededWord | UnsetType = UNSET
    model: NeededWord | UnsetType = UNSET
    serial: Word | UnsetType = UNSET
    site: Site | UnsetType = UNSET


class MachinesQuery(Body, frozen=True, kw_only=True):
    search: Annotated[str, Meta(max_length=SEARCH_MAX_CHARS)] = ""
    before: AfterId = ""
    limit: Limit = 50


class NamedView(Struct, frozen=True):
    id: str
    name: str


class MachineView(Struct, frozen=True):
    id: str
    label: str
    link: str  # what the QR code on the machine says
    organization: NamedView
    make: str
    model: str
    serial: str
    site: str
    may_change: bool
    created_at_ms: int
    changed_at_ms: int


class MachineList(Struct, frozen=True):
    machines: tuple[MachineView, ...]
    more: bool


class NewSession(Body, frozen=True, kw_only=True):
    """About a job, or a machine, or nothing yet.  `role` is what one is oneself; left out, the server says."""

    title: Annotated[str, Meta(max_length=TITLE_MAX_CHARS)] = ""
    job_id: MaybeId = ""
    machine_id: MaybeId = ""
    role: AssistRole | None = None


class SessionsQuery(Body, frozen=True, kw_only=True):
    job_id: MaybeId = ""
    machine_id: MaybeId = ""
    phase: Phase | None = None
    before: AfterId = ""
    limit: Limit = 50


class MachineBrief(Struct, frozen=True):
    id: str
    make: str
    model: str
    serial: str
    site: str


class PartyView(Struct, frozen=True):
    role: AssistRole
    identity: str
    name: str
    manages: bool


class SessionView(Struct, frozen=True):
    id: str
    code: str
    title: str
    phase: Phase
    maker: NamedView | None
    machine: MachineBrief | None
    job_id: str | None
    you: PartyView
    people_count: int
    people: tuple[str, ...]
    created_at_ms: int
    started_at_ms: int  # 0 = nobody was inside yet
    ended_at_ms: int  # 0 = not ended
    link: str


class ChangeSession(Body, frozen=True, kw_only=True):
    machine_id: OrganizationId


class SessionList(Struct, frozen=True):
    sessions: tuple[SessionView, ...]
    more: bool


class NewLink(Body, frozen=True, kw_only=True):
    role: AssistRole = AssistRole.ON_SITE
    name: Annotated[str, Meta(max_length=NAME_MAX_CHARS)] = ""
    hours: Annotated[int, Meta(ge=1, le=LINK_HOURS_MAX)] = 24
    one_time: bool = True


class Sms(Struct, frozen=True):
    zh: str
    en: str


class LinkOpeningView(Struct, frozen=True):
    name: str
    at_ms: int


class LinkView(Struct, frozen=True):
    id: str
    role: AssistRole
    name: str
    one_time: bool
    state: LinkState
    made_by: str  # a name
    opened_by: tuple[LinkOpeningView, ...]  # the first few
    opened_at_ms: int  # 0 = not yet
    created_at_ms: int
    expires_at_ms: int


class NewLinkView(Struct, frozen=True):
    """The address and what is made from it are shown once: only a digest is kept."""

    link: LinkView
    url: str
    qr_svg: str
    sms: Sms


class LinkList(Struct, frozen=True):
    links: tuple[LinkView, ...]


class LinkQuery(Body, frozen=True, kw_only=True):
    token: LinkToken


class LinkCard(Struct, frozen=True):
    """What the page of a link shows before it is opened."""

    title: str
    machine: str  # make and model, "" when the session is about none
    inviter: str
    role: AssistRole
    name: str  # to begin with
    phase: Phase
    expires_at_ms: int


class OpenLink(Body, frozen=True, kw_only=True):
    token: LinkToken
    name: Annotated[str, Meta(min_length=1, max_length=NAME_MAX_CHARS)]


class OpenedLink(Struct, frozen=True):
    room_code: str
    token: str  # for hello on the WebSocket, and as bearer for /api/assist/sessions/{session_id}
    identity: str
    name: str
    role: AssistRole
    session_id: str
    expires_at_ms: int
