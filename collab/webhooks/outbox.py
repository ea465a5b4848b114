"""How features tell webhooks: `tell` within their own transaction, so that what is rolled back was never told."""

from __future__ import annotations

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from collab.clock import new_id, now_ms
from collab.db.dialect import insert_once

from .events import Data, WebhookEvent, message_of
from .models import KEY_MAX_CHARS, WAITING_MAX, DeliveryState, WebhookDeliveryRow, WebhookRow, WebhookState


async def tell(
    session: AsyncSession, event: WebhookEvent, key: str, organization_ids: tuple[str | None, ...], data: Data
) -> None:
    """Those of the whole park, and those of the organizations that it concerns.  The same key again is told once."""
    if not 0 < len(key) <= KEY_MAX_CHARS:
        raise ValueError(f"a webhook's key is too long or empty: {key[:50]!r}")
    concerned = [one for one in organization_ids if one]
    waiting = (
        select(func.count())
        .where(WebhookDeliveryRow.webhook_id == WebhookRow.id, WebhookDeliveryRow.state == DeliveryState.WAITING)
        .scalar_subquery()
    )
    rows = await session.execute(
        select(WebhookRow.id, WebhookRow.events, waiting.label("waiting")).where(
            WebhookRow.state == WebhookState.ACTIVE,
            or_(WebhookRow.organization_id.is_(None), WebhookRow.organization_id.in_(concerned)),
        )
    )
    at_ms = now_ms()
    body = message_of(event, at_ms, data)
    for row in rows.all():
        if event.value in row.events and row.waiting < WAITING_MAX:
            await put(session, row.id, event, key, body, at_ms)


async def put(session: AsyncSession, webhook_id: str, event: WebhookEvent, key: str, body: bytes, at_ms: int) -> str:
    """The message's id."""
    message_id = new_id(at_ms)
    await insert_once(
        session,
        WebhookDeliveryRow,
        id=message_id,
        webhook_id=webhook_id,
        key=key,
        event=event.value,
        body=body,
        state=DeliveryState.WAITING,
        tries=0,
        due_at_ms=at_ms,
        created_at_ms=at_ms,
        done_at_ms=0,
        status=0,
        fault="",
        took_ms=0,
    )
    return message_id
