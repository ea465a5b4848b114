"""Reports are made in a process of their own, one for each: so none holds up a meeting, and no bad picture ends one.

msgpack of Order on its stdin -> python -m collab.reports.maker -> msgpack of ReportFiles on its stdout
"""

from __future__ import annotations

import sys
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from collab.apart import BAD_INPUT, Apart

from .content import Report, ReportFiles

MAKE_MAX_S: Final = 30.0
WAITING_MAX: Final = 16
RETRY_AFTER_MS: Final = 5_000


class Order(Struct, frozen=True):
    report: Report
    language: str
    key: bytes


class ReportMaker:
    """One report at a time."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key.private_bytes_raw()
        self._apart = Apart(
            "collab.reports.maker", waiting_max=WAITING_MAX, max_s=MAKE_MAX_S, retry_after_ms=RETRY_AFTER_MS
        )

    async def make(self, report: Report, language: str) -> ReportFiles:
        """Raises BAD_FILE for a picture that cannot be read, UNAVAILABLE when too many wait or it takes too long."""
        made = await self._apart.run(msgspec.msgpack.encode(Order(report, language, self._key)))
        return msgspec.msgpack.decode(made, type=ReportFiles)


def main() -> int:
    from .make import make_report  # noqa: PLC0415 -- the server, which imports this file, needs neither typst nor Pillow
    from .pictures import BadPicture  # noqa: PLC0415

    order = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Order)
    try:
        files = make_report(order.report, order.language, Ed25519PrivateKey.from_private_bytes(order.key))
    except BadPicture as error:
        sys.stderr.write(str(error))
        return BAD_INPUT
    sys.stdout.buffer.write(msgspec.msgpack.encode(files))
    return 0


if __name__ == "__main__":
    sys.exit(main())
