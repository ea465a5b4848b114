"""The schedule: events, exceptions, invitees, answers, mailings, rooms, hours, minutes and action items."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "schedule_attendance_policies",
        sa.Column("organization_id", sa.String(length=26), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name="fk_schedule_attendance_policies_organization_id_organizations",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", name="pk_schedule_attendance_policies"),
    )
    op.create_table(
        "schedule_events",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("organizer_id", sa.String(length=26), nullable=True),
        sa.Column("organization_id", sa.String(length=26), nullable=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("starts", sa.String(length=16), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=200), nullable=False),
        sa.Column("opens_before_min", sa.Integer(), nullable=False),
        sa.Column("remind_before_min", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("first_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("last_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("next_reminder_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name="fk_schedule_events_organization_id_organizations",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["organizer_id"], ["accounts.id"], name="fk_schedule_events_organizer_id_accounts", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_schedule_events"),
    )
    op.create_index("ix_schedule_events_code", "schedule_events", ["code"], unique=False)
    op.create_index("ix_schedule_events_next_reminder_at_ms", "schedule_events", ["next_reminder_at_ms"], unique=False)
    op.create_index(
        "ix_schedule_events_organizer_id_last_at_ms", "schedule_events", ["organizer_id", "last_at_ms"], unique=False
    )
    op.create_table(
        "schedule_people",
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("from_min", sa.Integer(), nullable=False),
        sa.Column("to_min", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("feed_hash", sa.String(length=64), nullable=True),
        sa.Column("feed_made_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_schedule_people_account_id_accounts", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", name="pk_schedule_people"),
        sa.UniqueConstraint("feed_hash", name="uq_schedule_people_feed_hash"),
    )
    op.create_table(
        "schedule_action_items",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("event_id", sa.String(length=26), nullable=False),
        sa.Column("key", sa.String(length=15), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("owner_id", sa.String(length=26), nullable=True),
        sa.Column("owner_name", sa.String(length=64), nullable=False),
        sa.Column("due", sa.String(length=10), nullable=False),
        sa.Column("done_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["schedule_events.id"],
            name="fk_schedule_action_items_event_id_schedule_events",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["accounts.id"], name="fk_schedule_action_items_owner_id_accounts", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_schedule_action_items"),
    )
    op.create_index("ix_schedule_action_items_event_id_key", "schedule_action_items", ["event_id", "key"], unique=False)
    op.create_index("ix_schedule_action_items_owner_id", "schedule_action_items", ["owner_id"], unique=False)
    op.create_table(
        "schedule_invitees",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("event_id", sa.String(length=26), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=True),
        sa.Column("organization_id", sa.String(length=26), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_schedule_invitees_account_id_accounts", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["schedule_events.id"],
            name="fk_schedule_invitees_event_id_schedule_events",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name="fk_schedule_invitees_organization_id_organizations",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_schedule_invitees"),
        sa.UniqueConstraint("event_id", "account_id", name="uq_schedule_invitees_event_id_account_id"),
        sa.UniqueConstraint("event_id", "organization_id", name="uq_schedule_invitees_event_id_organization_id"),
    )
    op.create_index("ix_schedule_invitees_account_id", "schedule_invitees", ["account_id"], unique=False)
    op.create_index("ix_schedule_invitees_organization_id", "schedule_invitees", ["organization_id"], unique=False)
    op.create_table(
        "schedule_mailings",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("event_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=15), nullable=False),
        sa.Column("invitee_id", sa.String(length=26), nullable=False),
        sa.Column("after", sa.String(length=26), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["schedule_events.id"],
            name="fk_schedule_mailings_event_id_schedule_events",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_schedule_mailings"),
    )
    op.create_index("ix_schedule_mailings_event_id", "schedule_mailings", ["event_id"], unique=False)
    op.create_table(
        "schedule_minutes",
        sa.Column("event_id", sa.String(length=26), nullable=False),
        sa.Column("key", sa.String(length=15), nullable=False),
        sa.Column("starts_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.String(length=64), nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["schedule_events.id"],
            name="fk_schedule_minutes_event_id_schedule_events",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("event_id", "key", name="pk_schedule_minutes"),
    )
    op.create_table(
        "schedule_overrides",
        sa.Column("event_id", sa.String(length=26), nullable=False),
        sa.Column("key", sa.String(length=15), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("starts", sa.String(length=16), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["schedule_events.id"],
            name="fk_schedule_overrides_event_id_schedule_events",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("event_id", "key", name="pk_schedule_overrides"),
    )
    op.create_table(
        "schedule_sittings",
        sa.Column("meeting_id", sa.String(length=26), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meetings.id"], name="fk_schedule_sittings_meeting_id_meetings", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("meeting_id", name="pk_schedule_sittings"),
    )
    op.create_index("ix_schedule_sittings_code", "schedule_sittings", ["code"], unique=False)
    op.create_table(
        "schedule_answers",
        sa.Column("invitee_id", sa.String(length=26), nullable=False),
        sa.Column("key", sa.String(length=15), nullable=False),
        sa.Column("answer", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("answered_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitee_id"],
            ["schedule_invitees.id"],
            name="fk_schedule_answers_invitee_id_schedule_invitees",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("invitee_id", "key", name="pk_schedule_answers"),
    )
    op.create_table(
        "schedule_reply_links",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("invitee_id", sa.String(length=26), nullable=False),
        sa.Column("made_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitee_id"],
            ["schedule_invitees.id"],
            name="fk_schedule_reply_links_invitee_id_schedule_invitees",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_hash", name="pk_schedule_reply_links"),
    )
    op.create_index("ix_schedule_reply_links_invitee_id", "schedule_reply_links", ["invitee_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_schedule_reply_links_invitee_id", table_name="schedule_reply_links")
    op.drop_table("schedule_reply_links")
    op.drop_table("schedule_answers")
    op.drop_index("ix_schedule_sittings_code", table_name="schedule_sittings")
    op.drop_table("schedule_sittings")
    op.drop_table("schedule_overrides")
    op.drop_table("schedule_minutes")
    op.drop_index("ix_schedule_mailings_event_id", table_name="schedule_mailings")
    op.drop_table("schedule_mailings")
    op.drop_index("ix_schedule_invitees_account_id", table_name="schedule_invitees")
    op.drop_index("ix_schedule_invitees_organization_id", table_name="schedule_invitees")
    op.drop_table("schedule_invitees")
    op.drop_index("ix_schedule_action_items_event_id_key", table_name="schedule_action_items")
    op.drop_index("ix_schedule_action_items_owner_id", table_name="schedule_action_items")
    op.drop_table("schedule_action_items")
    op.drop_table("schedule_people")
    op.drop_index("ix_schedule_events_next_reminder_at_ms", table_name="schedule_events")
    op.drop_index("ix_schedule_events_code", table_name="schedule_events")
    op.drop_index("ix_schedule_events_organizer_id_last_at_ms", table_name="schedule_events")
    op.drop_table("schedule_events")
    op.drop_table("schedule_attendance_policies")
