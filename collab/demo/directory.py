"""The directory of an invented park: pages, crews with their calendars, needs, service officers, a spot check."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Final

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from collab.assist.models import JobRow, JobState, MachineRow
from collab.directory.dates import day_of
from collab.directory.models import (
    CertificateRow,
    ContactRow,
    CrewBusyRow,
    CrewRow,
    CrewTagRow,
    NeedEventRow,
    NeedRow,
    ProfileRow,
)
from collab.directory.need_states import CREATE, NeedAction, NeedState
from collab.directory.trades import ContactRole, CrewStatus, Headcount, Industry, Language, Trade
from collab.officers.models import JobMilestoneRow, Milestone, OfficerAction, OfficerEventRow, OfficerRow
from collab.patrols.models import (
    CheckKind,
    CheckState,
    FindingEventRow,
    FindingRow,
    FindingState,
    ItemResult,
    SpotCheckItemRow,
    SpotCheckRow,
)

from .ids import new_id
from .people import Cast, Place, Row

DAY_MS: Final = 86_400_000

_ZH, _EN, _JA = Language.CHINESE, Language.ENGLISH, Language.JAPANESE
# Name, people, region, trades, languages of each.
_CREWS: Final = (
    ("一班 Crew 1", 5, "HB", (Trade.LASER, Trade.ELECTRICAL, Trade.COMMISSIONING), (_ZH, _EN)),
    ("二班 Crew 2", 3, "HN", (Trade.ROBOTICS, Trade.CONTROL, Trade.ELECTRICAL), (_ZH,)),
    ("吊装组 Riggers", 6, "HB", (Trade.RIGGING, Trade.MECHANICAL), (_ZH,)),
    ("洁净室组 Cleanroom", 4, "JS", (Trade.CLEANROOM, Trade.PIPING, Trade.COMMISSIONING), (_ZH, _JA)),
)  # fmt: skip
# Title, trades, languages, first day from now, days, people, whether it is published.
_NEEDS: Final = (
    ("激光切割机二期安装 Second laser cutter", (Trade.LASER, Trade.ELECTRICAL), (Language.CHINESE,), 24, 5, 3, True),
    ("焊接机器人工作站扩容 More welding robots", (Trade.ROBOTICS, Trade.CONTROL), (), 26, 4, 3, True),
    ("涂布机吊装就位 Lifting the coating machine", (Trade.RIGGING,), (), 31, 2, 4, True),
    ("真空管道改造 New vacuum piping", (Trade.PIPING, Trade.WELDING), (Language.CHINESE,), 28, 6, 2, True),
    ("新产线搬迁 Moving a line", (Trade.RIGGING, Trade.ELECTRICAL), (), 60, 10, 6, False),
)
_LICENCES: Final = {
    Trade.LASER: "激光设备安装资质 · Laser installation licence",
    Trade.ELECTRICAL: "电工作业资质 · Electrician's licence",
    Trade.COMMISSIONING: "设备调试资质 · Commissioning licence",
    Trade.ROBOTICS: "机器人集成资质 · Robot integration licence",
    Trade.CONTROL: "自动控制资质 · Control engineering licence",
    Trade.RIGGING: "起重作业资质 · Rigging licence",
    Trade.MECHANICAL: "机械安装资质 · Mechanical installation licence",
    Trade.CLEANROOM: "洁净室施工资质 · Cleanroom licence",
    Trade.PIPING: "管道安装资质 · Piping licence",
    Trade.WELDING: "焊接作业资质 · Welding licence",
}
_CHECKLIST: Final = (
    ("作业区域已围挡并有标识 · The site is fenced off", ItemResult.FAILED),
    ("起重器具已检验 · Lifting gear is inspected", ItemResult.PASSED),
    ("接线时电源已上锁挂牌 · Power is locked out while wiring", ItemResult.PASSED),
    ("疏散通道畅通 · Escape ways are free", ItemResult.UNCHECKED),
)
# By the last word of a company's letters (names.py): its industry, and what it does.
_TRADES: Final = {
    "laser": (Industry.LASER, "高功率激光切割与焊接装备。", "High-power laser cutting and welding machines."),
    "robotics": (
        Industry.ROBOTICS,
        "工业与协作机器人及其关节。",
        "Industrial and collaborative robots, and their joints.",
    ),
    "ev": (Industry.VEHICLES, "新能源汽车三电系统与充电设备。", "Drives, batteries and chargers of electric vehicles."),
    "biotech": (Industry.BIOTECH, "试剂、疫苗工艺与生物反应器。", "Reagents, vaccine processes and bioreactors."),
    "chips": (Industry.CHIPS, "光通信与功率器件芯片设计。", "Chips for optical networks and power devices."),
    "optics": (Industry.OPTICS, "镜头、光纤器件与光学检测。", "Lenses, fibre components and optical inspection."),
    "software": (Industry.SOFTWARE, "工业软件与数字孪生。", "Industrial software and digital twins."),
    "materials": (Industry.MATERIALS, "电池材料与特种涂层。", "Battery materials and special coatings."),
    "medical": (Industry.MEDICAL, "影像与手术器械。", "Imaging devices and surgical instruments."),
    "precision": (Industry.MACHINERY, "精密机床与微纳加工。", "Precision machine tools and micro-machining."),
}


async def write_directory(session: AsyncSession, cast: Cast, now_ms: int, chance: Random) -> None:
    """After people, machines and jobs.  Into the caller's transaction."""
    today = day_of(now_ms)
    await _write_pages(session, cast, now_ms)
    crews: dict[str, str] = {}
    for number, installer in enumerate(cast.installers):
        for one in range(2):
            crew_id = await _write_crew(session, installer, (2 * number + one) % len(_CREWS), today, now_ms, chance)
            crews.setdefault(installer.id, crew_id)
    await session.flush()
    await _write_jobs(session, cast, crews, today, now_ms, chance)
    await _write_needs(session, cast, today, now_ms, chance)
    await _write_officers(session, cast, now_ms)


def _trade_of(place: Place) -> tuple[Industry, str, str]:
    """Its industry, and what it does in both languages."""
    word = place.domain.partition(".")[0].rpartition("-")[2].rstrip("0123456789")
    installs = (
        Industry.MACHINERY,
        "承接激光、机器人、洁净室设备的安装、调试与维保。",
        "Installs, commissions and maintains machines.",
    )
    return _TRADES.get(word, installs)


async def _write_pages(session: AsyncSession, cast: Cast, now_ms: int) -> None:
    profiles: list[Row] = []
    contacts: list[Row] = []
    for number, place in enumerate((*cast.installers, *cast.companies)):
        installs = number < len(cast.installers)
        first = next(iter(cast.of(place)[:1]), None)
        industry, zh, en = _trade_of(place)
        profiles.append(
            {
                "organization_id": place.id,
                "summary_zh": zh,
                "summary_en": en,
                "industry": industry,
                "headcount": (Headcount.SMALL, Headcount.MEDIUM, Headcount.MICRO)[number % 3],
                "region": "HB" if not installs or number != 1 else "HN",
                "address": f"未来三路 {number + 1} 号",
                "website": f"https://{place.domain}",
                "founded_on": day_of(now_ms - (number % 14 + 1) * 250 * DAY_MS),
                "logo_sha256": None,
                "revision": 1,
                "changed_at_ms": now_ms - 20 * DAY_MS,
                "changed_by_name": first.name if first else "",
            }
        )
        if first is not None:
            contacts.append(
                {
                    "organization_id": place.id,
                    "position": 0,
                    "role": ContactRole.GENERAL,
                    "name": first.name,
                    "account_id": first.id,
                    "phone": f"027-8700 {1_000 + number}",
                    "email": first.email,
                    "public": True,
                }
            )
    await session.execute(insert(ProfileRow), profiles)
    await session.execute(insert(ContactRow), contacts)


async def _write_crew(
    session: AsyncSession, installer: Place, kind: int, today: date, now_ms: int, chance: Random
) -> str:
    """With a certificate for each of its trades; one of them ends soon."""
    name, size, region, trades, languages = _CREWS[kind]
    crew_id, since_ms = new_id(now_ms - 200 * DAY_MS, chance), now_ms - 200 * DAY_MS
    session.add(
        CrewRow(
            id=crew_id,
            organization_id=installer.id,
            name=name,
            size=size,
            region=region,
            status=CrewStatus.AVAILABLE if kind % 2 == 0 else CrewStatus.WORKING,
            status_note="",
            status_at_ms=now_ms - DAY_MS,
            created_at_ms=since_ms,
            retired_at_ms=0,
        )
    )
    await session.flush()
    session.add_all(CrewTagRow(crew_id=crew_id, kind="trade", value=one) for one in trades)
    session.add_all(CrewTagRow(crew_id=crew_id, kind="language", value=one) for one in languages)
    for place, trade in enumerate(trades):
        left = 25 if place == 2 else chance.randint(200, 900)
        session.add(
            CertificateRow(
                id=new_id(since_ms, chance),
                organization_id=installer.id,
                trade=trade,
                title=_LICENCES[trade],
                number=f"TX-{chance.randint(10_000, 99_999)}",
                issuer="湖北省检验院 Hubei Inspection",
                valid_from=today - timedelta(days=400),
                valid_until=today + timedelta(days=left),
                file_sha256=None,
                file_name="",
                created_at_ms=since_ms,
                changed_at_ms=since_ms,
            )
        )
    first = today + timedelta(days=chance.randint(6, 12))
    session.add(_busy(crew_id, first, first + timedelta(days=4), "外地项目 Out of town", None, now_ms, chance))
    return crew_id


async def _write_jobs(
    session: AsyncSession, cast: Cast, crews: dict[str, str], today: date, now_ms: int, chance: Random
) -> None:
    """Crews on the jobs that there are, milestones, and a spot check of the one that runs."""
    rows = await session.scalars(select(JobRow).order_by(JobRow.created_at_ms, JobRow.id))
    for job in rows.all():
        crew_id = crews.get(job.installer_id)
        if crew_id is None or not job.starts_at_ms:
            continue
        session.add(
            _busy(crew_id, day_of(job.starts_at_ms), day_of(job.ends_at_ms), job.title[:100], job.id, now_ms, chance)
        )
        done = {JobState.SIGNED_OFF: 3, JobState.IN_PROGRESS: 1}.get(JobState(job.state), 0)
        for place, milestone in enumerate(Milestone):
            planned = day_of(job.starts_at_ms) + timedelta(days=place)
            session.add(
                JobMilestoneRow(
                    job_id=job.id,
                    milestone=milestone,
                    planned_on=planned,
                    done_at_ms=min(now_ms, job.starts_at_ms + place * DAY_MS) if place < done else 0,
                    name=cast.officers[0].name if place < done else "",
                )
            )
        if job.state == JobState.IN_PROGRESS:
            await _write_check(session, cast, job.id, today, now_ms, chance)


async def _write_check(
    session: AsyncSession, cast: Cast, job_id: str, today: date, now_ms: int, chance: Random
) -> None:
    officer, at_ms = cast.officers[0], now_ms - DAY_MS // 4
    check_id, finding_id = new_id(at_ms, chance), new_id(at_ms, chance)
    session.add(
        SpotCheckRow(
            id=check_id,
            job_id=job_id,
            kind=CheckKind.PHOTOS,
            state=CheckState.OPEN,
            note="",
            inspector_id=officer.id,
            inspector_name=officer.name,
            created_at_ms=at_ms,
            closed_at_ms=0,
        )
    )
    await session.flush()
    session.add_all(
        SpotCheckItemRow(check_id=check_id, position=place, text=text, result=result, note="")
        for place, (text, result) in enumerate(_CHECKLIST)
    )
    session.add(
        FindingRow(
            id=finding_id,
            check_id=check_id,
            text="北门未围挡，请补上并拍照。\nThe north gate is not fenced off: mend it and take a photo.",
            due_on=today + timedelta(days=2),
            state=FindingState.OPEN,
            created_at_ms=at_ms,
            closed_at_ms=0,
        )
    )
    await session.flush()
    session.add(
        FindingEventRow(
            finding_id=finding_id,
            number=1,
            action="find",
            state=FindingState.OPEN,
            account_id=officer.id,
            name=officer.name,
            note="",
            at_ms=at_ms,
        )
    )


async def _write_needs(session: AsyncSession, cast: Cast, today: date, now_ms: int, chance: Random) -> None:
    """Of companies that have a machine."""
    machines = (await session.scalars(select(MachineRow).order_by(MachineRow.created_at_ms, MachineRow.id))).all()
    for number, (title, trades, languages, ahead, days, people, published) in enumerate(_NEEDS):
        if not machines:
            return
        machine = machines[number % len(machines)]
        by = next((one for one in cast.everybody if one.place.id == machine.organization_id), cast.chief)
        at_ms = now_ms - (number + 1) * DAY_MS
        steps = [(CREATE, NeedState.DRAFT), *([(NeedAction.PUBLISH, NeedState.OPEN)] if published else [])]
        need = NeedRow(
            id=new_id(at_ms, chance),
            organization_id=machine.organization_id,
            machine_id=machine.id,
            title=title,
            note="叉车由我方提供。\nWe lend a fork lift.",
            region="HB",
            site=machine.site,
            trades=[one.value for one in trades],
            languages=[one.value for one in languages],
            starts_on=today + timedelta(days=ahead),
            ends_on=today + timedelta(days=ahead + days - 1),
            crew_size=people,
            state=steps[-1][1],
            offer_id=None,
            job_id=None,
            revision=len(steps),
            created_by=by.id,
            created_at_ms=at_ms,
            changed_at_ms=at_ms,
        )
        session.add(need)
        await session.flush()
        session.add_all(
            NeedEventRow(
                need_id=need.id,
                number=place,
                action=action,
                state=state,
                installer_id=None,
                crew="",
                account_id=by.id,
                name=by.name,
                note="",
                at_ms=at_ms,
            )
            for place, (action, state) in enumerate(steps, 1)
        )
    await session.flush()


async def _write_officers(session: AsyncSession, cast: Cast, now_ms: int) -> None:
    """Each company has one; the first company is about to be handed over."""
    since_ms = now_ms - 90 * DAY_MS
    officers: list[Row] = []
    events: list[Row] = []
    for number, company in enumerate(cast.companies):
        officer = cast.officers[number % len(cast.officers)]
        other = cast.officers[(number + 1) % len(cast.officers)] if number == 0 else None
        officers.append(
            {
                "organization_id": company.id,
                "account_id": officer.id,
                "offered_to_id": other.id if other else None,
                "since_ms": since_ms,
                "revision": 2 if other else 1,
            }
        )
        named = {"organization_id": company.id, "account_id": cast.chief.id, "name": cast.chief.name, "note": ""}
        events.append({**named, "number": 1, "action": OfficerAction.NAMED, "to_name": officer.name, "at_ms": since_ms})
        if other is not None:
            events.append(
                {
                    "organization_id": company.id,
                    "number": 2,
                    "action": OfficerAction.OFFERED,
                    "account_id": officer.id,
                    "name": officer.name,
                    "to_name": other.name,
                    "note": "下月起由您负责 · Yours from next month",
                    "at_ms": now_ms - DAY_MS,
                }
            )
    await session.execute(insert(OfficerRow), officers)
    await session.execute(insert(OfficerEventRow), events)


def _busy(
    crew_id: str, first: date, last: date, note: str, job_id: str | None, now_ms: int, chance: Random
) -> CrewBusyRow:
    return CrewBusyRow(
        id=new_id(now_ms, chance),
        crew_id=crew_id,
        starts_on=first,
        ends_on=last,
        note=note,
        job_id=job_id,
        created_at_ms=now_ms,
    )
