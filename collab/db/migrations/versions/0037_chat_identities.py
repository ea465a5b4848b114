"""Whose a chat message is, beyond the seat that they had: so that what a person said can be given and erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("chat_messages", sa.Column("identity", sa.String(length=64), nullable=False, server_default=""))
    op.create_index("ix_chat_messages_identity", "chat_messages", ["identity"])


def downgrade() -> None:
    op.drop_index("ix_chat_messages_identity", "chat_messages")
    op.drop_column("chat_messages", "identity")
