"""Brings the database to the newest schema, one process at a time.

`tongxin serve` runs it at every start.  PostgreSQL: an advisory lock of the transaction; SQLite: BEGIN IMMEDIATE is the
lock.  Both run all steps in one transaction, so a failed upgrade leaves the database as it was.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, text

from collab.problems import StartFailure

from .engine import Database

LOCK_WAIT_MS = 120_000
_ADVISORY_LOCK = 0x74_6F_6E_67  # "tong"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


async def upgrade(database: Database) -> list[str]:
    """The revisions that were applied, oldest first.  Raises StartFailure for a database of a newer release."""
    async with database.engine.connect() as connection:
        await connection.execution_options(tongxin_writes=True)
        async with connection.begin():
            return await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> list[str]:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL lock_timeout = {LOCK_WAIT_MS}"))
        connection.execute(text(f"SET LOCAL statement_timeout = {LOCK_WAIT_MS}"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
    config = _config()
    before = MigrationContext.configure(connection).get_current_revision()
    scripts = ScriptDirectory.from_config(config)
    head = scripts.get_current_head()
    if before == head:
        return []
    config.attributes["connection"] = connection
    try:
        pending = [script.revision for script in scripts.iterate_revisions(head, before)]
        command.upgrade(config, "head")
    except CommandError as error:
        raise StartFailure(
            f"The database is at revision {before}, which this release does not know ({error}): run the release that "
            "wrote it, or restore a backup."
        ) from error
    return pending[::-1]


async def pending(database: Database) -> bool:
    """Whether the schema is not the newest."""

    def check(connection: Connection) -> bool:
        current = MigrationContext.configure(connection).get_current_revision()
        return current != ScriptDirectory.from_config(_config()).get_current_head()

    async with database.engine.connect() as connection:
        return await connection.run_sync(check)
