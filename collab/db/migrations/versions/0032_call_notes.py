"""What came of a call, written down by who took part."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("calls", sa.Column("note", sa.Text(), nullable=False, server_default=""))
    op.add_column("calls", sa.Column("note_revision", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("calls", sa.Column("note_by", sa.String(length=64), nullable=False, server_default=""))
    op.add_column("calls", sa.Column("note_at_ms", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    for column in ("note_at_ms", "note_by", "note_revision", "note"):
        op.drop_column("calls", column)
