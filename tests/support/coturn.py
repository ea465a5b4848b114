"""Debian's coturn with the configuration that we ship, on a host of the test's own (tests/support/namespaces.py)."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.namespaces import Host
from tests.support.processes import Program

PORT = 3478
TLS_PORT = 5349
REALM = "relay.example"
TABLES = {
    "turnusers_lt": "realm varchar(127) default '', name varchar(512), hmackey char(128), primary key (realm, name)",
    "turn_secret": "realm varchar(127) default '', value varchar(256), primary key (realm, value)",
    "allowed_peer_ip": "realm varchar(127) default '', ip_range varchar(256), primary key (realm, ip_range)",
    "denied_peer_ip": "realm varchar(127) default '', ip_range varchar(256), primary key (realm, ip_range)",
    "turn_origin_to_realm": "origin varchar(127), realm varchar(127), primary key (origin)",
    "turn_realm_option": (
        "realm varchar(127) default '', opt varchar(32), value varchar(128), primary key (realm, opt)"
    ),
    "oauth_key": (
        "kid varchar(128), ikm_key varchar(256), timestamp bigint default 0, lifetime integer default 0, "
        "as_rs_alg varchar(64) default '', realm varchar(127) default '', primary key (kid)"
    ),
    "admin_user": "name varchar(32), realm varchar(127), password varchar(127), primary key (name)",
}
SHIPPED = Path(__file__).parents[2] / "deploy" / "turnserver.conf"


def available() -> str:
    """ "" when a relay can be started, else the reason why not."""
    return "" if shutil.which("turnserver") else "coturn is missing; `make test` installs it"


class Coturn:
    """A relay on `host`: UDP and TCP on PORT, TLS on TLS_PORT.

    What an operator adds to the shipped file is given on the command line here too: secret, realm, `pem` (certificate
    and key), and `allowed`, the addresses that may be relayed to although their network is denied.  `addresses` are
    further ones of the host to listen on and to relay from, such as an IPv6 address.
    """

    def __init__(
        self,
        folder: Path,
        host: Host,
        secret: str,
        pem: tuple[Path, Path],
        *,
        allowed: Sequence[str] = (),
        addresses: Sequence[str] = (),
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        _prepare_database(folder / "users")
        certificate, key = pem
        self.secret = secret
        self._host = host
        self.address = host.address
        here = (host.address, *addresses)
        self.program = Program(
            [
                *host.command,
                *("turnserver", "-c", str(SHIPPED)),
                *(f"--static-auth-secret={secret}", f"--realm={REALM}"),
                *(f"--listening-ip={address}" for address in here),
                *(f"--relay-ip={address}" for address in here),
                *(f"--cert={certificate}", f"--pkey={key}"),
                *(f"--allowed-peer-ip={address}" for address in allowed),
                *(f"--pidfile={folder / 'pid'}", f"--userdb={folder / 'users'}"),
            ],
            folder / "coturn.log",
            folder=folder,
        )
        try:
            self.program.wait_ready(self._listens)
        except BaseException:
            self.program.stop()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def urls(self) -> tuple[str, ...]:
        """As TONGXIN_TURN_URLS has them."""
        return (
            f"turn:{self.address}:{PORT}?transport=udp",
            f"turn:{self.address}:{PORT}?transport=tcp",
            f"turns:{self.address}:{TLS_PORT}?transport=tcp",
        )

    def _listens(self) -> bool:
        """coturn does not say when it is ready; the kernel of its host does."""
        words = ("ss", "--no-header", "--listening", "--numeric", "--tcp", "--udp")
        done = subprocess.run([*self._host.command, *words], check=True, capture_output=True, text=True)
        bound = {(line.split()[0], line.split()[4]) for line in done.stdout.splitlines()}
        wanted = (("udp", PORT), ("tcp", PORT), ("tcp", TLS_PORT))
        return all((protocol, f"{self.address}:{port}") in bound for protocol, port in wanted)

    def output(self) -> str:
        return self.program.output()

    def stop(self) -> None:
        self.program.stop()


def _prepare_database(path: Path) -> None:
    """All tables that Debian's package makes: each of coturn's threads opens the file when it is first asked something,

    and makes the tables that are missing.  Another that finds it locked meanwhile believes that there are no secrets at
    all, not even the one of the command line, and refuses whoever asked; a browser takes that for an answer and tries
    this relay no more.  Where no table is missing nobody writes, so nobody finds a lock.
    """
    database = sqlite3.connect(path)
    for table, columns in TABLES.items():
        database.execute(f"CREATE TABLE IF NOT EXISTS {table} ({columns})")
    database.close()
