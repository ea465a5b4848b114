"""Machines of an invented park, and who installs them: one job that runs, one that is to come, one that is done."""

from __future__ import annotations

from random import Random
from typing import Final

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from collab.assist.job_states import REQUEST, JobAction
from collab.assist.models import AssistSessionRow, JobEventRow, JobRow, JobState, MachineRow, OpenItemRow
from collab.meetings.models import AttendanceRow
from collab.meetings.repository import new_meeting_row
from rooms.core.assist_model import AssistRole
from rooms.core.model import Phase

from .ids import new_id, new_label, new_room_code
from .people import Cast

DAY_MS: Final = 86_400_000
HOUR_MS: Final = 3_600_000
_STEPS: Final = (
    (REQUEST, JobState.REQUESTED),
    (JobAction.ACCEPT, JobState.ACCEPTED),
    (JobAction.SCHEDULE, JobState.SCHEDULED),
    (JobAction.START, JobState.IN_PROGRESS),
    (JobAction.SIGN_OFF, JobState.SIGNED_OFF),
)


class Installed(Struct, frozen=True, kw_only=True):
    company: int
    installer: int
    make: str
    model: str
    serial: str
    site: str
    title: str
    note: str
    state: JobState
    starts_in_days: int
    days: int


JOBS: Final = (
    Installed(
        company=0,
        installer=0,
        make="Hailun Optics",
        model="HL-3015 光纤激光切割机",
        serial="HL3015-2608",
        site="2 号厂房 一层 A 区 · Hall 2, bay A",
        title="激光切割机安装调试 Installing the laser cutter",
        note="两天安装，一天调试；厂家远程指导。\nTwo days to install, one to commission; guided from afar.",
        state=JobState.IN_PROGRESS,
        starts_in_days=-1,
        days=3,
    ),
    Installed(
        company=1,
        installer=2,
        make="Robenta",
        model="RW-6 焊接机器人工作站",
        serial="RW6-0417",
        site="5 号厂房 焊装线 · Hall 5, welding line",
        title="焊接机器人工作站 Welding robot cell",
        note="设备周三到场，需绿色通道。\nThe machine arrives on Wednesday and needs the green channel.",
        state=JobState.SCHEDULED,
        starts_in_days=3,
        days=5,
    ),
    Installed(
        company=2,
        installer=1,
        make="Coatwell",
        model="CW-800 涂布机",
        serial="CW800-1190",
        site="未来三路 5 号 · 5 Weilai 3rd Road",
        title="涂布机搬迁复位 Moving the coating machine",
        note="搬迁后复位、打水平、试机。",
        state=JobState.SIGNED_OFF,
        starts_in_days=-20,
        days=4,
    ),
)
OPEN_ITEMS: Final = (
    "冷却水流量偏低，待复查 Coolant flow is low: look again",
    "补交接地电阻记录 Add the record of earth resistance",
)


async def write_installations(session: AsyncSession, cast: Cast, now_ms: int, chance: Random) -> None:
    for one in JOBS:
        await _write(session, cast, one, now_ms, chance)


async def _write(session: AsyncSession, cast: Cast, one: Installed, now_ms: int, chance: Random) -> None:
    company, installer = cast.companies[one.company], cast.installers[one.installer]
    boss, engineer = cast.of(company)[:2]
    crew = cast.of(installer)
    starts_ms = now_ms + one.starts_in_days * DAY_MS
    asked_ms = min(starts_ms, now_ms) - 6 * DAY_MS
    ends_ms = starts_ms + one.days * DAY_MS
    machine_id, job_id = new_id(asked_ms - HOUR_MS, chance), new_id(asked_ms, chance)
    session.add(
        MachineRow(
            id=machine_id,
            label=new_label(chance),
            organization_id=company.id,
            make=one.make,
            model=one.model,
            serial=one.serial,
            site=one.site,
            created_by=engineer.id,
            created_at_ms=asked_ms - HOUR_MS,
            changed_at_ms=asked_ms - HOUR_MS,
        )
    )
    await session.flush()
    steps = _STEPS[: [state for _, state in _STEPS].index(one.state) + 1]
    moments = [asked_ms, asked_ms + 3 * HOUR_MS, asked_ms + DAY_MS, starts_ms, ends_ms][: len(steps)]
    dated = one.state is not JobState.REQUESTED
    session.add(
        JobRow(
            id=job_id,
            title=one.title,
            note=one.note,
            machine_id=machine_id,
            enterprise_id=company.id,
            installer_id=installer.id,
            state=one.state,
            starts_at_ms=starts_ms if dated else 0,
            ends_at_ms=ends_ms if dated else 0,
            created_by=boss.id,
            created_at_ms=asked_ms,
            changed_at_ms=moments[-1],
        )
    )
    await session.flush()
    for (action, state), at_ms in zip(steps, moments, strict=True):
        by = boss if action in (REQUEST, JobAction.SIGN_OFF) else crew[0]
        planned = state is not JobState.REQUESTED and state is not JobState.ACCEPTED
        session.add(
            JobEventRow(
                id=new_id(at_ms, chance),
                job_id=job_id,
                action=action,
                state=state,
                account_id=by.id,
                name=by.name,
                note="",
                starts_at_ms=starts_ms if planned else 0,
                ends_at_ms=ends_ms if planned else 0,
                at_ms=at_ms,
            )
        )
    if one.state in (JobState.IN_PROGRESS, JobState.SIGNED_OFF):
        await _write_session(session, cast, one, machine_id, job_id, starts_ms + 2 * HOUR_MS, chance)


async def _write_session(
    session: AsyncSession, cast: Cast, one: Installed, machine_id: str, job_id: str, at_ms: int, chance: Random
) -> None:
    """An hour of remote assistance that is over, and what it left to do."""
    engineer, expert = cast.of(cast.companies[one.company])[1], cast.of(cast.installers[one.installer])[1]
    meeting = new_meeting_row(
        new_room_code(chance), one.title, engineer.id, engineer.organization_id, False, True, at_ms, assist=True
    )
    meeting.id, meeting.phase = new_id(at_ms, chance), Phase.ENDED
    meeting.started_at_ms, meeting.ended_at_ms = at_ms, at_ms + HOUR_MS
    session.add(meeting)
    await session.flush()
    session_id = new_id(at_ms, chance)
    session.add(
        AssistSessionRow(
            id=session_id,
            meeting_id=meeting.id,
            job_id=job_id,
            machine_id=machine_id,
            created_by=engineer.id,
            maker_role=AssistRole.ON_SITE,
            created_at_ms=at_ms,
        )
    )
    await session.flush()
    for who in (engineer, expert):
        session.add(
            AttendanceRow(
                id=new_id(at_ms, chance),
                meeting_id=meeting.id,
                identity=who.id,
                name=who.name,
                joined_at_ms=at_ms,
                left_at_ms=at_ms + HOUR_MS,
            )
        )
    for number, text in enumerate(OPEN_ITEMS if one.state is JobState.IN_PROGRESS else ()):
        session.add(
            OpenItemRow(
                id=f"demo-item-{number}-{new_id(at_ms, chance)[-10:]}",
                machine_id=machine_id,
                session_id=session_id,
                text=text,
                identity=expert.id,
                name=expert.name,
                created_at_ms=at_ms + HOUR_MS // 2,
            )
        )
    await session.flush()
