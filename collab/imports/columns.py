"""From the cells of a row to clean values: which columns there are, in Chinese and English; what may stand there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from collab.accounts.models import MemberRole
from collab.accounts.service import normal_email
from collab.assist.models import MACHINE_TEXT_MAX_CHARS, SITE_MAX_CHARS
from collab.organizations.models import ORGANIZATION_NAME_MAX_CHARS, OrganizationKind
from collab.problems import Refusal
from rooms.core.model import NAME_MAX_CHARS
from rooms.core.text import clean_name

from .values import CELL_MAX_CHARS, ImportKind, ReadRow, Reason


class _Faulty(Exception):
    def __init__(self, reason: Reason) -> None:
        self.reason = reason


class _Column(Struct, frozen=True):
    field: str
    names: tuple[str, ...]  # in lower case, without blanks
    read: Callable[[str], str]
    required: bool = True  # in the table, and in each row


_KINDS: Final[Mapping[str, OrganizationKind]] = {
    "enterprise": OrganizationKind.ENTERPRISE,
    "company": OrganizationKind.ENTERPRISE,
    "企业": OrganizationKind.ENTERPRISE,
    "institution": OrganizationKind.INSTITUTION,
    "机构": OrganizationKind.INSTITUTION,
    "installer": OrganizationKind.INSTALLER,
    "安装商": OrganizationKind.INSTALLER,
    "安装单位": OrganizationKind.INSTALLER,
    "park": OrganizationKind.PARK,
    "园区": OrganizationKind.PARK,
}
_ROLES: Final[Mapping[str, MemberRole]] = {
    "administrator": MemberRole.ADMINISTRATOR,
    "admin": MemberRole.ADMINISTRATOR,
    "管理员": MemberRole.ADMINISTRATOR,
    "officer": MemberRole.OFFICER,
    "专员": MemberRole.OFFICER,
    "member": MemberRole.MEMBER,
    "成员": MemberRole.MEMBER,
}
_LOCALES: Final[Mapping[str, str]] = {"zh-cn": "zh-CN", "zh": "zh-CN", "中文": "zh-CN", "en": "en", "英文": "en"}
ROLES_APART: Final = ", "


def _text(limit: int) -> Callable[[str], str]:
    def read(raw: str) -> str:
        cleaned = clean_name(raw, CELL_MAX_CHARS)
        if len(cleaned) > limit:
            raise _Faulty(Reason.TOO_LONG)
        return cleaned

    return read


def _email(raw: str) -> str:
    if not raw.strip():
        return ""
    try:
        return normal_email(raw)
    except Refusal:
        raise _Faulty(Reason.INVALID) from None


def _kind(raw: str) -> str:
    word = raw.strip().lower()
    if not word:
        return ""
    if word not in _KINDS:
        raise _Faulty(Reason.INVALID)
    if _KINDS[word] is OrganizationKind.PARK:
        raise _Faulty(Reason.PARK)
    return _KINDS[word].value


def _roles(raw: str) -> str:
    """Sorted, so that two spellings of the same roles are the same."""
    words = [
        one for one in raw.lower().translate(str.maketrans("，、；;/|", ",,,,,,")).replace(" ", "").split(",") if one
    ]
    if any(one not in _ROLES for one in words):
        raise _Faulty(Reason.INVALID)
    return ROLES_APART.join(sorted({_ROLES[one] for one in words}))


def _locale(raw: str) -> str:
    word = raw.strip().lower()
    if word and word not in _LOCALES:
        raise _Faulty(Reason.INVALID)
    return _LOCALES.get(word, "")


_organization = _text(ORGANIZATION_NAME_MAX_CHARS)
COLUMNS: Final[Mapping[ImportKind, tuple[_Column, ...]]] = {
    ImportKind.ORGANIZATIONS: (
        _Column("name", ("name", "organization", "company", "名称", "组织", "组织名称", "企业名称"), _organization),
        _Column("kind", ("kind", "type", "类型", "类别"), _kind),
    ),
    ImportKind.PEOPLE: (
        _Column("email", ("email", "e-mail", "mail", "邮箱", "电子邮箱", "邮件"), _email),
        _Column("name", ("name", "姓名", "名字"), _text(NAME_MAX_CHARS)),
        _Column("organization", ("organization", "company", "组织", "单位", "企业", "组织名称"), _organization),
        _Column("roles", ("roles", "role", "角色", "职务"), _roles, required=False),
        _Column("locale", ("locale", "language", "语言"), _locale, required=False),
    ),
    ImportKind.MACHINES: (
        _Column("organization", ("organization", "company", "组织", "单位", "企业", "组织名称"), _organization),
        _Column("serial", ("serial", "serialnumber", "序列号", "出厂编号"), _text(MACHINE_TEXT_MAX_CHARS)),
        _Column("make", ("make", "manufacturer", "厂商", "制造商", "品牌"), _text(MACHINE_TEXT_MAX_CHARS)),
        _Column("model", ("model", "型号"), _text(MACHINE_TEXT_MAX_CHARS)),
        _Column("site", ("site", "location", "位置", "地点", "安装位置"), _text(SITE_MAX_CHARS), required=False),
    ),
}
_KEYS: Final[Mapping[ImportKind, tuple[str, ...]]] = {
    ImportKind.ORGANIZATIONS: ("name",),
    ImportKind.PEOPLE: ("email", "organization"),
    ImportKind.MACHINES: ("organization", "serial"),
}
KEY_APART: Final = "\u241f"  # no cleaned text that anybody writes has it: a symbol for a separator


class Head(Struct, frozen=True):
    """Which column of the table is which."""

    places: dict[str, int]
    ignored: list[str]
    missing: list[str]


def head_of(kind: ImportKind, names: Sequence[str]) -> Head:
    """Of two columns with the same meaning the first counts."""
    known = {name: column.field for column in COLUMNS[kind] for name in column.names}
    places: dict[str, int] = {}
    ignored: list[str] = []
    for place, raw in enumerate(names):
        name = clean_name(raw, 64)
        field = known.get(name.lower().replace(" ", "").strip("*＊"))
        if field is None or field in places:
            if name:
                ignored.append(name)
            continue
        places[field] = place
    missing = [column.field for column in COLUMNS[kind] if column.required and column.field not in places]
    return Head(places, ignored, missing)


def read_row(kind: ImportKind, head: Head, number: int, cells: Sequence[str]) -> ReadRow:
    """Never raises: what cannot be read is a reason."""
    values: dict[str, str] = {}
    reason, at = "", ""
    for column in COLUMNS[kind]:
        place = head.places.get(column.field, len(cells))
        raw = cells[place] if place < len(cells) else ""
        try:
            if len(raw) > CELL_MAX_CHARS:
                raise _Faulty(Reason.TOO_LONG)
            values[column.field] = column.read(raw)
            if column.required and not values[column.field]:
                raise _Faulty(Reason.REQUIRED)
        except _Faulty as fault:
            values[column.field] = clean_name(raw, CELL_MAX_CHARS)  # as it is shown to whoever has to mend it
            if not reason:
                reason, at = fault.reason, column.field
    key = KEY_APART.join(values[field] for field in _KEYS[kind])
    return ReadRow(number, key, values, reason, at)
