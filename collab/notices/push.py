"""Web Push (RFC 8030): which browsers want it, what waits, and the sender with its patience.

The address of a push service comes from a browser, that is from outside: only https to a public host by its name is
taken, and the way out (push_http.py) looks at every address that the name resolves to.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Callable
from enum import StrEnum
from typing import Final, Protocol
from urllib.parse import urlsplit

import msgspec
import structlog
from msgspec import Struct
from sqlalchemy import delete, func, select, update

from collab.clock import new_id
from collab.db.dialect import insert_once
from collab.db.engine import Database

from .kinds import NoticeKind
from .models import NoticeRow, PushRow, PushSubscriptionRow
from .words import language_of, lines_of

BATCH: Final = 50
LEASE_MS: Final = 120_000
MINUTE_MS: Final = 60_000
BACK_OFF_MS: Final = tuple(minutes * MINUTE_MS for minutes in (1, 5, 15, 60, 240))
SHOWN_TEXT_MAX_CHARS: Final = 240  # RFC 8291 4: at most about 3,993 bytes in all

log = structlog.get_logger("push")


class Outcome(StrEnum):
    SENT = "sent"
    GONE = "gone"  # the browser does not want it any more (404, 410)
    LATER = "later"
    REFUSED = "refused"  # this one message


class Push(Struct, frozen=True):
    """One message to one browser."""

    endpoint: str
    p256dh: str
    auth: str
    payload: bytes
    urgent: bool


class PushWay(Protocol):
    """push_http.py."""

    async def send(self, push: Push) -> Outcome: ...


class Shown(Struct, frozen=True):
    """What the service worker shows (static/public/sw.js)."""

    id: str
    title: str
    text: str
    path: str
    urgent: bool


class _Claimed(Struct, frozen=True):
    notice_id: str
    subscription_id: str
    attempts: int
    push: Push


def plausible_endpoint(endpoint: str) -> bool:
    """https, a name with a dot that is no address, no user and no port but 443."""
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.scheme != "https" or parts.username or parts.password or port not in (None, 443) or "." not in host:
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return not host.rstrip(".").endswith((".localhost", ".local", ".internal", ".home.arpa"))
    return False


class PushSubscriptions:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, account_id: str) -> int:
        query = select(func.count()).select_from(PushSubscriptionRow)
        async with self._database.read() as session:
            return await session.scalar(query.where(PushSubscriptionRow.account_id == account_id)) or 0

    async def add(
        self, account_id: str, endpoint: str, p256dh: str, auth: str, locale: str, at_ms: int, most: int
    ) -> bool:
        """False when the browser's address belongs to another account: that one takes it back first."""
        row = PushSubscriptionRow
        digest = _digest(endpoint)
        async with self._database.write() as session:
            added = await insert_once(
                session,
                row,
                id=new_id(at_ms),
                account_id=account_id,
                endpoint=endpoint,
                endpoint_hash=digest,
                p256dh=p256dh,
                auth=auth,
                locale=locale,
                created_at_ms=at_ms,
            )
            if not added:
                mine = (row.endpoint_hash == digest) & (row.account_id == account_id)
                changed = await session.execute(update(row).where(mine).values(p256dh=p256dh, auth=auth, locale=locale))
                return bool(getattr(changed, "rowcount", 0))
            newest = select(row.id).where(row.account_id == account_id).order_by(row.id.desc()).limit(most)
            kept = (await session.scalars(newest)).all()
            await session.execute(delete(row).where(row.account_id == account_id, row.id.not_in(kept)))
        return True

    async def remove(self, account_id: str, endpoint: str) -> None:
        row = PushSubscriptionRow
        async with self._database.write() as session:
            await session.execute(
                delete(row).where(row.endpoint_hash == _digest(endpoint), row.account_id == account_id)
            )

    # ------------------------------------------------------------ what waits

    async def claim(self, at_ms: int) -> list[_Claimed]:
        """Those that are due, the caller's for LEASE_MS.  What was read meanwhile is not sent."""
        query = (
            select(PushRow, NoticeRow, PushSubscriptionRow)
            .join(NoticeRow, NoticeRow.id == PushRow.notice_id)
            .join(PushSubscriptionRow, PushSubscriptionRow.id == PushRow.subscription_id)
            .where(PushRow.due_at_ms <= at_ms)
            .order_by(PushRow.due_at_ms)
            .limit(BATCH)
        )
        async with self._database.read() as session:
            rows = (await session.execute(query)).all()
        if not rows:
            return []
        claimed: list[_Claimed] = []
        async with self._database.write() as session:
            for waiting, notice, browser in rows:
                this = (PushRow.notice_id == waiting.notice_id) & (PushRow.subscription_id == waiting.subscription_id)
                payload = _payload(notice, browser.locale)
                if notice.read_at_ms or payload is None:
                    await session.execute(delete(PushRow).where(this))
                    continue
                mine = await session.execute(
                    update(PushRow)
                    .where(this, PushRow.due_at_ms <= at_ms)
                    .values(due_at_ms=at_ms + LEASE_MS, attempts=PushRow.attempts + 1)
                )
                if getattr(mine, "rowcount", 0):
                    push = Push(browser.endpoint, browser.p256dh, browser.auth, payload, notice.urgent)
                    claimed.append(_Claimed(notice.id, browser.id, waiting.attempts + 1, push))
        return claimed

    async def settle(self, one: _Claimed, outcome: Outcome, at_ms: int) -> None:
        this = (PushRow.notice_id == one.notice_id) & (PushRow.subscription_id == one.subscription_id)
        async with self._database.write() as session:
            if outcome is Outcome.GONE:
                await session.execute(delete(PushSubscriptionRow).where(PushSubscriptionRow.id == one.subscription_id))
            elif outcome is Outcome.LATER and one.attempts <= len(BACK_OFF_MS):
                due_at_ms = at_ms + BACK_OFF_MS[one.attempts - 1]
                await session.execute(update(PushRow).where(this).values(due_at_ms=due_at_ms))
            else:
                await session.execute(delete(PushRow).where(this))


class PushSender:
    def __init__(self, subscriptions: PushSubscriptions, way: PushWay, clock_ms: Callable[[], int]) -> None:
        self._subscriptions = subscriptions
        self._way = way
        self._clock_ms = clock_ms

    async def send_due(self) -> int:
        """All that is due; how many a push service has taken."""
        sent = 0
        while batch := await self._subscriptions.claim(self._clock_ms()):
            for one in batch:
                outcome = await self._way.send(one.push)
                if outcome is not Outcome.SENT:
                    log.info("push_not_sent", outcome=outcome, attempts=one.attempts)
                sent += outcome is Outcome.SENT
                await self._subscriptions.settle(one, outcome, self._clock_ms())
        return sent


def _payload(notice: NoticeRow, locale: str) -> bytes | None:
    try:
        kind = NoticeKind(notice.kind)
    except ValueError:
        return None
    lines = lines_of(kind, language_of(locale), notice.params)
    text = lines.text[:SHOWN_TEXT_MAX_CHARS]
    return msgspec.json.encode(Shown(notice.id, lines.title, text, notice.path, notice.urgent))


def _digest(endpoint: str) -> str:
    return hashlib.sha256(endpoint.encode()).hexdigest()
