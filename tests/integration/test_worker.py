"""`tongxin worker` as a process that dies: nothing that was committed is lost, nothing is sent twice."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as SmtpSession
from sqlalchemy import select, update

from collab.accounts.repository import AccountRepository
from collab.config import read_settings
from collab.db.engine import Database
from collab.mail.models import MailRow, MailState
from collab.notices.kinds import NoticeKind
from collab.notices.models import Notice, Subject
from collab.notices.outbox import put
from collab.problems import StartFailure
from collab.worker import work
from tests.support.databases import SqliteDatabases, open_database
from tests.support.mail import MailCatcher, caught_mail, text_of
from tests.support.processes import Program
from tests.support.redis_servers import RedisServer
from tests.support.server import outside_settings
from tests.support.waiting import until, until_true


class HeldCatcher(MailCatcher):
    """Answers the first mail only when `let_go` is set: its sender is dead by then, so it was never taken."""

    def __init__(self) -> None:
        super().__init__()
        self.holding = asyncio.Event()
        self.let_go = asyncio.Event()

    async def handle_DATA(self, server: SMTP, session: SmtpSession, envelope: Envelope) -> str:  # noqa: N802
        if not self.holding.is_set():
            self.holding.set()
            await self.let_go.wait()
            return "451 nobody is there"
        return await super().handle_DATA(server, session, envelope)


@contextmanager
def worker(folder: Path, environment: dict[str, str]) -> Iterator[Program]:
    command = [str(Path(sys.executable).parent / "tongxin"), "worker"]
    program = Program(command, folder / "worker.log", folder=folder, environment=environment)
    try:
        program.wait_ready(lambda: "working" in program.output())
        yield program
    finally:
        program.stop()


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return SqliteDatabases(tmp_path).url()


async def told(database: Database) -> None:
    """One notice, committed and not delivered: whoever should have been nudged was not there."""
    account_id = await AccountRepository(database).make_first_administrator(
        None, 1, email="lin@park.example", name="Lin", password_hash="x", organization="Park", locale="en"
    )
    notice = Notice(
        kind=NoticeKind.CALL_MISSED,
        account_ids=(account_id,),
        key="call:1",
        about=Subject("request", "1"),
        path="/requests/1",
        params={"from": "Wang", "about": "Hall 3"},
    )
    async with database.write() as session:
        await put(session, notice, 1)


async def sent(database: Database) -> bool:
    async with database.read() as session:
        return await session.scalar(select(MailRow.state)) == MailState.SENT


async def test_a_worker_that_is_killed_between_commit_and_sending(
    tmp_path: Path, database_url: str, valkey: RedisServer
) -> None:
    catcher = HeldCatcher()
    database = await open_database(database_url.replace("sqlite:", "sqlite+aiosqlite:"))
    async with caught_mail(catcher=catcher):
        environment = {
            **outside_settings(),
            "DATABASE_URL": database_url,
            "REDIS_URL": f"{valkey.url}?db=6",
            "TONGXIN_DATA_DIR": str(tmp_path / "data"),
            "TONGXIN_SMTP_URL": catcher.url,
        }
        await told(database)
        with worker(tmp_path, environment) as first:
            await until(catcher.holding.is_set)
            first.send(signal.SIGKILL)
            first.wait(10)
        catcher.let_go.set()
        async with database.write() as session:  # as long as the lease lasts, nobody else tries
            await session.execute(update(MailRow).values(due_at_ms=1))
        with worker(tmp_path, environment):
            await until_true(lambda: sent(database))
    await database.close()
    (mail,) = catcher.messages
    assert "Hall 3" in text_of(mail)


async def test_a_worker_without_redis_says_what_it_needs() -> None:
    with pytest.raises(StartFailure, match="set REDIS_URL"):
        await work(read_settings({}), lambda: None)
