"""Webhooks and their deliveries in SQL.  Every method is one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Select, and_, case, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from collab.accounts.repository import administrators
from collab.audit.models import AuditAction, Subject, SubjectKind
from collab.audit.repository import record
from collab.clock import new_id
from collab.db.engine import Database
from collab.notices.kinds import NoticeKind
from collab.notices.models import Notice
from collab.notices.models import Subject as About
from collab.notices.outbox import put as put_notice
from collab.organizations.models import OrganizationKind, OrganizationRow
from collab.problems import FieldFault, invalid

from .events import WebhookEvent
from .models import (
    FAULT_MAX_CHARS,
    FORMER_SECRET_MS,
    WEBHOOKS_MAX,
    Delivery,
    DeliveryState,
    Outgoing,
    Webhook,
    WebhookDeliveryRow,
    WebhookRow,
    WebhookState,
)
from .outbox import put

LEASE_MS = 60_000  # longer than the tries of one batch may take
OF_ONE_MAX = 8  # of what is claimed at once: a receiver that is slow holds up its own messages, not those of others

_named = select(WebhookRow, OrganizationRow.name).outerjoin(
    OrganizationRow, OrganizationRow.id == WebhookRow.organization_id
)


class WebhookRepository:
    """`of`: the organizations whose webhooks count, None for all of the park's."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def listed(self, of: Sequence[str] | None) -> list[Webhook]:
        query = _named.where(*_those(of)).order_by(WebhookRow.id.desc())
        async with self._database.read() as session:
            return [_value(row, name) for row, name in (await session.execute(query)).all()]

    async def get(self, webhook_id: str, of: Sequence[str] | None) -> Webhook | None:
        async with self._database.read() as session:
            return await _one(session, _named.where(WebhookRow.id == webhook_id, *_those(of)))

    async def add(
        self, organization_id: str | None, name: str, url: str, events: Sequence[WebhookEvent], secret: str,
        created_by: str, at_ms: int,
    ) -> Webhook | None:  # fmt: skip
        """None when there are as many as may be.  Raises INVALID for an organization that there is not."""
        async with self._database.write() as session:
            # One row that everyone who makes one for the same owner locks.
            locked = select(OrganizationRow.id).where(_owner(organization_id)).with_for_update()
            if await session.scalar(locked) is None:
                raise invalid(organization_id=FieldFault.INVALID)
            mine = WebhookRow.organization_id == organization_id  # with None: IS NULL
            held = await session.scalar(select(func.count()).select_from(WebhookRow).where(mine))
            if (held or 0) >= WEBHOOKS_MAX:
                return None
            row = WebhookRow(
                id=new_id(at_ms),
                organization_id=organization_id,
                name=name,
                url=url,
                events=[one.value for one in events],
                state=WebhookState.ACTIVE,
                secret=secret,
                former_secret="",
                former_until_ms=0,
                failing_since_ms=0,
                created_by=created_by,
                created_at_ms=at_ms,
            )
            session.add(row)
            await session.flush()
            _record(session, AuditAction.WEBHOOK_MADE, row)
            return await _one(session, _named.where(WebhookRow.id == row.id))

    async def change(
        self, webhook_id: str, name: str, url: str, events: Sequence[WebhookEvent], state: WebhookState
    ) -> Webhook | None:
        """What waits goes to the new address; to none that is not active."""
        async with self._database.write() as session:
            row = await session.get(WebhookRow, webhook_id, with_for_update=True)
            if row is None:
                return None
            row.name, row.url, row.events, row.state = name, url, [one.value for one in events], state.value
            row.failing_since_ms = 0
            _record(session, AuditAction.WEBHOOK_CHANGED, row)
            await session.flush()
            return await _one(session, _named.where(WebhookRow.id == webhook_id))

    async def delete(self, webhook_id: str) -> bool:
        async with self._database.write() as session:
            row = await session.get(WebhookRow, webhook_id, with_for_update=True)
            if row is None:
                return False
            _record(session, AuditAction.WEBHOOK_DELETED, row)
            await session.delete(row)
        return True

    async def rotate(self, webhook_id: str, secret: str, at_ms: int) -> bool:
        """The former one goes on counting for a day, so that the receiver can change over."""
        async with self._database.write() as session:
            row = await session.get(WebhookRow, webhook_id, with_for_update=True)
            if row is None:
                return False
            row.former_secret, row.former_until_ms = row.secret, at_ms + FORMER_SECRET_MS
            row.secret = secret
            _record(session, AuditAction.WEBHOOK_ROTATED, row)
        return True

    async def deliveries(self, webhook_id: str, before: str, limit: int) -> list[Delivery]:
        """Newest first."""
        query = select(WebhookDeliveryRow).where(WebhookDeliveryRow.webhook_id == webhook_id)
        if before:
            query = query.where(WebhookDeliveryRow.id < before)
        async with self._database.read() as session:
            rows = await session.scalars(query.order_by(WebhookDeliveryRow.id.desc()).limit(limit))
            return [_delivery(row) for row in rows]

    async def test(self, webhook_id: str, body: bytes, at_ms: int) -> str:
        async with self._database.write() as session:
            return await put(session, webhook_id, WebhookEvent.TEST, f"test:{new_id(at_ms)}", body, at_ms)

    async def again(self, webhook_id: str, delivery_id: str, at_ms: int) -> bool:
        """Whatever became of it: the same message with the same id, so that the receiver knows it.  Its tries begin
        anew.  False when there is none."""
        async with self._database.write() as session:
            put_back = await session.scalars(
                update(WebhookDeliveryRow)
                .where(WebhookDeliveryRow.id == delivery_id, WebhookDeliveryRow.webhook_id == webhook_id)
                .values(state=DeliveryState.WAITING, tries=0, due_at_ms=at_ms, done_at_ms=0)
                .returning(WebhookDeliveryRow.id)
            )
            return bool(put_back.all())

    # ------------------------------------------------------------ for the sender

    async def claim(self, at_ms: int, limit: int) -> list[Outgoing]:
        """What is due of active webhooks, the longest waiting first, OF_ONE_MAX of each at most; the caller's alone for
        LEASE_MS."""
        due = and_(WebhookDeliveryRow.state == DeliveryState.WAITING, WebhookDeliveryRow.due_at_ms <= at_ms)
        longest_first = (WebhookDeliveryRow.due_at_ms, WebhookDeliveryRow.id)
        place = func.row_number().over(partition_by=WebhookDeliveryRow.webhook_id, order_by=longest_first)
        placed = select(WebhookDeliveryRow.id, place.label("place")).where(due).subquery()
        longest = (
            select(WebhookDeliveryRow.id, WebhookRow)
            .join(placed, placed.c.id == WebhookDeliveryRow.id)
            .join(WebhookRow, WebhookRow.id == WebhookDeliveryRow.webhook_id)
            .where(placed.c.place <= OF_ONE_MAX, WebhookRow.state == WebhookState.ACTIVE)
            .order_by(*longest_first)
            .limit(limit)
        )
        async with self._database.read() as session:
            found = (await session.execute(longest)).all()
        if not found:
            return []
        claimed: list[Outgoing] = []
        async with self._database.write() as session:
            for delivery_id, webhook in found:
                row = await session.scalar(
                    update(WebhookDeliveryRow)
                    .where(WebhookDeliveryRow.id == delivery_id, due)
                    .values(due_at_ms=at_ms + LEASE_MS, tries=WebhookDeliveryRow.tries + 1)
                    .returning(WebhookDeliveryRow)
                )
                if row is not None:
                    former = webhook.former_secret if webhook.former_until_ms > at_ms else ""
                    secrets = (webhook.secret, former) if former else (webhook.secret,)
                    claimed.append(Outgoing(row.id, webhook.id, webhook.url, row.body, row.tries, secrets))
        return claimed

    async def sent(self, one: Outgoing, status: int, took_ms: int, at_ms: int) -> None:
        async with self._database.write() as session:
            await _change(
                session, one, state=DeliveryState.SENT, status=status, took_ms=took_ms, done_at_ms=at_ms, fault=""
            )
            await session.execute(
                update(WebhookRow)
                .where(WebhookRow.id == one.webhook_id, WebhookRow.failing_since_ms > 0)
                .values(failing_since_ms=0)
            )

    async def failed(
        self, one: Outgoing, status: int, fault: str, took_ms: int, at_ms: int, due_at_ms: int | None
    ) -> int:
        """`due_at_ms` None: for good.  Since when the webhook has been failing."""
        told = {"status": status, "fault": fault[:FAULT_MAX_CHARS], "took_ms": took_ms}
        async with self._database.write() as session:
            if due_at_ms is None:
                await _change(session, one, state=DeliveryState.FAILED, done_at_ms=at_ms, **told)
            else:
                await _change(session, one, due_at_ms=due_at_ms, **told)
            since = await session.scalar(
                update(WebhookRow)
                .where(WebhookRow.id == one.webhook_id)
                .values(
                    failing_since_ms=case((WebhookRow.failing_since_ms > 0, WebhookRow.failing_since_ms), else_=at_ms)
                )
                .returning(WebhookRow.failing_since_ms)
            )
        return since or at_ms

    async def give_up(self, webhook_id: str, state: WebhookState, at_ms: int) -> bool:
        """With all that still waits for it; its administrators are told.  False when it was not active."""
        async with self._database.write() as session:
            row = await session.get(WebhookRow, webhook_id, with_for_update=True)
            if row is None or row.state != WebhookState.ACTIVE:
                return False
            row.state = state.value
            await session.execute(
                update(WebhookDeliveryRow)
                .where(WebhookDeliveryRow.webhook_id == webhook_id, WebhookDeliveryRow.state == DeliveryState.WAITING)
                .values(state=DeliveryState.FAILED, done_at_ms=at_ms)
            )
            _record(session, AuditAction.WEBHOOK_GIVEN_UP, row)
            await put_notice(session, await _switched_off(session, row, at_ms), at_ms)
        return True

    async def purge(self, before_ms: int) -> int:
        """Deliveries that are older, and no longer wait."""
        async with self._database.write() as session:
            gone = await session.execute(
                delete(WebhookDeliveryRow).where(
                    WebhookDeliveryRow.created_at_ms < before_ms, WebhookDeliveryRow.state != DeliveryState.WAITING
                )
            )
        return int(getattr(gone, "rowcount", 0))


def _those(of: Sequence[str] | None) -> list[ColumnElement[bool]]:
    return [] if of is None else [WebhookRow.organization_id.in_(of)]


def _owner(organization_id: str | None) -> ColumnElement[bool]:
    """The organization whose webhook it is; the park has those of all."""
    if organization_id is None:
        return OrganizationRow.kind == OrganizationKind.PARK
    return OrganizationRow.id == organization_id


async def _one(session: AsyncSession, query: Select[WebhookRow, str]) -> Webhook | None:
    found = (await session.execute(query)).one_or_none()
    return _value(found[0], found[1]) if found else None


async def _change(session: AsyncSession, one: Outgoing, **values: object) -> None:
    """Unless somebody has asked for it to be sent again meanwhile."""
    await session.execute(
        update(WebhookDeliveryRow)
        .where(
            WebhookDeliveryRow.id == one.id,
            WebhookDeliveryRow.state == DeliveryState.WAITING,
            WebhookDeliveryRow.tries == one.tries,
        )
        .values(**values)
    )


def _record(session: AsyncSession, action: AuditAction, row: WebhookRow) -> None:
    subject = Subject(SubjectKind.WEBHOOK, row.id, row.name)
    record(session, action, subject, organization_id=row.organization_id, url=row.url, events=", ".join(row.events))


async def _switched_off(session: AsyncSession, row: WebhookRow, at_ms: int) -> Notice:
    """To the administrators of whose it is."""
    return Notice(
        kind=NoticeKind.WEBHOOK_OFF,
        account_ids=tuple(await session.scalars(administrators(_owner(row.organization_id)))),
        key=f"webhook_off:{row.id}:{at_ms}",  # it may be switched on, and off again
        about=About("webhook", row.id),
        path=f"/administration/webhooks?of={row.id}",
        params={"name": row.name, "host": urlsplit(row.url).hostname or ""},
    )


def _value(row: WebhookRow, organization_name: str | None) -> Webhook:
    return Webhook(
        id=row.id,
        organization_id=row.organization_id,
        organization_name=organization_name or "",
        name=row.name,
        url=row.url,
        events=frozenset(WebhookEvent(one) for one in row.events if one in list(WebhookEvent)),
        state=WebhookState(row.state),
        failing_since_ms=row.failing_since_ms,
        created_at_ms=row.created_at_ms,
    )


def _delivery(row: WebhookDeliveryRow) -> Delivery:
    return Delivery(
        id=row.id,
        event=row.event,
        state=DeliveryState(row.state),
        tries=row.tries,
        due_at_ms=row.due_at_ms,
        created_at_ms=row.created_at_ms,
        done_at_ms=row.done_at_ms,
        status=row.status,
        fault=row.fault,
        took_ms=row.took_ms,
        body=row.body.decode(),
    )
