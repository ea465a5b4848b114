"""Requests: their types with versions, events, comments, files, batches; the park's groups and working hours."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# What happened, and when, stays as it was written; a person's name may be taken out of it.
KEPT = "request_id, number, action, state, note, details, at_ms"


def upgrade() -> None:
    op.create_table(
        "desk_groups",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("name_zh", sa.String(length=64), nullable=False),
        sa.Column("name_en", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_desk_groups"),
    )
    op.create_table(
        "park_hours",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hours", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_park_hours"),
    )
    op.create_table(
        "request_types",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("draft", sa.Text(), nullable=False),
        sa.Column("draft_revision", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("shipped_version", sa.Integer(), nullable=False),
        sa.Column("shipped_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_request_types"),
        sa.UniqueConstraint("key", name="uq_request_types_key"),
    )
    op.create_table(
        "desk_group_members",
        sa.Column("group_key", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_desk_group_members_account_id_accounts", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["group_key"], ["desk_groups.key"], name="fk_desk_group_members_group_key_desk_groups", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("group_key", "account_id", name="pk_desk_group_members"),
    )
    op.create_index("ix_desk_group_members_account_id", "desk_group_members", ["account_id"], unique=False)
    op.create_table(
        "request_batches",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("created_by", sa.String(length=26), nullable=False),
        sa.Column("client_key", sa.String(length=32), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("finished_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["accounts.id"], name="fk_request_batches_created_by_accounts", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_request_batches"),
        sa.UniqueConstraint("created_by", "client_key", name="uq_request_batches_created_by_client_key"),
    )
    op.create_index("ix_request_batches_finished_at_ms", "request_batches", ["finished_at_ms"], unique=False)
    op.create_table(
        "request_type_versions",
        sa.Column("type_id", sa.String(length=26), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("made_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["type_id"], ["request_types.id"], name="fk_request_type_versions_type_id_request_types", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("type_id", "version", name="pk_request_type_versions"),
    )
    op.create_table(
        "requests",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("type_id", sa.String(length=26), nullable=False),
        sa.Column("type_version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("organization_id", sa.String(length=26), nullable=False),
        sa.Column("requester_id", sa.String(length=26), nullable=True),
        sa.Column("requester_name", sa.String(length=64), nullable=False),
        sa.Column("client_key", sa.String(length=32), nullable=True),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("asked_group", sa.String(length=32), nullable=False),
        sa.Column("asked_id", sa.String(length=26), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.String(length=26), nullable=True),
        sa.Column("offered_to_id", sa.String(length=26), nullable=True),
        sa.Column("escalations", sa.Integer(), nullable=False),
        sa.Column("escalated_to", sa.String(length=48), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("submitted_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("taken_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("due_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("left_ms", sa.BigInteger(), nullable=False),
        sa.Column("decided_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("alarm_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("delete_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asked_id"], ["accounts.id"], name="fk_requests_asked_id_accounts", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["offered_to_id"], ["accounts.id"], name="fk_requests_offered_to_id_accounts", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name="fk_requests_organization_id_organizations",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["accounts.id"], name="fk_requests_owner_id_accounts", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["requester_id"], ["accounts.id"], name="fk_requests_requester_id_accounts", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["type_id"], ["request_types.id"], name="fk_requests_type_id_request_types"),
        sa.PrimaryKeyConstraint("id", name="pk_requests"),
        sa.UniqueConstraint("number", name="uq_requests_number"),
        sa.UniqueConstraint("requester_id", "client_key", name="uq_requests_requester_id_client_key"),
    )
    op.create_index("ix_requests_alarm_at_ms", "requests", ["alarm_at_ms"], unique=False)
    op.create_index("ix_requests_asked_id", "requests", ["asked_id"], unique=False)
    op.create_index("ix_requests_delete_at_ms", "requests", ["delete_at_ms"], unique=False)
    op.create_index("ix_requests_offered_to_id", "requests", ["offered_to_id"], unique=False)
    op.create_index("ix_requests_organization_id_id", "requests", ["organization_id", "id"], unique=False)
    op.create_index(
        "ix_requests_owner_id_state_due_at_ms", "requests", ["owner_id", "state", "due_at_ms"], unique=False
    )
    op.create_index("ix_requests_requester_id_id", "requests", ["requester_id", "id"], unique=False)
    op.create_index("ix_requests_state_due_at_ms", "requests", ["state", "due_at_ms"], unique=False)
    op.create_index("ix_requests_state_id", "requests", ["state", "id"], unique=False)
    op.create_index("ix_requests_type_id_id", "requests", ["type_id", "id"], unique=False)
    op.create_table(
        "request_batch_items",
        sa.Column("batch_id", sa.String(length=26), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("request_id", sa.String(length=26), nullable=False),
        sa.Column("result", sa.String(length=12), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["request_batches.id"],
            name="fk_request_batch_items_batch_id_request_batches",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("batch_id", "position", name="pk_request_batch_items"),
    )
    op.create_index(
        "ix_request_batch_items_batch_id_result", "request_batch_items", ["batch_id", "result"], unique=False
    )
    op.create_table(
        "request_checks",
        sa.Column("request_id", sa.String(length=26), nullable=False),
        sa.Column("document_id", sa.String(length=32), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["requests.id"], name="fk_request_checks_request_id_requests", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("request_id", "document_id", name="pk_request_checks"),
    )
    op.create_table(
        "request_comments",
        sa.Column("request_id", sa.String(length=26), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["requests.id"], name="fk_request_comments_request_id_requests", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("request_id", "key", name="pk_request_comments"),
    )
    op.create_table(
        "request_contents",
        sa.Column("request_id", sa.String(length=26), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["requests.id"], name="fk_request_contents_request_id_requests", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("request_id", name="pk_request_contents"),
    )
    op.create_table(
        "request_events",
        sa.Column("request_id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["requests.id"], name="fk_request_events_request_id_requests", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("request_id", "number", name="pk_request_events"),
    )
    op.create_table(
        "request_files",
        sa.Column("request_id", sa.String(length=26), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("field_id", sa.String(length=32), nullable=False),
        sa.Column("document_id", sa.String(length=32), nullable=False),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=160), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("stored_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["requests.id"], name="fk_request_files_request_id_requests", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["sha256"], ["files.sha256"], name="fk_request_files_sha256_files"),
        sa.PrimaryKeyConstraint("request_id", "key", name="pk_request_files"),
    )
    op.create_index("ix_request_files_sha256", "request_files", ["sha256"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'events of requests are not changed'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER request_events_kept BEFORE UPDATE OF {KEPT} ON request_events "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    else:
        op.execute(
            f"CREATE TRIGGER request_events_kept BEFORE UPDATE OF {KEPT} ON request_events "
            "BEGIN SELECT RAISE(ABORT, 'events of requests are not changed'); END"
        )


def downgrade() -> None:
    op.execute(
        "DROP TRIGGER request_events_kept"
        + (" ON request_events" if op.get_bind().dialect.name == "postgresql" else "")
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change()")
    op.drop_index("ix_request_files_sha256", table_name="request_files")
    op.drop_table("request_files")
    op.drop_table("request_events")
    op.drop_table("request_contents")
    op.drop_table("request_comments")
    op.drop_table("request_checks")
    op.drop_index("ix_request_batch_items_batch_id_result", table_name="request_batch_items")
    op.drop_table("request_batch_items")
    op.drop_index("ix_requests_type_id_id", table_name="requests")
    op.drop_index("ix_requests_state_id", table_name="requests")
    op.drop_index("ix_requests_state_due_at_ms", table_name="requests")
    op.drop_index("ix_requests_requester_id_id", table_name="requests")
    op.drop_index("ix_requests_owner_id_state_due_at_ms", table_name="requests")
    op.drop_index("ix_requests_organization_id_id", table_name="requests")
    op.drop_index("ix_requests_offered_to_id", table_name="requests")
    op.drop_index("ix_requests_delete_at_ms", table_name="requests")
    op.drop_index("ix_requests_asked_id", table_name="requests")
    op.drop_index("ix_requests_alarm_at_ms", table_name="requests")
    op.drop_table("requests")
    op.drop_table("request_type_versions")
    op.drop_index("ix_request_batches_finished_at_ms", table_name="request_batches")
    op.drop_table("request_batches")
    op.drop_index("ix_desk_group_members_account_id", table_name="desk_group_members")
    op.drop_table("desk_group_members")
    op.drop_table("request_types")
    op.drop_table("park_hours")
    op.drop_table("desk_groups")
