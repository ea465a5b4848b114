"""Imports count their rows as they are written, and tell who reads their table."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_COUNTERS = ("created", "changed", "unchanged", "refused")


def upgrade() -> None:
    columns: list[sa.Column[Any]] = [
        sa.Column("fault", sa.String(length=16), nullable=False, server_default=""),
        sa.Column("missing", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("reader_until_ms", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
    ]
    columns += [
        sa.Column(f"rows_{name}", sa.Integer(), nullable=False, server_default="0") for name in (*_COUNTERS, "applied")
    ]
    for column in columns:
        op.add_column("imports", column)
    counted = "(SELECT count(*) FROM import_rows WHERE import_rows.import_id = imports.id AND {})"
    sets = [f"rows_{name} = " + counted.format(f"import_rows.fate = '{name}'") for name in _COUNTERS]
    sets.append("rows_applied = " + counted.format("import_rows.applied"))
    op.execute(f"UPDATE imports SET {', '.join(sets)}")  # noqa: S608 -- of names that stand here


def downgrade() -> None:
    for name in ("tries", "reader_until_ms", *(f"rows_{one}" for one in (*_COUNTERS, "applied")), "missing", "fault"):
        op.drop_column("imports", name)
