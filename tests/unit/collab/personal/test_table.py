"""No table is forgotten: every column that says who somebody is has a rule, or a reason why it needs none."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy import JSON

from collab.db.tables import metadata
from collab.personal.exporting import rules_of, shown_columns
from collab.personal.rules import Area, By, Fate, Rule
from collab.personal.table import NOT_PERSONAL, RULES

# What a column is called that names a person, holds their address, or says where they were.
LOOKS_PERSONAL = re.compile(
    r"(^|_)(email|phone|endpoint|speaker|identity|sender_id|actor_id|reader_id|person_id|viewer_id)$"
    r"|^(name|by|address|to_address|to_name|reply_to|used_from|requester_id|subject_name)$"
    r"|(^|_)account_id$|_by$|^(actor|author|changed_by|done_by|from|inspector|organizer|owner|reader|requester|sender|to)_name$"
)


def personal_columns() -> set[tuple[str, str]]:
    return {
        (table.name, column.name)
        for table in metadata.tables.values()
        for column in table.columns
        if any(key.column.table.name == "accounts" for key in column.foreign_keys) or LOOKS_PERSONAL.search(column.name)
    }


def ruled_columns() -> set[tuple[str, str]]:
    return {(rule.table, column) for rule in RULES for column in rule.columns}


def test_every_column_that_names_a_person_has_a_rule_or_a_reason() -> None:
    assert personal_columns() - ruled_columns() - set(NOT_PERSONAL) == set()


def test_rules_and_reasons_name_what_there_is() -> None:
    existing = {(table.name, column.name) for table in metadata.tables.values() for column in table.columns}
    read = {(rule.table, column) for rule in RULES for column in rule.only}
    read |= {(rule.through.parent, rule.key) for rule in RULES if rule.through}
    read |= {(rule.table, rule.through.column) for rule in RULES if rule.through}
    read |= {(rule.table, rule.file.sha256) for rule in RULES if rule.file}
    assert (ruled_columns() | read | set(NOT_PERSONAL)) - existing == set()
    assert ruled_columns() & set(NOT_PERSONAL) == set()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.table}.{rule.key}")
def test_what_is_not_deleted_says_why_and_what_is_anonymised_says_how(rule: Rule) -> None:
    assert bool(rule.reason) == (rule.fate is not Fate.DELETE)
    assert bool(rule.names or rule.blanks) == (rule.fate is Fate.ANONYMISE)


def test_whatever_an_export_shows_has_a_form_in_json() -> None:
    tables = {table for area in Area for table in rules_of(area)}
    shown = [column.type for table in tables for column in shown_columns(table)]
    assert {one.python_type for one in shown if not isinstance(one, JSON)} <= {str, int, bool, float, date}


def test_a_name_is_long_enough_for_every_pseudonym() -> None:
    for rule in RULES:
        for column in rule.names:
            length = getattr(metadata.tables[rule.table].c[column].type, "length", None)
            assert length is None or length >= 32, (rule.table, column)


def test_nobody_is_deleted_by_a_name_alone() -> None:
    assert [rule for rule in RULES if rule.by is By.NAME and rule.fate is Fate.DELETE] == []


def test_a_row_found_through_its_parent_stands_before_the_rule_that_deletes_the_parent() -> None:
    for number, rule in enumerate(RULES):
        if rule.through is not None:
            deleted = [other.table for other in RULES[:number] if other.fate is Fate.DELETE]
            assert rule.through.parent not in deleted, rule
