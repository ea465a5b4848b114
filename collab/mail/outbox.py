"""The outbox in SQL.  `put` is for features, in their own transaction; the rest is for the sender (sender.py)."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from collab.accounts.models import EMAIL_MAX_CHARS
from collab.clock import new_id
from collab.db.dialect import insert_once
from collab.db.engine import Database

from .models import (
    FAULT_MAX_CHARS,
    KEY_MAX_CHARS,
    NAME_MAX_CHARS,
    SUBJECT_MAX_CHARS,
    Mail,
    MailMethod,
    MailRow,
    MailState,
    Waiting,
)

LEASE_MS: Final = 120_000  # longer than one mail may take


async def put(session: AsyncSession, mail: Mail, at_ms: int) -> bool:
    """Send this once the caller's transaction is committed and `nudge()` called.  False: this key was put before."""
    if not 0 < len(mail.key) <= KEY_MAX_CHARS or not 0 < len(mail.to_address) <= EMAIL_MAX_CHARS:
        raise ValueError(f"a mail's key or address is too long or empty: {mail.key[:50]!r}")
    return await insert_once(
        session,
        MailRow,
        id=new_id(at_ms),
        key=mail.key,
        to_address=mail.to_address,
        to_name=mail.to_name[:NAME_MAX_CHARS],
        reply_to=mail.reply_to,
        subject=mail.subject[:SUBJECT_MAX_CHARS],
        text=mail.text,
        html=mail.html,
        calendar=mail.calendar,
        method=mail.method,
        state=MailState.WAITING,
        attempts=0,
        due_at_ms=max(at_ms, mail.not_before_ms),
        created_at_ms=at_ms,
        done_at_ms=0,
        fault="",
    )


class Outbox:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, at_ms: int, limit: int) -> list[Waiting]:
        """What is due, the longest waiting first; the caller's alone for LEASE_MS."""
        due = (MailRow.state == MailState.WAITING) & (MailRow.due_at_ms <= at_ms)
        longest = select(MailRow.id).where(due).order_by(MailRow.due_at_ms, MailRow.id).limit(limit)
        async with self._database.read() as session:
            ids = (await session.scalars(longest)).all()
        if not ids:
            return []
        claimed: list[Waiting] = []
        async with self._database.write() as session:
            for mail_id in ids:
                row = await session.scalar(
                    update(MailRow)
                    .where(MailRow.id == mail_id, due)
                    .values(due_at_ms=at_ms + LEASE_MS, attempts=MailRow.attempts + 1)
                    .returning(MailRow)
                )
                if row is not None:
                    claimed.append(_waiting(row))
        return claimed

    async def done(self, mail_id: str, state: MailState, at_ms: int, fault: str = "") -> None:
        await self._change(mail_id, state=state, done_at_ms=at_ms, fault=fault[:FAULT_MAX_CHARS])

    async def later(self, mail_id: str, due_at_ms: int, fault: str) -> None:
        await self._change(mail_id, due_at_ms=due_at_ms, fault=fault[:FAULT_MAX_CHARS])

    async def _change(self, mail_id: str, **values: object) -> None:
        async with self._database.write() as session:
            await session.execute(
                update(MailRow).where(MailRow.id == mail_id, MailRow.state == MailState.WAITING).values(**values)
            )


def _waiting(row: MailRow) -> Waiting:
    mail = Mail(
        key=row.key,
        to_address=row.to_address,
        to_name=row.to_name,
        reply_to=row.reply_to,
        subject=row.subject,
        text=row.text,
        html=row.html,
        calendar=row.calendar,
        method=MailMethod(row.method),
    )
    return Waiting(row.id, row.attempts, row.created_at_ms, mail)
