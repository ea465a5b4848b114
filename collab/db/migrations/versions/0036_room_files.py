"""Files in the chats of rooms, and who may share them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "meetings", sa.Column("file_sharing", sa.String(length=16), nullable=False, server_default="everyone")
    )
    op.create_table(
        "room_files",
        sa.Column("meeting_id", sa.String(length=26), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("message_id", sa.String(length=64), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("stored_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meetings.id"], name="fk_room_files_meeting_id_meetings", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["sha256"], ["files.sha256"], name="fk_room_files_sha256_files"),
        sa.PrimaryKeyConstraint("meeting_id", "key", name="pk_room_files"),
        sa.UniqueConstraint("meeting_id", "message_id", name="uq_room_files_meeting_id_message_id"),
    )
    op.create_index("ix_room_files_sha256", "room_files", ["sha256"])
    op.create_index("ix_room_files_stored_at_ms", "room_files", ["stored_at_ms"])


def downgrade() -> None:
    op.drop_table("room_files")
    op.drop_column("meetings", "file_sharing")
