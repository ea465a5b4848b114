"""Symposiums, their issues, and the voices behind an issue."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "symposiums",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("starts_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("collects_until_ms", sa.BigInteger(), nullable=False),
        sa.Column("meeting_id", sa.String(length=26), nullable=True),
        sa.Column("current_issue_id", sa.String(length=26), nullable=False),
        sa.Column("speaker", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.String(length=26), nullable=True),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["accounts.id"], name="fk_symposiums_created_by_accounts", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meetings.id"], name="fk_symposiums_meeting_id_meetings", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_symposiums"),
    )
    op.create_index("ix_symposiums_state_id", "symposiums", ["state", "id"])
    op.create_index("ix_symposiums_meeting_id", "symposiums", ["meeting_id"])
    op.create_table(
        "symposium_issues",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("symposium_id", sa.String(length=26), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("area", sa.String(length=16), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("publish", sa.String(length=16), nullable=False),
        sa.Column("organization_id", sa.String(length=26), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=True),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.String(length=26), nullable=True),
        sa.Column("owner_name", sa.String(length=64), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("request_id", sa.String(length=26), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["symposium_id"], ["symposiums.id"], name="fk_symposium_issues_symposium_id_symposiums", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name="fk_symposium_issues_organization_id_organizations",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_symposium_issues_account_id_accounts", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["accounts.id"], name="fk_symposium_issues_owner_id_accounts", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["requests.id"], name="fk_symposium_issues_request_id_requests", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_symposium_issues"),
    )
    op.create_index(
        "ix_symposium_issues_symposium_id_position_id", "symposium_issues", ["symposium_id", "position", "id"]
    )
    op.create_index("ix_symposium_issues_request_id", "symposium_issues", ["request_id"], unique=True)
    op.create_index("ix_symposium_issues_state_id", "symposium_issues", ["state", "id"])
    op.create_table(
        "symposium_votes",
        sa.Column("issue_id", sa.String(length=26), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"],
            ["symposium_issues.id"],
            name="fk_symposium_votes_issue_id_symposium_issues",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_symposium_votes_account_id_accounts", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("issue_id", "account_id", name="pk_symposium_votes"),
    )
    op.create_index("ix_symposium_votes_account_id", "symposium_votes", ["account_id"])


def downgrade() -> None:
    op.drop_table("symposium_votes")
    op.drop_table("symposium_issues")
    op.drop_table("symposiums")
