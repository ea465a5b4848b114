"""Who was removed from a room for good; links into assistance that are taken back, and who came by them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "room_removals",
        sa.Column("meeting_id", sa.String(length=26), nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.Column("removed_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meetings.id"], name="fk_room_removals_meeting_id_meetings", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("meeting_id", "identity", name="pk_room_removals"),
    )
    op.add_column("assist_links", sa.Column("revoked_at_ms", sa.BigInteger(), server_default="0", nullable=False))
    op.create_table(
        "assist_link_openings",
        sa.Column("link_id", sa.String(length=26), nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("opened_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["link_id"], ["assist_links.id"], name="fk_assist_link_openings_link_id_assist_links", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("link_id", "identity", name="pk_assist_link_openings"),
    )


def downgrade() -> None:
    op.drop_table("assist_link_openings")
    op.drop_column("assist_links", "revoked_at_ms")
    op.drop_table("room_removals")
