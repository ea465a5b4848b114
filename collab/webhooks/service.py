"""Webhooks of administrators: of the park for all that happens, of an organization for what concerns it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

import structlog

from collab.accounts.models import Member
from collab.limits import Limits, rate
from collab.problems import FieldFault, Refusal, invalid
from rooms.core.codes import Code
from rooms.core.text import clean_name

from .events import WebhookEvent, message_of
from .models import URL_MAX_CHARS, Delivery, Webhook, WebhookState
from .repository import WebhookRepository

CHANGES_OF_ACCOUNT = rate("webhooks", burst=30, per_minute=10)
TRIES_OF_ACCOUNT = rate("webhook_tries", burst=10, per_minute=4)

log = structlog.get_logger("webhooks")


class WebhookService:
    """`plain`: whether http:// is taken too.  `soon` sends what waits."""

    def __init__(
        self,
        webhooks: WebhookRepository,
        limits: Limits,
        clock_ms: Callable[[], int],
        new_secret: Callable[[], str],
        soon: Callable[[], None],
        *,
        plain: bool,
    ) -> None:
        self._webhooks = webhooks
        self._limits = limits
        self._clock_ms = clock_ms
        self._new_secret = new_secret
        self._soon = soon
        self._schemes = ("https", "http") if plain else ("https",)

    async def listed(self, by: Member) -> list[Webhook]:
        """Raises FORBIDDEN for who administers nothing."""
        if not by.administers_park and not by.administered_ids:
            raise Refusal(Code.FORBIDDEN, "administers no organization")
        return await self._webhooks.listed(_reach(by))

    async def seen(self, by: Member, webhook_id: str) -> Webhook:
        """Raises NOT_FOUND, also for those of others."""
        found = await self._webhooks.get(webhook_id, _reach(by))
        if found is None:
            raise Refusal(Code.NOT_FOUND, "no such webhook")
        return found

    async def make(
        self, by: Member, organization_id: str, name: str, url: str, events: Sequence[WebhookEvent]
    ) -> tuple[str, Webhook]:
        """And its secret.  Raises INVALID, FORBIDDEN, TOO_MANY, RATE_LIMITED."""
        if not (by.administers(organization_id) if organization_id else by.administers_park):
            raise Refusal(Code.FORBIDDEN, "not an administrator of that")
        await self._limits.take(CHANGES_OF_ACCOUNT, by.account.id)
        secret = self._new_secret()
        made = await self._webhooks.add(
            organization_id or None,
            _name(name),
            self._url(url),
            _events(events),
            secret,
            by.account.id,
            self._clock_ms(),
        )
        if made is None:
            raise Refusal(Code.TOO_MANY, "webhooks of an organization")
        log.info("webhook_made", by=by.account.id, webhook=made.id)
        return secret, made

    async def change(
        self, by: Member, webhook_id: str, name: str, url: str, events: Sequence[WebhookEvent], *, active: bool
    ) -> Webhook:
        """Raises NOT_FOUND, INVALID, RATE_LIMITED."""
        await self._limits.take(CHANGES_OF_ACCOUNT, by.account.id)
        webhook = await self.seen(by, webhook_id)
        state = WebhookState.ACTIVE if active else WebhookState.PAUSED
        changed = await self._webhooks.change(webhook.id, _name(name), self._url(url), _events(events), state)
        if changed is None:
            raise Refusal(Code.NOT_FOUND, "gone meanwhile")
        if active:
            self._soon()
        return changed

    async def delete(self, by: Member, webhook_id: str) -> None:
        """Raises NOT_FOUND."""
        await self._webhooks.delete((await self.seen(by, webhook_id)).id)

    async def rotate(self, by: Member, webhook_id: str) -> str:
        """The next secret, shown once.  Raises NOT_FOUND, RATE_LIMITED."""
        await self._limits.take(CHANGES_OF_ACCOUNT, by.account.id)
        webhook, secret = await self.seen(by, webhook_id), self._new_secret()
        if not await self._webhooks.rotate(webhook.id, secret, self._clock_ms()):
            raise Refusal(Code.NOT_FOUND, "gone meanwhile")
        return secret

    async def test(self, by: Member, webhook_id: str) -> None:
        """Sends a message of nothing.  Raises NOT_FOUND, WRONG_STATE when it is not active, RATE_LIMITED."""
        await self._limits.take(TRIES_OF_ACCOUNT, by.account.id)
        webhook = await self._active(by, webhook_id)
        at_ms = self._clock_ms()
        await self._webhooks.test(webhook.id, message_of(WebhookEvent.TEST, at_ms, {"webhook_id": webhook.id}), at_ms)
        self._soon()

    async def deliveries(self, by: Member, webhook_id: str, before: str, limit: int) -> tuple[list[Delivery], bool]:
        """Newest first, and whether there are more.  Raises NOT_FOUND."""
        found = await self._webhooks.deliveries((await self.seen(by, webhook_id)).id, before, limit + 1)
        return found[:limit], len(found) > limit

    async def again(self, by: Member, webhook_id: str, delivery_id: str) -> None:
        """Sends it once more.  Raises NOT_FOUND, WRONG_STATE when it is not active, RATE_LIMITED."""
        await self._limits.take(TRIES_OF_ACCOUNT, by.account.id)
        webhook = await self._active(by, webhook_id)
        if not await self._webhooks.again(webhook.id, delivery_id, self._clock_ms()):
            raise Refusal(Code.NOT_FOUND, "no such delivery")
        self._soon()

    async def _active(self, by: Member, webhook_id: str) -> Webhook:
        webhook = await self.seen(by, webhook_id)
        if webhook.state is not WebhookState.ACTIVE:
            raise Refusal(Code.WRONG_STATE, "not active")
        return webhook

    def _url(self, raw: str) -> str:
        """Raises INVALID.  Where it leads is looked at when something is sent, each time."""
        url = raw.strip()
        try:
            parts = urlsplit(url)
            well_formed = (
                parts.scheme in self._schemes
                and bool(parts.hostname)
                and "@" not in parts.netloc
                and not parts.fragment
                and parts.port != 0
                and len(url) <= URL_MAX_CHARS
                and url.isascii()
                and url.isprintable()
                and not any(character in url for character in ' "<>\\^`{|}')
            )
        except ValueError:
            well_formed = False
        if not well_formed:
            raise invalid(url=FieldFault.INVALID)
        return url


def _reach(by: Member) -> Sequence[str] | None:
    return None if by.administers_park else by.administered_ids


def _name(raw: str) -> str:
    name = clean_name(raw)
    if not name:
        raise invalid(name=FieldFault.INVALID)
    return name


def _events(chosen: Sequence[WebhookEvent]) -> tuple[WebhookEvent, ...]:
    events = tuple(one for one in WebhookEvent if one in chosen)
    if not events or WebhookEvent.TEST in events:
        raise invalid(events=FieldFault.INVALID)
    return events
