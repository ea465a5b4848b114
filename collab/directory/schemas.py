"""Bodies and replies of the directory: organizations, certificates, crews."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from collab.accounts.schemas import AfterId, Body, OrganizationId
from collab.assist.schemas import Limit, NamedView
from collab.organizations.models import OrganizationKind
from rooms.core.model import NAME_MAX_CHARS

from .models import (
    ADDRESS_MAX_CHARS,
    FILE_NAME_MAX_CHARS,
    NUMBER_MAX_CHARS,
    PHONE_MAX_CHARS,
    SUMMARY_MAX_CHARS,
    TITLE_MAX_CHARS,
)
from .pages import CONTACTS_MAX
from .trades import ContactRole, CrewStatus, Headcount, Industry, Language, Trade

CREW_SIZE_MAX = 200

RegionCode = Annotated[str, Meta(pattern=r"^([A-Z]{2})?$")]
HomeRegion = Annotated[str, Meta(pattern=r"^[A-Z]{2}$")]
Summary = Annotated[str, Meta(max_length=SUMMARY_MAX_CHARS)]
Address = Annotated[str, Meta(max_length=ADDRESS_MAX_CHARS)]
# Shown as a link: of the web, or none.
Website = Annotated[str, Meta(max_length=ADDRESS_MAX_CHARS, pattern=r"^(https?://[^\s<>\"]{3,})?$")]
Title = Annotated[str, Meta(min_length=1, max_length=TITLE_MAX_CHARS)]
Line = Annotated[str, Meta(max_length=TITLE_MAX_CHARS)]
Number = Annotated[str, Meta(max_length=NUMBER_MAX_CHARS)]
Phone = Annotated[str, Meta(max_length=PHONE_MAX_CHARS, pattern=r"^[0-9+() .\-]*$")]
MailAddress = Annotated[str, Meta(max_length=254, pattern=r"^([^\s@<>\"]+@[^\s@<>\"]+)?$")]
CrewName = Annotated[str, Meta(min_length=1, max_length=NAME_MAX_CHARS)]
CrewSize = Annotated[int, Meta(ge=1, le=CREW_SIZE_MAX)]
Trades = Annotated[tuple[Trade, ...], Meta(max_length=len(Trade))]
Languages = Annotated[tuple[Language, ...], Meta(max_length=len(Language))]
Regions = Annotated[tuple[HomeRegion, ...], Meta(max_length=40)]


class OrganizationsQuery(Body, frozen=True, kw_only=True):
    search: Annotated[str, Meta(max_length=80)] = ""
    kind: OrganizationKind | None = None
    industry: Industry | None = None
    region: RegionCode = ""
    trade: Trade | None = None
    language: Language | None = None
    available: bool = False
    after: AfterId = ""
    limit: Limit = 30


class ContactBody(Body, frozen=True, kw_only=True):
    role: ContactRole
    name: Annotated[str, Meta(min_length=1, max_length=NAME_MAX_CHARS)]
    account_id: OrganizationId | None = None
    phone: Phone = ""
    email: MailAddress = ""
    public: bool = False


class ProfileBody(Body, frozen=True, kw_only=True):
    """`revision` is that of the page that was read: 0 for the first one."""

    revision: Annotated[int, Meta(ge=0)]
    summary_zh: Summary = ""
    summary_en: Summary = ""
    industry: Industry | None = None
    headcount: Headcount | None = None
    region: RegionCode = ""
    address: Address = ""
    website: Website = ""
    founded_on: date | None = None
    contacts: Annotated[tuple[ContactBody, ...], Meta(max_length=CONTACTS_MAX)] = ()


class NewCertificate(Body, frozen=True, kw_only=True):
    trade: Trade
    title: Title
    number: Number = ""
    issuer: Line = ""
    valid_from: date
    valid_until: date


class ChangeCertificate(Body, frozen=True, kw_only=True):
    trade: Trade | UnsetType = UNSET
    title: Title | UnsetType = UNSET
    number: Number | UnsetType = UNSET
    issuer: Line | UnsetType = UNSET
    valid_from: date | UnsetType = UNSET
    valid_until: date | UnsetType = UNSET


class CertificateFileQuery(Body, frozen=True, kw_only=True):
    name: Annotated[str, Meta(max_length=FILE_NAME_MAX_CHARS)] = ""


class NewCrew(Body, frozen=True, kw_only=True):
    """`goes_to`: regions; none means everywhere."""

    name: CrewName
    size: CrewSize
    region: HomeRegion
    trades: Trades = ()
    goes_to: Regions = ()
    languages: Languages = ()
    status: CrewStatus = CrewStatus.AVAILABLE
    status_note: Line = ""


class ChangeCrew(Body, frozen=True, kw_only=True):
    name: CrewName | UnsetType = UNSET
    size: CrewSize | UnsetType = UNSET
    region: HomeRegion | UnsetType = UNSET
    trades: Trades | UnsetType = UNSET
    goes_to: Regions | UnsetType = UNSET
    languages: Languages | UnsetType = UNSET
    status: CrewStatus | UnsetType = UNSET
    status_note: Line | UnsetType = UNSET


class NewBusy(Body, frozen=True, kw_only=True):
    starts_on: date
    ends_on: date
    note: Line = ""


class OrganizationLineView(Struct, frozen=True):
    id: str
    name: str
    kind: OrganizationKind
    industry: Industry | None
    region: str
    headcount: Headcount | None
    summary_zh: str
    summary_en: str
    logo: str
    trades: tuple[Trade, ...]
    crews: int
    available: int  # crews that say so


class OrganizationLines(Struct, frozen=True):
    organizations: tuple[OrganizationLineView, ...]
    more: bool


class ContactView(Struct, frozen=True):
    role: ContactRole
    name: str
    account_id: str  # "": has none, or is not to be called
    phone: str
    email: str
    public: bool


class BusyView(Struct, frozen=True):
    id: str  # "": another's, or of a job: not to be taken back here
    starts_on: date
    ends_on: date
    note: str
    job_id: str


class CertificateView(Struct, frozen=True):
    """Its number and its file are for the installer and the park's staff."""

    id: str
    trade: Trade
    title: str
    number: str
    issuer: str
    valid_from: date
    valid_until: date
    file: str
    file_name: str


class CrewView(Struct, frozen=True):
    id: str
    organization: NamedView
    name: str
    size: int
    region: str
    trades: tuple[Trade, ...]
    goes_to: tuple[str, ...]
    languages: tuple[Language, ...]
    status: CrewStatus
    status_note: str
    status_at_ms: int
    past_jobs: int
    busy: tuple[BusyView, ...]


class OfficerView(Struct, frozen=True):
    id: str
    name: str
    cover: NamedView | None  # who stands in today


class OrganizationPageView(Struct, frozen=True):
    id: str
    name: str
    kind: OrganizationKind
    revision: int
    summary_zh: str
    summary_en: str
    industry: Industry | None
    headcount: Headcount | None
    region: str
    address: str
    website: str
    founded_on: date | None
    logo: str
    changed_at_ms: int
    contacts: tuple[ContactView, ...]
    officer: OfficerView | None
    certificates: tuple[CertificateView, ...]
    crews: tuple[CrewView, ...]
    within: bool  # the asking person sees all of it
    may_edit: bool
    today: date  # of the park
