"""Documents of a machine that are for all machines of its make and model, and the page that they open at."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("assist_documents", sa.Column("for_model", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("assist_documents", sa.Column("page", sa.Integer(), server_default="1", nullable=False))


def downgrade() -> None:
    op.drop_column("assist_documents", "page")
    op.drop_column("assist_documents", "for_model")
