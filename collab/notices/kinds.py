"""Every kind of notice there is, the part of the product it belongs to, and how it travels unless people choose."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct


class NoticeKind(StrEnum):
    """Closed: a feature adds its own here, in `KINDS` below and in words.py."""

    ANNOUNCEMENT = "announcement"
    CALL = "call"
    CALL_MISSED = "call_missed"


class Area(StrEnum):
    """What the page of the settings groups kinds by."""

    PARK = "park"
    CALLS = "calls"
    REQUESTS = "requests"
    SCHEDULE = "schedule"


class MailChoice(StrEnum):
    NOW = "now"
    DIGEST = "digest"  # once a day, all in one
    OFF = "off"


class Choice(Struct, frozen=True, forbid_unknown_fields=True):
    """How one kind of notice reaches a person beside the inbox, which has them all."""

    mail: MailChoice
    push: bool


class Kind(Struct, frozen=True):
    area: Area
    usual: Choice


_now = Choice(mail=MailChoice.NOW, push=True)
_digest = Choice(mail=MailChoice.DIGEST, push=True)
_push_only = Choice(mail=MailChoice.OFF, push=True)

KINDS: Mapping[NoticeKind, Kind] = {
    NoticeKind.ANNOUNCEMENT: Kind(Area.PARK, _digest),
    NoticeKind.CALL: Kind(Area.CALLS, _push_only),  # over before a mail is read
    NoticeKind.CALL_MISSED: Kind(Area.CALLS, _now),
}
