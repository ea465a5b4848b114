"""The mails to people who registered, in Chinese and English, with the calendar object.  Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from icalendar import Calendar, vCalAddress, vText
from icalendar import Event as VEvent

from collab.mail.models import Mail, MailMethod

from .models import RegistrationState
from .tokens import registration_token
from .values import Livestream, Registration

PRODUCT = "-//Tongxin//Livestream//EN"
NOBODY = "nobody@tongxin.invalid"  # RFC 2606

_SUBJECTS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "confirmed": "报名成功：{title}",
        "pending": "报名待审核：{title}",
        "waiting": "候补中：{title}",
        "declined": "报名未通过：{title}",
        "cancelled": "已取消报名：{title}",
        "reminder": "即将开始：{title}",
        "changed": "时间有变：{title}",
        "off": "直播取消：{title}",
    },
    "en": {
        "confirmed": "You are registered: {title}",
        "pending": "Your registration is being looked at: {title}",
        "waiting": "You are on the waiting list: {title}",
        "declined": "No seat for you: {title}",
        "cancelled": "Registration cancelled: {title}",
        "reminder": "Begins soon: {title}",
        "changed": "Changed: {title}",
        "off": "Called off: {title}",
    },
}
_NOTES: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "confirmed": "用下面的链接观看，无需账号。链接只属于您，请勿转发。",
        "pending": "审核有结果后会再写信给您。",
        "waiting": "名额已满。一有空位就会写信给您。",
        "declined": "主办方没有通过这次报名。",
        "cancelled": "名额已经让出。想再参加，可以重新报名。",
        "reminder": "直播就要开始了，用下面的链接进入。",
        "changed": "直播的时间或标题有变，请以本邮件为准。",
        "off": "这场直播不再举行。",
    },
    "en": {
        "confirmed": "Watch by the link below, without an account. It is yours alone: please do not pass it on.",
        "pending": "We write again as soon as it is decided.",
        "waiting": "All seats are taken. We write as soon as one is free.",
        "declined": "The organizers did not accept this registration.",
        "cancelled": "Your seat is free for others now. You may register again.",
        "reminder": "The livestream begins soon: come in by the link below.",
        "changed": "Its time or title has changed: what this mail says counts.",
        "off": "This livestream does not take place.",
    },
}
_WORDS: Mapping[str, tuple[str, str, str, str]] = {
    "zh": ("时间", "主办方", "观看", "取消报名"),
    "en": ("When", "From", "Watch", "Cancel the registration"),
}
_WITH_CALENDAR = ("confirmed", "changed", "cancelled", "off")


def letter(livestream: Livestream, registration: Registration, kind: str, links_url: str, at_ms: int) -> Mail:
    """`kind`: a state of the registration, or reminder, changed, off."""
    language = "en" if registration.locale.lower().startswith("en") else "zh"
    when, organizer, watch, cancel = _WORDS[language]
    token = registration_token(registration.id, livestream.token_key)
    link = f"{links_url}/live/{livestream.id}#registration={token}"
    zone = ZoneInfo(livestream.zone)
    begins = datetime.fromtimestamp(livestream.starts_at_ms / 1_000, zone)
    rows = [(when, f"{begins.strftime('%Y-%m-%d %H:%M')} ({livestream.zone})")]
    if livestream.organization:
        rows.append((organizer, livestream.organization))
    if kind in ("confirmed", "pending", "waiting", "reminder", "changed"):  # to who waits, the page says so
        rows.append((watch, link))
        rows.append((cancel, f"{links_url}/live/{livestream.id}/cancel#registration={token}"))
    note = _NOTES[language][kind]
    text = "\n".join([livestream.title, "", note, "", *(f"{name}: {value}" for name, value in rows)]) + "\n"
    calendar, method = b"", MailMethod.NONE
    if kind in _WITH_CALENDAR and (kind != "cancelled" or registration.state is RegistrationState.CANCELLED):
        method = MailMethod.CANCEL if kind in ("cancelled", "off") else MailMethod.REQUEST
        calendar = calendar_of(livestream, registration, method, link, at_ms)
    return Mail(
        key=f"live:{registration.id}:{kind}:{at_ms if kind != 'reminder' else livestream.starts_at_ms}",
        to_address=registration.email,
        to_name=registration.name,
        subject=_SUBJECTS[language][kind].replace("{title}", livestream.title),
        text=text,
        html=_html(livestream.title, note, rows),
        calendar=calendar,
        method=method,
    )


def calendar_of(livestream: Livestream, registration: Registration, method: MailMethod, link: str, at_ms: int) -> bytes:
    """One event for one recipient (RFC 5545, RFC 5546), with the rules of its zone."""
    zone = ZoneInfo(livestream.zone)
    begins = datetime.fromtimestamp(livestream.starts_at_ms / 1_000, zone)
    cancelled = method is MailMethod.CANCEL
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method.value)
    event = VEvent()
    event.add("uid", f"{registration.id}@tongxin")
    event.add("dtstamp", datetime.fromtimestamp(at_ms / 1_000, UTC))
    event.add("dtstart", begins)
    event.add("dtend", begins + timedelta(minutes=livestream.minutes))
    event.add("summary", livestream.title)
    event.add("description", f"{livestream.description}\n\n{link}".strip())
    event.add("location", link)
    event.add("url", link)
    event.add("sequence", livestream.sequence + (1 if cancelled else 0))
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    organizer = vCalAddress(f"mailto:{NOBODY}")
    organizer.params["CN"] = vText(livestream.organization)
    event.add("organizer", organizer)
    attendee = vCalAddress(f"mailto:{registration.email}")
    attendee.params["CN"] = vText(registration.name)
    attendee.params["PARTSTAT"] = vText("ACCEPTED")
    attendee.params["RSVP"] = vText("FALSE")
    event.add("attendee", attendee, encode=False)
    calendar.add_component(event)
    day = begins.date()
    calendar.add_missing_timezones(first_date=day - timedelta(days=366), last_date=date(day.year + 1, 12, 31))
    return bytes(calendar.to_ical())


def _html(title: str, note: str, rows: list[tuple[str, str]]) -> str:
    def value(text: str) -> str:
        shown = escape(text)
        return f'<a href="{shown}">{shown}</a>' if text.startswith(("http://", "https://")) else shown

    cells = "".join(f"<tr><td>{escape(name)}&nbsp;</td><td>{value(text)}</td></tr>" for name, text in rows)
    return (
        f"<!doctype html><html><body><h2>{escape(title)}</h2><p>{escape(note)}</p><table>{cells}</table></body></html>"
    )
