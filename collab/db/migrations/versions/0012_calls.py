"""Calls: who rang whom about what, and the room that came of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calls",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("about_kind", sa.String(length=24), nullable=False),
        sa.Column("about_id", sa.String(length=32), nullable=False),
        sa.Column("about", sa.String(length=200), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("from_id", sa.String(length=26), nullable=True),
        sa.Column("from_name", sa.String(length=64), nullable=False),
        sa.Column("to_id", sa.String(length=26), nullable=True),
        sa.Column("to_name", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("meeting_id", sa.String(length=26), nullable=True),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("ended_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["from_id"], ["accounts.id"], name="fk_calls_from_id_accounts", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meetings.id"], name="fk_calls_meeting_id_meetings", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["to_id"], ["accounts.id"], name="fk_calls_to_id_accounts", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_calls"),
    )
    for columns in (
        ["about_kind", "about_id", "id"],
        ["state", "expires_at_ms"],
        ["to_id", "state"],
        ["from_id", "state"],
        ["meeting_id"],
    ):
        op.create_index(f"ix_calls_{'_'.join(columns)}", "calls", columns, unique=False)


def downgrade() -> None:
    op.drop_table("calls")
