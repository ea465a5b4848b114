"""Work instructions: templates, their versions, runs, answers, signatures and reports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "instruction_templates",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("organization_id", sa.String(length=26), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("created_by", sa.String(length=26), nullable=True),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["accounts.id"], name="fk_instruction_templates_created_by_accounts", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name="fk_instruction_templates_organization_id_organizations",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_instruction_templates"),
    )
    op.create_index(
        "ix_instruction_templates_organization_id_id", "instruction_templates", ["organization_id", "id"], unique=False
    )
    op.create_table(
        "instruction_versions",
        sa.Column("template_id", sa.String(length=26), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("steps", sa.Text(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("made_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["instruction_templates.id"],
            name="fk_instruction_versions_template_id_instruction_templates",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("template_id", "version", name="pk_instruction_versions"),
    )
    op.create_table(
        "instruction_runs",
        sa.Column("session_id", sa.String(length=26), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("template_id", sa.String(length=26), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("steps", sa.Text(), nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("started_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["assist_sessions.id"],
            name="fk_instruction_runs_session_id_assist_sessions",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["instruction_templates.id"],
            name="fk_instruction_runs_template_id_instruction_templates",
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("session_id", "id", name="pk_instruction_runs"),
    )
    op.create_table(
        "instruction_answers",
        sa.Column("session_id", sa.String(length=26), nullable=False),
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("step_id", sa.String(length=32), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("stored_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id", "run_id"],
            ["instruction_runs.session_id", "instruction_runs.id"],
            name="fk_instruction_answers_session_id_run_id_instruction_runs",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_id", "run_id", "step_id", name="pk_instruction_answers"),
    )
    op.create_table(
        "assist_signatures",
        sa.Column("session_id", sa.String(length=26), nullable=False),
        sa.Column("part", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("organization", sa.String(length=120), nullable=False),
        sa.Column("strokes", sa.Text(), nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.Column("signed_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["assist_sessions.id"],
            name="fk_assist_signatures_session_id_assist_sessions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_id", "part", name="pk_assist_signatures"),
    )
    op.create_table(
        "assist_reports",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("session_id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=False),
        sa.Column("html_sha256", sa.String(length=64), nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("made_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["html_sha256"], ["files.sha256"], name="fk_assist_reports_html_sha256_files"),
        sa.ForeignKeyConstraint(["pdf_sha256"], ["files.sha256"], name="fk_assist_reports_pdf_sha256_files"),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["assist_sessions.id"],
            name="fk_assist_reports_session_id_assist_sessions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_assist_reports"),
    )
    op.create_index("ix_assist_reports_html_sha256", "assist_reports", ["html_sha256"], unique=False)
    op.create_index("ix_assist_reports_pdf_sha256", "assist_reports", ["pdf_sha256"], unique=False)
    op.create_index("ix_assist_reports_session_id_id", "assist_reports", ["session_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_assist_reports_html_sha256", table_name="assist_reports")
    op.drop_index("ix_assist_reports_pdf_sha256", table_name="assist_reports")
    op.drop_index("ix_assist_reports_session_id_id", table_name="assist_reports")
    op.drop_table("assist_reports")
    op.drop_table("assist_signatures")
    op.drop_table("instruction_answers")
    op.drop_table("instruction_runs")
    op.drop_table("instruction_versions")
    op.drop_table("instruction_templates")
