"""Stream keys of livestreams."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stream_keys",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("livestream_id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("srt_port", sa.Integer(), nullable=False),
        sa.Column("srt_passphrase", sa.String(length=400), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("used_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("used_from", sa.String(length=45), nullable=False),
        sa.Column("revoked_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["livestream_id"], ["livestreams.id"], name="fk_stream_keys_livestream_id_livestreams", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_stream_keys"),
        sa.UniqueConstraint("key_hash", name="uq_stream_keys_key_hash"),
    )
    op.create_index("ix_stream_keys_livestream_id_id", "stream_keys", ["livestream_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("stream_keys")
