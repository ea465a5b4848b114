"""Answers to any form, plausible and made by chance.  Pure."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import assert_never

import msgspec
from msgspec import Raw

from collab.requests.answers import Answers, is_shown
from collab.requests.definition import Definition
from collab.requests.fields import (
    Address,
    AddressField,
    ChoiceField,
    ColumnKind,
    DateField,
    Field,
    FileField,
    NumberField,
    PeopleField,
    Person,
    PersonPart,
    TableField,
    TextField,
)

from .names import CELLS, DETAILS, PLACES, WORDS, person


def answers_to(definition: Definition, subject: str, today: date, chance: Random) -> Answers:
    chosen: dict[str, frozenset[str]] = {}
    filled: Answers = {}
    for one in definition.fields:
        if not is_shown(one, chosen) or (not one.required and chance.random() < 0.5):
            continue
        value = subject if one.id == definition.title_field else _answer(one, today, chance)
        if value is None:
            continue
        filled[one.id] = Raw(msgspec.json.encode(value))
        if isinstance(one, ChoiceField):
            chosen[one.id] = frozenset([str(value)] if isinstance(value, str) else map(str, value))  # type: ignore[call-overload]
    return filled


def _answer(one: Field, today: date, chance: Random) -> object:
    match one:
        case TextField():
            return _words(one, chance)
        case NumberField():
            low = one.low if one.low is not None else 0.0
            high = min(one.high if one.high is not None else 1_000.0, low + 1_000)
            value = chance.uniform(low, high)
            return int(value) if one.whole else round(value, 1)
        case ChoiceField():
            picked = chance.choice(one.choices).id
            return [picked] if one.many else picked
        case DateField():
            latest = one.latest if one.latest is not None else 30
            earliest = one.earliest if one.earliest is not None else latest - 300
            day = today + timedelta(days=chance.randint(earliest, latest))
            return f"{day.isoformat()}T{chance.randint(8, 17):02d}:30" if one.time else day.isoformat()
        case PeopleField():
            return [_person(one, chance) for _ in range(chance.randint(1, min(4, one.max_people)))]
        case TableField():
            return [_row(one, today, chance) for _ in range(chance.randint(1, min(3, one.max_rows)))]
        case AddressField():
            return Address("湖北省武汉市", chance.choice(PLACES))
        case FileField():
            return None
        case _:
            assert_never(one)


def _words(one: TextField, chance: Random) -> str:
    if one.lines:
        return chance.choice(DETAILS)[: one.max_chars]
    if "phone" in one.id:
        return f"1{chance.randint(30, 39)}{chance.randint(0, 99_999_999):08d}"
    if one.id == "plate":
        return f"鄂A{chance.randint(10_000, 99_999)}"
    if one.id == "bank_account":
        return f"6222{chance.randint(0, 999_999_999_999):012d}"
    if one.id in WORDS:
        return chance.choice(WORDS[one.id])[: one.max_chars]
    return person(chance)[0]


def _person(one: PeopleField, chance: Random) -> Person:
    phone = f"1{chance.randint(30, 39)}{chance.randint(0, 99_999_999):08d}" if PersonPart.PHONE in one.parts else ""
    place = chance.choice(("武汉", "上海", "深圳", "成都", "Suzhou")) if PersonPart.FROM_PLACE in one.parts else ""
    return Person(name=person(chance)[0], phone=phone, from_place=place)


def _row(one: TableField, today: date, chance: Random) -> dict[str, str]:
    made = {
        ColumnKind.NUMBER: lambda: str(chance.randint(1, 50)),
        ColumnKind.DATE: lambda: str(today - timedelta(days=chance.randint(1, 60))),
    }
    return {
        column.id: made[column.kind]() if column.kind in made else chance.choice(CELLS.get(column.id, DETAILS))[:20]
        for column in one.columns
    }
