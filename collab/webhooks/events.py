"""What webhooks are told about: a closed list, and the message of each.  Pure.

A message says what happened and to what, by ids, numbers and states; no text that people wrote, no personal data: who
needs more asks the API for it, where rights count.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum

import msgspec
from msgspec import Struct


class WebhookEvent(StrEnum):
    REQUEST_FILED = "request.filed"
    REQUEST_DECIDED = "request.decided"
    JOB_SIGNED_OFF = "job.signed_off"
    RECORDING_READY = "recording.ready"
    ORGANIZATION_ADDED = "organization.added"
    MEMBER_JOINED = "member.joined"
    TEST = "test"  # asked for on the page; it cannot be subscribed to


SUBSCRIBABLE = frozenset(WebhookEvent) - {WebhookEvent.TEST}

Data = Mapping[str, str | int | None]


class Message(Struct, frozen=True):
    """The body, as Standard Webhooks lays it out."""

    type: WebhookEvent
    timestamp: str  # of what happened, ISO 8601
    data: dict[str, str | int | None]


def message_of(event: WebhookEvent, at_ms: int, data: Data) -> bytes:
    timestamp = datetime.fromtimestamp(at_ms / 1_000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return msgspec.json.encode(Message(event, timestamp, dict(data)))
