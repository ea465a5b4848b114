"""What counts as an answer to a field: decoded once, cleaned, and kept as JSON.  Pure.

Hidden fields have no answer, whatever was sent for them; a field whose condition is a hidden field is hidden too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Final, TypeVar, assert_never

import msgspec
from msgspec import Meta, Raw, Struct

from collab.problems import FieldFault
from rooms.core.text import clean_chat, clean_name

from .fields import (
    PEOPLE_MAX,
    ROWS_MAX,
    TEXT_MAX_CHARS,
    Address,
    AddressField,
    ChoiceField,
    Column,
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

ANSWERS_MAX_BYTES: Final = 131_072
CELL_MAX_CHARS: Final = 400

Answers = dict[str, Raw]
_Text = Annotated[str, Meta(max_length=TEXT_MAX_CHARS)]
_Cell = Annotated[str, Meta(max_length=CELL_MAX_CHARS)]
_People = Annotated[tuple[Person, ...], Meta(max_length=PEOPLE_MAX)]
_Rows = Annotated[tuple[dict[str, _Cell], ...], Meta(max_length=ROWS_MAX)]
T = TypeVar("T")


class Checked(Struct, frozen=True):
    answers: Answers
    faults: dict[str, FieldFault]  # by field id; empty: all is well


class Wrong(Exception):
    def __init__(self, fault: FieldFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


def check_answers(
    fields: Sequence[Field],
    given: Mapping[str, Raw],
    today: date,
    *,
    complete: bool,
    files_of: Mapping[str, int] | None = None,
) -> Checked:
    """`complete`: required fields must be there.  `files_of`: how many files each file field has."""
    kept: Answers = {}
    faults: dict[str, FieldFault] = {}
    chosen: dict[str, frozenset[str]] = {}
    for one in fields:
        if not is_shown(one, chosen):
            continue
        raw = given.get(one.id)
        try:
            value = None if raw is None else _read(one, raw, today)
        except Wrong as wrong:
            faults[one.id] = wrong.fault
            continue
        if isinstance(one, FileField):
            if complete and one.required and not (files_of or {}).get(one.id, 0):
                faults[one.id] = FieldFault.REQUIRED
        elif value is None:
            if complete and one.required:
                faults[one.id] = FieldFault.REQUIRED
        else:
            kept[one.id] = Raw(msgspec.json.encode(value))
            if isinstance(one, ChoiceField):
                chosen[one.id] = frozenset(str(choice) for choice in (value if isinstance(value, tuple) else (value,)))
    unknown = given.keys() - {one.id for one in fields}
    faults.update(dict.fromkeys(sorted(unknown), FieldFault.INVALID))
    if sum(len(bytes(raw)) for raw in kept.values()) > ANSWERS_MAX_BYTES:
        faults["answers"] = FieldFault.TOO_LONG
    return Checked(kept, faults)


def is_shown(one: Field, chosen: Mapping[str, frozenset[str]]) -> bool:
    """`chosen`: the choices made in the fields before."""
    if one.show_if is None:
        return True
    return not chosen.get(one.show_if.field, frozenset()).isdisjoint(one.show_if.is_any)


def choices_of(fields: Sequence[Field], answers: Mapping[str, Raw]) -> dict[str, frozenset[str]]:
    """The choices in answers that were checked."""
    chosen = {}
    for one in fields:
        if isinstance(one, ChoiceField) and (raw := answers.get(one.id)) is not None:
            chosen[one.id] = frozenset(_as(raw, tuple[str, ...]) if one.many else (_as(raw, str),))
    return chosen


Value = str | float | int | tuple[str, ...] | tuple[Person, ...] | tuple[dict[str, str], ...] | Address


def _read(one: Field, raw: Raw, today: date) -> Value | None:
    """None for an empty answer.  Raises Wrong."""
    if bytes(raw).strip() == b"null":
        return None
    match one:
        case TextField():
            return _text(one, _as(raw, _Text))
        case NumberField():
            return _number(one, _as(raw, float))
        case ChoiceField():
            return _choice(one, raw)
        case DateField():
            return _date(_as(raw, str), one, today)
        case PeopleField():
            return _people(one, _as(raw, _People))
        case TableField():
            return _table(one, _as(raw, _Rows))
        case AddressField():
            return _address(_as(raw, Address))
        case FileField():
            raise Wrong(FieldFault.INVALID)
        case _:
            assert_never(one)


def _as(raw: Raw, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(raw, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Wrong(FieldFault.TOO_LONG if "length <=" in str(error) else FieldFault.INVALID) from None


def _text(one: TextField, raw: str) -> str | None:
    if len(raw) > one.max_chars:
        raise Wrong(FieldFault.TOO_LONG)
    return (clean_chat(raw) if one.lines else clean_name(raw, one.max_chars)) or None


def _number(one: NumberField, value: float) -> float | int:
    if not math.isfinite(value) or (one.whole and value != int(value)):
        raise Wrong(FieldFault.INVALID)
    if (one.low is not None and value < one.low) or (one.high is not None and value > one.high):
        raise Wrong(FieldFault.INVALID)
    return int(value) if one.whole else value


def _choice(one: ChoiceField, raw: Raw) -> str | tuple[str, ...] | None:
    known = [choice.id for choice in one.choices]
    picked = _as(raw, tuple[str, ...]) if one.many else (_as(raw, str),)
    if picked in ((), ("",)):
        return None
    if len(set(picked)) != len(picked) or not set(picked) <= set(known):
        raise Wrong(FieldFault.INVALID)
    return tuple(sorted(picked, key=known.index)) if one.many else picked[0]


def _date(raw: str, one: DateField, today: date) -> str | None:
    if not raw:
        return None
    try:
        moment = datetime.strptime(raw, "%Y-%m-%dT%H:%M" if one.time else "%Y-%m-%d")  # noqa: DTZ007 -- a local date
    except ValueError:
        raise Wrong(FieldFault.INVALID) from None
    day = moment.date()
    if (one.earliest is not None and day < today + timedelta(days=one.earliest)) or (
        one.latest is not None and day > today + timedelta(days=one.latest)
    ):
        raise Wrong(FieldFault.INVALID)
    return moment.strftime("%Y-%m-%dT%H:%M" if one.time else "%Y-%m-%d")


def _people(one: PeopleField, given: tuple[Person, ...]) -> tuple[Person, ...] | None:
    if len(given) > one.max_people:
        raise Wrong(FieldFault.TOO_LONG)
    cleaned = []
    for person in given:
        name = clean_name(person.name)
        if not name:
            raise Wrong(FieldFault.INVALID)
        cleaned.append(
            Person(
                name=name,
                phone=clean_name(person.phone, 32) if PersonPart.PHONE in one.parts else "",
                id_card=clean_name(person.id_card, 32) if PersonPart.ID_CARD in one.parts else "",
                from_place=clean_name(person.from_place, 200) if PersonPart.FROM_PLACE in one.parts else "",
            )
        )
    return tuple(cleaned) or None


def _table(one: TableField, given: tuple[dict[str, str], ...]) -> tuple[dict[str, str], ...] | None:
    if len(given) > one.max_rows:
        raise Wrong(FieldFault.TOO_LONG)
    known = {column.id for column in one.columns}
    rows = []
    for row in given:
        if not row.keys() <= known:
            raise Wrong(FieldFault.INVALID)
        cells = {column.id: _cell(column, row.get(column.id, "")) for column in one.columns}
        if not any(cells.values()):
            continue
        if any(column.required and not cells[column.id] for column in one.columns):
            raise Wrong(FieldFault.REQUIRED)
        rows.append(cells)
    return tuple(rows) or None


def _cell(column: Column, raw: str) -> str:
    text = clean_name(raw, CELL_MAX_CHARS)
    if not text:
        return ""
    try:
        if column.kind is ColumnKind.NUMBER and not math.isfinite(float(text)):
            raise Wrong(FieldFault.INVALID)
        if column.kind is ColumnKind.DATE:
            date.fromisoformat(text)
    except ValueError:
        raise Wrong(FieldFault.INVALID) from None
    return text


def _address(given: Address) -> Address:
    region, detail = clean_name(given.region, 120), clean_name(given.detail, 200)
    if not detail:
        raise Wrong(FieldFault.REQUIRED)
    return Address(region, detail)


def shown(one: Field, raw: Raw, language: str) -> str:
    """A checked answer as one reads it, in one cell."""
    match one:
        case TextField():
            return _as(raw, str)
        case DateField():
            return _as(raw, str).replace("T", " ")
        case NumberField():
            unit = one.unit.in_language(language)
            return f"{_as(raw, float):g}" + (f" {unit}" if unit else "")
        case ChoiceField():
            labels = {choice.id: choice.label.in_language(language) for choice in one.choices}
            picked = _as(raw, tuple[str, ...]) if one.many else (_as(raw, str),)
            return ("、" if language.startswith("zh") else ", ").join(labels.get(choice, choice) for choice in picked)
        case PeopleField():
            people = _as(raw, tuple[Person, ...])
            return "\n".join(" ".join(part for part in _parts(person) if part) for person in people)
        case TableField():
            rows = _as(raw, tuple[dict[str, str], ...])
            return "\n".join(" | ".join(row.get(column.id, "") for column in one.columns) for row in rows)
        case AddressField():
            address = _as(raw, Address)
            return f"{address.region} {address.detail}".strip()
        case FileField():
            return ""
        case _:
            assert_never(one)


def _parts(person: Person) -> tuple[str, ...]:
    return person.name, person.phone, person.id_card, person.from_place
