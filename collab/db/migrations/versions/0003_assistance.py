"""Assistance: machines, installation jobs, sessions, links, and what is kept of them; files by their content."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "files",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(length=64), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_files"),
    )
    op.create_table(
        "machines",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("label", sa.String(length=10), nullable=False),
        sa.Column("organization_id", sa.String(length=26), nullable=False),
        sa.Column("make", sa.String(length=80), nullable=False),
        sa.Column("model", sa.String(length=80), nullable=False),
        sa.Column("serial", sa.String(length=80), nullable=False),
        sa.Column("site", sa.String(length=120), nullable=False),
        sa.Column("created_by", sa.String(length=26), nullable=True),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["accounts.id"], name="fk_machines_created_by_accounts", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name="fk_machines_organization_id_organizations",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_machines"),
        sa.UniqueConstraint("label", name="uq_machines_label"),
    )
    op.create_index("ix_machines_organization_id_id", "machines", ["organization_id", "id"], unique=False)
    op.create_table(
        "installation_jobs",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("machine_id", sa.String(length=26), nullable=False),
        sa.Column("enterprise_id", sa.String(length=26), nullable=False),
        sa.Column("installer_id", sa.String(length=26), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("starts_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("ends_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(length=26), nullable=True),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["accounts.id"], name="fk_installation_jobs_created_by_accounts", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["organizations.id"],
            name="fk_installation_jobs_enterprise_id_organizations",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["installer_id"],
            ["organizations.id"],
            name="fk_installation_jobs_installer_id_organizations",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["machine_id"], ["machines.id"], name="fk_installation_jobs_machine_id_machines", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_installation_jobs"),
    )
    op.create_index("ix_installation_jobs_enterprise_id_id", "installation_jobs", ["enterprise_id", "id"], unique=False)
    op.create_index("ix_installation_jobs_installer_id_id", "installation_jobs", ["installer_id", "id"], unique=False)
    op.create_index("ix_installation_jobs_machine_id_id", "installation_jobs", ["machine_id", "id"], unique=False)
    op.create_table(
        "assist_sessions",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("meeting_id", sa.String(length=26), nullable=False),
        sa.Column("job_id", sa.String(length=26), nullable=True),
        sa.Column("machine_id", sa.String(length=26), nullable=True),
        sa.Column("created_by", sa.String(length=26), nullable=True),
        sa.Column("maker_role", sa.String(length=16), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["accounts.id"], name="fk_assist_sessions_created_by_accounts", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["job_id"],
            ["installation_jobs.id"],
            name="fk_assist_sessions_job_id_installation_jobs",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["machine_id"], ["machines.id"], name="fk_assist_sessions_machine_id_machines", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meetings.id"], name="fk_assist_sessions_meeting_id_meetings", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_assist_sessions"),
        sa.UniqueConstraint("meeting_id", name="uq_assist_sessions_meeting_id"),
    )
    op.create_index("ix_assist_sessions_created_by_id", "assist_sessions", ["created_by", "id"], unique=False)
    op.create_index("ix_assist_sessions_job_id_id", "assist_sessions", ["job_id", "id"], unique=False)
    op.create_index("ix_assist_sessions_machine_id_id", "assist_sessions", ["machine_id", "id"], unique=False)
    op.create_table(
        "installation_job_events",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("job_id", sa.String(length=26), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=True),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("starts_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("ends_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_installation_job_events_account_id_accounts", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["job_id"],
            ["installation_jobs.id"],
            name="fk_installation_job_events_job_id_installation_jobs",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_installation_job_events"),
    )
    op.create_index("ix_installation_job_events_job_id_id", "installation_job_events", ["job_id", "id"], unique=False)
    op.create_table(
        "assist_documents",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("machine_id", sa.String(length=26), nullable=True),
        sa.Column("session_id", sa.String(length=26), nullable=True),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("stored_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["file_sha256"], ["files.sha256"], name="fk_assist_documents_file_sha256_files"),
        sa.ForeignKeyConstraint(
            ["machine_id"], ["machines.id"], name="fk_assist_documents_machine_id_machines", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["assist_sessions.id"],
            name="fk_assist_documents_session_id_assist_sessions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_assist_documents"),
    )
    op.create_index("ix_assist_documents_file_sha256", "assist_documents", ["file_sha256"], unique=False)
    op.create_index(
        "ix_assist_documents_machine_id_stored_at_ms", "assist_documents", ["machine_id", "stored_at_ms"], unique=False
    )
    op.create_index(
        "ix_assist_documents_session_id_stored_at_ms", "assist_documents", ["session_id", "stored_at_ms"], unique=False
    )
    op.create_table(
        "assist_keyframes",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("session_id", sa.String(length=26), nullable=False),
        sa.Column("machine_id", sa.String(length=26), nullable=True),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("stored_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["file_sha256"], ["files.sha256"], name="fk_assist_keyframes_file_sha256_files"),
        sa.ForeignKeyConstraint(
            ["machine_id"], ["machines.id"], name="fk_assist_keyframes_machine_id_machines", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["assist_sessions.id"],
            name="fk_assist_keyframes_session_id_assist_sessions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_assist_keyframes"),
    )
    op.create_index("ix_assist_keyframes_file_sha256", "assist_keyframes", ["file_sha256"], unique=False)
    op.create_index(
        "ix_assist_keyframes_machine_id_stored_at_ms", "assist_keyframes", ["machine_id", "stored_at_ms"], unique=False
    )
    op.create_index(
        "ix_assist_keyframes_session_id_stored_at_ms", "assist_keyframes", ["session_id", "stored_at_ms"], unique=False
    )
    op.create_table(
        "assist_links",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("session_id", sa.String(length=26), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("one_time", sa.Boolean(), nullable=False),
        sa.Column("bound_to", sa.String(length=64), nullable=False),
        sa.Column("opened_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(length=26), nullable=True),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["accounts.id"], name="fk_assist_links_created_by_accounts", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["assist_sessions.id"],
            name="fk_assist_links_session_id_assist_sessions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_assist_links"),
        sa.UniqueConstraint("token_hash", name="uq_assist_links_token_hash"),
    )
    op.create_index("ix_assist_links_expires_at_ms", "assist_links", ["expires_at_ms"], unique=False)
    op.create_index("ix_assist_links_session_id_id", "assist_links", ["session_id", "id"], unique=False)
    op.create_table(
        "assist_open_items",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("machine_id", sa.String(length=26), nullable=True),
        sa.Column("session_id", sa.String(length=26), nullable=True),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("done_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("done_by_name", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["machine_id"], ["machines.id"], name="fk_assist_open_items_machine_id_machines", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["assist_sessions.id"],
            name="fk_assist_open_items_session_id_assist_sessions",
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_assist_open_items"),
    )
    op.create_index(
        "ix_assist_open_items_machine_id_created_at_ms",
        "assist_open_items",
        ["machine_id", "created_at_ms"],
        unique=False,
    )
    op.create_index("ix_assist_open_items_session_id", "assist_open_items", ["session_id"], unique=False)
    op.create_table(
        "assist_stills",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("session_id", sa.String(length=26), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("rtp_timestamp", sa.BigInteger(), nullable=False),
        sa.Column("frame_width", sa.Integer(), nullable=False),
        sa.Column("frame_height", sa.Integer(), nullable=False),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("taken_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("stored_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["file_sha256"], ["files.sha256"], name="fk_assist_stills_file_sha256_files"),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["assist_sessions.id"],
            name="fk_assist_stills_session_id_assist_sessions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_assist_stills"),
    )
    op.create_index("ix_assist_stills_file_sha256", "assist_stills", ["file_sha256"], unique=False)
    op.create_index(
        "ix_assist_stills_session_id_stored_at_ms", "assist_stills", ["session_id", "stored_at_ms"], unique=False
    )
    op.create_table(
        "assist_marks",
        sa.Column("session_id", sa.String(length=26), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("machine_id", sa.String(length=26), nullable=True),
        sa.Column("keyframe_id", sa.String(length=32), nullable=True),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("stored_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["keyframe_id"],
            ["assist_keyframes.id"],
            name="fk_assist_marks_keyframe_id_assist_keyframes",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["machine_id"], ["machines.id"], name="fk_assist_marks_machine_id_machines", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["assist_sessions.id"],
            name="fk_assist_marks_session_id_assist_sessions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_id", "id", name="pk_assist_marks"),
    )
    op.create_index("ix_assist_marks_keyframe_id", "assist_marks", ["keyframe_id"], unique=False)
    op.create_index(
        "ix_assist_marks_machine_id_stored_at_ms", "assist_marks", ["machine_id", "stored_at_ms"], unique=False
    )
    op.add_column("meetings", sa.Column("assist", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("room_tokens", sa.Column("assist_role", sa.String(length=16), server_default="", nullable=False))


def downgrade() -> None:

    op.drop_column("room_tokens", "assist_role")
    op.drop_column("meetings", "assist")
    op.drop_index("ix_assist_marks_machine_id_stored_at_ms", table_name="assist_marks")
    op.drop_index("ix_assist_marks_keyframe_id", table_name="assist_marks")
    op.drop_table("assist_marks")
    op.drop_index("ix_assist_stills_session_id_stored_at_ms", table_name="assist_stills")
    op.drop_index("ix_assist_stills_file_sha256", table_name="assist_stills")
    op.drop_table("assist_stills")
    op.drop_index("ix_assist_open_items_session_id", table_name="assist_open_items")
    op.drop_index("ix_assist_open_items_machine_id_created_at_ms", table_name="assist_open_items")
    op.drop_table("assist_open_items")
    op.drop_index("ix_assist_links_session_id_id", table_name="assist_links")
    op.drop_index("ix_assist_links_expires_at_ms", table_name="assist_links")
    op.drop_table("assist_links")
    op.drop_index("ix_assist_keyframes_session_id_stored_at_ms", table_name="assist_keyframes")
    op.drop_index("ix_assist_keyframes_machine_id_stored_at_ms", table_name="assist_keyframes")
    op.drop_index("ix_assist_keyframes_file_sha256", table_name="assist_keyframes")
    op.drop_table("assist_keyframes")
    op.drop_index("ix_assist_documents_session_id_stored_at_ms", table_name="assist_documents")
    op.drop_index("ix_assist_documents_machine_id_stored_at_ms", table_name="assist_documents")
    op.drop_index("ix_assist_documents_file_sha256", table_name="assist_documents")
    op.drop_table("assist_documents")
    op.drop_index("ix_installation_job_events_job_id_id", table_name="installation_job_events")
    op.drop_table("installation_job_events")
    op.drop_index("ix_assist_sessions_machine_id_id", table_name="assist_sessions")
    op.drop_index("ix_assist_sessions_job_id_id", table_name="assist_sessions")
    op.drop_index("ix_assist_sessions_created_by_id", table_name="assist_sessions")
    op.drop_table("assist_sessions")
    op.drop_index("ix_installation_jobs_machine_id_id", table_name="installation_jobs")
    op.drop_index("ix_installation_jobs_installer_id_id", table_name="installation_jobs")
    op.drop_index("ix_installation_jobs_enterprise_id_id", table_name="installation_jobs")
    op.drop_table("installation_jobs")
    op.drop_index("ix_machines_organization_id_id", table_name="machines")
    op.drop_table("machines")
    op.drop_table("files")
