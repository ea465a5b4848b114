"""The audit log, whose lines the database itself keeps from being changed, or deleted while they are young."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

YOUNG_MS = 30 * 86_400_000
INDEXES = (("organization_id", "id"), ("actor_id", "id"), ("subject_id", "id"), ("action", "id"), ("at_ms",))


def upgrade() -> None:
    op.create_table(
        "audit_events",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("actor_id", sa.String(length=26), nullable=False),
        sa.Column("actor_name", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("subject_kind", sa.String(length=16), nullable=False),
        sa.Column("subject_id", sa.String(length=26), nullable=False),
        sa.Column("subject_name", sa.String(length=120), nullable=False),
        sa.Column("organization_id", sa.String(length=26), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_events"),
    )
    for columns in INDEXES:
        op.create_index(f"ix_audit_events_{'_'.join(columns)}", "audit_events", list(columns), unique=False)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION keep_audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "IF TG_OP = 'DELETE' THEN "
            f"IF OLD.at_ms < extract(epoch FROM clock_timestamp()) * 1000 - {YOUNG_MS} THEN RETURN OLD; END IF; "
            "RAISE EXCEPTION 'the audit log keeps its lines'; "
            "END IF; "
            "RAISE EXCEPTION 'the audit log is never changed'; "
            "END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_kept BEFORE UPDATE OR DELETE ON audit_events "
            "FOR EACH ROW EXECUTE FUNCTION keep_audit()"
        )
        return
    op.execute(
        "CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit_events "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END"
    )
    op.execute(
        "CREATE TRIGGER audit_kept BEFORE DELETE ON audit_events "
        f"WHEN OLD.at_ms >= CAST(strftime('%s', 'now') AS INTEGER) * 1000 - {YOUNG_MS} "
        "BEGIN SELECT RAISE(ABORT, 'the audit log keeps its lines'); END"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER audit_kept ON audit_events")
        op.execute("DROP FUNCTION keep_audit()")
    op.drop_table("audit_events")
