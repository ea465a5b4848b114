"""Rooms that are the stage of a livestream."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("meetings", sa.Column("livestream_id", sa.String(length=26), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("meetings", "livestream_id")
