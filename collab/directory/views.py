"""What of the directory's values goes out, and to whom.  Pure."""

from __future__ import annotations

from datetime import date

from collab.assist.schemas import NamedView

from . import schemas
from .pages import OrganizationPage
from .values import Busy, Certificate, Contact, Crew, OrganizationLine


def logo_path(organization_id: str, sha256: str | None) -> str:
    """Its digest's beginning makes a new logo a new address."""
    return f"/api/directory/organizations/{organization_id}/logo?v={sha256[:8]}" if sha256 else ""


def line_view(line: OrganizationLine) -> schemas.OrganizationLineView:
    profile = line.profile
    return schemas.OrganizationLineView(
        id=line.organization.id,
        name=line.organization.name,
        kind=line.organization.kind,
        industry=profile.industry,
        region=profile.region,
        headcount=profile.headcount,
        summary_zh=profile.summary_zh[:200],
        summary_en=profile.summary_en[:200],
        logo=logo_path(line.organization.id, profile.logo_sha256),
        trades=line.trades,
        crews=line.crews,
        available=line.available,
    )


def page_view(
    page: OrganizationPage, certificates: list[Certificate], crews: list[Crew], today: date
) -> schemas.OrganizationPageView:
    profile, organization = page.profile, page.organization
    officer = None
    if page.standing is not None:
        cover = page.standing.cover
        officer = schemas.OfficerView(
            page.standing.officer.id, page.standing.officer.name, NamedView(cover.id, cover.name) if cover else None
        )
    return schemas.OrganizationPageView(
        id=organization.id,
        name=organization.name,
        kind=organization.kind,
        revision=profile.revision,
        summary_zh=profile.summary_zh,
        summary_en=profile.summary_en,
        industry=profile.industry,
        headcount=profile.headcount,
        region=profile.region,
        address=profile.address,
        website=profile.website,
        founded_on=profile.founded_on,
        logo=logo_path(organization.id, profile.logo_sha256),
        changed_at_ms=profile.changed_at_ms,
        contacts=tuple(contact_view(one) for one in page.contacts),
        officer=officer,
        certificates=tuple(certificate_view(one, within=page.within) for one in certificates),
        crews=tuple(crew_view(one, within=page.within) for one in crews),
        within=page.within,
        may_edit=page.may_edit,
        today=today,
    )


def contact_view(one: Contact) -> schemas.ContactView:
    return schemas.ContactView(one.role, one.name, one.account_id or "", one.phone, one.email, one.public)


def certificate_view(one: Certificate, *, within: bool) -> schemas.CertificateView:
    has_file = within and one.file_sha256 is not None
    return schemas.CertificateView(
        id=one.id,
        trade=one.trade,
        title=one.title,
        number=one.number if within else "",
        issuer=one.issuer,
        valid_from=one.valid_from,
        valid_until=one.valid_until,
        file=f"/api/directory/certificates/{one.id}/file" if has_file else "",
        file_name=one.file_name if has_file else "",
    )


def crew_view(one: Crew, *, within: bool) -> schemas.CrewView:
    """Others see when a crew is taken, not by what."""
    return schemas.CrewView(
        id=one.id,
        organization=NamedView(one.organization.id, one.organization.name),
        name=one.name,
        size=one.size,
        region=one.region,
        trades=one.trades,
        goes_to=one.goes_to,
        languages=one.languages,
        status=one.status,
        status_note=one.status_note if within else "",
        status_at_ms=one.status_at_ms,
        past_jobs=one.past_jobs,
        busy=tuple(_busy_view(busy, within=within) for busy in one.busy),
    )


def _busy_view(one: Busy, *, within: bool) -> schemas.BusyView:
    return schemas.BusyView(
        id=one.id if within and one.job_id is None else "",
        starts_on=one.days.first,
        ends_on=one.days.last,
        note=one.note if within else "",
        job_id=(one.job_id or "") if within else "",
    )
