"""Announcements, their versions, whom they reached and who has read them, as tables and values."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from msgspec import Struct
from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from collab.accounts.models import MemberRole
from collab.db.base import AtMs, Base, Id, Name64

TITLE_MAX_CHARS: Final = 120
TEXT_MAX_CHARS: Final = 20_000
EXCERPT_MAX_CHARS: Final = 200
FILE_NAME_MAX_CHARS: Final = 200

_Announcement = Annotated[str, mapped_column(ForeignKey("announcements.id", ondelete="CASCADE"), primary_key=True)]
_MaybeAccount = Annotated[str | None, mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))]


class AnnouncementState(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"  # goes out at its time
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Scope(StrEnum):
    PARK = "park"  # everybody of every organization
    ORGANIZATIONS = "organizations"  # of the chosen ones


class AnnouncementRow(Base):
    __tablename__ = "announcements"

    id: Mapped[Id]
    organization_id: Mapped[str] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"))  # publishes it
    author_id: Mapped[_MaybeAccount]
    author_name: Mapped[Name64]
    state: Mapped[str] = mapped_column(String(12))
    scope: Mapped[str] = mapped_column(String(16))
    roles: Mapped[list[str]] = mapped_column(JSON)  # none: whoever belongs to the organization
    title: Mapped[str] = mapped_column(String(TITLE_MAX_CHARS))
    text: Mapped[str] = mapped_column(Text)
    version: Mapped[int]  # 0: not published yet
    told_version: Mapped[int]  # the newest one that asks to be read; a small correction does not
    revision: Mapped[int]  # counts every change: who writes names the one that they saw
    people: Mapped[int]  # whom it reached
    created_at_ms: Mapped[AtMs]
    changed_at_ms: Mapped[AtMs]
    publish_at_ms: Mapped[AtMs]
    published_at_ms: Mapped[AtMs]
    withdrawn_at_ms: Mapped[AtMs]
    reminded_at_ms: Mapped[AtMs]

    __table_args__ = (
        Index(None, "organization_id", "id"),
        Index(None, "state", "publish_at_ms"),
        Index(None, "author_id"),
    )


class AnnouncementOrganizationRow(Base):
    """One of the chosen."""

    __tablename__ = "announcement_organizations"

    announcement_id: Mapped[_Announcement]
    organization_id: Mapped[str] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)

    __table_args__ = (Index(None, "organization_id"),)


class AnnouncementVersionRow(Base):
    """What was published once.  Never changed."""

    __tablename__ = "announcement_versions"

    announcement_id: Mapped[_Announcement]
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(String(TITLE_MAX_CHARS))
    text: Mapped[str] = mapped_column(Text)
    told: Mapped[bool]
    account_id: Mapped[_MaybeAccount]
    name: Mapped[Name64]
    at_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "account_id"),)


class AnnouncementRecipientRow(Base):
    """Somebody whom it reached when it was published, and what they have read of it."""

    __tablename__ = "announcement_recipients"

    announcement_id: Mapped[_Announcement]
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    # Through which they were reached; one of several.
    organization_id: Mapped[str | None] = mapped_column(ForeignKey("organizations.id", ondelete="SET NULL"))
    read_version: Mapped[int]  # 0: none
    read_at_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "account_id", "announcement_id"), Index(None, "organization_id"))


class AnnouncementFileRow(Base):
    __tablename__ = "announcement_files"

    announcement_id: Mapped[_Announcement]
    key: Mapped[str] = mapped_column(String(32), primary_key=True)  # of the page that brings it
    file_sha256: Mapped[str] = mapped_column(ForeignKey("files.sha256"))
    file_name: Mapped[str] = mapped_column(String(FILE_NAME_MAX_CHARS))
    stored_at_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "file_sha256"),)


class Named(Struct, frozen=True):
    """An organization."""

    id: str
    name: str


class Audience(Struct, frozen=True):
    """`organization_ids` only with ORGANIZATIONS; `roles` empty: everybody of them."""

    scope: Scope
    organization_ids: tuple[str, ...] = ()
    roles: tuple[MemberRole, ...] = ()


class Attachment(Struct, frozen=True):
    key: str
    sha256: str
    media_type: str
    size_bytes: int
    file_name: str


class Version(Struct, frozen=True):
    number: int
    title: str
    text: str
    told: bool
    name: str
    at_ms: int


class Announcement(Struct, frozen=True):
    id: str
    organization: Named
    author_name: str
    state: AnnouncementState
    audience: Audience
    organizations: tuple[Named, ...]  # the chosen ones
    title: str
    text: str
    version: int
    told_version: int
    revision: int
    people: int
    created_at_ms: int
    changed_at_ms: int
    publish_at_ms: int
    published_at_ms: int
    withdrawn_at_ms: int
    reminded_at_ms: int
    files: tuple[Attachment, ...]


class Receipt(Struct, frozen=True):
    """Of one recipient: what they have read."""

    version: int
    at_ms: int


class Line(Struct, frozen=True):
    """An announcement in a list.  `read`: how many have read it, or 0/1 for one's own."""

    id: str
    organization: Named
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


class Reader(Struct, frozen=True):
    """A recipient as the publisher sees one.  `at_ms` 0: has not read the newest version that asks for it."""

    id: str
    name: str
    organization: str
    version: int
    at_ms: int


class Tally(Struct, frozen=True):
    """Of one organization.  `id` "": it is gone."""

    id: str
    name: str
    people: int
    read: int


class Reach(Struct, frozen=True):
    people: int
    organizations: int
