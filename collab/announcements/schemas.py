"""Bodies and replies of announcements: these structs are the API."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from collab.accounts.models import MemberRole
from collab.accounts.schemas import AfterId, Body, OrganizationId
from collab.assist.schemas import Limit

from .models import FILE_NAME_MAX_CHARS, TEXT_MAX_CHARS, TITLE_MAX_CHARS, AnnouncementState, Scope
from .rules import Action

ORGANIZATIONS_MAX = 500

Title = Annotated[str, Meta(min_length=1, max_length=TITLE_MAX_CHARS)]
AnnouncementText = Annotated[str, Meta(max_length=TEXT_MAX_CHARS)]
Revision = Annotated[int, Meta(ge=0)]
Chosen = Annotated[tuple[OrganizationId, ...], Meta(max_length=ORGANIZATIONS_MAX)]
ChosenRoles = Annotated[tuple[MemberRole, ...], Meta(max_length=len(MemberRole))]


class AudienceBody(Body, frozen=True, kw_only=True):
    """`organization_ids` with the scope `organizations`; no `roles`: whoever belongs to them."""

    scope: Scope
    organization_ids: Chosen = ()
    roles: ChosenRoles = ()


class NewAnnouncement(Body, frozen=True, kw_only=True):
    """`organization_id` publishes it."""

    organization_id: OrganizationId
    title: Title
    text: AnnouncementText = ""
    audience: AudienceBody


class EditAnnouncement(Body, frozen=True, kw_only=True):
    revision: Revision
    title: Title
    text: AnnouncementText = ""
    audience: AudienceBody


class AskReach(Body, frozen=True, kw_only=True):
    organization_id: OrganizationId
    audience: AudienceBody


class PublishAnnouncement(Body, frozen=True, kw_only=True):
    """`at_ms` 0: now."""

    revision: Revision
    at_ms: Annotated[int, Meta(ge=0)] = 0


class AtRevision(Body, frozen=True, kw_only=True):
    revision: Revision


class ReviseAnnouncement(Body, frozen=True, kw_only=True):
    """`tell`: everybody is asked to read it again."""

    revision: Revision
    title: Title
    text: AnnouncementText
    tell: bool = True


class ReadVersion(Body, frozen=True, kw_only=True):
    version: Annotated[int, Meta(ge=1)]


class AnnouncementsQuery(Body, frozen=True, kw_only=True):
    unread: bool = False
    before: AfterId = ""
    limit: Limit = 30


class WrittenQuery(Body, frozen=True, kw_only=True):
    state: AnnouncementState | None = None
    before: AfterId = ""
    limit: Limit = 30


class ReceiptsQuery(Body, frozen=True, kw_only=True):
    read: bool | None = None
    after: AfterId = ""
    limit: Limit = 50


class AttachmentQuery(Body, frozen=True, kw_only=True):
    name: Annotated[str, Meta(max_length=FILE_NAME_MAX_CHARS)] = ""


class PublisherView(Struct, frozen=True):
    id: str
    name: str


class AnnouncementLineView(Struct, frozen=True):
    """`read`: how many have read it; in one's own list 0 or 1."""

    id: str
    organization: PublisherView
    author_name: str
    state: AnnouncementState
    title: str
    excerpt: str
    version: int
    people: int
    read: int
    changed_at_ms: int
    publish_at_ms: int
    published_at_ms: int


class AnnouncementList(Struct, frozen=True):
    announcements: tuple[AnnouncementLineView, ...]
    more: bool
    unread: int


class WrittenList(Struct, frozen=True):
    announcements: tuple[AnnouncementLineView, ...]
    more: bool


class AttachmentView(Struct, frozen=True):
    key: str
    name: str
    media_type: str
    size_bytes: int
    url: str


class AudienceView(Struct, frozen=True):
    scope: Scope
    organizations: tuple[PublisherView, ...]
    roles: tuple[MemberRole, ...]


class AnnouncementCard(Struct, frozen=True):
    """Readers get neither title nor text of a withdrawn one.  `audience`, `people`, `actions`: its publisher's."""

    id: str
    organization: PublisherView
    author_name: str
    state: AnnouncementState
    title: str
    text: str
    version: int
    revision: int
    created_at_ms: int
    changed_at_ms: int
    publish_at_ms: int
    published_at_ms: int
    withdrawn_at_ms: int
    reminded_at_ms: int
    files: tuple[AttachmentView, ...]
    unread: bool
    read_at_ms: int  # 0: was not reached, or has not read any of it
    people: int
    audience: AudienceView | None
    actions: tuple[Action, ...]


class ReachView(Struct, frozen=True):
    people: int
    organizations: int


class ReaderView(Struct, frozen=True):
    """`read_at_ms` 0: has not read the newest version that asks to be read."""

    id: str
    name: str
    organization: str
    version: int
    read_at_ms: int


class TallyView(Struct, frozen=True):
    id: str
    name: str
    people: int
    read: int


class ReceiptList(Struct, frozen=True):
    people: int
    read: int
    may_remind_at_ms: int
    organizations: tuple[TallyView, ...]
    readers: tuple[ReaderView, ...]
    more: bool


class AnnouncementVersionView(Struct, frozen=True):
    number: int
    title: str
    text: str
    told: bool
    name: str
    at_ms: int


class AnnouncementVersionList(Struct, frozen=True):
    versions: tuple[AnnouncementVersionView, ...]


class Reminded(Struct, frozen=True):
    people: int
