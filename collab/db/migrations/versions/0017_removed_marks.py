"""Which marks were removed from their machines."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assist_removed_marks",
        sa.Column("meeting_id", sa.String(length=26), nullable=False),
        sa.Column("mark_id", sa.String(length=32), nullable=False),
        sa.Column("removed_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meetings.id"], name="fk_assist_removed_marks_meeting_id_meetings", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("meeting_id", "mark_id", name="pk_assist_removed_marks"),
    )
    op.create_index("ix_assist_removed_marks_mark_id", "assist_removed_marks", ["mark_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_assist_removed_marks_mark_id", table_name="assist_removed_marks")
    op.drop_table("assist_removed_marks")
