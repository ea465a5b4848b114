"""A temporary PostgreSQL cluster on a unix socket, never the machine's own service."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
from pathlib import Path

from tests.support.processes import Program

SUPERUSER = "tongxin"
TEMPLATE = "tongxin_template"
SPEED = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off", "max_connections=60")


class PostgresCluster:
    """Databases are made from a template by `create_database`, so that migrations can run once for many tests.

    PostgreSQL refuses to run as root; then Debian's user `postgres` runs it.
    """

    def __init__(self, folder: Path) -> None:
        self._user = "postgres" if os.geteuid() == 0 else None
        self._binaries = _binaries()
        self._numbers = itertools.count(1)
        self.socket_folder = folder / "pg"
        self.socket_folder.mkdir(mode=0o755)
        if self._user is not None:
            shutil.chown(self.socket_folder, self._user, self._user)
        data = self.socket_folder / "data"
        self._run("initdb", "-D", str(data), "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        command = [str(self._binaries / "postgres"), "-D", str(data), "-k", str(self.socket_folder), "-h", ""]
        command += [f"--{setting}" for setting in SPEED]
        self._program = Program(command, folder / "postgres.log", folder=folder, user=self._user)
        self._program.wait_ready(self._answers)

    @property
    def pid(self) -> int:
        return self._program.pid

    def url(self, database: str) -> str:
        """What DATABASE_URL takes, without a driver: the server chooses asyncpg."""
        return f"postgresql://{SUPERUSER}@/{database}?host={self.socket_folder}"

    def create_database(self, template: str = "template0") -> str:
        """A new empty database, or a copy of `template` (which nobody may be connected to).  Returns its name."""
        name = f"tongxin_{next(self._numbers)}"
        self._run("createdb", "-h", str(self.socket_folder), "-U", SUPERUSER, "-T", template, name)
        return name

    def drop_database(self, name: str) -> None:
        self._run("dropdb", "-h", str(self.socket_folder), "-U", SUPERUSER, "--force", "--if-exists", name)

    def stop(self) -> None:
        self._program.stop()

    def _answers(self) -> bool:
        command = [str(self._binaries / "pg_isready"), "-q", "-h", str(self.socket_folder), "-U", SUPERUSER]
        return subprocess.run(command, check=False).returncode == 0

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._binaries / program), *arguments],
            check=True,
            capture_output=True,
            cwd=self.socket_folder,
            user=self._user,
            group=self._user,
            extra_groups=[] if self._user is not None else None,
        )


def _binaries() -> Path:
    """The newest server that Debian's packages brought, or the one on PATH."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if versions:
        return versions[-1].parent
    found = shutil.which("initdb")
    if found is None:
        raise RuntimeError("PostgreSQL is missing; `make test` installs it")
    return Path(found).parent
