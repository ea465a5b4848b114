"""Other platforms that livestreams are sent on to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "restream_targets",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("livestream_id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("url", sa.String(length=300), nullable=False),
        sa.Column("key", sa.String(length=1700), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["livestream_id"],
            ["livestreams.id"],
            name="fk_restream_targets_livestream_id_livestreams",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_restream_targets"),
    )
    op.create_index("ix_restream_targets_livestream_id_id", "restream_targets", ["livestream_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("restream_targets")
