"""The reasons for and against a company, in both languages.  Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from collab.directory.regions import ABROAD, REGIONS
from collab.directory.trades import Headcount, Industry
from collab.organizations.models import OrganizationKind
from collab.requests.words import Words

from .rules import Facts, Field, Op, ProfileCondition, Reason

KINDS: Final[Mapping[str, Words]] = {
    OrganizationKind.PARK: Words("园区", "park"),
    OrganizationKind.ENTERPRISE: Words("企业", "enterprise"),
    OrganizationKind.INSTITUTION: Words("院所机构", "institution"),
    OrganizationKind.INSTALLER: Words("安装单位", "installer"),
}
INDUSTRIES: Final[Mapping[str, Words]] = {
    Industry.LASER: Words("激光", "laser"),
    Industry.ROBOTICS: Words("机器人", "robotics"),
    Industry.VEHICLES: Words("新能源汽车", "new-energy vehicles"),
    Industry.BIOTECH: Words("生物医药", "biotech"),
    Industry.CHIPS: Words("集成电路", "integrated circuits"),
    Industry.OPTICS: Words("光学光电", "optics"),
    Industry.SOFTWARE: Words("软件", "software"),
    Industry.MATERIALS: Words("新材料", "new materials"),
    Industry.MEDICAL: Words("医疗器械", "medical devices"),
    Industry.MACHINERY: Words("装备制造", "machinery"),
    Industry.FINANCE: Words("金融", "finance"),
    Industry.SERVICES: Words("服务业", "services"),
    Industry.RESEARCH: Words("科研", "research"),
    Industry.OTHER: Words("其他", "other"),
}
HEADCOUNTS: Final[Mapping[str, Words]] = {
    Headcount.MICRO: Words("20 人以下", "fewer than 20 people"),
    Headcount.SMALL: Words("20 至 299 人", "20 to 299 people"),
    Headcount.MEDIUM: Words("300 至 999 人", "300 to 999 people"),
    Headcount.LARGE: Words("1000 人及以上", "1,000 people or more"),
}
PLACES: Final[Mapping[str, Words]] = {
    **{code: Words(one.zh, one.en) for code, one in REGIONS.items()},
    ABROAD: Words("境外", "abroad"),
}

# {} is where the values go.
_PHRASES: Final[Mapping[tuple[Field, Op], Words]] = {
    (Field.KIND, Op.IS): Words("类型为{}", "Kind: {}"),
    (Field.KIND, Op.IS_NOT): Words("类型不是{}", "Kind: not {}"),
    (Field.INDUSTRY, Op.IS): Words("行业为{}", "Industry: {}"),
    (Field.INDUSTRY, Op.IS_NOT): Words("行业不是{}", "Industry: not {}"),
    (Field.HEADCOUNT, Op.IS): Words("人员规模为{}", "Size: {}"),
    (Field.HEADCOUNT, Op.AT_LEAST): Words("人员规模为{}或更大", "Size: {}, or larger"),
    (Field.HEADCOUNT, Op.AT_MOST): Words("人员规模为{}或更小", "Size: {}, or smaller"),
    (Field.FOUNDED, Op.AT_LEAST): Words("{} 或以后成立", "Founded on {} or later"),
    (Field.FOUNDED, Op.AT_MOST): Words("{} 或以前成立", "Founded on {} or earlier"),
    (Field.AGE, Op.AT_LEAST): Words("成立满 {} 年", "In being for {} years or more"),
    (Field.AGE, Op.AT_MOST): Words("成立不超过 {} 年", "In being for {} years at most"),
    (Field.REGION, Op.IS): Words("所在地为{}", "Place: {}"),
    (Field.REGION, Op.IS_NOT): Words("所在地不是{}", "Place: not {}"),
    (Field.ADDRESS, Op.CONTAINS): Words("地址包含{}", "Address contains {}"),
}
_NAMES: Final[Mapping[Field, Mapping[str, Words]]] = {
    Field.KIND: KINDS,
    Field.INDUSTRY: INDUSTRIES,
    Field.HEADCOUNT: HEADCOUNTS,
    Field.REGION: PLACES,
}
_OWN: Final[Mapping[Field, Callable[[Facts], str]]] = {
    Field.KIND: lambda facts: facts.kind,
    Field.INDUSTRY: lambda facts: facts.industry or "",
    Field.HEADCOUNT: lambda facts: facts.headcount or "",
    Field.FOUNDED: lambda facts: str(facts.founded_on or ""),
    Field.AGE: lambda facts: str(facts.founded_on or ""),
    Field.REGION: lambda facts: facts.region,
    Field.ADDRESS: lambda facts: facts.address,
}


def reason_words(reason: Reason, facts: Facts) -> Words:
    """Such as: "Industry: laser or optics (is: robotics)"; several conditions of a clause joined by "or"."""
    said = [_condition_words(one.condition, facts) for one in reason.tried]
    first, *more = (one.en for one in said)
    return Words("，或".join(one.zh for one in said), "; or ".join([first, *(en[0].lower() + en[1:] for en in more)]))


def _condition_words(condition: ProfileCondition, facts: Facts) -> Words:
    phrase = _PHRASES[condition.field, condition.op]
    values = [_name(condition.field, one) for one in condition.values]
    own = _OWN[condition.field](facts)
    now = _name(condition.field, own)
    zh = phrase.zh.replace("{}", _joined(condition, [one.zh for one in values], "或"))
    en = phrase.en.replace("{}", _joined(condition, [one.en for one in values], " or "))
    if not own:
        return Words(f"{zh}（未填写）", f"{en} (not stated)")
    if condition.field in (Field.FOUNDED, Field.AGE):
        return Words(f"{zh}（{now.zh} 成立）", f"{en} (founded on {now.en})")
    return Words(f"{zh}（现为：{now.zh}）", f"{en} (is: {now.en})")


def _joined(condition: ProfileCondition, values: Sequence[str], last: str) -> str:
    if condition.field is Field.ADDRESS:
        values = [f"“{one}”" for one in values]
    return last.join(values)


def _name(field: Field, value: str) -> Words:
    return _NAMES.get(field, {}).get(value) or Words(value, value)
