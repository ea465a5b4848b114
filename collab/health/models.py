"""Places at risk, what people declared, whom it concerns, and who looked at it.

What people declared (`health_spots`), whom it concerns and why carry the day on which they are deleted; a job goes by
it.  Who read of whom is a table of its own, without keys to others: it outlives what was read.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Final

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from collab.db.base import AtMs, Base, Id, Name64

ADDRESS_MAX_CHARS: Final = 200
SPOT_MAX_CHARS: Final = 400
SOURCE_MAX_CHARS: Final = 200
NOTE_MAX_CHARS: Final = 500

_Account = Annotated[str, mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))]
_Organization = Annotated[str, mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"))]
_RecordedId = Annotated[str, mapped_column(String(26))]  # as it was then: no key, so that a record outlives it


class RiskLevel(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class PlaceState(StrEnum):
    ACTIVE = "active"
    RETRACTED = "retracted"  # it was entered by mistake


class PlaceAction(StrEnum):
    ADDED = "added"
    CORRECTED = "corrected"
    RETRACTED = "retracted"


class Origin(StrEnum):
    HOME = "home"
    MOVEMENT = "movement"


class ConcernState(StrEnum):
    FOUND = "found"
    NOTIFIED = "notified"
    CONTACTED = "contacted"
    TESTED = "tested"
    CLEARED = "cleared"


class ConcernAction(StrEnum):
    NOTIFY = "notify"
    CONTACT = "contact"
    TEST = "test"
    CLEAR = "clear"
    REOPEN = "reopen"


class Purpose(StrEnum):
    """Why somebody looks at personal data: asked of them, and kept."""

    TRACING = "tracing"  # whom does a place concern
    NOTIFYING = "notifying"
    FOLLOW_UP = "follow_up"
    CORRECTION = "correction"  # what stands there is doubted
    DECLARATION = "declaration"  # a declaration was opened at the desk


class HealthPlaceRow(Base):
    __tablename__ = "health_places"

    id: Mapped[Id]
    address: Mapped[str] = mapped_column(String(ADDRESS_MAX_CHARS))
    level: Mapped[str] = mapped_column(String(8))
    source: Mapped[str] = mapped_column(String(SOURCE_MAX_CHARS))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]  # None: no end yet
    state: Mapped[str] = mapped_column(String(12))
    revision: Mapped[int]  # the number of its last change
    matched_revision: Mapped[int]  # with which all that was declared was compared
    created_at_ms: Mapped[AtMs]
    changed_at_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "state", "id"), Index(None, "state", "starts_on"))


class HealthPlaceChangeRow(Base):
    """Never changed."""

    __tablename__ = "health_place_changes"

    place_id: Mapped[str] = mapped_column(ForeignKey("health_places.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    action: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(String(NOTE_MAX_CHARS))
    former: Mapped[str] = mapped_column(Text)  # JSON of values.PlaceFacts before a correction; "" = none
    account_id: Mapped[_RecordedId]
    name: Mapped[Name64]
    at_ms: Mapped[AtMs]


class HealthSpotRow(Base):
    """One address of a declaration, and the days for which it counts."""

    __tablename__ = "health_spots"

    request_id: Mapped[str] = mapped_column(ForeignKey("requests.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account_id: Mapped[_Account]
    organization_id: Mapped[_Organization]
    origin: Mapped[str] = mapped_column(String(12))
    text: Mapped[str] = mapped_column(String(SPOT_MAX_CHARS))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    stored_at_ms: Mapped[AtMs]
    delete_at_ms: Mapped[AtMs]

    __table_args__ = (
        Index(None, "ends_on", "text"),
        Index(None, "account_id", "origin"),
        Index(None, "stored_at_ms"),
        Index(None, "delete_at_ms"),
    )


class HealthConcernRow(Base):
    """A person whom a place concerns."""

    __tablename__ = "health_concerns"

    id: Mapped[Id]
    place_id: Mapped[str] = mapped_column(ForeignKey("health_places.id", ondelete="CASCADE"))
    account_id: Mapped[_Account]
    organization_id: Mapped[_Organization]
    state: Mapped[str] = mapped_column(String(12))
    stands: Mapped[bool]  # False: told, but a correction of the place or of the declaration took the reason away
    revision: Mapped[int]  # the number of its last event
    found_at_ms: Mapped[AtMs]
    notified_at_ms: Mapped[AtMs]  # 0 = not yet
    changed_at_ms: Mapped[AtMs]
    delete_at_ms: Mapped[AtMs]

    __table_args__ = (
        UniqueConstraint("place_id", "account_id"),
        Index(None, "place_id", "state", "id"),
        Index(None, "account_id"),
        Index(None, "delete_at_ms"),
    )


class HealthReasonRow(Base):
    """Why: which declaration, which of its words, on which days."""

    __tablename__ = "health_reasons"

    concern_id: Mapped[str] = mapped_column(ForeignKey("health_concerns.id", ondelete="CASCADE"), primary_key=True)
    request_id: Mapped[_RecordedId] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    request_number: Mapped[str] = mapped_column(String(24))
    origin: Mapped[str] = mapped_column(String(12))
    text: Mapped[str] = mapped_column(String(SPOT_MAX_CHARS))
    words: Mapped[str] = mapped_column(Text)  # JSON: the words that matched
    sure: Mapped[bool]
    starts_on: Mapped[date]
    ends_on: Mapped[date]


class HealthConcernEventRow(Base):
    """Never changed."""

    __tablename__ = "health_concern_events"

    concern_id: Mapped[str] = mapped_column(ForeignKey("health_concerns.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    action: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(String(NOTE_MAX_CHARS))
    account_id: Mapped[_RecordedId]
    name: Mapped[Name64]
    at_ms: Mapped[AtMs]


class HealthAccessRow(Base):
    """Somebody saw what is kept about a person.  Never changed; deleted when ACCESS_KEEP_DAYS are over."""

    __tablename__ = "health_accesses"

    id: Mapped[Id]
    reader_id: Mapped[_RecordedId]
    reader_name: Mapped[Name64]
    person_id: Mapped[_RecordedId]
    purpose: Mapped[str] = mapped_column(String(16))
    about_id: Mapped[_RecordedId]  # the place, the concern or the request
    at_ms: Mapped[AtMs]

    __table_args__ = (Index(None, "person_id", "id"), Index(None, "reader_id", "id"), Index(None, "at_ms"))
