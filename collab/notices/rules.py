"""When a notice may reach a person by which channel: choices, quiet hours, the hour of the digest.  Pure.

Times are milliseconds since the epoch; minutes are of the day in the person's own time zone.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from .kinds import KINDS, Choice, MailChoice, NoticeKind

DAY_MINUTES: Final = 1_440


class Quiet(Struct, frozen=True):
    """From this minute until that one, over midnight if need be.  The same twice: all day long is not quiet."""

    from_minute: int
    until_minute: int


class Settings(Struct, frozen=True):
    choices: dict[NoticeKind, Choice]  # what differs from the usual
    quiet: Quiet | None
    digest_minute: int

    def choice(self, kind: NoticeKind) -> Choice:
        about = KINDS[kind]
        return about.usual if about.fixed else self.choices.get(kind, about.usual)


USUAL: Final = Settings({}, None, 8 * 60)


class Plan(Struct, frozen=True):
    """None: not by this channel."""

    mail_at_ms: int | None
    digest_at_ms: int | None
    push_at_ms: int | None


def plan(kind: NoticeKind, settings: Settings, zone: ZoneInfo, at_ms: int, *, urgent: bool) -> Plan:
    """What is urgent waits neither for the morning nor for the digest; what is off stays off."""
    choice = settings.choice(kind)
    awake_ms = at_ms if urgent else after_quiet(settings.quiet, zone, at_ms)
    mail = MailChoice.NOW if urgent and choice.mail is MailChoice.DIGEST else choice.mail
    return Plan(
        mail_at_ms=awake_ms if mail is MailChoice.NOW else None,
        digest_at_ms=next_digest(settings.digest_minute, zone, at_ms) if mail is MailChoice.DIGEST else None,
        push_at_ms=awake_ms if choice.push else None,
    )


def after_quiet(quiet: Quiet | None, zone: ZoneInfo, at_ms: int) -> int:
    """This moment, or the end of the quiet hours that it lies in."""
    if quiet is None:
        return at_ms
    local = _local(at_ms, zone)
    minute = local.hour * 60 + local.minute
    start, end = quiet.from_minute, quiet.until_minute
    if start < end:
        inside, day = start <= minute < end, 0
    else:
        inside, day = start != end and (minute >= start or minute < end), int(minute >= start)
    return max(at_ms, _at(local, day, end, zone)) if inside else at_ms


def next_digest(digest_minute: int, zone: ZoneInfo, at_ms: int) -> int:
    """The next time that the clock shows this minute, later than now."""
    local = _local(at_ms, zone)
    today = _at(local, 0, digest_minute, zone)
    return today if today > at_ms else _at(local, 1, digest_minute, zone)


def _local(at_ms: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(at_ms / 1_000, UTC).astimezone(zone)


def _at(local: datetime, days: int, minute: int, zone: ZoneInfo) -> int:
    """A minute that a change of the clock leaves out is taken as if it had been there (PEP 495: fold 0)."""
    hours, minutes = divmod(minute, 60)
    wall = datetime.combine(local.date() + timedelta(days=days), time(hours, minutes), zone)
    return int(wall.timestamp() * 1_000)
