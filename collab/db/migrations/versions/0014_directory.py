"""The directory (organizations, installers, needs), spot checks of jobs, service officers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "certificates",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("organization_id", sa.String(length=26), nullable=False),
        sa.Column("trade", sa.String(length=24), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("issuer", sa.String(length=120), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=True),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["file_sha256"], ["files.sha256"], name="fk_certificates_file_sha256_files"),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name="fk_certificates_organization_id_organizations",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_certificates"),
    )
    op.create_index("ix_certificates_file_sha256", "certificates", ["file_sha256"], unique=False)
    op.create_index(
        "ix_certificates_organization_id_trade_valid_until",
        "certificates",
        ["organization_id", "trade", "valid_until"],
        unique=False,
    )
    op.create_index("ix_certificates_valid_until", "certificates", ["valid_until"], unique=False)
    op.create_table(
        "crews",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("organization_id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=8), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("status_note", sa.String(length=120), nullable=False),
        sa.Column("status_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("retired_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="fk_crews_organization_id_organizations", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_crews"),
    )
    op.create_index("ix_crews_organization_id_id", "crews", ["organization_id", "id"], unique=False)
    op.create_table(
        "officer_covers",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("cover_id", sa.String(length=26), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_officer_covers_account_id_accounts", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["cover_id"], ["accounts.id"], name="fk_officer_covers_cover_id_accounts", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_officer_covers"),
    )
    op.create_index("ix_officer_covers_account_id_ends_on", "officer_covers", ["account_id", "ends_on"], unique=False)
    op.create_index("ix_officer_covers_cover_id_ends_on", "officer_covers", ["cover_id", "ends_on"], unique=False)
    op.create_table(
        "organization_contacts",
        sa.Column("organization_id", sa.String(length=26), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_organization_contacts_account_id_accounts", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name="fk_organization_contacts_organization_id_organizations",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", "position", name="pk_organization_contacts"),
    )
    op.create_table(
        "organization_profiles",
        sa.Column("organization_id", sa.String(length=26), nullable=False),
        sa.Column("summary_zh", sa.Text(), nullable=False),
        sa.Column("summary_en", sa.Text(), nullable=False),
        sa.Column("industry", sa.String(length=24), nullable=False),
        sa.Column("headcount", sa.String(length=24), nullable=False),
        sa.Column("region", sa.String(length=8), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("website", sa.String(length=200), nullable=False),
        sa.Column("logo_sha256", sa.String(length=64), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_by_name", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["logo_sha256"], ["files.sha256"], name="fk_organization_profiles_logo_sha256_files"),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name="fk_organization_profiles_organization_id_organizations",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", name="pk_organization_profiles"),
    )
    op.create_index("ix_organization_profiles_industry", "organization_profiles", ["industry"], unique=False)
    op.create_index("ix_organization_profiles_logo_sha256", "organization_profiles", ["logo_sha256"], unique=False)
    op.create_index("ix_organization_profiles_region", "organization_profiles", ["region"], unique=False)
    op.create_table(
        "service_officer_events",
        sa.Column("organization_id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("action", sa.String(length=12), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=True),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("to_name", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_service_officer_events_account_id_accounts", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name="fk_service_officer_events_organization_id_organizations",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", "number", name="pk_service_officer_events"),
    )
    op.create_table(
        "service_officers",
        sa.Column("organization_id", sa.String(length=26), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("offered_to_id", sa.String(length=26), nullable=True),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_service_officers_account_id_accounts", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["offered_to_id"], ["accounts.id"], name="fk_service_officers_offered_to_id_accounts", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name="fk_service_officers_organization_id_organizations",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", name="pk_service_officers"),
    )
    op.create_index("ix_service_officers_account_id", "service_officers", ["account_id"], unique=False)
    op.create_index("ix_service_officers_offered_to_id", "service_officers", ["offered_to_id"], unique=False)
    op.create_table(
        "crew_tags",
        sa.Column("crew_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("value", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["crew_id"], ["crews.id"], name="fk_crew_tags_crew_id_crews", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("crew_id", "kind", "value", name="pk_crew_tags"),
    )
    op.create_index("ix_crew_tags_kind_value", "crew_tags", ["kind", "value"], unique=False)
    op.create_table(
        "crew_busy",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("crew_id", sa.String(length=26), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=120), nullable=False),
        sa.Column("job_id", sa.String(length=26), nullable=True),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["crew_id"], ["crews.id"], name="fk_crew_busy_crew_id_crews", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["job_id"], ["installation_jobs.id"], name="fk_crew_busy_job_id_installation_jobs", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_crew_busy"),
        sa.UniqueConstraint("job_id", name="uq_crew_busy_job_id"),
    )
    op.create_index("ix_crew_busy_crew_id_ends_on", "crew_busy", ["crew_id", "ends_on"], unique=False)
    op.create_table(
        "job_milestones",
        sa.Column("job_id", sa.String(length=26), nullable=False),
        sa.Column("milestone", sa.String(length=16), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("done_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["installation_jobs.id"], name="fk_job_milestones_job_id_installation_jobs", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", "milestone", name="pk_job_milestones"),
    )
    op.create_table(
        "needs",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("organization_id", sa.String(length=26), nullable=False),
        sa.Column("machine_id", sa.String(length=26), nullable=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("region", sa.String(length=8), nullable=False),
        sa.Column("site", sa.String(length=120), nullable=False),
        sa.Column("trades", sa.JSON(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("crew_size", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("offer_id", sa.String(length=26), nullable=True),
        sa.Column("job_id", sa.String(length=26), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.String(length=26), nullable=True),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["accounts.id"], name="fk_needs_created_by_accounts", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["job_id"], ["installation_jobs.id"], name="fk_needs_job_id_installation_jobs", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["machine_id"], ["machines.id"], name="fk_needs_machine_id_machines", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="fk_needs_organization_id_organizations", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_needs"),
    )
    op.create_index("ix_needs_job_id", "needs", ["job_id"], unique=False)
    op.create_index("ix_needs_organization_id_id", "needs", ["organization_id", "id"], unique=False)
    op.create_index("ix_needs_state_id", "needs", ["state", "id"], unique=False)
    op.create_table(
        "spot_checks",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("job_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("inspector_id", sa.String(length=26), nullable=True),
        sa.Column("inspector_name", sa.String(length=64), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("closed_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inspector_id"], ["accounts.id"], name="fk_spot_checks_inspector_id_accounts", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["job_id"], ["installation_jobs.id"], name="fk_spot_checks_job_id_installation_jobs", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_spot_checks"),
    )
    op.create_index("ix_spot_checks_job_id_id", "spot_checks", ["job_id", "id"], unique=False)
    op.create_index("ix_spot_checks_state_id", "spot_checks", ["state", "id"], unique=False)
    op.create_table(
        "need_events",
        sa.Column("need_id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("action", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("installer_id", sa.String(length=26), nullable=True),
        sa.Column("crew", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=True),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_need_events_account_id_accounts", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["installer_id"],
            ["organizations.id"],
            name="fk_need_events_installer_id_organizations",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name="fk_need_events_need_id_needs", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("need_id", "number", name="pk_need_events"),
    )
    op.create_table(
        "need_offers",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("need_id", sa.String(length=26), nullable=False),
        sa.Column("crew_id", sa.String(length=26), nullable=False),
        sa.Column("installer_id", sa.String(length=26), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("invited_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["crew_id"], ["crews.id"], name="fk_need_offers_crew_id_crews", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["installer_id"], ["organizations.id"], name="fk_need_offers_installer_id_organizations", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name="fk_need_offers_need_id_needs", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_need_offers"),
        sa.UniqueConstraint("need_id", "crew_id", name="uq_need_offers_need_id_crew_id"),
    )
    op.create_index("ix_need_offers_crew_id_state", "need_offers", ["crew_id", "state"], unique=False)
    op.create_index("ix_need_offers_installer_id_need_id", "need_offers", ["installer_id", "need_id"], unique=False)
    op.create_table(
        "spot_check_findings",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("check_id", sa.String(length=26), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("closed_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["check_id"], ["spot_checks.id"], name="fk_spot_check_findings_check_id_spot_checks", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_spot_check_findings"),
    )
    op.create_index("ix_spot_check_findings_check_id_id", "spot_check_findings", ["check_id", "id"], unique=False)
    op.create_index("ix_spot_check_findings_state_due_on", "spot_check_findings", ["state", "due_on"], unique=False)
    op.create_table(
        "spot_check_items",
        sa.Column("check_id", sa.String(length=26), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("result", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["check_id"], ["spot_checks.id"], name="fk_spot_check_items_check_id_spot_checks", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("check_id", "position", name="pk_spot_check_items"),
    )
    op.create_table(
        "spot_check_photos",
        sa.Column("check_id", sa.String(length=26), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=True),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("stored_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_spot_check_photos_account_id_accounts", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["check_id"], ["spot_checks.id"], name="fk_spot_check_photos_check_id_spot_checks", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["file_sha256"], ["files.sha256"], name="fk_spot_check_photos_file_sha256_files"),
        sa.PrimaryKeyConstraint("check_id", "key", name="pk_spot_check_photos"),
    )
    op.create_index("ix_spot_check_photos_file_sha256", "spot_check_photos", ["file_sha256"], unique=False)
    op.create_table(
        "spot_check_finding_events",
        sa.Column("finding_id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("action", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=True),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name="fk_spot_check_finding_events_account_id_accounts",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["finding_id"],
            ["spot_check_findings.id"],
            name="fk_spot_check_finding_events_finding_id_spot_check_findings",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("finding_id", "number", name="pk_spot_check_finding_events"),
    )


def downgrade() -> None:
    for table in (
        "spot_check_finding_events",
        "spot_check_photos",
        "spot_check_items",
        "spot_check_findings",
        "need_offers",
        "need_events",
        "spot_checks",
        "needs",
        "job_milestones",
        "crew_busy",
        "crew_tags",
        "service_officers",
        "service_officer_events",
        "organization_profiles",
        "organization_contacts",
        "officer_covers",
        "crews",
        "certificates",
    ):
        op.drop_table(table)
