"""Who may apply for a policy, as data, and what it comes to for a company.  Pure.

All clauses must hold, of a clause any one condition.  What a company has not said of itself is neither for nor against
it: three values (Kleene's), so that a rule that would decide stays open instead of shutting a company out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta, Struct

from collab.directory.regions import is_region
from collab.directory.trades import Headcount, Industry
from collab.organizations.models import OrganizationKind
from collab.problems import FieldFault

CLAUSES_MAX: Final = 12
CONDITIONS_MAX: Final = 6  # of a clause
VALUES_MAX: Final = 34  # of a condition: all provinces
VALUE_MAX_CHARS: Final = 60
YEARS_MAX: Final = 200


class Field(StrEnum):
    """What is asked of the profile."""

    KIND = "kind"
    INDUSTRY = "industry"
    HEADCOUNT = "headcount"
    FOUNDED = "founded"  # the day
    AGE = "age"  # years since then
    REGION = "region"
    ADDRESS = "address"


class Op(StrEnum):
    IS = "is"  # one of the values
    IS_NOT = "is_not"  # none of them
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    CONTAINS = "contains"  # one of them


class Met(StrEnum):
    YES = "yes"
    UNKNOWN = "unknown"
    NO = "no"


class ProfileCondition(Struct, frozen=True, forbid_unknown_fields=True):
    """Values: days (2020-01-31) for `founded`, years for `age`, pieces of text for `address`, else of closed lists."""

    field: Field
    op: Op
    values: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=VALUE_MAX_CHARS)], ...],
        Meta(min_length=1, max_length=VALUES_MAX),
    ]


class Clause(Struct, frozen=True, forbid_unknown_fields=True):
    any: Annotated[tuple[ProfileCondition, ...], Meta(min_length=1, max_length=CONDITIONS_MAX)]


class Rules(Struct, frozen=True, forbid_unknown_fields=True):
    """Without a clause: for every company."""

    all: Annotated[tuple[Clause, ...], Meta(max_length=CLAUSES_MAX)] = ()


class Facts(Struct, frozen=True):
    """Of a company, as far as its page says."""

    kind: OrganizationKind
    industry: Industry | None = None
    headcount: Headcount | None = None
    founded_on: date | None = None
    region: str = ""
    address: str = ""


class Tried(Struct, frozen=True):
    condition: ProfileCondition
    met: Met


class Reason(Struct, frozen=True):
    """One clause, and what each of its conditions came to."""

    met: Met
    tried: tuple[Tried, ...]


class Judgement(Struct, frozen=True):
    met: Met
    reasons: tuple[Reason, ...] = ()


_RANK: Final[Mapping[Met, int]] = {Met.NO: 0, Met.UNKNOWN: 1, Met.YES: 2}
_ranked: Callable[[Met], int] = _RANK.__getitem__


def any_of(values: Iterable[Met]) -> Met:
    return max(values, key=_ranked, default=Met.NO)


def all_of(values: Iterable[Met]) -> Met:
    return min(values, key=_ranked, default=Met.YES)


def judge(rules: Rules, facts: Facts, today: date) -> Judgement:
    """`rules` are without faults."""
    reasons = []
    for clause in rules.all:
        tried = tuple(Tried(condition, _met(condition, facts, today)) for condition in clause.any)
        reasons.append(Reason(any_of(one.met for one in tried), tried))
    return Judgement(all_of(one.met for one in reasons), tuple(reasons))


def _met(condition: ProfileCondition, facts: Facts, today: date) -> Met:
    holds = _FACTS[condition.field](condition, facts, today)
    if holds is None:
        return Met.UNKNOWN
    return Met.YES if holds else Met.NO


def _kind(condition: ProfileCondition, facts: Facts, _today: date) -> bool | None:
    return _among(condition, facts.kind)


def _industry(condition: ProfileCondition, facts: Facts, _today: date) -> bool | None:
    return _among(condition, facts.industry)


def _region(condition: ProfileCondition, facts: Facts, _today: date) -> bool | None:
    return _among(condition, facts.region)


def _headcount(condition: ProfileCondition, facts: Facts, _today: date) -> bool | None:
    if not facts.headcount or condition.op is Op.IS:
        return _among(condition, facts.headcount)
    return _compared(condition, _SIZES.index(facts.headcount), _SIZES.index(Headcount(condition.values[0])))


def _founded(condition: ProfileCondition, facts: Facts, _today: date) -> bool | None:
    if facts.founded_on is None:
        return None
    return _compared(condition, facts.founded_on.toordinal(), date.fromisoformat(condition.values[0]).toordinal())


def _age(condition: ProfileCondition, facts: Facts, today: date) -> bool | None:
    """On the anniversary itself a company is both at least and at most that old."""
    if facts.founded_on is None:
        return None
    return _compared(condition, today.toordinal(), anniversary(facts.founded_on, int(condition.values[0])).toordinal())


def _address(condition: ProfileCondition, facts: Facts, _today: date) -> bool | None:
    if not facts.address:
        return None
    return any(one.casefold() in facts.address.casefold() for one in condition.values)


def _among(condition: ProfileCondition, value: str | None) -> bool | None:
    if not value:
        return None
    return (value in condition.values) is (condition.op is Op.IS)


def _compared(condition: ProfileCondition, value: int, bound: int) -> bool:
    return value >= bound if condition.op is Op.AT_LEAST else value <= bound


def anniversary(founded_on: date, years: int) -> date:
    """Of a 29th of February: the first of March, where there is none."""
    year = min(founded_on.year + years, date.max.year)
    try:
        return founded_on.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


_SIZES: Final = tuple(Headcount)
_FACTS: Final[Mapping[Field, Callable[[ProfileCondition, Facts, date], bool | None]]] = {
    Field.KIND: _kind,
    Field.INDUSTRY: _industry,
    Field.HEADCOUNT: _headcount,
    Field.FOUNDED: _founded,
    Field.AGE: _age,
    Field.REGION: _region,
    Field.ADDRESS: _address,
}


# ---------------------------------------------------------------- what rules may be

OPS: Final[Mapping[Field, tuple[Op, ...]]] = {
    Field.KIND: (Op.IS, Op.IS_NOT),
    Field.INDUSTRY: (Op.IS, Op.IS_NOT),
    Field.HEADCOUNT: (Op.IS, Op.AT_LEAST, Op.AT_MOST),
    Field.FOUNDED: (Op.AT_LEAST, Op.AT_MOST),
    Field.AGE: (Op.AT_LEAST, Op.AT_MOST),
    Field.REGION: (Op.IS, Op.IS_NOT),
    Field.ADDRESS: (Op.CONTAINS,),
}
_BOUNDS: Final = frozenset({Op.AT_LEAST, Op.AT_MOST})


def faults_of(rules: Rules) -> dict[str, FieldFault]:
    """What is wrong, by the place: "rules.0.1" is the second condition of the first clause.  Empty when it is well."""
    return {
        f"rules.{number}.{place}": FieldFault.INVALID
        for number, clause in enumerate(rules.all)
        for place, condition in enumerate(clause.any)
        if not _is_well(condition)
    }


def _is_well(condition: ProfileCondition) -> bool:
    if condition.op not in OPS[condition.field] or (condition.op in _BOUNDS and len(condition.values) != 1):
        return False
    return all(_VALUES[condition.field](one) for one in condition.values)


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_years(value: str) -> bool:
    return value.isascii() and value.isdecimal() and len(value) <= len(str(YEARS_MAX)) and int(value) <= YEARS_MAX


_VALUES: Final[Mapping[Field, Callable[[str], bool]]] = {
    Field.KIND: frozenset(OrganizationKind).difference({OrganizationKind.PARK}).__contains__,
    Field.INDUSTRY: frozenset(Industry).__contains__,
    Field.HEADCOUNT: frozenset(Headcount).__contains__,
    Field.FOUNDED: _is_day,
    Field.AGE: _is_years,
    Field.REGION: is_region,
    Field.ADDRESS: lambda value: bool(value.strip()),
}
