"""The outbox and its sender against a real SMTP server: once, with patience, and by whoever claims first."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from collab.db.engine import Database
from collab.mail.compose import mailbox_of
from collab.mail.models import Mail, MailRow, MailState
from collab.mail.outbox import LEASE_MS, Outbox, put
from collab.mail.sender import BACK_OFF_MS, MailSender
from collab.mail.servers import smtp_server
from collab.mail.transport import FolderTransport, SmtpTransport
from tests.support.mail import MailCatcher, caught_mail, read_back, text_of

SENDER = mailbox_of("Park <noreply@park.example>")


class Clock:
    def __init__(self) -> None:
        self.at_ms = 1_000_000

    def __call__(self) -> int:
        return self.at_ms


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def catcher() -> AsyncIterator[MailCatcher]:
    async with caught_mail() as catcher:
        yield catcher


@pytest.fixture
def sender(database: Database, catcher: MailCatcher, clock: Clock) -> MailSender:
    return sender_to(database, catcher, clock)


def sender_to(database: Database, catcher: MailCatcher, clock: Callable[[], int]) -> MailSender:
    transport = SmtpTransport(smtp_server(catcher.url), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    return MailSender(Outbox(database), transport, SENDER, clock)


async def write(database: Database, *mails: Mail, at_ms: int = 1_000_000) -> list[bool]:
    async with database.write() as session:
        return [await put(session, mail, at_ms) for mail in mails]


async def states(database: Database) -> list[tuple[str, int]]:
    async with database.read() as session:
        rows = (await session.scalars(select(MailRow).order_by(MailRow.key))).all()
    return [(row.state, row.attempts) for row in rows]


def mail(key: str = "k", to: str = "li@works.example", **fields: object) -> Mail:
    return Mail(key=key, to_address=to, subject=f"about {key}", text="text", **fields)  # type: ignore[arg-type]


async def test_what_was_put_is_sent_once(database: Database, catcher: MailCatcher, sender: MailSender) -> None:
    assert await write(database, mail("a"), mail("b"), mail("a")) == [True, True, False]
    assert await sender.send_due() == 2
    assert await sender.send_due() == 0
    assert sorted(message["Subject"] for message in catcher.messages) == ["about a", "about b"]
    assert await states(database) == [(MailState.SENT, 1), (MailState.SENT, 1)]


async def test_a_transaction_that_fails_sends_nothing(
    database: Database, catcher: MailCatcher, sender: MailSender
) -> None:
    async def fail() -> None:
        async with database.write() as session:
            await put(session, mail(), 1)
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert await sender.send_due() == 0
    assert catcher.messages == []


async def test_many_senders_at_once_send_each_mail_once(database: Database, catcher: MailCatcher, clock: Clock) -> None:
    await write(database, *(mail(str(number)) for number in range(30)))
    senders = [sender_to(database, catcher, clock) for _ in range(3)]
    assert sum(await asyncio.gather(*(one.send_due() for one in senders))) == 30
    assert len({message["Message-ID"] for message in catcher.messages}) == len(catcher.messages) == 30


async def test_a_busy_server_is_asked_again_later(
    database: Database, catcher: MailCatcher, sender: MailSender, clock: Clock
) -> None:
    catcher.answers = ["451 busy", "421 going down"]
    await write(database, mail())
    assert await sender.send_due() == 0
    assert await sender.send_due() == 0  # not before its time
    assert catcher.conversations == 1
    clock.at_ms += BACK_OFF_MS[0]
    assert await sender.send_due() == 0
    clock.at_ms += BACK_OFF_MS[1]
    assert await sender.send_due() == 1
    assert len(catcher.messages) == 1


async def test_a_refusal_for_good_is_not_repeated(
    database: Database, catcher: MailCatcher, sender: MailSender, clock: Clock
) -> None:
    catcher.refused = {"gone@works.example"}
    await write(database, mail("a", "gone@works.example"), mail("b"))
    assert await sender.send_due() == 1
    clock.at_ms += sum(BACK_OFF_MS)
    assert await sender.send_due() == 0
    assert await states(database) == [(MailState.FAILED, 1), (MailState.SENT, 1)]


async def test_after_the_last_try_it_has_failed(database: Database, sender: MailSender, clock: Clock) -> None:
    unreachable = SmtpTransport(smtp_server("smtp://127.0.0.1:9"), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    lonely = MailSender(Outbox(database), unreachable, SENDER, clock)
    await write(database, mail())
    for pause_ms in (*BACK_OFF_MS, 0):
        await lonely.send_due()
        clock.at_ms += pause_ms
    assert await states(database) == [(MailState.FAILED, len(BACK_OFF_MS) + 1)]


async def test_what_a_dead_process_had_claimed_is_sent_when_its_lease_is_over(
    database: Database, catcher: MailCatcher, sender: MailSender, clock: Clock
) -> None:
    await write(database, mail())
    assert len(await Outbox(database).claim(clock.at_ms, 10)) == 1  # and then it died
    assert await sender.send_due() == 0
    clock.at_ms += LEASE_MS
    assert await sender.send_due() == 1
    assert len(catcher.messages) == 1


async def test_not_before_its_time(database: Database, sender: MailSender, clock: Clock) -> None:
    await write(database, mail(not_before_ms=clock.at_ms + 10))
    assert await sender.send_due() == 0
    clock.at_ms += 10
    assert await sender.send_due() == 1


async def test_what_cannot_be_composed_fails_without_holding_up_the_rest(
    database: Database, catcher: MailCatcher, sender: MailSender
) -> None:
    await write(database, mail("a", "no address"), mail("b"))
    assert await sender.send_due() == 1
    assert await states(database) == [(MailState.FAILED, 1), (MailState.SENT, 1)]


async def test_without_a_server_mails_are_files(database: Database, clock: Clock, tmp_path: Path) -> None:
    folder = tmp_path / "outbox"
    await write(database, mail("a"), mail("b"))
    assert await MailSender(Outbox(database), FolderTransport(folder), SENDER, clock).send_due() == 2
    found = [read_back(path.read_bytes()) for path in folder.glob("*.eml")]
    assert sorted(message["Subject"] for message in found) == ["about a", "about b"]
    assert text_of(found[0]).strip() == "text"
