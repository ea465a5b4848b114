"""What an export holds: the person's rows, area by area, without secrets, and the files that they brought.  Reads only.

No row by name alone: nobody can say whether it is this person's or a namesake's.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Final

import msgspec
from msgspec import Struct
from sqlalchemy import Column, LargeBinary, or_, select, tuple_

from collab.accounts.models import AccountRow
from collab.db.base import Base
from collab.db.engine import Database

from .found import Person, theirs
from .rules import Area, By, Rule
from .table import RULES

ROWS_OF_TABLE_MAX: Final = 50_000  # the newest; the manifest says where there were more
PAGE_ROWS: Final = 1_000
FILES_MAX: Final = 1_000
FILES_MAX_BYTES: Final = 200_000_000

# Of no use to a person, of use to a thief.
SECRETS: Final = frozenset({"auth", "endpoint", "former_secret", "p256dh", "secret", "token_key"})
# A mail's text has links that sign in whoever opens them, set a password, or answer for somebody.
WITH_LINKS: Final = frozenset({("mail_outbox", "text"), ("mail_outbox", "html")})


class KeptFile(Struct, frozen=True):
    sha256: str
    name: str  # within the archive's folder of files


class Rows(Struct, frozen=True):
    """A page of one table."""

    table: str
    rows: list[bytes]  # JSON objects
    cut: bool  # the page that reaches ROWS_OF_TABLE_MAX: there may be more


def _json(names: Sequence[str], values: Sequence[object]) -> bytes:
    return msgspec.json.encode(dict(zip(names, values, strict=True)))


def rules_of(area: Area) -> dict[str, list[Rule]]:
    """By table: a row that two rules find is exported once."""
    found: dict[str, list[Rule]] = {}
    for rule in RULES:
        if rule.area is area and rule.exported and rule.by is not By.NAME:
            found.setdefault(rule.table, []).append(rule)
    return found


def shown_columns(table: str) -> list[Column[object]]:
    """Neither secrets nor bytes: all that is left has a form in JSON."""
    return [
        column
        for column in Base.metadata.tables[table].columns
        if not isinstance(column.type, LargeBinary)
        and column.name not in SECRETS
        and not column.name.endswith("_hash")
        and (table, column.name) not in WITH_LINKS
    ]


class ExportReader:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def account(self, person: Person) -> bytes:
        async with self._database.read() as session:
            row = await session.get(AccountRow, person.id)
        if row is None:
            return b"{}"
        return msgspec.json.encode(
            {
                "id": row.id,
                "email": row.email,
                "name": row.name,
                "locale": row.locale,
                "created_at_ms": row.created_at_ms,
            }
        )

    async def rows(self, area: Area, person: Person) -> AsyncIterator[Rows]:
        """In the order of their keys, a page at a time: a reader that takes long holds no transaction."""
        for table, rules in rules_of(area).items():
            columns = shown_columns(table)
            names = [column.name for column in columns]
            keys = list(Base.metadata.tables[table].primary_key.columns)
            places = [key.label(f"place_{number}") for number, key in enumerate(keys)]
            mine = or_(*(theirs(rule, person) for rule in rules))
            first = select(*columns, *places).where(mine).order_by(*(key.desc() for key in keys)).limit(PAGE_ROWS)
            query, read = first, 0
            while True:
                async with self._database.read() as session:
                    page = (await session.execute(query)).all()
                read += len(page)
                cut = len(page) == PAGE_ROWS and read >= ROWS_OF_TABLE_MAX
                yield Rows(table, [_json(names, row[: len(names)]) for row in page], cut)
                if cut or len(page) < PAGE_ROWS:
                    break
                # From behind the last one: what is added or deleted meanwhile moves nothing.
                query = first.where(tuple_(*keys) < tuple(page[-1][len(names) :]))

    async def files(self, person: Person) -> tuple[list[KeptFile], int]:
        """What fits, and how many were left out."""
        found: dict[str, KeptFile] = {}
        left_out = size_bytes = 0
        files = Base.metadata.tables["files"]
        for rule in RULES:
            if rule.file is None or rule.by is By.NAME:
                continue
            table = Base.metadata.tables[rule.table]
            digest = table.c[rule.file.sha256]
            name = table.c[rule.file.name] if rule.file.name else digest
            query = (
                select(digest, name, files.c.size_bytes)
                .join(files, files.c.sha256 == digest)
                .where(theirs(rule, person))
                .limit(FILES_MAX + 1)
            )
            async with self._database.read() as session:
                rows = (await session.execute(query)).all()
            for sha256, shown, bytes_ in rows:
                if sha256 in found:
                    continue
                if len(found) >= FILES_MAX or size_bytes + bytes_ > FILES_MAX_BYTES:
                    left_out += 1
                    continue
                size_bytes += bytes_
                found[sha256] = KeptFile(sha256, file_name(sha256, shown if rule.file.name else ""))
        return list(found.values()), left_out


def file_name(sha256: str, shown: str) -> str:
    """Below one folder, whatever its name pretends: no separators, no control characters, and never the same twice."""
    plain = "".join("_" if one in '/\\:*?"<>|' or not one.isprintable() else one for one in shown).strip(". ")
    return f"{sha256[:16]}-{plain[:80]}" if plain else sha256[:16]
