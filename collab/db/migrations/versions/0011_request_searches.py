"""Indexes for statistics over a span of time, for words in titles, and for what somebody owns."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_requests_owner_id_id", "requests", ["owner_id", "id"], unique=False)
    op.create_index("ix_requests_submitted_at_ms", "requests", ["submitted_at_ms"], unique=False)
    op.create_index("ix_requests_title_id", "requests", ["title", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_requests_title_id", table_name="requests")
    op.drop_index("ix_requests_submitted_at_ms", table_name="requests")
    op.drop_index("ix_requests_owner_id_id", table_name="requests")
