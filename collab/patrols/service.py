"""Spot checks and online patrols of running jobs: by the park's staff, seen by both companies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

import structlog

from collab.accounts.models import Member
from collab.assist.jobs import JobService
from collab.assist.models import JobState
from collab.assist.values import Job
from collab.db.engine import Database
from collab.directory.dates import day_of
from collab.directory.people import leads_of
from collab.edge.uploads import Received
from collab.files.contents import BadFile, read_picture
from collab.files.store import Files
from collab.limits import Limits, rate
from collab.notices import outbox
from collab.notices.kinds import NoticeKind
from collab.notices.models import Notice, Subject
from collab.problems import FieldFault, Refusal, invalid
from rooms.core.codes import Code
from rooms.core.text import clean_lines, clean_name

from .models import FINDING_MAX_CHARS, ITEM_MAX_CHARS, NOTE_MAX_CHARS, CheckKind, CheckState, ItemResult
from .repository import PatrolRepository
from .values import FINDING_WAYS, Check, CheckLine, FindingAction, Photo, finding_actions

ITEMS_MAX: Final = 60
FINDINGS_MAX: Final = 60  # of a check
PHOTOS_MAX: Final = 100
PHOTO_MAX_BYTES: Final = 15_000_000
CHECKS_OF_ACCOUNT = rate("spot_checks", burst=60, per_minute=30)
LATE_AT_ONCE: Final = 200

log = structlog.get_logger("patrols")


class PatrolService:
    def __init__(
        self,
        database: Database,
        patrols: PatrolRepository,
        jobs: JobService,
        files: Files,
        limits: Limits,
        nudge: Callable[[], None],
        clock_ms: Callable[[], int],
    ) -> None:
        self._database = database
        self._patrols = patrols
        self._jobs = jobs
        self._files = files
        self._limits = limits
        self._nudge = nudge
        self._clock_ms = clock_ms

    @property
    def today(self) -> date:
        return day_of(self._clock_ms())

    async def listed(
        self, by: Member, state: CheckState | None, *, late: bool, before: str, limit: int
    ) -> tuple[list[CheckLine], bool]:
        """Of all jobs, for the park's staff.  Raises FORBIDDEN."""
        if not by.in_park:
            raise Refusal(Code.FORBIDDEN, "for the park's staff")
        late_before = self.today if late else None
        found = await self._patrols.listed(state=state, late_before=late_before, before=before, limit=limit + 1)
        return found[:limit], len(found) > limit

    async def of_job(self, by: Member, job_id: str) -> list[CheckLine]:
        """For whoever sees the job.  Raises NOT_FOUND."""
        return await self._patrols.listed(job_id=(await self._job(by, job_id)).id)

    async def seen(self, by: Member, check_id: str) -> tuple[Check, Job]:
        """For both companies of the job and the park's staff.  Raises NOT_FOUND."""
        check = await self._patrols.get(check_id)
        if check is None:
            raise Refusal(Code.NOT_FOUND, "no such check")
        return check, await self._job(by, check.line.job_id)

    async def begin(self, by: Member, job_id: str, kind: CheckKind, items: Sequence[str], note: str) -> str:
        """Of a job that is scheduled or in progress.  Raises NOT_FOUND, FORBIDDEN, WRONG_STATE, INVALID."""
        await self._limits.take(CHECKS_OF_ACCOUNT, by.account.id)
        job = await self._job(by, job_id)
        _staff(by)
        if job.state not in (JobState.SCHEDULED, JobState.IN_PROGRESS):
            raise Refusal(Code.WRONG_STATE, f"a job that is {job.state}")
        cleaned = [text for one in items if (text := clean_name(one, ITEM_MAX_CHARS))]
        if not cleaned:
            raise invalid(items=FieldFault.REQUIRED)
        check_id = await self._patrols.add(
            job.id, kind, cleaned, clean_name(note, NOTE_MAX_CHARS), _by(by), self._clock_ms()
        )
        log.info("spot_check_begun", check=check_id, job=job.id, by=by.account.id)
        return check_id

    async def tick(self, by: Member, check_id: str, items: Sequence[tuple[int, ItemResult, str]]) -> None:
        """Raises NOT_FOUND, FORBIDDEN, WRONG_STATE, INVALID."""
        check = await self._inspected(by, check_id)
        known = {one.position for one in check.items}
        if not known.issuperset(position for position, _, _ in items):
            raise invalid(items=FieldFault.INVALID)
        cleaned = [(position, result, clean_name(note, NOTE_MAX_CHARS)) for position, result, note in items]
        await self._patrols.set_items(check_id, cleaned)

    async def close(self, by: Member, check_id: str) -> None:
        """Once every line is looked at and every finding closed.  Raises NOT_FOUND, FORBIDDEN, WRONG_STATE."""
        check = await self._inspected(by, check_id)
        if any(one.result is ItemResult.UNCHECKED for one in check.items):
            raise Refusal(Code.WRONG_STATE, "lines that nobody looked at")
        if not await self._patrols.close(check_id, self._clock_ms()):
            raise Refusal(Code.WRONG_STATE, "findings that are not closed")

    # ------------------------------------------------------------ photos

    async def bringing(self, by: Member, check_id: str, key: str, position: int) -> Check:
        """Asked before a byte of the upload is read; by both companies and the park's staff.

        Raises NOT_FOUND, WRONG_STATE, INVALID, TOO_MANY, CONFLICT for another's key."""
        check, _ = await self.seen(by, check_id)
        await self._limits.take(CHECKS_OF_ACCOUNT, by.account.id)
        if check.line.state is not CheckState.OPEN:
            raise Refusal(Code.WRONG_STATE, "closed")
        if position != -1 and position not in {one.position for one in check.items}:
            raise invalid(position=FieldFault.INVALID)
        known = next((one for one in check.photos if one.key == key), None)
        if known is not None and known.account_id != by.account.id:
            raise Refusal(Code.CONFLICT, "another's key")
        if known is None and len(check.photos) >= PHOTOS_MAX:
            raise Refusal(Code.TOO_MANY, "photos")
        return check

    async def keep_photo(self, by: Member, check_id: str, key: str, position: int, upload: Received) -> None:
        """A JPEG or PNG, without what else it carried.  Raises BAD_FILE."""
        try:
            picture = read_picture(await upload.content())
        except BadFile as bad:
            raise Refusal(Code.BAD_FILE, str(bad)) from None
        stored = await self._files.keep(picture.content, picture.media_type)
        photo = Photo(key, position, stored.sha256, by.account.id, by.account.name, self._clock_ms())
        await self._patrols.add_photo(check_id, photo)

    async def photo(self, by: Member, check_id: str, key: str) -> str:
        """Its digest.  Raises NOT_FOUND."""
        check, _ = await self.seen(by, check_id)
        found = next((one.sha256 for one in check.photos if one.key == key), None)
        if found is None:
            raise Refusal(Code.NOT_FOUND, "no such photo")
        return found

    # ------------------------------------------------------------ findings

    async def find(self, by: Member, check_id: str, text: str, due_on: date) -> None:
        """Raises NOT_FOUND, FORBIDDEN, WRONG_STATE, INVALID, TOO_MANY."""
        check = await self._inspected(by, check_id)
        cleaned = clean_lines(text, FINDING_MAX_CHARS)
        if not cleaned:
            raise invalid(text=FieldFault.INVALID)
        if due_on < self.today:
            raise invalid(due_on=FieldFault.INVALID)
        if len(check.findings) >= FINDINGS_MAX:
            raise Refusal(Code.TOO_MANY, "findings")
        job = await self._job(by, check.line.job_id)
        params = {"title": job.title, "text": cleaned, "due": str(due_on)}
        people = await self._leads(job.installer.id, job.enterprise.id)
        key = f"finding:{check_id}:{len(check.findings)}"
        notice = _notice(NoticeKind.FINDING_NEW, check_id, key, people, params)
        await self._patrols.add_finding(check_id, cleaned, due_on, _by(by), self._clock_ms(), notice)
        self._nudge()

    async def move_finding(self, by: Member, check_id: str, finding_id: str, action: FindingAction, note: str) -> None:
        """Raises NOT_FOUND, FORBIDDEN for the other side's step, WRONG_STATE, CONFLICT."""
        check, job = await self.seen(by, check_id)
        finding = next((one for one in check.findings if one.id == finding_id), None)
        if finding is None:
            raise Refusal(Code.NOT_FOUND, "no such finding")
        is_open = check.line.state is CheckState.OPEN
        possible = finding_actions(finding.state, staff=True, party=True, check_open=is_open)
        if action not in possible:
            raise Refusal(Code.WRONG_STATE, f"{action} of a finding that is {finding.state}")
        if action not in finding_actions(finding.state, staff=by.in_park, party=party(by, job), check_open=is_open):
            raise Refusal(Code.FORBIDDEN, "the other side's step")
        state, _ = FINDING_WAYS[finding.state, action]
        notice = None
        if action is FindingAction.REMEDY and check.line.inspector_id:
            params = {"by": by.account.name, "title": job.title, "text": finding.text}
            key = f"remedied:{finding.id}:{len(finding.events)}"
            notice = _notice(NoticeKind.FINDING_REMEDIED, check_id, key, (check.line.inspector_id,), params)
        cleaned = clean_name(note, NOTE_MAX_CHARS)
        if not await self._patrols.move_finding(finding, state, action, _by(by), cleaned, self._clock_ms(), notice):
            raise Refusal(Code.CONFLICT, "moved meanwhile")
        self._nudge()

    async def _inspected(self, by: Member, check_id: str) -> Check:
        await self._limits.take(CHECKS_OF_ACCOUNT, by.account.id)
        check, _ = await self.seen(by, check_id)
        _staff(by)
        if check.line.state is not CheckState.OPEN:
            raise Refusal(Code.WRONG_STATE, "closed")
        return check

    async def _leads(self, *organization_ids: str) -> tuple[str, ...]:
        async with self._database.read() as session:
            return await leads_of(session, organization_ids)

    async def _job(self, by: Member, job_id: str) -> Job:
        try:
            return await self._jobs.seen(by, job_id)
        except Refusal as refusal:
            raise Refusal(Code.NOT_FOUND, str(refusal)) from refusal


class LateFindings:
    """Tells inspector and installer, once, that a finding's day is over: a sweep."""

    def __init__(
        self,
        database: Database,
        patrols: PatrolRepository,
        nudge: Callable[[], None],
        clock_ms: Callable[[], int],
    ) -> None:
        self._database = database
        self._patrols = patrols
        self._nudge = nudge
        self._clock_ms = clock_ms

    async def work(self) -> None:
        after, told = "", 0
        while found := await self._patrols.late(day_of(self._clock_ms()), after, LATE_AT_ONCE):
            for finding, line, installer_id in found:
                async with self._database.write() as session:
                    people = set(await leads_of(session, [installer_id])) | {line.inspector_id or ""}
                    params = {"title": line.job_title, "text": finding.text, "due": str(finding.due_on)}
                    key = f"late:{finding.id}:{finding.due_on}"
                    notice = _notice(NoticeKind.FINDING_LATE, line.id, key, sorted(people - {""}), params)
                    told += await outbox.put(session, notice, self._clock_ms()) if notice.account_ids else 0
            after = found[-1][0].id
        if told:
            self._nudge()


def party(by: Member, job: Job) -> bool:
    return by.belongs_to(job.enterprise.id) or by.belongs_to(job.installer.id)


def _staff(by: Member) -> None:
    if not by.in_park:
        raise Refusal(Code.FORBIDDEN, "for the park's staff")


def _by(member: Member) -> tuple[str, str]:
    return member.account.id, member.account.name


def _notice(kind: NoticeKind, check_id: str, key: str, people: Sequence[str], params: dict[str, str]) -> Notice:
    return Notice(
        kind=kind,
        account_ids=tuple(people),
        key=key,
        about=Subject("spot_check", check_id),
        path=f"/patrols/{check_id}",
        params=params,
    )
