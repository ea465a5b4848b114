"""Rules over a company's profile: by examples, by properties, and against a second way to say them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from collab.directory.regions import REGIONS
from collab.directory.trades import Headcount, Industry
from collab.organizations.models import OrganizationKind
from collab.policies.rules import (
    OPS,
    YEARS_MAX,
    Clause,
    Facts,
    Field,
    Met,
    Op,
    ProfileCondition,
    Rules,
    all_of,
    anniversary,
    faults_of,
    judge,
)
from collab.policies.wording import reason_words

TODAY = date(2026, 11, 23)
LASER = Facts(
    OrganizationKind.ENTERPRISE,
    Industry.LASER,
    Headcount.SMALL,
    date(2021, 11, 23),
    "HB",
    "武汉市光谷大道 1 号 Optics Valley Avenue",
)


def one(field: Field, op: Op, *values: str) -> Rules:
    return Rules((Clause((ProfileCondition(field, op, values),)),))


@pytest.mark.parametrize(
    ("rules", "met"),
    [
        (Rules(), Met.YES),
        (one(Field.KIND, Op.IS, "enterprise", "institution"), Met.YES),
        (one(Field.KIND, Op.IS_NOT, "enterprise"), Met.NO),
        (one(Field.INDUSTRY, Op.IS, "laser"), Met.YES),
        (one(Field.INDUSTRY, Op.IS_NOT, "finance"), Met.YES),
        (one(Field.HEADCOUNT, Op.AT_MOST, "small"), Met.YES),
        (one(Field.HEADCOUNT, Op.AT_MOST, "micro"), Met.NO),
        (one(Field.HEADCOUNT, Op.AT_LEAST, "medium"), Met.NO),
        (one(Field.HEADCOUNT, Op.IS, "small", "large"), Met.YES),
        (one(Field.FOUNDED, Op.AT_LEAST, "2021-11-23"), Met.YES),
        (one(Field.FOUNDED, Op.AT_LEAST, "2021-11-24"), Met.NO),
        (one(Field.FOUNDED, Op.AT_MOST, "2021-11-22"), Met.NO),
        (one(Field.AGE, Op.AT_MOST, "5"), Met.YES),  # today is the fifth anniversary
        (one(Field.AGE, Op.AT_LEAST, "5"), Met.YES),
        (one(Field.AGE, Op.AT_MOST, "4"), Met.NO),
        (one(Field.AGE, Op.AT_LEAST, "6"), Met.NO),
        (one(Field.REGION, Op.IS, "HB", "HN"), Met.YES),
        (one(Field.REGION, Op.IS_NOT, "HB"), Met.NO),
        (one(Field.ADDRESS, Op.CONTAINS, "东湖", "光谷"), Met.YES),
        (one(Field.ADDRESS, Op.CONTAINS, "OPTICS valley"), Met.YES),
        (one(Field.ADDRESS, Op.CONTAINS, "Hanyang"), Met.NO),
    ],
)
def test_conditions(rules: Rules, met: Met) -> None:
    assert faults_of(rules) == {}
    assert judge(rules, LASER, TODAY).met is met


def test_what_a_company_has_not_said_stays_open() -> None:
    silent = Facts(OrganizationKind.ENTERPRISE)
    laser = ProfileCondition(Field.INDUSTRY, Op.IS, ("laser",))
    factory = ProfileCondition(Field.KIND, Op.IS, ("enterprise",))
    installer = ProfileCondition(Field.KIND, Op.IS, ("installer",))
    assert judge(Rules((Clause((laser,)),)), silent, TODAY).met is Met.UNKNOWN
    assert judge(Rules((Clause((laser, factory)),)), silent, TODAY).met is Met.YES
    assert judge(Rules((Clause((laser,)), Clause((installer,)))), silent, TODAY).met is Met.NO
    assert judge(one(Field.INDUSTRY, Op.IS_NOT, "laser"), silent, TODAY).met is Met.UNKNOWN


def test_anniversaries() -> None:
    assert anniversary(date(2024, 2, 29), 1) == date(2025, 3, 1)
    assert anniversary(date(2024, 2, 29), 4) == date(2028, 2, 29)
    assert anniversary(date(9_990, 1, 1), YEARS_MAX) == date(9_999, 1, 1)


@pytest.mark.parametrize(
    "rules",
    [
        one(Field.KIND, Op.IS, "park"),
        one(Field.KIND, Op.AT_LEAST, "enterprise"),
        one(Field.INDUSTRY, Op.IS, "laser", "magic"),
        one(Field.HEADCOUNT, Op.AT_LEAST, "small", "large"),
        one(Field.HEADCOUNT, Op.IS_NOT, "small"),
        one(Field.FOUNDED, Op.AT_LEAST, "20210101"),
        one(Field.FOUNDED, Op.AT_MOST, "2021-02-30"),
        one(Field.AGE, Op.AT_MOST, "-1"),
        one(Field.AGE, Op.AT_MOST, "٣"),
        one(Field.AGE, Op.AT_MOST, "201"),
        one(Field.AGE, Op.AT_MOST, "9" * 60),
        one(Field.REGION, Op.IS, "Hubei"),
        one(Field.ADDRESS, Op.CONTAINS, "  "),
        one(Field.ADDRESS, Op.IS, "x"),
    ],
)
def test_rules_that_mean_nothing_are_named_by_their_place(rules: Rules) -> None:
    sound = Clause((ProfileCondition(Field.KIND, Op.IS, ("enterprise",)),))
    assert set(faults_of(Rules((sound, *rules.all)))) == {"rules.1.0"}


# ---------------------------------------------------------------- properties

DAYS = st.dates(date(1950, 1, 1), date(2030, 12, 31))
VALUES = {
    Field.KIND: st.sampled_from([str(kind) for kind in OrganizationKind if kind is not OrganizationKind.PARK]),
    Field.INDUSTRY: st.sampled_from([str(industry) for industry in Industry]),
    Field.HEADCOUNT: st.sampled_from([str(size) for size in Headcount]),
    Field.FOUNDED: DAYS.map(str),
    Field.AGE: st.integers(0, YEARS_MAX).map(str),
    Field.REGION: st.sampled_from(sorted(REGIONS)),
    Field.ADDRESS: st.sampled_from(["光谷", "Valley", "大道", "Hanyang", "1"]),
}


@st.composite
def conditions(draw: st.DrawFn) -> ProfileCondition:
    field = draw(st.sampled_from(list(Field)))
    op = draw(st.sampled_from(OPS[field]))
    most = 1 if op in (Op.AT_LEAST, Op.AT_MOST) else 4
    return ProfileCondition(field, op, tuple(draw(st.lists(VALUES[field], min_size=1, max_size=most))))


CLAUSES = st.lists(conditions(), min_size=1, max_size=3).map(lambda them: Clause(tuple(them)))
RULES = st.lists(CLAUSES, max_size=4).map(lambda them: Rules(tuple(them)))
KINDS = st.sampled_from(list(OrganizationKind))
WHOLE = st.builds(
    Facts,
    KINDS,
    st.sampled_from(list(Industry)),
    st.sampled_from(list(Headcount)),
    DAYS,
    st.sampled_from(sorted(REGIONS)),
    st.sampled_from(["光谷大道 1 号", "Valley Road", "x"]),
)
SILENCED = st.sets(st.sampled_from(["industry", "headcount", "founded_on", "region", "address"]))


def silenced(facts: Facts, names: set[str]) -> Facts:
    nothing: dict[str, object] = {"region": "", "address": ""}
    return replace(facts, **{name: nothing.get(name) for name in names})


def holds(condition: ProfileCondition, facts: Facts, today: date) -> bool:
    """Said once more, for a company that has said everything."""
    value = condition.values[0]
    match condition.field:
        case Field.KIND | Field.INDUSTRY | Field.REGION:
            own = {Field.KIND: facts.kind, Field.INDUSTRY: facts.industry, Field.REGION: facts.region}
            among = own[condition.field] in condition.values
            return among if condition.op is Op.IS else not among
        case Field.HEADCOUNT:
            order = ["micro", "small", "medium", "large"]
            mine = order.index(str(facts.headcount))
            if condition.op is Op.IS:
                return facts.headcount in condition.values
            return mine >= order.index(value) if condition.op is Op.AT_LEAST else mine <= order.index(value)
        case Field.FOUNDED:
            day = str(facts.founded_on)
            return day >= value if condition.op is Op.AT_LEAST else day <= value
        case Field.AGE:
            assert facts.founded_on is not None
            since = (facts.founded_on.year + int(value), facts.founded_on.month, facts.founded_on.day)
            now = (today.year, today.month, today.day)
            return now >= since if condition.op is Op.AT_LEAST else now <= since
        case Field.ADDRESS:
            return any(text.lower() in facts.address.lower() for text in condition.values)


@given(RULES, WHOLE, DAYS)
def test_for_a_whole_profile_rules_are_plain_logic(rules: Rules, facts: Facts, today: date) -> None:
    wanted = all(any(holds(each, facts, today) for each in clause.any) for clause in rules.all)
    assert judge(rules, facts, today).met is (Met.YES if wanted else Met.NO)


@given(RULES, WHOLE, DAYS, SILENCED)
def test_saying_more_never_turns_a_verdict_round(rules: Rules, facts: Facts, today: date, names: set[str]) -> None:
    before, after = judge(rules, silenced(facts, names), today).met, judge(rules, facts, today).met
    assert before in (Met.UNKNOWN, after)


@given(RULES, CLAUSES, conditions(), WHOLE, SILENCED)
def test_clauses_narrow_and_alternatives_widen(
    rules: Rules, clause: Clause, other: ProfileCondition, facts: Facts, names: set[str]
) -> None:
    order = [Met.NO, Met.UNKNOWN, Met.YES]
    known = silenced(facts, names)
    met = judge(rules, known, TODAY).met
    assert order.index(judge(Rules((*rules.all, clause)), known, TODAY).met) <= order.index(met)
    if rules.all:
        wider = Rules((Clause((*rules.all[0].any, other)), *rules.all[1:]))
        assert order.index(judge(wider, known, TODAY).met) >= order.index(met)


@given(RULES, WHOLE, SILENCED)
def test_every_verdict_comes_with_its_reasons_in_both_languages(rules: Rules, facts: Facts, names: set[str]) -> None:
    known = silenced(facts, names)
    assert faults_of(rules) == {}
    judgement = judge(rules, known, TODAY)
    assert len(judgement.reasons) == len(rules.all)
    assert judgement.met is all_of(reason.met for reason in judgement.reasons)
    for reason in judgement.reasons:
        words = reason_words(reason, known)
        assert words.whole
        assert "{}" not in words.zh + words.en


@given(st.data())
def test_the_order_of_clauses_does_not_matter(data: st.DataObject) -> None:
    rules, facts = data.draw(RULES), silenced(data.draw(WHOLE), data.draw(SILENCED))
    shuffled = Rules(tuple(data.draw(st.permutations(rules.all))))
    assert judge(rules, facts, TODAY).met is judge(shuffled, facts, TODAY).met


def test_words() -> None:
    rules = Rules(
        (
            Clause(
                (
                    ProfileCondition(Field.INDUSTRY, Op.IS, ("laser", "optics")),
                    ProfileCondition(Field.AGE, Op.AT_MOST, ("3",)),
                )
            ),
            Clause((ProfileCondition(Field.ADDRESS, Op.CONTAINS, ("光谷",)),)),
        )
    )
    facts = Facts(OrganizationKind.ENTERPRISE, Industry.ROBOTICS, founded_on=TODAY - timedelta(days=30))
    first, second = (reason_words(reason, facts) for reason in judge(rules, facts, TODAY).reasons)
    assert first.zh == "行业为激光或光学光电（现为：机器人），或成立不超过 3 年（2026-10-24 成立）"
    assert (
        first.en == "Industry: laser or optics (is: robotics); or in being for 3 years at most (founded on 2026-10-24)"
    )
    assert second.zh == "地址包含“光谷”（未填写）"
    assert second.en == "Address contains “光谷” (not stated)"
