"""Livestreams: plans, people, groups, registrations, and what is kept of the audience."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "livestreams",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("organization_id", sa.String(length=26), nullable=True),
        sa.Column("created_by", sa.String(length=26), nullable=True),
        sa.Column("room_id", sa.String(length=26), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("cover_sha256", sa.String(length=64), nullable=True),
        sa.Column("cover_type", sa.String(length=32), nullable=False),
        sa.Column("cover_bytes", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("tier", sa.String(length=16), nullable=False),
        sa.Column("starts_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("chat", sa.JSON(), nullable=False),
        sa.Column("registration", sa.JSON(), nullable=False),
        sa.Column("keep_replay", sa.Boolean(), nullable=False),
        sa.Column("token_key", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("live_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("ended_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("trashed_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["cover_sha256"], ["files.sha256"], name="fk_livestreams_cover_sha256_files"),
        sa.ForeignKeyConstraint(
            ["created_by"], ["accounts.id"], name="fk_livestreams_created_by_accounts", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name="fk_livestreams_organization_id_organizations",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["room_id"], ["meetings.id"], name="fk_livestreams_room_id_meetings", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_livestreams"),
    )
    op.create_index(
        "ix_livestreams_organization_id_starts_at_ms", "livestreams", ["organization_id", "starts_at_ms"], unique=False
    )
    op.create_index("ix_livestreams_room_id", "livestreams", ["room_id"], unique=False)
    op.create_index("ix_livestreams_state_starts_at_ms", "livestreams", ["state", "starts_at_ms"], unique=False)
    op.create_table(
        "livestream_bans",
        sa.Column("livestream_id", sa.String(length=26), nullable=False),
        sa.Column("viewer_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["livestream_id"],
            ["livestreams.id"],
            name="fk_livestream_bans_livestream_id_livestreams",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("livestream_id", "viewer_id", name="pk_livestream_bans"),
    )
    op.create_table(
        "livestream_beats",
        sa.Column("livestream_id", sa.String(length=26), nullable=False),
        sa.Column("node", sa.String(length=80), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["livestream_id"],
            ["livestreams.id"],
            name="fk_livestream_beats_livestream_id_livestreams",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("livestream_id", "node", name="pk_livestream_beats"),
    )
    op.create_table(
        "livestream_captions",
        sa.Column("livestream_id", sa.String(length=26), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("label", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["livestream_id"],
            ["livestreams.id"],
            name="fk_livestream_captions_livestream_id_livestreams",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("livestream_id", "language", name="pk_livestream_captions"),
    )
    op.create_table(
        "livestream_groups",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("livestream_id", sa.String(length=26), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("organization_id", sa.String(length=26), nullable=True),
        sa.Column("tier", sa.String(length=16), nullable=False),
        sa.Column("link", sa.String(length=32), nullable=True),
        sa.Column("own_chat", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["livestream_id"],
            ["livestreams.id"],
            name="fk_livestream_groups_livestream_id_livestreams",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name="fk_livestream_groups_organization_id_organizations",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_livestream_groups"),
        sa.UniqueConstraint("link", name="uq_livestream_groups_link"),
    )
    op.create_index("ix_livestream_groups_livestream_id", "livestream_groups", ["livestream_id"], unique=False)
    op.create_index("ix_livestream_groups_organization_id", "livestream_groups", ["organization_id"], unique=False)
    op.create_table(
        "livestream_hands",
        sa.Column("livestream_id", sa.String(length=26), nullable=False),
        sa.Column("viewer_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["livestream_id"],
            ["livestreams.id"],
            name="fk_livestream_hands_livestream_id_livestreams",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("livestream_id", "viewer_id", name="pk_livestream_hands"),
    )
    op.create_table(
        "livestream_messages",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("livestream_id", sa.String(length=26), nullable=False),
        sa.Column("room", sa.String(length=26), nullable=False),
        sa.Column("viewer_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["livestream_id"],
            ["livestreams.id"],
            name="fk_livestream_messages_livestream_id_livestreams",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_livestream_messages"),
    )
    op.create_index(
        "ix_livestream_messages_livestream_id_room_id",
        "livestream_messages",
        ["livestream_id", "room", "id"],
        unique=False,
    )
    op.create_table(
        "livestream_people",
        sa.Column("livestream_id", sa.String(length=26), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_livestream_people_account_id_accounts", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["livestream_id"],
            ["livestreams.id"],
            name="fk_livestream_people_livestream_id_livestreams",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("livestream_id", "account_id", name="pk_livestream_people"),
    )
    op.create_index("ix_livestream_people_account_id", "livestream_people", ["account_id"], unique=False)
    op.create_table(
        "livestream_polls",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("livestream_id", sa.String(length=26), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("multiple", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["livestream_id"],
            ["livestreams.id"],
            name="fk_livestream_polls_livestream_id_livestreams",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_livestream_polls"),
    )
    op.create_index("ix_livestream_polls_livestream_id_id", "livestream_polls", ["livestream_id", "id"], unique=False)
    op.create_table(
        "livestream_questions",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("livestream_id", sa.String(length=26), nullable=False),
        sa.Column("room", sa.String(length=26), nullable=False),
        sa.Column("viewer_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["livestream_id"],
            ["livestreams.id"],
            name="fk_livestream_questions_livestream_id_livestreams",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_livestream_questions"),
    )
    op.create_index(
        "ix_livestream_questions_livestream_id_id", "livestream_questions", ["livestream_id", "id"], unique=False
    )
    op.create_table(
        "livestream_registrations",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("livestream_id", sa.String(length=26), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("locale", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=True),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("reminded_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_livestream_registrations_account_id_accounts", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["livestream_id"],
            ["livestreams.id"],
            name="fk_livestream_registrations_livestream_id_livestreams",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_livestream_registrations"),
        sa.UniqueConstraint("livestream_id", "email", name="uq_livestream_registrations_livestream_id_email"),
    )
    op.create_index("ix_livestream_registrations_account_id", "livestream_registrations", ["account_id"], unique=False)
    op.create_index(
        "ix_livestream_registrations_livestream_id_state_id",
        "livestream_registrations",
        ["livestream_id", "state", "id"],
        unique=False,
    )
    op.create_table(
        "livestream_visits",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("livestream_id", sa.String(length=26), nullable=False),
        sa.Column("viewer_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("group_id", sa.String(length=26), nullable=False),
        sa.Column("node", sa.String(length=80), nullable=False),
        sa.Column("joined_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("left_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["livestream_id"],
            ["livestreams.id"],
            name="fk_livestream_visits_livestream_id_livestreams",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_livestream_visits"),
    )
    op.create_index(
        "ix_livestream_visits_livestream_id_joined_at_ms",
        "livestream_visits",
        ["livestream_id", "joined_at_ms"],
        unique=False,
    )
    op.create_table(
        "livestream_answers",
        sa.Column("poll_id", sa.String(length=26), nullable=False),
        sa.Column("viewer_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["poll_id"],
            ["livestream_polls.id"],
            name="fk_livestream_answers_poll_id_livestream_polls",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("poll_id", "viewer_id", name="pk_livestream_answers"),
    )
    op.create_table(
        "livestream_invitees",
        sa.Column("group_id", sa.String(length=26), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["livestream_groups.id"],
            name="fk_livestream_invitees_group_id_livestream_groups",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("group_id", "email", name="pk_livestream_invitees"),
    )
    op.create_table(
        "livestream_votes",
        sa.Column("question_id", sa.String(length=26), nullable=False),
        sa.Column("viewer_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["livestream_questions.id"],
            name="fk_livestream_votes_question_id_livestream_questions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("question_id", "viewer_id", name="pk_livestream_votes"),
    )


def downgrade() -> None:
    for table in (
        "livestream_votes",
        "livestream_invitees",
        "livestream_answers",
        "livestream_visits",
        "livestream_registrations",
        "livestream_questions",
        "livestream_polls",
        "livestream_people",
        "livestream_messages",
        "livestream_hands",
        "livestream_groups",
        "livestream_captions",
        "livestream_beats",
        "livestream_bans",
        "livestreams",
    ):
        op.drop_table(table)
