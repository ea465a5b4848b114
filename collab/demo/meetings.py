"""A week of meetings in an invented park: a company's own, the park's with companies, a roadshow, a livestream."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from collab.meetings.repository import new_meeting_row
from collab.schedule.expand import LOCAL, MINUTE_MS, Series, key_of, span
from collab.schedule.invitees import set_invitees
from collab.schedule.models import (
    ActionItemRow,
    EventAnswerRow,
    EventState,
    InvitationAnswer,
    InviteeRow,
    MinutesRow,
    ScheduledEventRow,
    SittingRow,
)
from collab.schedule.rules import parse_rule
from collab.schedule.service import next_reminder
from collab.schedule.values import InviteeWish

from .ids import new_id, new_room_code
from .people import Cast, Place, Someone

ZONE: Final = "Asia/Shanghai"
REMIND_MIN: Final = 10
MAILED_DAYS: Final = 6  # the invitations went out so long ago


class Item(Struct, frozen=True):
    text: str
    owner: int  # of those who were asked to come
    in_days: int


class Planned(Struct, frozen=True, kw_only=True):
    title: str
    text: str
    days: int  # of work, from today
    time: str  # local; "" = half an hour from now
    minutes: int
    organizer: Callable[[Cast], Someone]
    people: Callable[[Cast], list[Someone]]
    places: Callable[[Cast], tuple[Place, ...]] = lambda _cast: ()
    rule: str = ""
    minutes_text: str = ""
    items: tuple[Item, ...] = ()


def _bosses(cast: Cast, count: int) -> list[Someone]:
    return [cast.of(one)[0] for one in cast.companies[:count]]


WEEK: Final = (
    Planned(
        title="研发周例会 Weekly stand-up",
        text="进展、问题、本周计划。\nProgress, problems, plan of the week.",
        days=-5,
        time="09:30",
        minutes=30,
        organizer=lambda cast: cast.of(cast.companies[0])[0],
        people=lambda _cast: [],
        places=lambda cast: (cast.companies[0],),
        rule="FREQ=WEEKLY;COUNT=26",
    ),
    Planned(
        title="复工协调会 Coordination of the return to work",
        text="各企业人员返园安排、物资与测温点。",
        days=-2,
        time="14:00",
        minutes=60,
        organizer=lambda cast: cast.officers[0],
        people=lambda cast: _bosses(cast, 6),
        minutes_text="六家企业本周内返园，材料当天受理。\nSix companies return this week; papers are settled at once.",
        items=(
            Item("提交返园人员名单 Send the list of returning staff", 0, 1),
            Item("增设东门测温点 Open a second checkpoint at the east gate", 1, -1),
        ),
    ),
    Planned(
        title="物流与停车恳谈会 Symposium: lorries and parking",
        text="会前征集的议题逐项讨论，会后限时答复。",
        days=-1,
        time="10:00",
        minutes=90,
        organizer=lambda cast: cast.chief,
        people=lambda cast: [*cast.officers[:3], *_bosses(cast, 10)],
        minutes_text="货车夜间通行先试行一个月。\nLorries may enter at night for one month, as a trial.",
        items=(Item("公布夜间通行办法 Publish the rules for night entry", 0, 5),),
    ),
    Planned(
        title="激光切割机远程验收 Remote acceptance of the laser cutter",
        text="现场工程师戴眼镜，厂家在线确认切割精度。\nThe maker confirms the precision of the cut from afar.",
        days=0,
        time="",
        minutes=60,
        organizer=lambda cast: cast.of(cast.companies[0])[1],
        people=lambda cast: [*cast.of(cast.installers[0])[:2], *cast.of(cast.companies[0])[:2], cast.officers[0]],
    ),
    Planned(
        title="政策咨询时间 Policy clinic",
        text="技改贴息与人才项目，随到随问。",
        days=0,
        time="16:00",
        minutes=60,
        organizer=lambda cast: cast.officers[0],
        people=lambda cast: _bosses(cast, 8),
        rule="FREQ=WEEKLY;COUNT=12",
    ),
    Planned(
        title="焊接机器人安装进度 Progress of the welding robots",
        text="设备到场、安装、调试三个节点。\nArrival, installation, commissioning.",
        days=1,
        time="10:00",
        minutes=45,
        organizer=lambda cast: cast.of(cast.installers[2])[0],
        people=lambda cast: [*cast.of(cast.companies[1])[:2], cast.officers[0]],
    ),
    Planned(
        title="线上融资路演 Online financing roadshow",
        text="六个项目，每个八分钟，两家银行和一家基金在线提问。\nSix projects before two banks and a fund.",
        days=2,
        time="14:00",
        minutes=120,
        organizer=lambda cast: cast.officers[1],
        people=lambda cast: _bosses(cast, 6),
        places=lambda cast: cast.banks,
    ),
    Planned(
        title="直播：走进智能工厂 Livestream: inside a smart factory",
        text="带全园看一条新产线。\nA new line shown to the whole park.",
        days=3,
        time="15:00",
        minutes=60,
        organizer=lambda cast: cast.officers[0],
        people=lambda cast: [cast.chief],
        places=lambda cast: cast.companies[:14],
    ),
)


async def write_meetings(session: AsyncSession, cast: Cast, now_ms: int, chance: Random) -> None:
    for planned in WEEK:
        await _write(session, cast, planned, now_ms, chance)


async def _write(session: AsyncSession, cast: Cast, planned: Planned, now_ms: int, chance: Random) -> None:
    made_ms = now_ms - MAILED_DAYS * 86_400_000
    organizer, people, places = planned.organizer(cast), planned.people(cast), planned.places(cast)
    starts = _starts(planned, now_ms)
    rule = parse_rule(planned.rule, ZoneInfo(ZONE)) if planned.rule else None
    series = Series(starts, ZONE, planned.minutes, rule)
    code, (first_ms, last_ms) = new_room_code(chance), span(series)
    meeting = new_meeting_row(code, planned.title, organizer.id, organizer.organization_id, False, True, made_ms)
    meeting.id = new_id(made_ms, chance)
    event_id = new_id(made_ms, chance)
    session.add(meeting)
    await session.flush()
    session.add(SittingRow(meeting_id=meeting.id, code=code))
    session.add(
        ScheduledEventRow(
            id=event_id,
            code=code,
            organizer_id=organizer.id,
            organization_id=organizer.organization_id,
            title=planned.title,
            description=planned.text,
            zone=ZONE,
            starts=starts.strftime(LOCAL),
            minutes=planned.minutes,
            rule=rule.text if rule else "",
            opens_before_min=-1,
            remind_before_min=REMIND_MIN,
            state=EventState.CONFIRMED,
            sequence=0,
            first_at_ms=first_ms,
            last_at_ms=last_ms,
            next_reminder_at_ms=next_reminder(series, REMIND_MIN, now_ms),
            created_at_ms=made_ms,
            changed_at_ms=made_ms,
        )
    )
    await session.flush()
    wishes = [InviteeWish(account_id=one.id) for one in people if one.id != organizer.id]
    wishes += [InviteeWish(organization_id=one.id, name=one.name) for one in places]
    added = await set_invitees(session, event_id, wishes, organizer.id, made_ms)
    await _write_answers(session, added, made_ms, chance)
    if planned.minutes_text:
        key = key_of(starts)
        session.add(
            MinutesRow(
                event_id=event_id,
                key=key,
                starts_at_ms=first_ms,
                text=planned.minutes_text,
                version=1,
                changed_by=organizer.name,
                changed_at_ms=first_ms + planned.minutes * MINUTE_MS,
            )
        )
        for number, item in enumerate(planned.items):
            owner = people[item.owner]
            session.add(
                ActionItemRow(
                    id=new_id(first_ms + number, chance),
                    event_id=event_id,
                    key=key,
                    text=item.text,
                    owner_id=owner.id,
                    owner_name=owner.name,
                    due=(_today(now_ms) + timedelta(days=item.in_days)).date().isoformat(),
                    done_at_ms=0,
                )
            )
    await session.flush()


async def _write_answers(session: AsyncSession, invitee_ids: list[str], at_ms: int, chance: Random) -> None:
    for invitee_id in sorted(invitee_ids):
        row = await session.get_one(InviteeRow, invitee_id)
        if row.account_id is None or chance.random() < 0.3:
            continue
        answer = chance.choice(
            (*[InvitationAnswer.ACCEPTED] * 4, InvitationAnswer.TENTATIVE, InvitationAnswer.DECLINED)
        )
        session.add(EventAnswerRow(invitee_id=invitee_id, key="", answer=answer, note="", answered_at_ms=at_ms))


def _today(now_ms: int) -> datetime:
    return datetime.fromtimestamp(now_ms / 1_000, ZoneInfo(ZONE)).replace(tzinfo=None, second=0, microsecond=0)


def _starts(planned: Planned, now_ms: int) -> datetime:
    """On a day of work: a day off counts as the next one to come, or the last one before."""
    day = _today(now_ms)
    if not planned.time:
        soon = day + timedelta(minutes=30)
        return soon.replace(minute=soon.minute // 15 * 15)
    step = -1 if planned.days < 0 else 1
    for _ in range(abs(planned.days)):
        day += timedelta(days=step)
        while day.weekday() >= 5:
            day += timedelta(days=step)
    hour, minute = planned.time.split(":")
    return day.replace(hour=int(hour), minute=int(minute))
