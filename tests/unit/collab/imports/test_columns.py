"""Cells become clean values, or a reason that names the column."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collab.imports.columns import head_of, read_row
from collab.imports.values import CELL_MAX_CHARS, ImportKind, Reason

PEOPLE = ("邮箱", "姓名", "单位", "角色", "语言")


def test_columns_are_known_in_both_languages_and_any_order() -> None:
    for names in (("Organization ", "E-Mail*", "NAME", "Shoe size"), ("单位", "邮箱", "姓名", "鞋码")):
        head = head_of(ImportKind.PEOPLE, names)
        assert head.places == {"organization": 0, "email": 1, "name": 2}
        assert (len(head.ignored), head.missing) == (1, [])
    assert head_of(ImportKind.MACHINES, ("型号", "型号")).missing == ["organization", "serial", "make"]


def test_a_person_is_cleaned() -> None:
    head = head_of(ImportKind.PEOPLE, PEOPLE)
    row = read_row(
        ImportKind.PEOPLE, head, 2, (" Mei@Works.Example ", "王\u202e芳", "光谷激光", "专员，管理员", "英文")
    )
    assert row.reason == ""
    assert row.cells == {
        "email": "mei@works.example",
        "name": "王芳",
        "organization": "光谷激光",
        "roles": "administrator, officer",
        "locale": "en",
    }


@pytest.mark.parametrize(
    ("cells", "reason", "column"),
    [
        (("", "Mei", "Works"), Reason.REQUIRED, "email"),
        (("mei at works", "Mei", "Works"), Reason.INVALID, "email"),
        (("mei@works.example", "\u200b", "Works"), Reason.REQUIRED, "name"),
        (("mei@works.example", "M" * 65, "Works"), Reason.TOO_LONG, "name"),
        (("mei@works.example", "Mei", "W" * (CELL_MAX_CHARS + 1)), Reason.TOO_LONG, "organization"),
        (("mei@works.example", "Mei", "Works", "emperor"), Reason.INVALID, "roles"),
        (("mei@works.example", "Mei", "Works", "", "tlh"), Reason.INVALID, "locale"),
        (("mei@works.example",), Reason.REQUIRED, "name"),
    ],
)
def test_what_is_wrong_is_named(cells: tuple[str, ...], reason: Reason, column: str) -> None:
    row = read_row(ImportKind.PEOPLE, head_of(ImportKind.PEOPLE, PEOPLE), 7, cells)
    assert (row.number, row.reason, row.column) == (7, reason, column)


def test_nobody_imports_a_park() -> None:
    head = head_of(ImportKind.ORGANIZATIONS, ("name", "kind"))
    for word in ("park", "园区"):
        assert read_row(ImportKind.ORGANIZATIONS, head, 2, ("Second", word)).reason == Reason.PARK


@given(
    st.sampled_from(ImportKind), st.lists(st.text(max_size=20), max_size=8), st.lists(st.text(max_size=600), max_size=8)
)
def test_no_cells_do_more_than_to_be_refused(kind: ImportKind, names: list[str], cells: list[str]) -> None:
    row = read_row(kind, head_of(kind, names), 2, cells)
    assert all(len(value) <= CELL_MAX_CHARS and "\n" not in value for value in row.cells.values())
