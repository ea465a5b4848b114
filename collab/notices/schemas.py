"""Bodies and replies of the inbox and its settings: these structs are the API."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from .kinds import Area, MailChoice, NoticeKind
from .models import ZONE_MAX_CHARS

PAGE_MAX = 100
IDS_MAX = 1_000

Id = Annotated[str, Meta(min_length=26, max_length=26, pattern="^[0-9a-z]{26}$")]
MaybeId = Annotated[str, Meta(max_length=26, pattern="^([0-9a-z]{26})?$")]
Minute = Annotated[int, Meta(ge=0, lt=1_440)]


class NoticesQuery(Struct, frozen=True, forbid_unknown_fields=True):
    state: Literal["all", "unread"] = "all"
    area: Area | None = None
    before: MaybeId = ""
    limit: Annotated[int, Meta(ge=1, le=PAGE_MAX)] = 30
    locale: Annotated[str, Meta(max_length=16)] = ""  # the account's, when empty


class AboutView(Struct, frozen=True):
    kind: str
    id: str


class NoticeView(Struct, frozen=True):
    id: str
    kind: NoticeKind
    area: Area
    about: AboutView
    title: str
    text: str
    action: str
    path: str
    urgent: bool
    created_at_ms: int
    read_at_ms: int


class NoticeList(Struct, frozen=True):
    notices: tuple[NoticeView, ...]
    more: bool
    unread: int


class Marking(Struct, frozen=True, forbid_unknown_fields=True):
    """These, or all up to one."""

    ids: Annotated[tuple[Id, ...], Meta(max_length=IDS_MAX)] = ()
    until: MaybeId = ""


class Unmarking(Struct, frozen=True, forbid_unknown_fields=True):
    ids: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=IDS_MAX)]


class Marked(Struct, frozen=True):
    """Those that were not so before: what an undo needs."""

    ids: tuple[str, ...]
    unread: int


class KindChoice(Struct, frozen=True, forbid_unknown_fields=True):
    kind: NoticeKind
    mail: MailChoice
    push: bool


class SettingsQuery(Struct, frozen=True, forbid_unknown_fields=True):
    locale: Annotated[str, Meta(max_length=16)] = ""


class KindView(Struct, frozen=True):
    kind: NoticeKind
    name: str
    area: Area
    mail: MailChoice
    push: bool


class QuietHours(Struct, frozen=True, forbid_unknown_fields=True):
    from_minute: Minute
    until_minute: Minute


class SettingsView(Struct, frozen=True):
    kinds: tuple[KindView, ...]
    quiet: QuietHours | None
    digest_minute: int
    time_zone: str
    push_key: str  # of this server, for PushManager.subscribe
    browsers: int  # with push


class SettingsBody(Struct, frozen=True, forbid_unknown_fields=True):
    kinds: Annotated[tuple[KindChoice, ...], Meta(max_length=200)]
    quiet: QuietHours | None
    digest_minute: Minute
    time_zone: Annotated[str, Meta(min_length=1, max_length=ZONE_MAX_CHARS)]


class PushBody(Struct, frozen=True, forbid_unknown_fields=True):
    """What PushSubscription.toJSON() has (RFC 8291 3.1: the key is a point of P-256, the secret 16 bytes)."""

    endpoint: Annotated[str, Meta(min_length=1, max_length=1_024)]
    p256dh: Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{87}$")]
    auth: Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{22}$")]
    locale: Annotated[str, Meta(max_length=16)] = ""


class PushEndpoint(Struct, frozen=True, forbid_unknown_fields=True):
    endpoint: Annotated[str, Meta(min_length=1, max_length=1_024)]
