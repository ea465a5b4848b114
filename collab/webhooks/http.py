"""The endpoints of webhooks: for people who are signed in, never for an API token."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from collab.accounts.schemas import AfterId, Body, PersonName
from collab.edge.endpoint import NO_CONTENT, Access, Call, Endpoint, Nothing, Reply
from rooms.core.codes import Code

from .events import WebhookEvent
from .models import URL_MAX_CHARS, Delivery, DeliveryState, Webhook, WebhookState
from .service import WebhookService

Url = Annotated[str, Meta(min_length=1, max_length=URL_MAX_CHARS)]
Events = Annotated[tuple[WebhookEvent, ...], Meta(min_length=1, max_length=len(WebhookEvent))]
ONE = "/api/webhooks/{id}"
_NAMED = (Code.NOT_FOUND,)


class NewWebhook(Body, frozen=True, kw_only=True):
    name: PersonName
    url: Url
    events: Events
    organization_id: AfterId = ""  # "": of all that happens in the park


class ChangedWebhook(Body, frozen=True, kw_only=True):
    name: PersonName
    url: Url
    events: Events
    active: bool


class DeliveryQuery(Body, frozen=True, kw_only=True):
    before: AfterId = ""
    limit: Annotated[int, Meta(ge=1, le=100)] = 30


class WebhookView(Struct, frozen=True):
    id: str
    organization_id: str
    organization_name: str
    name: str
    url: str
    events: tuple[WebhookEvent, ...]
    state: WebhookState
    failing_since_ms: int  # 0 = the last try succeeded
    created_at_ms: int


class WebhookList(Struct, frozen=True):
    webhooks: tuple[WebhookView, ...]


class MadeWebhook(Struct, frozen=True):
    secret: str  # by which its messages are signed; it is shown this once
    webhook: WebhookView


class WebhookSecret(Struct, frozen=True):
    secret: str


class DeliveryView(Struct, frozen=True):
    id: str
    event: str
    state: DeliveryState
    tries: int
    due_at_ms: int
    created_at_ms: int
    done_at_ms: int
    status: int  # of the last answer; 0 = none came
    fault: str
    took_ms: int
    body: str


class DeliveryList(Struct, frozen=True):
    deliveries: tuple[DeliveryView, ...]
    more: bool


class WebhookEndpoints:
    def __init__(self, webhooks: WebhookService) -> None:
        self._webhooks = webhooks

    def table(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                method="GET",
                path="/api/webhooks",
                access=Access.MEMBER,
                handler=self.list_webhooks,
                output=WebhookList,
                refusals=(Code.FORBIDDEN,),
                about="Webhooks of the organizations that one administers, newest first; without their secrets.",
            ),
            Endpoint(
                method="POST",
                path="/api/webhooks",
                access=Access.MEMBER,
                handler=self.make_webhook,
                input=NewWebhook,
                output=MadeWebhook,
                status=201,
                refusals=(Code.FORBIDDEN, Code.TOO_MANY, Code.RATE_LIMITED),
                about="Have messages about events sent to an address, signed as Standard Webhooks says. Without an "
                "organization: of the whole park, for its administrators. The secret is shown this once.",
            ),
            Endpoint(
                method="GET",
                path=ONE,
                access=Access.MEMBER,
                handler=self.get_webhook,
                output=WebhookView,
                refusals=_NAMED,
                about="One webhook.",
            ),
            Endpoint(
                method="PUT",
                path=ONE,
                access=Access.MEMBER,
                handler=self.change_webhook,
                input=ChangedWebhook,
                output=WebhookView,
                refusals=(*_NAMED, Code.RATE_LIMITED),
                about="Change it, pause it, or have it sent again after it was given up.",
            ),
            Endpoint(
                method="DELETE",
                path=ONE,
                access=Access.MEMBER,
                handler=self.delete_webhook,
                refusals=_NAMED,
                about="Delete it with its deliveries.",
            ),
            Endpoint(
                method="POST",
                path=f"{ONE}/secret",
                access=Access.MEMBER,
                handler=self.rotate_webhook_secret,
                output=WebhookSecret,
                refusals=(*_NAMED, Code.RATE_LIMITED),
                about="The next secret, shown this once; for a day messages are signed with the former one as well.",
            ),
            Endpoint(
                method="POST",
                path=f"{ONE}/test",
                access=Access.MEMBER,
                handler=self.test_webhook,
                refusals=(*_NAMED, Code.WRONG_STATE, Code.RATE_LIMITED),
                about="Send a message of the event `test`.",
            ),
            Endpoint(
                method="GET",
                path=f"{ONE}/deliveries",
                access=Access.MEMBER,
                handler=self.list_webhook_deliveries,
                input=DeliveryQuery,
                output=DeliveryList,
                refusals=_NAMED,
                about="What was sent and what became of it, newest first, for 30 days. `before` is the last id of the "
                "page before.",
            ),
            Endpoint(
                method="POST",
                path=f"{ONE}/deliveries/{{delivery_id}}",
                access=Access.MEMBER,
                handler=self.redeliver_webhook,
                refusals=(*_NAMED, Code.WRONG_STATE, Code.RATE_LIMITED),
                about="Send a message again, with the id that it had.",
            ),
        )

    async def list_webhooks(self, call: Call[Nothing]) -> Reply:
        return Reply(WebhookList(tuple(map(_view, await self._webhooks.listed(call.caller.signed_in)))))

    async def make_webhook(self, call: Call[NewWebhook]) -> Reply:
        asked = call.input
        secret, made = await self._webhooks.make(
            call.caller.signed_in, asked.organization_id, asked.name, asked.url, asked.events
        )
        return Reply(MadeWebhook(secret, _view(made)))

    async def get_webhook(self, call: Call[Nothing]) -> Reply:
        return Reply(_view(await self._webhooks.seen(call.caller.signed_in, call.path["id"])))

    async def change_webhook(self, call: Call[ChangedWebhook]) -> Reply:
        asked = call.input
        changed = await self._webhooks.change(
            call.caller.signed_in, call.path["id"], asked.name, asked.url, asked.events, active=asked.active
        )
        return Reply(_view(changed))

    async def delete_webhook(self, call: Call[Nothing]) -> Reply:
        await self._webhooks.delete(call.caller.signed_in, call.path["id"])
        return NO_CONTENT

    async def rotate_webhook_secret(self, call: Call[Nothing]) -> Reply:
        return Reply(WebhookSecret(await self._webhooks.rotate(call.caller.signed_in, call.path["id"])))

    async def test_webhook(self, call: Call[Nothing]) -> Reply:
        await self._webhooks.test(call.caller.signed_in, call.path["id"])
        return NO_CONTENT

    async def list_webhook_deliveries(self, call: Call[DeliveryQuery]) -> Reply:
        asked = call.input
        found, more = await self._webhooks.deliveries(call.caller.signed_in, call.path["id"], asked.before, asked.limit)
        return Reply(DeliveryList(tuple(map(_delivery, found)), more))

    async def redeliver_webhook(self, call: Call[Nothing]) -> Reply:
        await self._webhooks.again(call.caller.signed_in, call.path["id"], call.path["delivery_id"])
        return NO_CONTENT


def _view(one: Webhook) -> WebhookView:
    return WebhookView(
        id=one.id,
        organization_id=one.organization_id or "",
        organization_name=one.organization_name,
        name=one.name,
        url=one.url,
        events=tuple(event for event in WebhookEvent if event in one.events),
        state=one.state,
        failing_since_ms=one.failing_since_ms,
        created_at_ms=one.created_at_ms,
    )


def _delivery(one: Delivery) -> DeliveryView:
    return DeliveryView(
        one.id,
        str(one.event),
        one.state,
        one.tries,
        one.due_at_ms,
        one.created_at_ms,
        one.done_at_ms,
        one.status,
        one.fault,
        one.took_ms,
        one.body,
    )
