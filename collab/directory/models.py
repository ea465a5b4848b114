"""The directory in SQL: pages of organizations, installers' certificates and crews, needs and what is offered for them.

Days (`_on`) are days of the park, without a time of day.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from collab.db.base import AtMs, Base, Id, Name64

SUMMARY_MAX_CHARS: Final = 2_000
ADDRESS_MAX_CHARS: Final = 200
PHONE_MAX_CHARS: Final = 40
TITLE_MAX_CHARS: Final = 120
NUMBER_MAX_CHARS: Final = 60
NOTE_MAX_CHARS: Final = 500
NEED_NOTE_MAX_CHARS: Final = 4_000
SITE_MAX_CHARS: Final = 120
FILE_NAME_MAX_CHARS: Final = 200

_Organization = Annotated[str, mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"))]
_MaybeAccount = Annotated[str | None, mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))]
_MaybeFile = Annotated[str | None, mapped_column(ForeignKey("files.sha256"))]
_Word = Annotated[str, mapped_column(String(24))]  # of a closed list
_Region = Annotated[str, mapped_column(String(8))]


class ProfileRow(Base):
    """What an organization says of itself; an organization without one has said nothing yet."""

    __tablename__ = "organization_profiles"

    organization_id: Mapped[str] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    summary_zh: Mapped[str] = mapped_column(Text)
    summary_en: Mapped[str] = mapped_column(Text)
    industry: Mapped[_Word]
    headcount: Mapped[_Word]
    region: Mapped[_Region]
    address: Mapped[str] = mapped_column(String(ADDRESS_MAX_CHARS))
    website: Mapped[str] = mapped_column(String(ADDRESS_MAX_CHARS))
    founded_on: Mapped[date | None]
    logo_sha256: Mapped[_MaybeFile]
    revision: Mapped[int]
    changed_at_ms: Mapped[AtMs]
    changed_by_name: Mapped[Name64]

    __table_args__ = (Index(None, "industry"), Index(None, "region"), Index(None, "logo_sha256"))


class ContactRow(Base):
    __tablename__ = "organization_contacts"

    organization_id: Mapped[str] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    role: Mapped[_Word]
    name: Mapped[Name64]
    account_id: Mapped[_MaybeAccount]
    phone: Mapped[str] = mapped_column(String(PHONE_MAX_CHARS))
    email: Mapped[str] = mapped_column(String(254))
    public: Mapped[bool]  # other companies see it


class CertificateRow(Base):
    __tablename__ = "certificates"

    id: Mapped[Id]
    organization_id: Mapped[_Organization]
    trade: Mapped[_Word]
    title: Mapped[str] = mapped_column(String(TITLE_MAX_CHARS))
    number: Mapped[str] = mapped_column(String(NUMBER_MAX_CHARS))
    issuer: Mapped[str] = mapped_column(String(TITLE_MAX_CHARS))
    valid_from: Mapped[date]
    valid_until: Mapped[date]  # the last day
    file_sha256: Mapped[_MaybeFile]
    file_name: Mapped[str] = mapped_column(String(FILE_NAME_MAX_CHARS))
    created_at_ms: Mapped[AtMs]
    changed_at_ms: Mapped[AtMs]

    __table_args__ = (
        Index(None, "organization_id", "trade", "valid_until"),
        Index(None, "valid_until"),
        Index(None, "file_sha256"),
    )


class CrewRow(Base):
    __tablename__ = "crews"

    id: Mapped[Id]
    organization_id: Mapped[_Organization]
    name: Mapped[Name64]
    size: Mapped[int]  # people
    region: Mapped[_Region]  # where they are at home
    status: Mapped[_Word]
    status_note: Mapped[str] = mapped_column(String(TITLE_MAX_CHARS))
    status_at_ms: Mapped[AtMs]
    created_at_ms: Mapped[AtMs]
    retired_at_ms: Mapped[AtMs] = mapped_column(default=0)  # 0 = there is such a crew

    __table_args__ = (Index(None, "organization_id", "id"),)


class CrewTagRow(Base):
    """`kind`: trade, region (where they go), language."""

    __tablename__ = "crew_tags"

    crew_id: Mapped[str] = mapped_column(ForeignKey("crews.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    value: Mapped[str] = mapped_column(String(24), primary_key=True)

    __table_args__ = (Index(None, "kind", "value"),)


class CrewBusyRow(Base):
    """Days on which a crew is taken, both included.  With a job: on the job's days, unless it was called off."""

    __tablename__ = "crew_busy"

    id: Mapped[Id]
    crew_id: Mapped[str] = mapped_column(ForeignKey("crews.id", ondelete="CASCADE"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    note: Mapped[str] = mapped_column(String(TITLE_MAX_CHARS))
    job_id: Mapped[str | None] = mapped_column(ForeignKey("installation_jobs.id", ondelete="CASCADE"), unique=True)
    created_at_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "crew_id", "ends_on"),)


class NeedRow(Base):
    __tablename__ = "needs"

    id: Mapped[Id]
    organization_id: Mapped[_Organization]
    machine_id: Mapped[str | None] = mapped_column(ForeignKey("machines.id", ondelete="SET NULL"))
    title: Mapped[str] = mapped_column(String(TITLE_MAX_CHARS))
    note: Mapped[str] = mapped_column(Text)
    region: Mapped[_Region]
    site: Mapped[str] = mapped_column(String(SITE_MAX_CHARS))
    trades: Mapped[list[str]] = mapped_column(JSON)
    languages: Mapped[list[str]] = mapped_column(JSON)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    crew_size: Mapped[int]
    state: Mapped[str] = mapped_column(String(12))
    offer_id: Mapped[str | None] = mapped_column(String(26))  # that was accepted; set once, together with the job
    job_id: Mapped[str | None] = mapped_column(ForeignKey("installation_jobs.id", ondelete="SET NULL"))
    revision: Mapped[int]
    created_by: Mapped[_MaybeAccount]
    created_at_ms: Mapped[AtMs]
    changed_at_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "organization_id", "id"), Index(None, "state", "id"), Index(None, "job_id"))


class NeedOfferRow(Base):
    """One crew that was asked about one need."""

    __tablename__ = "need_offers"

    id: Mapped[Id]
    need_id: Mapped[str] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"))
    crew_id: Mapped[str] = mapped_column(ForeignKey("crews.id", ondelete="CASCADE"))
    installer_id: Mapped[_Organization]
    state: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(String(NOTE_MAX_CHARS))
    invited_at_ms: Mapped[AtMs]
    changed_at_ms: Mapped[AtMs]

    __table_args__ = (
        UniqueConstraint("need_id", "crew_id"),
        Index(None, "installer_id", "need_id"),
        Index(None, "crew_id", "state"),
    )


class NeedEventRow(Base):
    """One step of a need, by whom and when.  Never changed."""

    __tablename__ = "need_events"

    need_id: Mapped[str] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 1, 2, 3 ..
    action: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12))  # of the need, that it led to
    installer_id: Mapped[str | None] = mapped_column(ForeignKey("organizations.id", ondelete="SET NULL"))
    crew: Mapped[Name64]  # whose offer it is about, "" = of the need itself
    account_id: Mapped[_MaybeAccount]
    name: Mapped[Name64]  # at that time
    note: Mapped[str] = mapped_column(String(NOTE_MAX_CHARS))
    at_ms: Mapped[AtMs]
