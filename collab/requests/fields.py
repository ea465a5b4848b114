"""The fields of a form, as data: a closed union of kinds, each with its own limits.  Pure.

Answers are kept as JSON by field id.  What each kind takes:
    text "..."; number 1.5; choice "a" or, when `many`, ["a", "b"]; date "2026-03-31" or, with time, "2026-03-31T09:30"
    people [{"name", "phone", "id_card", "from_place"}]; table [{column id: text}]; address {"region", "detail"}
    file: nothing (files are put under the request and name the field)
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta, Struct

from .words import NO_WORDS, Words

FIELDS_MAX: Final = 60
TEXT_MAX_CHARS: Final = 4_000
CHOICES_MAX: Final = 60
COLUMNS_MAX: Final = 12
ROWS_MAX: Final = 200
PEOPLE_MAX: Final = 200
FILES_MAX: Final = 20
DAYS_MAX: Final = 36_600
NUMBER_MAX: Final = 1e12

Key = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Number = Annotated[float, Meta(ge=-NUMBER_MAX, le=NUMBER_MAX)]
Days = Annotated[int, Meta(ge=-DAYS_MAX, le=DAYS_MAX)]


class Condition(Struct, frozen=True, forbid_unknown_fields=True):
    """Asked only when an earlier choice was one of these."""

    field: Key
    is_any: Annotated[tuple[Key, ...], Meta(min_length=1, max_length=CHOICES_MAX)]


class Choice(Struct, frozen=True, forbid_unknown_fields=True):
    id: Key
    label: Words


class FieldBase(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", kw_only=True):
    id: Key
    label: Words
    hint: Words = NO_WORDS
    required: bool = True
    show_if: Condition | None = None


class TextField(FieldBase, frozen=True, tag="text", kw_only=True):
    lines: bool = False  # more than one
    max_chars: Annotated[int, Meta(ge=1, le=TEXT_MAX_CHARS)] = 200


class NumberField(FieldBase, frozen=True, tag="number", kw_only=True):
    unit: Words = NO_WORDS
    low: Number | None = None
    high: Number | None = None
    whole: bool = False


class ChoiceField(FieldBase, frozen=True, tag="choice", kw_only=True):
    choices: Annotated[tuple[Choice, ...], Meta(min_length=1, max_length=CHOICES_MAX)]
    many: bool = False


class DateField(FieldBase, frozen=True, tag="date", kw_only=True):
    """`earliest`, `latest`: days from the day of filing, in the park's time zone."""

    time: bool = False
    earliest: Days | None = None
    latest: Days | None = None


class PersonPart(StrEnum):
    """What is asked for beside the name."""

    PHONE = "phone"
    ID_CARD = "id_card"
    FROM_PLACE = "from_place"


class PeopleField(FieldBase, frozen=True, tag="people", kw_only=True):
    parts: tuple[PersonPart, ...] = (PersonPart.PHONE,)
    max_people: Annotated[int, Meta(ge=1, le=PEOPLE_MAX)] = PEOPLE_MAX


class ColumnKind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"


class Column(Struct, frozen=True, forbid_unknown_fields=True):
    id: Key
    label: Words
    kind: ColumnKind = ColumnKind.TEXT
    required: bool = True


class TableField(FieldBase, frozen=True, tag="table", kw_only=True):
    columns: Annotated[tuple[Column, ...], Meta(min_length=1, max_length=COLUMNS_MAX)]
    max_rows: Annotated[int, Meta(ge=1, le=ROWS_MAX)] = 50


class FileField(FieldBase, frozen=True, tag="file", kw_only=True):
    max_files: Annotated[int, Meta(ge=1, le=FILES_MAX)] = 5


class AddressField(FieldBase, frozen=True, tag="address", kw_only=True):
    pass


Field = TextField | NumberField | ChoiceField | DateField | PeopleField | TableField | FileField | AddressField


class Person(Struct, frozen=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1, max_length=64)]
    phone: Annotated[str, Meta(max_length=32)] = ""
    id_card: Annotated[str, Meta(max_length=32)] = ""
    from_place: Annotated[str, Meta(max_length=200)] = ""


class Address(Struct, frozen=True, forbid_unknown_fields=True):
    """`region`: province, city, district as one writes them; `detail`: street, number, building."""

    region: Annotated[str, Meta(max_length=120)] = ""
    detail: Annotated[str, Meta(min_length=1, max_length=200)] = ""
