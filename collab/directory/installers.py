"""Installers' certificates and crews, with the crews' calendars and what they are doing now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Final

import structlog

from collab.accounts.models import Member
from collab.edge.uploads import Received
from collab.files.documents import keep_document
from collab.files.store import Files
from collab.limits import Limits, rate
from collab.organizations.models import Organization, OrganizationKind
from collab.organizations.repository import OrganizationRepository
from collab.problems import FieldFault, Refusal, invalid
from rooms.core.codes import Code
from rooms.core.text import clean_name

from .dates import day_of
from .installer_repository import InstallerRepository, TagKind
from .matching import Days
from .models import FILE_NAME_MAX_CHARS, NUMBER_MAX_CHARS, TITLE_MAX_CHARS
from .parties import Reach, reach_of
from .regions import is_region
from .values import Certificate, Crew

CERTIFICATES_MAX: Final = 200  # of an installer
CREWS_MAX: Final = 100
BUSY_MAX: Final = 200  # ranges of a crew, from today on
BUSY_DAYS_MAX: Final = 400
CERTIFICATE_FILE_MAX_BYTES: Final = 20_000_000
CREWS_OF_ACCOUNT = rate("crews", burst=120, per_minute=30)

log = structlog.get_logger("directory")

_BOUNDS: Final = {"title": TITLE_MAX_CHARS, "number": NUMBER_MAX_CHARS, "issuer": TITLE_MAX_CHARS}


class InstallerService:
    def __init__(
        self,
        installers: InstallerRepository,
        organizations: OrganizationRepository,
        files: Files,
        limits: Limits,
        clock_ms: Callable[[], int],
    ) -> None:
        self._installers = installers
        self._organizations = organizations
        self._files = files
        self._limits = limits
        self._clock_ms = clock_ms

    @property
    def today(self) -> date:
        return day_of(self._clock_ms())

    # ------------------------------------------------------------ certificates

    async def certificates(self, organization_id: str) -> list[Certificate]:
        return await self._installers.certificates(organization_id)

    async def add_certificate(self, by: Member, organization_id: str, values: Mapping[str, object]) -> Certificate:
        """By the installer's administrators and the park's staff.  Raises NOT_FOUND, FORBIDDEN, INVALID, TOO_MANY."""
        await self._edited(by, organization_id)
        if len(await self._installers.certificates(organization_id)) >= CERTIFICATES_MAX:
            raise Refusal(Code.TOO_MANY, "certificates")
        cleaned = _clean(values)
        _check_days(cleaned["valid_from"], cleaned["valid_until"])
        return await self._installers.add_certificate(organization_id, cleaned, self._clock_ms())

    async def change_certificate(self, by: Member, certificate_id: str, values: Mapping[str, object]) -> Certificate:
        former = await self._own_certificate(by, certificate_id)
        cleaned = _clean(values)
        _check_days(cleaned.get("valid_from", former.valid_from), cleaned.get("valid_until", former.valid_until))
        if cleaned:
            await self._installers.change_certificate(certificate_id, cleaned, self._clock_ms())
        return await self._certificate(certificate_id)

    async def remove_certificate(self, by: Member, certificate_id: str) -> None:
        await self._own_certificate(by, certificate_id)
        await self._installers.remove_certificate(certificate_id)

    async def bringing_file(self, by: Member, certificate_id: str) -> None:
        """Asked before a byte of the upload is read.  Raises NOT_FOUND, FORBIDDEN."""
        await self._own_certificate(by, certificate_id)

    async def keep_file(self, certificate_id: str, upload: Received, file_name: str) -> Certificate:
        """A PDF, JPEG or PNG.  Raises BAD_FILE, TOO_LARGE."""
        stored = await keep_document(self._files, upload)
        name = clean_name(file_name, FILE_NAME_MAX_CHARS) or "certificate"
        values = {"file_sha256": stored.sha256, "file_name": name}
        await self._installers.change_certificate(certificate_id, values, self._clock_ms())
        return await self._certificate(certificate_id)

    async def file(self, by: Member, certificate_id: str) -> Certificate:
        """For the installer and the park's staff.  Raises NOT_FOUND to others as well."""
        found = await self._certificate(certificate_id)
        if found.file_sha256 is None or not reach_of(by).within(found.organization_id):
            raise Refusal(Code.NOT_FOUND, "no file of theirs to see")
        return found

    async def _certificate(self, certificate_id: str) -> Certificate:
        found = await self._installers.certificate(certificate_id)
        if found is None:
            raise Refusal(Code.NOT_FOUND, "no such certificate")
        return found

    async def _own_certificate(self, by: Member, certificate_id: str) -> Certificate:
        found = await self._certificate(certificate_id)
        await self._limits.take(CREWS_OF_ACCOUNT, by.account.id)
        reach = reach_of(by)
        if not reach.within(found.organization_id):
            raise Refusal(Code.NOT_FOUND, "another's certificate")
        if not reach.edits(found.organization_id):
            raise Refusal(Code.FORBIDDEN, "not an administrator")
        return found

    # ------------------------------------------------------------ crews

    async def crews(self, organization_id: str) -> list[Crew]:
        return await self._installers.crews(self.today, organization_id=organization_id)

    async def crew(self, crew_id: str) -> Crew:
        found = await self._installers.crews(self.today, crew_ids=[crew_id])
        if not found:
            raise Refusal(Code.NOT_FOUND, "no such crew")
        return found[0]

    async def add_crew(
        self, by: Member, organization_id: str, values: Mapping[str, object], tags: Mapping[str, Sequence[str]]
    ) -> Crew:
        """By the installer's administrators and the park's staff.  Raises NOT_FOUND, FORBIDDEN, INVALID, TOO_MANY."""
        await self._edited(by, organization_id)
        if await self._installers.count_crews(organization_id) >= CREWS_MAX:
            raise Refusal(Code.TOO_MANY, "crews")
        crew_id = await self._installers.add_crew(
            organization_id, _clean_crew(values), _checked(tags), self._clock_ms()
        )
        log.info("crew_added", crew=crew_id, by=by.account.id)
        return await self.crew(crew_id)

    async def change_crew(
        self, by: Member, crew_id: str, values: Mapping[str, object], tags: Mapping[str, Sequence[str]]
    ) -> Crew:
        """By the installer's people: what a crew does now, whoever of them knows it says.  What it is and can do, its
        administrators.  Raises NOT_FOUND, FORBIDDEN, INVALID."""
        only_status = not tags and set(values) <= {"status", "status_note"}
        await self._own_crew(by, crew_id, administers=not only_status)
        await self._installers.change_crew(crew_id, _clean_crew(values), _checked(tags), self._clock_ms())
        return await self.crew(crew_id)

    async def retire_crew(self, by: Member, crew_id: str) -> None:
        await self._own_crew(by, crew_id, administers=True)
        await self._installers.retire_crew(crew_id, self._clock_ms())

    async def add_busy(self, by: Member, crew_id: str, days: Days, note: str) -> Crew:
        """By the installer's people.  Raises NOT_FOUND, INVALID, TOO_MANY."""
        await self._own_crew(by, crew_id, administers=False)
        if days.last < days.first or days.last < self.today or days.count > BUSY_DAYS_MAX:
            raise invalid(ends_on=FieldFault.INVALID)
        if await self._installers.count_busy(crew_id, self.today) >= BUSY_MAX:
            raise Refusal(Code.TOO_MANY, "busy days")
        await self._installers.add_busy(crew_id, days, clean_name(note, TITLE_MAX_CHARS), self._clock_ms())
        return await self.crew(crew_id)

    async def remove_busy(self, by: Member, crew_id: str, busy_id: str) -> Crew:
        """Raises NOT_FOUND also for the days of a job, which go with the job."""
        await self._own_crew(by, crew_id, administers=False)
        if not await self._installers.remove_busy(crew_id, busy_id):
            raise Refusal(Code.NOT_FOUND, "no such days of their own")
        return await self.crew(crew_id)

    async def _own_crew(self, by: Member, crew_id: str, *, administers: bool) -> None:
        await self._limits.take(CREWS_OF_ACCOUNT, by.account.id)
        organization_id = await self._installers.crew_owner(crew_id)
        reach = reach_of(by)
        if organization_id is None or not reach.within(organization_id):
            raise Refusal(Code.NOT_FOUND, "no crew of theirs")
        if administers and not reach.edits(organization_id):
            raise Refusal(Code.FORBIDDEN, "not an administrator")

    async def _edited(self, by: Member, organization_id: str) -> Organization:
        await self._limits.take(CREWS_OF_ACCOUNT, by.account.id)
        organization = await self._organizations.get(organization_id)
        reach: Reach = reach_of(by)
        if organization is None or not reach.within(organization_id):
            raise Refusal(Code.NOT_FOUND, "no organization of theirs")
        if not reach.edits(organization_id):
            raise Refusal(Code.FORBIDDEN, "not an administrator")
        if organization.kind is not OrganizationKind.INSTALLER:
            raise Refusal(Code.WRONG_STATE, "not an installer")
        return organization


def _clean(values: Mapping[str, object]) -> dict[str, object]:
    cleaned = dict(values)
    for name, limit in _BOUNDS.items():
        if name in cleaned:
            cleaned[name] = clean_name(str(cleaned[name]), limit)
    if cleaned.get("title", "x") == "":
        raise invalid(title=FieldFault.INVALID)
    return cleaned


def _check_days(since: object, until: object) -> None:
    if not isinstance(since, date) or not isinstance(until, date) or until < since:
        raise invalid(valid_until=FieldFault.INVALID)


def _clean_crew(values: Mapping[str, object]) -> dict[str, object]:
    cleaned = dict(values)
    if "name" in cleaned:
        cleaned["name"] = clean_name(str(cleaned["name"]))
        if not cleaned["name"]:
            raise invalid(name=FieldFault.INVALID)
    if "status_note" in cleaned:
        cleaned["status_note"] = clean_name(str(cleaned["status_note"]), TITLE_MAX_CHARS)
    if not is_region(str(cleaned.get("region", "HB"))):
        raise invalid(region=FieldFault.INVALID)
    return cleaned


def _checked(tags: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[str]]:
    if not all(is_region(one) for one in tags.get(TagKind.REGION, ())):
        raise invalid(goes_to=FieldFault.INVALID)
    return tags
