"""Reports are made in a process of their own, one for each: so none holds up a meeting, and no bad picture ends one.

msgpack of Order on its stdin -> python -m collab.reports.maker -> msgpack of ReportFiles on its stdout
"""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from typing import Final

import msgspec
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from collab.problems import Refusal
from rooms.core.codes import Code

from .content import Report
from .make import ReportFiles, make_report
from .pictures import BadPicture

MAKE_MAX_S: Final = 30.0
WAITING_MAX: Final = 16
SAID_MAX_CHARS: Final = 2_000
_BAD_PICTURE: Final = 3  # exit code

log = structlog.get_logger("reports")


class Order(Struct, frozen=True):
    report: Report
    language: str
    key: bytes


class ReportMaker:
    """One report at a time."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key.private_bytes_raw()
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def make(self, report: Report, language: str) -> ReportFiles:
        """Raises BAD_FILE for a picture that cannot be read, UNAVAILABLE when too many wait or it takes too long."""
        if self._waiting >= WAITING_MAX:
            raise Refusal(Code.UNAVAILABLE, "too many reports wait", retry_after_ms=5_000)
        self._waiting += 1
        try:
            async with self._turn:
                return await _made_elsewhere(Order(report, language, self._key))
        finally:
            self._waiting -= 1


async def _made_elsewhere(order: Order) -> ReportFiles:
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", __name__, stdin=PIPE, stdout=PIPE, stderr=PIPE)
    try:
        async with asyncio.timeout(MAKE_MAX_S):
            made, said = await process.communicate(msgspec.msgpack.encode(order))
    except TimeoutError:
        raise Refusal(Code.UNAVAILABLE, "the report took too long", retry_after_ms=5_000) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    cause = said.decode(errors="replace")[-SAID_MAX_CHARS:]
    if process.returncode == _BAD_PICTURE:
        raise Refusal(Code.BAD_FILE, cause)
    if process.returncode != 0:
        log.error("report_not_made", number=order.report.number, cause=cause)
        raise Refusal(Code.UNAVAILABLE, "the report process failed", retry_after_ms=5_000)
    return msgspec.msgpack.decode(made, type=ReportFiles)


def main() -> int:
    order = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Order)
    try:
        files = make_report(order.report, order.language, Ed25519PrivateKey.from_private_bytes(order.key))
    except BadPicture as error:
        sys.stderr.write(str(error))
        return _BAD_PICTURE
    sys.stdout.buffer.write(msgspec.msgpack.encode(files))
    return 0


if __name__ == "__main__":
    sys.exit(main())
