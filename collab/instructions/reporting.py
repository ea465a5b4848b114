"""The report of a session: what is kept of it is gathered, set, stored with it, and told to whoever is inside."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog

from collab.accounts.repository import AccountRepository
from collab.assist.job_repository import JobRepository
from collab.assist.parties import reach_of, session_role
from collab.assist.record_repository import RecordRepository
from collab.assist.records import Asker
from collab.assist.values import Session
from collab.clock import new_id, now_ms
from collab.files.models import MediaType
from collab.files.store import Files
from collab.limits import Limits, rate
from collab.meetings.live import LiveRooms
from collab.meetings.repository import MeetingRepository
from collab.problems import FieldFault, Refusal, invalid
from collab.reports.content import PICTURES_MAX
from collab.reports.maker import ReportMaker
from rooms.core.assist_model import AssistRole, RecordKind
from rooms.core.codes import Code
from rooms.core.commands import NoteRecord

from .models import KeptReport
from .report_content import Kept, Stay, report_number, report_of
from .repository import InstructionRepository
from .service import RunService

REPORTS_OF_PERSON: Final = rate("reports", burst=6, per_minute=2)
REPORTS_OF_SESSION_MAX: Final = 20
PEOPLE_MAX: Final = 50  # whose part is looked up

log = structlog.get_logger("reports")


class ReportService:
    def __init__(
        self,
        instructions: InstructionRepository,
        runs: RunService,
        records: RecordRepository,
        jobs: JobRepository,
        meetings: MeetingRepository,
        accounts: AccountRepository,
        files: Files,
        maker: ReportMaker,
        live: LiveRooms,
        limits: Limits,
    ) -> None:
        self._instructions = instructions
        self._runs = runs
        self._records = records
        self._jobs = jobs
        self._meetings = meetings
        self._accounts = accounts
        self._files = files
        self._maker = maker
        self._live = live
        self._limits = limits

    async def listed(self, asking: Asker, session_id: str) -> list[KeptReport]:
        session, _ = await self._runs.entered(asking, session_id)
        return await self._instructions.reports(session.id)

    async def report(self, asking: Asker, session_id: str, report_id: str) -> KeptReport:
        """For everybody with a part in the session."""
        found = next((one for one in await self.listed(asking, session_id) if one.id == report_id), None)
        if found is None:
            raise Refusal(Code.NOT_FOUND, "no such report")
        return found

    async def make(self, asking: Asker, session_id: str, language: str, time_zone: str) -> KeptReport:
        """Of what is there now; a later one is another report, the earlier stays as it was."""
        session, party = await self._runs.entered(asking, session_id)
        if party.role is AssistRole.OBSERVER:
            raise Refusal(Code.FORBIDDEN, "an observer")
        await self._limits.take(REPORTS_OF_PERSON, party.identity)
        zone = await asyncio.to_thread(_zone, time_zone)  # it reads files
        earlier = len(await self._instructions.reports(session.id))
        if earlier >= REPORTS_OF_SESSION_MAX:
            raise Refusal(Code.TOO_MANY, "reports of one session")
        at_ms = now_ms()
        number = report_number(session, earlier, datetime.fromtimestamp(at_ms / 1_000, zone).strftime("%Y%m%d"))
        report = report_of(await self._kept(session, at_ms), number, at_ms, time_zone)
        made = await self._maker.make(report, language)
        pdf = await self._files.keep(made.pdf, MediaType.PDF)
        html = await self._files.keep(made.html, MediaType.HTML)
        kept = KeptReport(
            new_id(at_ms), session.id, number, language, pdf.sha256, html.sha256, made.chain, party.name, at_ms
        )
        await self._instructions.add_report(kept)
        await self._live.tell(session.meeting_id, NoteRecord(actor="", kind=RecordKind.REPORT, record_id=kept.id))
        log.info("report_made", session=session.id, number=number, took_ms=now_ms() - at_ms)
        return kept

    async def _kept(self, session: Session, at_ms: int) -> Kept:
        stays = [Stay(*stay) for stay in await self._meetings.attendance(session.meeting_id)]
        # Most reports are made before anybody has left: whoever is inside took part until now.
        inside = await self._live.inside(session.meeting_id)
        stays += [Stay(one.identity, one.name, one.joined_at_ms, at_ms) for one in inside]
        parts: dict[str, AssistRole] = dict(await self._meetings.assist_roles(session.meeting_id))
        organizations: dict[str, str] = {}
        for identity in list(dict.fromkeys(stay.identity for stay in stays))[:PEOPLE_MAX]:
            member = None if identity in parts else await self._accounts.member(identity)
            if member is not None:
                parts[identity] = session_role(reach_of(member), session) or AssistRole.OBSERVER
                organizations[identity] = member.memberships[0].organization.name if member.memberships else ""
        stills = (await self._records.stills([session.id]))[-PICTURES_MAX:]
        digests = list(dict.fromkeys(still.file.sha256 for still in stills))
        pictures = dict(zip(digests, await asyncio.gather(*map(self._files.load, digests)), strict=True))
        return Kept(
            session=session,
            job=await self._jobs.get(session.job_id) if session.job_id else None,
            stays=stays,
            parts=parts,
            organizations=organizations,
            runs=await self._instructions.runs(session.id),
            signatures=await self._instructions.signatures(session.id),
            stills=sorted(stills, key=lambda still: still.taken_at_ms),
            pictures=pictures,
            items=await self._records.items(None, session.id),
        )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise invalid(time_zone=FieldFault.INVALID) from None
