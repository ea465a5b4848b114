"""How mail leaves: over SMTP (aiosmtplib), or as files in a folder when no server is set."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from email.message import EmailMessage
from pathlib import Path
from typing import Final, Protocol

import aiosmtplib

from .servers import SmtpServer

CONVERSATION_MAX_S: Final = 60  # for one mail; less than the lease of its row


class MailRefused(Exception):
    """Not sent.  `lasting`: trying again is of no use."""

    def __init__(self, cause: str, *, lasting: bool = False) -> None:
        super().__init__(cause)
        self.lasting = lasting


class Way(Protocol):
    """An open way for several mails.  Raises MailRefused."""

    async def send(self, message: EmailMessage) -> None: ...


class Transport(Protocol):
    def open(self) -> AbstractAsyncContextManager[Way]:
        """Raises MailRefused when there is no way now."""


class SmtpTransport:
    def __init__(self, server: SmtpServer, context: ssl.SSLContext) -> None:
        """`context` is made outside the loop: it reads the system's certificates."""
        self._server = server
        self._context = context

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Way]:
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password or None,
            use_tls=server.tls,
            start_tls=server.starttls,
            tls_context=self._context,
            timeout=CONVERSATION_MAX_S,
        )
        try:
            await client.connect()
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise MailRefused(f"{type(error).__name__}: {error}") from error
        try:
            yield SmtpWay(client)
        finally:
            with suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
                await client.quit()
            client.close()


class SmtpWay:
    def __init__(self, client: aiosmtplib.SMTP) -> None:
        self._client = client

    async def send(self, message: EmailMessage) -> None:
        try:
            async with asyncio.timeout(CONVERSATION_MAX_S):
                await self._client.send_message(message)
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = [recipient.code for recipient in error.recipients]
            lasting = all(500 <= code < 600 for code in codes)
            raise MailRefused(f"recipient refused: {codes}", lasting=lasting) from error
        except aiosmtplib.SMTPResponseException as error:
            # A server that shuts down (421), is busy (4xx) or wants a password is asked again (RFC 5321 4.2.1).
            lasting = 500 <= error.code < 600 and not isinstance(error, aiosmtplib.SMTPAuthenticationError)
            raise MailRefused(f"{error.code} {error.message}", lasting=lasting) from error
        except aiosmtplib.SMTPNotSupported as error:
            raise MailRefused(str(error), lasting=True) from error
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise MailRefused(f"{type(error).__name__}: {error}") from error


class FolderTransport:
    """One .eml file for each mail, named by its Message-ID: sent again, it is the same file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Way]:
        yield self

    async def send(self, message: EmailMessage) -> None:
        name = str(message["Message-ID"]).strip("<>").partition("@")[0]
        try:
            await asyncio.to_thread(self._write, f"{name}.eml", message.as_bytes())
        except OSError as error:
            raise MailRefused(f"{type(error).__name__}: {error}") from error

    def _write(self, name: str, content: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = self._folder / f".{name}.part"
        part.write_bytes(content)
        part.replace(self._folder / name)
