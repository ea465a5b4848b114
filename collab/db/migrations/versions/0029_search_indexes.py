"""Indexes for what is asked by a person or by a part of a name: who was in which meeting, and the audit log."""

from __future__ import annotations

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_INDEXES = (
    ("attendance", ("identity", "joined_at_ms")),
    ("audit_events", ("address", "id")),
    ("audit_events", ("id", "actor_name", "subject_name")),
)


def upgrade() -> None:
    for table, columns in _INDEXES:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns), unique=False)


def downgrade() -> None:
    for table, columns in reversed(_INDEXES):
        op.drop_index(f"ix_{table}_{'_'.join(columns)}", table_name=table)
