"""A person's rows in SQL, as the rules name them: for reading them, deleting them, and giving them a pseudonym."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Column, ColumnElement, Table, and_, delete, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from collab.db.base import Base

from .rules import By, Fate, Rule, Stamp

BITE_ROWS: Final = 500  # of one transaction


class Person(Struct, frozen=True):
    """Whose rows.  `alone`: nobody else's account has the same name."""

    id: str
    email: str
    name: str
    alone: bool


def table_of(rule: Rule) -> Table:
    return Base.metadata.tables[rule.table]


def theirs(rule: Rule, person: Person) -> ColumnElement[bool]:
    """Whether a row of the rule's table is this person's."""
    table = table_of(rule)
    parts: list[ColumnElement[bool]] = []
    if rule.through is None:
        parts.append(_names(table.c[rule.key], rule.by, person))
    else:
        parent = Base.metadata.tables[rule.through.parent]
        held = select(parent.c.id).where(_names(parent.c[rule.key], rule.by, person))
        if rule.through.without:
            held = held.where(parent.c[rule.through.without].is_(None))
        parts.append(table.c[rule.through.column].in_(held))
    parts.extend(table.c[column].in_(values) for column, values in rule.only.items())
    return and_(*parts)


async def do_bite(session: AsyncSession, rule: Rule, person: Person, pseudonym: str, at_ms: int) -> int:
    """At most BITE_ROWS of what the rule still has to do; how many rows it took.  Again after the last: 0."""
    if rule.fate is Fate.KEEP or (rule.by is By.NAME and not person.alone):
        return 0
    table = table_of(rule)
    condition = theirs(rule, person)
    changes = _changes(rule, pseudonym, at_ms)
    if rule.fate is Fate.ANONYMISE:
        condition = and_(condition, _unchanged(rule, changes))
    keys = list(table.primary_key.columns)
    rows = (await session.execute(select(*keys).where(condition).limit(BITE_ROWS))).all()
    if rows:
        picked = _picked(keys, [tuple(row) for row in rows])
        if rule.fate is Fate.DELETE:
            await session.execute(delete(table).where(picked))
        else:
            await session.execute(update(table).where(picked).values(**changes))
    return len(rows)


def _names(column: Column[Any], by: By, person: Person) -> ColumnElement[bool]:
    match by:
        case By.ACCOUNT:
            return column == person.id
        case By.EMAIL:
            return func.lower(column) == person.email
        case By.NAME:
            return column == person.name


def _changes(rule: Rule, pseudonym: str, at_ms: int) -> dict[str, object]:
    blanks: Mapping[str, object] = {
        column: at_ms if value is Stamp.NOW else value for column, value in rule.blanks.items()
    }
    return {**dict.fromkeys(rule.names, pseudonym), **blanks}


def _unchanged(rule: Rule, changes: Mapping[str, object]) -> ColumnElement[bool]:
    """Something is still to be done: else a run that was cut off would do all of it again, and never end."""
    table = table_of(rule)
    return or_(
        *(
            table.c[column] == 0
            if rule.blanks.get(column) is Stamp.NOW
            else table.c[column].is_not(None)
            if value is None
            else table.c[column] != value
            for column, value in changes.items()
        )
    )


def _picked(keys: list[Column[Any]], rows: list[tuple[Any, ...]]) -> ColumnElement[bool]:
    if len(keys) == 1:
        return keys[0].in_([row[0] for row in rows])
    return tuple_(*keys).in_(rows)
