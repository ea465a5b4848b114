"""Brings the database to the newest schema, one process at a time.

`tongxin serve` runs it at every start.  PostgreSQL: an advisory lock of the transaction; SQLite: BEGIN IMMEDIATE is the
lock.  Both run all steps in one transaction, so a failed upgrade leaves the database as it was.

Revisions are written by hand (migrations/versions); a test holds that together they make what the models describe.
Alembic reads them from files, so that happens in a thread; there is no env.py, because no other command is wanted.
"""

from __future__ import annotations

import asyncio
from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util.exc import CommandError
from sqlalchemy import Connection, text

from collab.problems import StartFailure

from .engine import Database, is_away
from .tables import metadata

LOCK_WAIT_MS = 120_000
_ADVISORY_LOCK = 0x74_6F_6E_67  # "tong"


@cache
def _scripts() -> tuple[Config, ScriptDirectory]:
    """All revisions, in memory (reads files)."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    scripts = ScriptDirectory.from_config(config)
    list(scripts.walk_revisions())
    return config, scripts


async def upgrade(database: Database) -> list[str]:
    """The revisions that were applied, oldest first.  Raises StartFailure for a database of a newer release."""
    config, scripts = await asyncio.to_thread(_scripts)
    async with database.engine.connect() as connection:
        await connection.execution_options(tongxin_writes=True)
        async with connection.begin():
            return await connection.run_sync(_upgrade, config, scripts)


async def migrate_or_fail(database: Database) -> list[str]:
    """`upgrade`, with StartFailure for a database that cannot be reached, too."""
    try:
        return await upgrade(database)
    except Exception as error:
        if not is_away(error):
            raise
        cause = str(getattr(error, "orig", None) or error).partition("\n")[0]
        raise StartFailure(f"The database cannot be reached ({cause}): start it, or correct DATABASE_URL.") from error


async def pending(database: Database) -> bool:
    """Whether the schema is not the newest."""
    _, scripts = await asyncio.to_thread(_scripts)

    def check(connection: Connection) -> bool:
        return MigrationContext.configure(connection).get_current_revision() != scripts.get_current_head()

    async with database.engine.connect() as connection:
        return await connection.run_sync(check)


def _upgrade(connection: Connection, config: Config, scripts: ScriptDirectory) -> list[str]:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL lock_timeout = {LOCK_WAIT_MS}"))
        connection.execute(text(f"SET LOCAL statement_timeout = {LOCK_WAIT_MS}"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
    before = MigrationContext.configure(connection).get_current_revision()
    head = scripts.get_current_head()
    if before == head:
        return []
    try:
        applied = [script.revision for script in scripts.iterate_revisions(head, before)]
        steps = scripts._upgrade_revs  # noqa: SLF001 -- as Alembic's documentation of EnvironmentContext does
        with EnvironmentContext(config, scripts, fn=lambda current, _context: steps("head", current)) as context:
            context.configure(
                connection=connection,
                target_metadata=metadata,
                # SQLite cannot alter a column; batch mode copies the table.
                render_as_batch=connection.dialect.name == "sqlite",
            )
            context.run_migrations()
    except (CommandError, RevisionError) as error:
        raise StartFailure(
            f"The database is at revision {before}, which this release does not know ({error}): run the release that "
            "wrote it, or restore a backup."
        ) from error
    return applied[::-1]
