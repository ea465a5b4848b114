"""Remote assistance put together: machines, jobs, sessions, marks, work instructions, reports."""

from __future__ import annotations

import asyncio

from msgspec import Struct

from .accounts.repository import AccountRepository
from .assist.http import AssistEndpoints
from .assist.job_http import JobEndpoints
from .assist.job_repository import JobRepository
from .assist.jobs import JobService
from .assist.link_http import LinkEndpoints
from .assist.link_repository import LinkRepository
from .assist.links import LinkService
from .assist.machine_repository import MachineRepository
from .assist.machines import MachineService
from .assist.record_http import RecordEndpoints
from .assist.record_repository import RecordRepository
from .assist.records import RecordService
from .assist.session_repository import SessionRepository
from .assist.sessions import SessionService
from .config import Settings
from .db.engine import Database
from .edge.endpoint import Endpoint
from .files.store import Files
from .instructions.http import InstructionEndpoints
from .instructions.report_http import ReportEndpoints
from .instructions.reporting import ReportService
from .instructions.repository import InstructionRepository
from .instructions.service import RunService, TemplateService
from .limits import Limits
from .meetings.live_rooms import LiveRoomsOfAllNodes
from .meetings.repository import MeetingRepository
from .meetings.service import MeetingService
from .nameplates.http import NameplateEndpoints
from .nameplates.reader import TextReader
from .nameplates.service import NameplateService
from .organizations.repository import OrganizationRepository
from .reports.keys import report_key
from .reports.maker import ReportMaker


class Assistance(Struct, frozen=True):
    """What others need of it, and its part of the API."""

    machines: MachineService
    jobs: JobService
    endpoints: tuple[Endpoint, ...]


async def open_assistance(
    settings: Settings,
    database: Database,
    sessions_sql: SessionRepository,
    accounts_sql: AccountRepository,
    organizations: OrganizationRepository,
    meetings_sql: MeetingRepository,
    meetings: MeetingService,
    live: LiveRoomsOfAllNodes,
    files: Files,
    limits: Limits,
) -> Assistance:
    """Reads the key that reports are sealed with, or makes it."""
    jobs_sql = JobRepository(database)
    machines = MachineService(MachineRepository(database), organizations, limits)
    sessions = SessionService(sessions_sql, machines, jobs_sql, meetings, meetings_sql, live)
    jobs = JobService(jobs_sql, machines, organizations, limits)
    links = LinkService(sessions, sessions_sql, LinkRepository(database), meetings_sql, limits, settings.guest_hours)
    instructions_sql = InstructionRepository(database)
    templates = TemplateService(instructions_sql, limits)
    runs = RunService(instructions_sql, templates, sessions, jobs, live, limits)
    records_sql = RecordRepository(database)
    records = RecordService(records_sql, files, sessions, machines, live, limits)
    report_maker = ReportMaker(await asyncio.to_thread(report_key, settings.data_dir))
    reports = ReportService(
        instructions_sql,
        runs,
        records_sql,
        jobs_sql,
        meetings_sql,
        accounts_sql,
        files,
        report_maker,
        live,
        limits,
    )
    nameplates = NameplateService(records, sessions, machines, files, TextReader(), limits)
    endpoints = (
        *AssistEndpoints(machines, sessions).table(),
        *LinkEndpoints(links).table(),
        *InstructionEndpoints(templates, runs).table(),
        *JobEndpoints(jobs).table(),
        *ReportEndpoints(reports, files).table(),
        *NameplateEndpoints(nameplates).table(),
        *RecordEndpoints(records, sessions, files).table(),
    )
    return Assistance(machines, jobs, endpoints)
