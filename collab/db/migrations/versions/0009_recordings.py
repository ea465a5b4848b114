"""Recordings of meetings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recordings",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("meeting_id", sa.String(length=26), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("started_by", sa.String(length=26), nullable=True),
        sa.Column("started_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("film_ms", sa.BigInteger(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("chapters", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("share_hash", sa.String(length=64), nullable=True),
        sa.Column("share_expires_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("trashed_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meetings.id"], name="fk_recordings_meeting_id_meetings", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["sha256"], ["files.sha256"], name="fk_recordings_sha256_files"),
        sa.ForeignKeyConstraint(
            ["started_by"], ["accounts.id"], name="fk_recordings_started_by_accounts", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_recordings"),
        sa.UniqueConstraint("share_hash", name="uq_recordings_share_hash"),
    )
    op.create_index("ix_recordings_meeting_id_id", "recordings", ["meeting_id", "id"], unique=False)
    op.create_index("ix_recordings_state", "recordings", ["state"], unique=False)
