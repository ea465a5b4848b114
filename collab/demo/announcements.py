"""What the invented park and one of its companies have announced, and who has read it."""

from __future__ import annotations

from random import Random
from typing import Final

from msgspec import Struct
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from collab.accounts.models import MemberRole
from collab.announcements.models import (
    AnnouncementOrganizationRow,
    AnnouncementRecipientRow,
    AnnouncementRow,
    AnnouncementState,
    AnnouncementVersionRow,
    Scope,
)

from .ids import new_id
from .lives import DAY_MS
from .people import Cast, Row, Someone

HOUR_MS: Final = 3_600_000

WATER = (
    "周六上午停水检修 · Water off on Saturday morning",
    (
        "周六 8:00 至 12:00，未来三路沿线楼宇停水检修，请提前备水，并关闭冷却循环设备。\n"
        "服务台：027-8700 0000\n\n"
        "On Saturday from 8:00 to 12:00 the water is off along Weilai 3rd Road. Please store water and shut down "
        "cooling loops in time. Service desk: 027-8700 0000"
    ),
)
DRILL = (
    "消防演练安排（已改期） · Fire drill, new date",
    (
        "演练改到下周三 14:30，请各单位管理员确认疏散联络人，并于周一前报服务专员。\n\n"
        "The drill is on Wednesday next week at 14:30. Administrators, please name who leads people out, by Monday."
    ),
)
SPOKEN = (
    "年终恳谈会征集议题 · Issues for the symposium",
    (
        "请把希望管理办协调的问题写成事项“恳谈会议题”，会前逐一答复。\n\n"
        "Please file what you want to be talked about as a request; each is answered."
    ),
)
DESKS = ("新访客登记台 · New visitors' desk", "东门访客登记台启用后……")
CANTEEN = (
    "食堂搬到二楼 · The canteen moves upstairs",
    "下周一起员工食堂在二楼开放，饭卡照常使用。\n\nFrom Monday the canteen is on the second floor. Cards stay valid.",
)


class Item(Struct, frozen=True):
    words: tuple[str, str]
    author: Someone
    state: AnnouncementState
    at_ms: int  # published, or to be
    people: list[Someone]
    chosen: tuple[str, ...] = ()
    roles: tuple[MemberRole, ...] = ()
    versions: int = 1
    read_share: float = 0.0


async def write_announcements(session: AsyncSession, cast: Cast, now_ms: int, chance: Random) -> None:
    """After people.  Into the caller's transaction."""
    officer, works = cast.officers[0], cast.companies[0]
    told = cast.companies[:6]
    bosses = [one for place in told for one in cast.of(place) if one.role is MemberRole.ADMINISTRATOR]
    own = cast.of(works)
    items = (
        Item(WATER, officer, AnnouncementState.PUBLISHED, now_ms - 2 * DAY_MS, cast.everybody, read_share=0.6),
        Item(
            DRILL,
            officer,
            AnnouncementState.PUBLISHED,
            now_ms - 3 * DAY_MS,
            bosses,
            tuple(one.id for one in told),
            (MemberRole.ADMINISTRATOR,),
            versions=2,
            read_share=0.5,
        ),
        Item(SPOKEN, cast.officers[1], AnnouncementState.SCHEDULED, now_ms + DAY_MS, []),
        Item(DESKS, cast.chief, AnnouncementState.DRAFT, 0, []),
        Item(CANTEEN, own[0], AnnouncementState.PUBLISHED, now_ms - DAY_MS, own, (works.id,), read_share=0.7),
    )
    for number, item in enumerate(items):
        await _write(session, item, now_ms - (10 - number) * HOUR_MS * 12, chance)


async def _write(session: AsyncSession, item: Item, created_at_ms: int, chance: Random) -> None:
    author, is_out = item.author, item.state is AnnouncementState.PUBLISHED
    announcement_id = new_id(created_at_ms, chance)
    title, text = item.words
    version = item.versions if is_out else 0
    changed_at_ms = item.at_ms + (version - 1) * 4 * HOUR_MS if is_out else created_at_ms
    people = {one.id: one for one in item.people}
    await session.execute(
        insert(AnnouncementRow).values(
            id=announcement_id,
            organization_id=author.organization_id,
            author_id=author.id,
            author_name=author.name,
            state=item.state,
            scope=Scope.ORGANIZATIONS if item.chosen else Scope.PARK,
            roles=list(item.roles),
            title=title,
            text=text,
            version=version,
            told_version=version,
            revision=version + 1,
            people=len(people),
            created_at_ms=created_at_ms,
            changed_at_ms=changed_at_ms,
            publish_at_ms=item.at_ms,
            published_at_ms=item.at_ms if is_out else 0,
            withdrawn_at_ms=0,
            reminded_at_ms=0,
        )
    )
    if item.chosen:
        chosen = [{"announcement_id": announcement_id, "organization_id": one} for one in item.chosen]
        await session.execute(insert(AnnouncementOrganizationRow), chosen)
    versions: list[Row] = [
        {
            "announcement_id": announcement_id,
            "number": number,
            "title": title,
            "text": text if number == version else text.replace("下周三", "本周五").replace("next week ", ""),
            "told": True,
            "account_id": author.id,
            "name": author.name,
            "at_ms": item.at_ms + (number - 1) * 4 * HOUR_MS,
        }
        for number in range(1, version + 1)
    ]
    if versions:
        await session.execute(insert(AnnouncementVersionRow), versions)
    receipts: list[Row] = []
    for one in people.values():
        has_read = one.id == author.id or chance.random() < item.read_share
        receipts.append(
            {
                "announcement_id": announcement_id,
                "account_id": one.id,
                "organization_id": one.organization_id,
                "read_version": version if has_read else 0,
                "read_at_ms": changed_at_ms + chance.randint(1, 12 * HOUR_MS) if has_read else 0,
            }
        )
    if receipts:
        await session.execute(insert(AnnouncementRecipientRow), receipts)
