"""A recording may have its sound as a file of its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("recordings") as table:
        table.add_column(sa.Column("sound_sha256", sa.String(length=64), nullable=True))
        table.add_column(sa.Column("sound_bytes", sa.BigInteger(), nullable=False, server_default="0"))
        table.create_foreign_key("fk_recordings_sound_sha256_files", "files", ["sound_sha256"], ["sha256"])


def downgrade() -> None:
    with op.batch_alter_table("recordings") as table:
        table.drop_constraint("fk_recordings_sound_sha256_files", type_="foreignkey")
        table.drop_column("sound_bytes")
        table.drop_column("sound_sha256")
