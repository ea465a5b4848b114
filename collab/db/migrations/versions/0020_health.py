"""Places at risk, what was declared, whom it concerns, and who looked at it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "health_accesses",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("reader_id", sa.String(length=26), nullable=False),
        sa.Column("reader_name", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("about_id", sa.String(length=26), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_health_accesses"),
    )
    op.create_index("ix_health_accesses_at_ms", "health_accesses", ["at_ms"], unique=False)
    op.create_index("ix_health_accesses_person_id_id", "health_accesses", ["person_id", "id"], unique=False)
    op.create_index("ix_health_accesses_reader_id_id", "health_accesses", ["reader_id", "id"], unique=False)
    op.create_table(
        "health_places",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("matched_revision", sa.Integer(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_health_places"),
    )
    op.create_index("ix_health_places_state_id", "health_places", ["state", "id"], unique=False)
    op.create_index("ix_health_places_state_starts_on", "health_places", ["state", "starts_on"], unique=False)
    op.create_table(
        "health_concerns",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("place_id", sa.String(length=26), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("organization_id", sa.String(length=26), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("stands", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("found_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("notified_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("delete_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_health_concerns_account_id_accounts", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name="fk_health_concerns_organization_id_organizations",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["place_id"], ["health_places.id"], name="fk_health_concerns_place_id_health_places", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_health_concerns"),
        sa.UniqueConstraint("place_id", "account_id", name="uq_health_concerns_place_id_account_id"),
    )
    op.create_index("ix_health_concerns_account_id", "health_concerns", ["account_id"], unique=False)
    op.create_index("ix_health_concerns_delete_at_ms", "health_concerns", ["delete_at_ms"], unique=False)
    op.create_index(
        "ix_health_concerns_place_id_state_id", "health_concerns", ["place_id", "state", "id"], unique=False
    )
    op.create_table(
        "health_place_changes",
        sa.Column("place_id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("action", sa.String(length=12), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("former", sa.Text(), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["place_id"],
            ["health_places.id"],
            name="fk_health_place_changes_place_id_health_places",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("place_id", "number", name="pk_health_place_changes"),
    )
    op.create_table(
        "health_concern_events",
        sa.Column("concern_id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("action", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["concern_id"],
            ["health_concerns.id"],
            name="fk_health_concern_events_concern_id_health_concerns",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("concern_id", "number", name="pk_health_concern_events"),
    )
    op.create_table(
        "health_reasons",
        sa.Column("concern_id", sa.String(length=26), nullable=False),
        sa.Column("request_id", sa.String(length=26), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("request_number", sa.String(length=24), nullable=False),
        sa.Column("origin", sa.String(length=12), nullable=False),
        sa.Column("text", sa.String(length=400), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("sure", sa.Boolean(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["concern_id"],
            ["health_concerns.id"],
            name="fk_health_reasons_concern_id_health_concerns",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("concern_id", "request_id", "position", name="pk_health_reasons"),
    )
    op.create_table(
        "health_spots",
        sa.Column("request_id", sa.String(length=26), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("organization_id", sa.String(length=26), nullable=False),
        sa.Column("origin", sa.String(length=12), nullable=False),
        sa.Column("text", sa.String(length=400), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("stored_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("delete_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_health_spots_account_id_accounts", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name="fk_health_spots_organization_id_organizations",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["requests.id"], name="fk_health_spots_request_id_requests", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("request_id", "position", name="pk_health_spots"),
    )
    op.create_index("ix_health_spots_account_id_origin", "health_spots", ["account_id", "origin"], unique=False)
    op.create_index("ix_health_spots_delete_at_ms", "health_spots", ["delete_at_ms"], unique=False)
    op.create_index("ix_health_spots_ends_on_text", "health_spots", ["ends_on", "text"], unique=False)
    op.create_index("ix_health_spots_stored_at_ms", "health_spots", ["stored_at_ms"], unique=False)


def downgrade() -> None:
    for table in (
        "health_spots",
        "health_reasons",
        "health_concern_events",
        "health_place_changes",
        "health_concerns",
        "health_places",
        "health_accesses",
    ):
        op.drop_table(table)
