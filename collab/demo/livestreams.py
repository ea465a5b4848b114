"""Livestreams of an invented park: one to come, a roadshow, one that is over with its numbers, a replay, a draft."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from collab.livestream.life import OVER, LifeState
from collab.livestream.models import (
    GroupKind,
    LivestreamAnswerRow,
    LivestreamGroupRow,
    LivestreamMessageRow,
    LivestreamPersonRow,
    LivestreamPollRow,
    LivestreamQuestionRow,
    LivestreamRegistrationRow,
    LivestreamRow,
    LivestreamVisitRow,
    LivestreamVoteRow,
    MessageState,
    PollState,
    QuestionState,
    RegistrationState,
    StaffRole,
    Tier,
)
from collab.livestream.values import ChatSettings, CustomField, FieldKind, RegistrationSettings
from collab.meetings.repository import new_meeting_row
from rooms.core.model import Phase

from .ids import letters, new_id, new_room_code
from .people import Cast, Place, Someone

_ZONE: Final = ZoneInfo("Asia/Shanghai")
DAY_MS: Final = 86_400_000
MINUTE_MS: Final = 60_000
AUDIENCE: Final = 60
LEAVE_EARLY: Final = 0.3
_HEX: Final = "0123456789abcdef"
_CHAT: Final = (
    "老师好", "声音清楚", "Greetings from the north building", "材料在哪里下载？", "请问有回放吗？",
    "Very clear, thank you", "我们车间也想看看", "联锁这一段很有用", "请再讲一遍第二步", "收获很大，谢谢",
    "Will the slides be shared?", "已报名下一场",
)  # fmt: skip


class Asked(Struct, frozen=True):
    text: str
    answer: str  # "" = it was answered aloud


class Shown(Struct, frozen=True, kw_only=True):
    """`days`: of the calendar, from today."""

    title: str
    text: str
    state: LifeState
    days: int
    time: str
    minutes: int
    host: Callable[[Cast], Someone]
    presenters: Callable[[Cast], list[Someone]] = lambda _cast: []
    places: Callable[[Cast], tuple[Place, ...]] = lambda _cast: ()
    tier: Tier = Tier.SIGNED_IN
    registration: RegistrationSettings = RegistrationSettings()
    registered: int = 0
    questions: tuple[Asked, ...] = ()
    poll: tuple[str, tuple[str, ...]] | None = None


_STARTUPS: Final = 6
_ASKS_COMPANY: Final = CustomField(key="company", label="单位 Company", required=True)
_ASKS_ROLE: Final = CustomField(
    key="role", label="身份 You are", kind=FieldKind.CHOICE, options=("投资人 Investor", "银行 Bank", "其他 Other")
)


def _bosses(cast: Cast) -> list[Someone]:
    return [cast.of(one)[0] for one in cast.companies[:_STARTUPS]]


SHOWN: Final = (
    Shown(
        title="激光切割开放日 Open day: laser cutting",
        text="走进样板车间：开机对焦、试切测量、安全联锁。\nA model workshop: focus, trial cut, interlock.",
        state=LifeState.REPLAY,
        days=-9,
        time="15:00",
        minutes=50,
        host=lambda cast: cast.of(cast.companies[0])[0],
        presenters=lambda cast: [cast.of(cast.companies[0])[1]],
        tier=Tier.ANYONE,
        questions=(
            Asked("切 12 毫米不锈钢用什么气体？", "氮气，断面光亮；对颜色没有要求时可以用空气。"),
            Asked("How often is the lens changed?", "After about 400 hours of cutting; clean it every week."),
        ),
    ),
    Shown(
        title="政策宣讲：技改贴息与研发加计 Briefing: loans and tax credits",
        text="逐条讲解申请条件、材料清单与常见退件原因。\nTerms, papers, and why applications come back.",
        state=LifeState.ENDED,
        days=-2,
        time="10:00",
        minutes=60,
        host=lambda cast: cast.officers[0],
        presenters=lambda cast: [cast.chief],
        places=lambda cast: cast.companies[:14],
        questions=(
            Asked("二手设备能申请贴息吗？", "不能。发票日期须在申请前十二个月内，且为新购设备。"),
            Asked(
                "Does software count as research cost?", "Yes, if it is used for the project and listed in its plan."
            ),
            Asked("委托外部研发怎么计算？", ""),
        ),
        poll=("最希望园区先办哪一项？ What should come first?", ("贴息 Loans", "人才 Talent", "场地 Space")),
    ),
    Shown(
        title="线上融资路演 Online financing roadshow",
        text=(
            "六个项目，每个讲八分钟、答四分钟；会后一对一洽谈。\n"
            "Six start-ups: eight minutes to pitch, four for questions; one-to-one talks afterwards."
        ),
        state=LifeState.SCHEDULED,
        days=2,
        time="14:00",
        minutes=120,
        host=lambda cast: cast.officers[1],
        presenters=_bosses,
        places=lambda cast: cast.banks,
        tier=Tier.NAMED,
        registration=RegistrationSettings(
            enabled=True, approval=True, capacity=80, remind_before_min=0, fields=(_ASKS_COMPANY, _ASKS_ROLE)
        ),
        registered=11,
    ),
    Shown(
        title="直播：走进智能工厂 Livestream: inside a smart factory",
        text="带全园看一条新产线。\nA new line shown to the whole park.",
        state=LifeState.SCHEDULED,
        days=3,
        time="15:00",
        minutes=60,
        host=lambda cast: cast.officers[0],
        presenters=lambda cast: [cast.of(cast.companies[1])[1]],
        places=lambda cast: cast.companies[:14],
        tier=Tier.ANYONE,
        registration=RegistrationSettings(enabled=True, remind_before_min=0, fields=(_ASKS_COMPANY,)),
        registered=23,
    ),
    Shown(
        title="新员工安全培训 Safety training for newcomers",
        text="草稿：讲师待定。\nA draft: the teacher is not settled.",
        state=LifeState.DRAFT,
        days=6,
        time="09:00",
        minutes=45,
        host=lambda cast: cast.of(cast.companies[0])[0],
    ),
)


async def write_livestreams(session: AsyncSession, cast: Cast, now_ms: int, chance: Random) -> None:
    for shown in SHOWN:
        row = await _livestream(session, cast, shown, now_ms, chance)
        if shown.registered:
            _register(session, cast, row, shown, now_ms, chance)
        if shown.state in OVER:
            await _watched(session, cast, row, shown, chance)
        await session.flush()


async def _livestream(session: AsyncSession, cast: Cast, shown: Shown, now_ms: int, chance: Random) -> LivestreamRow:
    starts_ms = _starts_ms(shown, now_ms)
    made_ms = min(starts_ms, now_ms) - 6 * DAY_MS
    host, over = shown.host(cast), shown.state in OVER
    ends_ms = starts_ms + shown.minutes * MINUTE_MS
    livestream_id = new_id(made_ms, chance)
    room = new_meeting_row(
        new_room_code(chance), shown.title, host.id, host.organization_id, False, False, made_ms,
        livestream_id=livestream_id,
    )  # fmt: skip
    room.id = new_id(made_ms, chance)
    if over:
        room.phase, room.started_at_ms, room.ended_at_ms = Phase.ENDED, starts_ms, ends_ms
    session.add(room)
    await session.flush()
    row = LivestreamRow(
        id=livestream_id,
        organization_id=host.organization_id,
        created_by=host.id,
        room_id=room.id,
        title=shown.title,
        description=shown.text,
        cover_sha256=None,
        cover_type="",
        cover_bytes=0,
        state=shown.state,
        tier=shown.tier,
        starts_at_ms=starts_ms,
        minutes=shown.minutes,
        zone=_ZONE.key,
        chat=msgspec.to_builtins(ChatSettings()),
        registration=msgspec.to_builtins(shown.registration),
        keep_replay=True,
        token_key=letters(64, _HEX, chance),
        version=1,
        sequence=0,
        live_at_ms=starts_ms if over else 0,
        ended_at_ms=ends_ms if over else 0,
        created_at_ms=made_ms,
        trashed_at_ms=0,
    )
    session.add(row)
    await session.flush()
    staff = {host.id: StaffRole.HOST}
    for one in shown.presenters(cast):
        staff.setdefault(one.id, StaffRole.PRESENTER)
    session.add_all(LivestreamPersonRow(livestream_id=row.id, account_id=one, role=role) for one, role in staff.items())
    session.add_all(
        LivestreamGroupRow(
            id=new_id(made_ms, chance),
            livestream_id=row.id,
            position=position,
            kind=GroupKind.ORGANIZATION,
            name=place.name,
            organization_id=place.id,
            tier=shown.tier,
            link=None,
            own_chat=False,
        )
        for position, place in enumerate(shown.places(cast))
    )
    await session.flush()
    return row


def _register(session: AsyncSession, cast: Cast, row: LivestreamRow, shown: Shown, now_ms: int, chance: Random) -> None:
    of_places = {one.id for one in shown.places(cast)}
    people = [one for one in cast.members if one.place.id in of_places]
    others = [one for one in cast.members if one.place.id not in of_places]
    coming = [*people, *chance.sample(others, min(len(others), shown.registered))][: shown.registered]
    for number, one in enumerate(coming):
        at_ms = now_ms - (number + 1) * 95 * MINUTE_MS
        waits = shown.registration.approval and number % 4 == 0
        answers = {"company": one.place.name}
        if len(shown.registration.fields) > 1:
            answers["role"] = _ASKS_ROLE.options[number % len(_ASKS_ROLE.options)]
        session.add(
            LivestreamRegistrationRow(
                id=new_id(at_ms, chance),
                livestream_id=row.id,
                email=one.email,
                name=one.name,
                locale=one.locale,
                account_id=one.id,
                answers=answers,
                state=RegistrationState.PENDING if waits else RegistrationState.CONFIRMED,
                created_at_ms=at_ms,
                changed_at_ms=at_ms,
            )
        )


async def _watched(session: AsyncSession, cast: Cast, row: LivestreamRow, shown: Shown, chance: Random) -> None:
    audience = chance.sample(cast.members, min(len(cast.members), AUDIENCE))
    begin, end = row.live_at_ms, row.ended_at_ms
    of_this = select(LivestreamGroupRow).where(LivestreamGroupRow.livestream_id == row.id)
    groups = {one.organization_id: one.id for one in await session.scalars(of_this)}
    for one in audience:
        joined = begin + int(chance.betavariate(1, 6) * (end - begin))
        early = chance.random() < LEAVE_EARLY
        left = joined + int(chance.uniform(0.2, 0.8) * (end - joined)) if early else end
        session.add(
            LivestreamVisitRow(
                id=new_id(joined, chance),
                livestream_id=row.id,
                viewer_id=one.id,
                name=one.name,
                group_id=groups.get(one.organization_id, ""),
                node="demo",
                joined_at_ms=joined,
                left_at_ms=left,
            )
        )
    for number, text in enumerate(_CHAT):
        at_ms = begin + (number + 1) * (end - begin) // (len(_CHAT) + 1)
        one = chance.choice(audience)
        session.add(
            LivestreamMessageRow(
                id=new_id(at_ms, chance),
                livestream_id=row.id,
                room="",
                viewer_id=one.id,
                name=one.name,
                role="",
                text=text,
                state=MessageState.SHOWN,
                pinned=False,
                at_ms=at_ms,
            )
        )
    for number, asked in enumerate(shown.questions):
        await _asked(session, row, asked, begin + (number + 1) * 11 * MINUTE_MS, audience, chance)
    if shown.poll is not None:
        await _polled(session, row, *shown.poll, begin + 40 * MINUTE_MS, audience, chance)


async def _asked(
    session: AsyncSession, row: LivestreamRow, asked: Asked, at_ms: int, audience: list[Someone], chance: Random
) -> None:
    one = chance.choice(audience)
    question_id = new_id(at_ms, chance)
    session.add(
        LivestreamQuestionRow(
            id=question_id,
            livestream_id=row.id,
            room="",
            viewer_id=one.id,
            name=one.name,
            text=asked.text,
            state=QuestionState.ANSWERED,
            answer=asked.answer,
            at_ms=at_ms,
        )
    )
    await session.flush()
    behind = chance.sample(audience, min(len(audience), chance.randint(2, 15)))
    session.add_all(LivestreamVoteRow(question_id=question_id, viewer_id=voter.id) for voter in behind)


async def _polled(
    session: AsyncSession, row: LivestreamRow, question: str, options: tuple[str, ...], at_ms: int,
    audience: list[Someone], chance: Random,
) -> None:  # fmt: skip
    poll_id = new_id(at_ms, chance)
    session.add(
        LivestreamPollRow(
            id=poll_id,
            livestream_id=row.id,
            question=question,
            options=list(options),
            multiple=False,
            state=PollState.CLOSED,
            at_ms=at_ms,
        )
    )
    await session.flush()
    session.add_all(
        LivestreamAnswerRow(
            poll_id=poll_id,
            viewer_id=one.id,
            name=one.name,
            choices=[chance.choices(range(len(options)), weights=range(len(options), 0, -1))[0]],
            at_ms=at_ms + number * 1_500,
        )
        for number, one in enumerate(audience[: len(audience) * 2 // 3])
    )


def _starts_ms(shown: Shown, now_ms: int) -> int:
    hour, minute = map(int, shown.time.split(":"))
    day = datetime.fromtimestamp(now_ms / 1_000, _ZONE) + timedelta(days=shown.days)
    return int(day.replace(hour=hour, minute=minute, second=0, microsecond=0).timestamp() * 1_000)
