"""The directory as frozen values, as they leave the repositories."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from collab.organizations.models import Organization

from .matching import Days
from .need_states import NeedState, OfferState
from .trades import ContactRole, CrewStatus, Headcount, Industry, Language, Trade


class Named(Struct, frozen=True):
    """An organization, an account or a crew, as far as a page names it."""

    id: str
    name: str


class Contact(Struct, frozen=True):
    role: ContactRole
    name: str
    account_id: str | None
    phone: str
    email: str
    public: bool


class Profile(Struct, frozen=True):
    summary_zh: str = ""
    summary_en: str = ""
    industry: Industry | None = None
    headcount: Headcount | None = None
    region: str = ""
    address: str = ""
    website: str = ""
    founded_on: date | None = None
    logo_sha256: str | None = None
    revision: int = 0  # 0: nobody has written it yet
    changed_at_ms: int = 0
    changed_by_name: str = ""


class OrganizationLine(Struct, frozen=True):
    """One of a list."""

    organization: Organization
    profile: Profile
    trades: tuple[Trade, ...] = ()
    crews: int = 0
    available: int = 0  # crews that say so


class Certificate(Struct, frozen=True):
    id: str
    organization_id: str
    trade: Trade
    title: str
    number: str
    issuer: str
    valid_from: date
    valid_until: date
    file_sha256: str | None
    file_name: str

    @property
    def days(self) -> Days:
        return Days(self.valid_from, self.valid_until)


class Busy(Struct, frozen=True):
    id: str
    crew_id: str
    days: Days
    note: str
    job_id: str | None


class Crew(Struct, frozen=True):
    id: str
    organization: Named
    name: str
    size: int
    region: str
    status: CrewStatus
    status_note: str
    status_at_ms: int
    trades: tuple[Trade, ...]
    goes_to: tuple[str, ...]
    languages: tuple[Language, ...]
    busy: tuple[Busy, ...] = ()
    past_jobs: int = 0


class MachineName(Struct, frozen=True):
    id: str
    title: str


class Need(Struct, frozen=True):
    id: str
    organization: Named
    machine: MachineName | None
    title: str
    note: str
    region: str
    site: str
    trades: tuple[Trade, ...]
    languages: tuple[Language, ...]
    days: Days
    crew_size: int
    state: NeedState
    offer_id: str | None
    job_id: str | None
    job_called_off: bool
    revision: int
    created_by: str | None
    created_at_ms: int
    changed_at_ms: int
    asked: int = 0  # crews that were asked and have not declined
    offered: int = 0


class Offer(Struct, frozen=True):
    id: str
    need_id: str
    crew: Named
    installer: Named
    state: OfferState
    note: str
    invited_at_ms: int
    changed_at_ms: int


class NeedEvent(Struct, frozen=True):
    number: int
    action: str
    state: NeedState
    installer_id: str | None
    crew: str
    name: str
    note: str
    at_ms: int
