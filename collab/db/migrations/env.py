"""Runs inside `migrate.upgrade`, which gives the connection: there is no alembic.ini."""

from __future__ import annotations

from alembic import context

from collab.db.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",  # SQLite cannot alter a column; batch mode copies the table
    compare_type=True,
    transaction_per_migration=False,
)
context.run_migrations()
