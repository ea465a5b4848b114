"""Answers: what each kind of field takes, what hidden fields keep, and what no bytes do."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from collab.problems import FieldFault
from collab.requests.answers import check_answers, shown
from collab.requests.fields import (
    AddressField,
    Choice,
    ChoiceField,
    Column,
    ColumnKind,
    Condition,
    DateField,
    Field,
    FileField,
    NumberField,
    PeopleField,
    PersonPart,
    TableField,
    TextField,
)
from collab.requests.words import Words

TODAY = date(2026, 11, 23)
NAME = Words("名称", "Name")
CHOICES = (Choice("a", Words("甲", "First")), Choice("b", Words("乙", "Second")))
FIELDS: tuple[Field, ...] = (
    TextField(id="text", label=NAME, max_chars=10),
    TextField(id="lines", label=NAME, lines=True),
    NumberField(id="number", label=NAME, low=0, high=100, unit=Words("人", "people")),
    NumberField(id="whole", label=NAME, whole=True),
    ChoiceField(id="choice", label=NAME, choices=CHOICES),
    ChoiceField(id="many", label=NAME, choices=CHOICES, many=True, show_if=Condition("choice", ("b",))),
    TextField(id="deep", label=NAME, show_if=Condition("many", ("a",))),
    DateField(id="date", label=NAME, earliest=0, latest=7),
    DateField(id="time", label=NAME, time=True),
    PeopleField(id="people", label=NAME, parts=(PersonPart.PHONE,), max_people=2),
    TableField(
        id="table",
        label=NAME,
        columns=(Column("day", NAME, ColumnKind.DATE), Column("note", NAME, required=False)),
        max_rows=2,
    ),
    FileField(id="file", label=NAME),
    AddressField(id="address", label=NAME),
)
GOOD: dict[str, object] = {
    "text": " Hall\u202e 3 ",
    "lines": "one\ntwo",
    "number": 2.5,
    "whole": 3,
    "choice": "b",
    "many": ["b", "a"],
    "deep": "x",
    "date": "2026-11-30",
    "time": "2026-11-23T09:30",
    "people": [{"name": "王芳", "phone": "138", "id_card": "not asked for"}],
    "table": [{"day": "2026-11-01"}, {"day": "", "note": ""}],
    "address": {"region": "湖北省武汉市", "detail": "光谷大道 1 号"},
}


def raw(answers: dict[str, object]) -> dict[str, Raw]:
    return {key: Raw(msgspec.json.encode(value)) for key, value in answers.items()}


def kept(answers: dict[str, object]) -> dict[str, object]:
    checked = check_answers(FIELDS, raw(answers), TODAY, complete=False)
    assert checked.faults == {}
    return {key: msgspec.json.decode(value) for key, value in checked.answers.items()}


def test_good_answers_are_cleaned_and_kept() -> None:
    checked = check_answers(FIELDS, raw(GOOD), TODAY, complete=True, files_of={"file": 1})
    assert checked.faults == {}
    values = {key: msgspec.json.decode(value) for key, value in checked.answers.items()}
    assert (values["text"], values["many"], values["whole"]) == ("Hall 3", ["a", "b"], 3)
    assert values["people"] == [{"name": "王芳", "phone": "138", "id_card": "", "from_place": ""}]
    assert values["table"] == [{"day": "2026-11-01", "note": ""}]
    again = check_answers(FIELDS, checked.answers, TODAY, complete=True, files_of={"file": 1})
    assert again == checked


def test_hidden_fields_keep_nothing_and_are_not_asked_for() -> None:
    values = kept({**GOOD, "choice": "a"})
    assert "many" not in values
    assert "deep" not in values  # its condition is hidden itself
    faults = check_answers(FIELDS, raw({"choice": "a"}), TODAY, complete=True).faults
    assert set(faults) == {
        "text", "lines", "number", "whole", "date", "time", "people", "table", "file", "address",
    }  # fmt: skip
    assert set(faults.values()) == {FieldFault.REQUIRED}


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("text", "more than ten characters", FieldFault.TOO_LONG),
        ("text", 5, FieldFault.INVALID),
        ("lines", "x" * 5_000, FieldFault.TOO_LONG),
        ("number", 101, FieldFault.INVALID),
        ("number", "12", FieldFault.INVALID),
        ("whole", 2.5, FieldFault.INVALID),
        ("choice", "c", FieldFault.INVALID),
        ("many", ["a", "a"], FieldFault.INVALID),
        ("date", "2026-11-22", FieldFault.INVALID),
        ("date", "2026-12-01", FieldFault.INVALID),
        ("date", "2026-02-30", FieldFault.INVALID),
        ("time", "2026-11-23", FieldFault.INVALID),
        ("people", [{"name": "a"}] * 3, FieldFault.TOO_LONG),
        ("people", [{"name": "\u200b"}], FieldFault.INVALID),
        ("people", [{"name": "a", "role": "x"}], FieldFault.INVALID),
        ("table", [{"day": "x"}], FieldFault.INVALID),
        ("table", [{"note": "x"}], FieldFault.REQUIRED),
        ("table", [{"other": "x"}], FieldFault.INVALID),
        ("file", "x", FieldFault.INVALID),
        ("address", {"region": "x", "detail": ""}, FieldFault.TOO_LONG),
        ("unknown", 1, FieldFault.INVALID),
    ],
)
def test_bad_answers_are_named(field: str, value: object, fault: FieldFault) -> None:
    checked = check_answers(FIELDS, raw({"choice": "b", field: value}), TODAY, complete=False)
    assert set(checked.faults) == {field}
    if field != "address":
        assert checked.faults[field] is fault
    assert field not in checked.answers


def test_answers_read_well_in_both_languages() -> None:
    answers = raw(GOOD)
    by_id = {one.id: one for one in FIELDS}
    assert shown(by_id["number"], answers["number"], "en") == "2.5 people"
    assert shown(by_id["many"], answers["many"], "zh-CN") == "乙、甲"
    assert shown(by_id["time"], answers["time"], "en") == "2026-11-23 09:30"
    assert shown(by_id["address"], answers["address"], "en") == "湖北省武汉市 光谷大道 1 号"


@given(st.dictionaries(st.sampled_from([one.id for one in FIELDS]), st.binary(max_size=60)))
def test_no_bytes_do_more_than_to_be_named(given_bytes: dict[str, bytes]) -> None:
    answers = {key: Raw(value) for key, value in given_bytes.items() if value}
    checked = check_answers(FIELDS, answers, TODAY, complete=False)
    assert set(checked.answers) | set(checked.faults) <= set(answers) | {"answers"}


words = st.text("ab 王芳\u202e\u200b0-2T:\n", max_size=12)
keys = st.sampled_from(["name", "phone", "day", "note", "region", "detail", "x"])
json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | words | st.sampled_from(["a", "b", "2026-11-25"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from([one.id for one in FIELDS]), json_values))
def test_whatever_is_kept_can_be_shown_and_kept_again(answers: dict[str, object]) -> None:
    checked = check_answers(FIELDS, raw(answers), TODAY, complete=False)
    for one in FIELDS:
        if one.id in checked.answers:
            assert isinstance(shown(one, checked.answers[one.id], "en"), str)
    assert check_answers(FIELDS, checked.answers, TODAY, complete=False) == msgspec.structs.replace(checked, faults={})
