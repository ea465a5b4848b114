"""Policies of an invented park: for some companies, for all, not open yet, over, and one that is being written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from random import Random
from typing import Final

import msgspec
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from collab.directory.dates import day_of
from collab.policies.models import PolicyRequestRow, PolicyRow
from collab.policies.rules import Clause, Field, Op, ProfileCondition, Rules
from collab.policies.states import PolicyState
from collab.policies.values import Beginning
from collab.requests.states import State

from .ids import new_id
from .people import Cast

DAY_MS: Final = 86_400_000


class _Policy(Struct, frozen=True):
    title: tuple[str, str]
    summary: tuple[str, str]
    type: str
    rules: Rules
    opens: int | None  # days from now, as the next
    ends: int | None
    published: bool = True


def _rules(*clauses: tuple[ProfileCondition, ...]) -> Rules:
    return Rules(tuple(Clause(clause) for clause in clauses))


_SMALL: Final = ProfileCondition(Field.HEADCOUNT, Op.AT_MOST, ("small",))
_ENTERPRISE: Final = ProfileCondition(Field.KIND, Op.IS, ("enterprise",))
_POLICIES: Final = (
    _Policy(
        ("中小企业房租减免", "Less rent for small companies"),
        (
            "承租园区厂房或办公室的中小企业，减免三个月租金。网上申请，不用到场。",
            "Small companies that rent from the park are let off three months' rent. Apply here; nobody needs to come.",
        ),
        "subsidy_application",
        _rules((_ENTERPRISE,), (_SMALL,), (ProfileCondition(Field.REGION, Op.IS, ("HB",)),)),
        -10,
        45,
    ),
    _Policy(
        ("激光与机器人企业设备购置补贴", "Subsidy for machines of laser and robotics companies"),
        (
            "购置国产设备超过一百万元的，按发票金额的百分之十五补贴，每家最多两百万元。",
            "Fifteen per cent of the price of machines above one million yuan; two million for a company at most.",
        ),
        "subsidy_application",
        _rules(
            (ProfileCondition(Field.INDUSTRY, Op.IS, ("laser", "robotics", "optics")),),
            (ProfileCondition(Field.AGE, Op.AT_MOST, ("8",)), _SMALL),
        ),
        -30,
        20,
    ),
    _Policy(
        ("青年人才安家补助", "Settling grants for young people"),
        (
            "新入职的硕士、博士，由所在企业统一申请，分别补助两万元和五万元。",
            "Twenty thousand yuan for each new master, fifty thousand for each doctor; their company applies for them.",
        ),
        "talent_application",
        _rules((ProfileCondition(Field.KIND, Op.IS, ("enterprise", "institution")),)),
        -60,
        None,
    ),
    _Policy(
        ("生物医药企业专项贷款贴息", "Interest paid for loans to biotech companies"),
        (
            "生物医药和医疗器械企业的新增贷款，贴息百分之五十，最长两年。",
            "Half of the interest on new loans of biotech and medical companies, for two years at most.",
        ),
        "subsidy_application",
        _rules((ProfileCondition(Field.INDUSTRY, Op.IS, ("biotech", "medical")),)),
        12,
        90,
    ),
    _Policy(
        ("防疫物资采购补贴", "Subsidy for protective supplies"),
        (
            "对采购口罩、消毒用品的企业补贴一半费用。已停止受理。",
            "Half of what companies spent on masks and disinfectants. Closed by now.",
        ),
        "subsidy_application",
        Rules(),
        -120,
        -15,
    ),
    _Policy(
        ("安装单位保险补贴（征求意见）", "Insurance for installers (draft)"),
        ("为外来安装班组统一购买意外险。", "Accident insurance for visiting crews, bought together."),
        "",
        _rules((ProfileCondition(Field.KIND, Op.IS, ("installer",)),)),
        None,
        None,
        published=False,
    ),
)  # fmt: skip


async def write_policies(
    session: AsyncSession, cast: Cast, shown: Mapping[tuple[str, State], str], now_ms: int, chance: Random
) -> None:
    """After the requests that are shown: some were begun from the first policy.  Into the caller's transaction."""
    today, officer = day_of(now_ms), cast.officers[0]
    first = ""
    for number, one in enumerate(reversed(_POLICIES), 1):
        at_ms = now_ms - (len(_POLICIES) - number + 1) * 5 * DAY_MS
        row = PolicyRow(
            id=new_id(at_ms, chance),
            state=PolicyState.PUBLISHED if one.published else PolicyState.DRAFT,
            title_zh=one.title[0],
            title_en=one.title[1],
            summary_zh=one.summary[0],
            summary_en=one.summary[1],
            source="园区管委会 Park administration",
            number=f"{today.year}-{number:02}",
            source_url="",
            issued_on=day_of(at_ms),
            apply_from=None if one.opens is None else today + timedelta(days=one.opens),
            apply_until=None if one.ends is None else today + timedelta(days=one.ends),
            request_type=one.type,
            rules=msgspec.to_builtins(one.rules),
            revision=2 if one.published else 1,
            created_by=officer.id,
            created_at_ms=at_ms,
            published_at_ms=at_ms if one.published else 0,
            changed_at_ms=at_ms,
            changed_by_name=officer.name,
        )
        session.add(row)
        first = row.id
    await session.flush()
    for kind, key in ((Beginning.QUESTION, "policy_question"), (Beginning.APPLICATION, "subsidy_application")):
        for state in (State.TAKEN, State.DONE):
            if (request_id := shown.get((key, state))) is not None:
                session.add(PolicyRequestRow(request_id=request_id, policy_id=first, kind=kind))
