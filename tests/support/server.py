"""A `tongxin serve` process of the test's own, on free ports, with its data in a folder that goes away."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.processes import Program

START_TIMEOUT_S = 60.0
LISTENING = re.compile(r"^listening http=(\d+) media=(\d+)$", re.MULTILINE)
LINK = re.compile(r"(https?://[^\s/]+)(/\S*)")


class Tongxin:
    """A running server.  Its links are read from what it prints, as a person reads them.

    `database_url` and `redis_url` join it with another server; `command` wraps the start, for instance
    ("ip", "netns", "exec", "NAME"); `executable` is another installation's console script.
    """

    def __init__(
        self,
        folder: Path,
        *,
        database_url: str = "",
        redis_url: str = "",
        address: str = "127.0.0.1",
        http_port: int = 0,
        environment: Mapping[str, str] | None = None,
        arguments: Sequence[str] = (),
        command: Sequence[str] = (),
        executable: Path | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._executable = str(executable or Path(sys.executable).parent / "tongxin")
        self.environment = {
            **outside_settings(),
            "TONGXIN_HTTP_HOST": address,
            "TONGXIN_HTTP_PORT": str(http_port),
            "TONGXIN_MEDIA_ADDRESS": address,
            "TONGXIN_MEDIA_PORT": "0",
            "TONGXIN_PUBLIC_ADDRESS": address,
            "TONGXIN_DATA_DIR": str(folder / "data"),
            "TONGXIN_DRAIN_S": "0",
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            **(environment or {}),
        }
        self.program = Program(
            [*command, self._executable, "serve", *arguments],
            folder / "server.log",
            folder=folder,
            environment=self.environment,
        )
        try:
            found = self.program.wait_ready(lambda: LISTENING.search(self.output()), START_TIMEOUT_S)
        except BaseException:
            self.program.stop()
            raise
        self.http_port, self.media_port = int(found[1]), int(found[2])
        host = f"[{address}]" if ":" in address else address
        self.url = f"{'https' if '--self-signed' in arguments else 'http'}://{host}:{self.http_port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def setup_link(self) -> str | None:
        """The one-time link of the first administrator; None when the park has one already."""
        return self._link("/setup?token=")

    @property
    def meeting_link(self) -> str:
        """The ready meeting of a first start.  Raises LookupError at later ones, which print none."""
        link = self._link("/m/")
        if link is None:
            raise LookupError("this start printed no meeting's link")
        return link

    @property
    def room_code(self) -> str:
        return self.meeting_link.rpartition("/")[2]

    def output(self) -> str:
        return self.program.output()

    def command(self, *words: str) -> str:
        """What another command of the same installation prints, such as `admin token`.  Raises CalledProcessError."""
        done = subprocess.run(
            [self._executable, *words],
            cwd=self.folder,
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.stdout

    def stop(self) -> int:
        """Its exit code; 0 is a clean end."""
        return self.program.stop()

    def _link(self, path: str) -> str | None:
        found = (origin + rest for origin, rest in LINK.findall(self.output()) if rest.startswith(path))
        return next(found, None)


def outside_settings() -> dict[str, str]:
    """The environment of the tests without what would set up this server from outside."""
    ours = ("TONGXIN_", "DATABASE_URL", "REDIS_URL")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}
