"""Announcements: whom they reached, in which versions, and who has read them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "announcements",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("organization_id", sa.String(length=26), nullable=False),
        sa.Column("author_id", sa.String(length=26), nullable=True),
        sa.Column("author_name", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("told_version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("publish_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("published_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("reminded_at_ms", sa.BigInteger(), nullable=False),
        _to("announcements", "organization_id", "organizations", "CASCADE"),
        _to("announcements", "author_id", "accounts", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_announcements"),
    )
    op.create_table(
        "announcement_organizations",
        sa.Column("announcement_id", sa.String(length=26), nullable=False),
        sa.Column("organization_id", sa.String(length=26), nullable=False),
        _to("announcement_organizations", "announcement_id", "announcements", "CASCADE"),
        _to("announcement_organizations", "organization_id", "organizations", "CASCADE"),
        sa.PrimaryKeyConstraint("announcement_id", "organization_id", name="pk_announcement_organizations"),
    )
    op.create_table(
        "announcement_versions",
        sa.Column("announcement_id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=True),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        _to("announcement_versions", "announcement_id", "announcements", "CASCADE"),
        _to("announcement_versions", "account_id", "accounts", "SET NULL"),
        sa.PrimaryKeyConstraint("announcement_id", "number", name="pk_announcement_versions"),
    )
    op.create_table(
        "announcement_recipients",
        sa.Column("announcement_id", sa.String(length=26), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("organization_id", sa.String(length=26), nullable=True),
        sa.Column("read_version", sa.Integer(), nullable=False),
        sa.Column("read_at_ms", sa.BigInteger(), nullable=False),
        _to("announcement_recipients", "announcement_id", "announcements", "CASCADE"),
        _to("announcement_recipients", "account_id", "accounts", "CASCADE"),
        _to("announcement_recipients", "organization_id", "organizations", "SET NULL"),
        sa.PrimaryKeyConstraint("announcement_id", "account_id", name="pk_announcement_recipients"),
    )
    op.create_table(
        "announcement_files",
        sa.Column("announcement_id", sa.String(length=26), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("stored_at_ms", sa.BigInteger(), nullable=False),
        _to("announcement_files", "announcement_id", "announcements", "CASCADE"),
        sa.ForeignKeyConstraint(["file_sha256"], ["files.sha256"], name="fk_announcement_files_file_sha256_files"),
        sa.PrimaryKeyConstraint("announcement_id", "key", name="pk_announcement_files"),
    )
    for table, columns in (
        ("announcements", ["organization_id", "id"]),
        ("announcements", ["state", "publish_at_ms"]),
        ("announcements", ["author_id"]),
        ("announcement_organizations", ["organization_id"]),
        ("announcement_versions", ["account_id"]),
        ("announcement_recipients", ["account_id", "announcement_id"]),
        ("announcement_recipients", ["organization_id"]),
        ("announcement_files", ["file_sha256"]),
    ):
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns, unique=False)


def _to(table: str, column: str, target: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}", ondelete=ondelete)


def downgrade() -> None:
    for name in ("files", "recipients", "versions", "organizations"):
        op.drop_table(f"announcement_{name}")
    op.drop_table("announcements")
