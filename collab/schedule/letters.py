"""The words of invitation mails, in Chinese and English.  Pure."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from msgspec import Struct

from .expand import Occurrence, local_at
from .models import MailingKind
from .values import Event

_SUBJECTS: Mapping[str, Mapping[MailingKind, tuple[str, str]]] = {
    # first, and when it was sent before
    "zh": {
        MailingKind.REQUEST: ("邀请：{title}", "更新：{title}"),
        MailingKind.REQUEST_ONE: ("更新：{title}", "更新：{title}"),
        MailingKind.CANCEL: ("已取消：{title}", "已取消：{title}"),
        MailingKind.CANCEL_ONE: ("取消一次：{title}", "取消一次：{title}"),
    },
    "en": {
        MailingKind.REQUEST: ("Invitation: {title}", "Updated: {title}"),
        MailingKind.REQUEST_ONE: ("Updated: {title}", "Updated: {title}"),
        MailingKind.CANCEL: ("Cancelled: {title}", "Cancelled: {title}"),
        MailingKind.CANCEL_ONE: ("Cancelled once: {title}", "Cancelled once: {title}"),
    },
}
_WORDS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "when": "时间",
        "from": "组织者",
        "room": "会议室",
        "answer": "答复（接受、待定或谢绝），无需账号",
        "series": "这是一场重复的会议。",
        "off": "这场会议不再举行。",
        "off_one": "这一次不举行，其余照常。",
        "note": "链接只属于您，请勿转发。邮件里的“接受”按钮只会通知组织者的邮箱，请用上面的链接答复。",
    },
    "en": {
        "when": "When",
        "from": "Organizer",
        "room": "Room",
        "answer": "Answer (accept, maybe or decline), without an account",
        "series": "This meeting repeats.",
        "off": "This meeting does not take place.",
        "off_one": "This one does not take place; the others do.",
        "note": "The link to answer is yours alone. Buttons of your mail program tell the organizer's mailbox only: "
        "please answer by the link.",
    },
}


class Letter(Struct, frozen=True):
    subject: str
    text: str
    html: str
    description: str  # for the calendar object


def language_of(locale: str) -> str:
    return "en" if locale.lower().startswith("en") else "zh"


def letter(
    event: Event, kind: MailingKind, shown: Occurrence, locale: str, *, link: str, reply_url: str, updated: bool
) -> Letter:
    """`shown` is the occurrence that the mail names: the one it is about, or the next."""
    language = language_of(locale)
    words = _WORDS[language]
    title = shown.title or event.title
    subject = _SUBJECTS[language][kind][updated].replace("{title}", title)
    zone = event.series.zone
    begins, ends = local_at(shown.starts_at_ms, zone), local_at(shown.ends_at_ms, zone)
    until = ends.strftime("%H:%M") if begins.date() == ends.date() else ends.strftime("%Y-%m-%d %H:%M")
    rows = [(words["when"], f"{begins.strftime('%Y-%m-%d %H:%M')}-{until} ({zone})")]
    if event.organizer is not None:
        rows.append((words["from"], event.organizer.name))
    notes = []
    if kind in (MailingKind.CANCEL, MailingKind.CANCEL_ONE):
        notes.append(words["off"] if kind is MailingKind.CANCEL else words["off_one"])
    else:
        rows += [(words["room"], link), (words["answer"], reply_url)]
        if event.series.rule is not None and kind is MailingKind.REQUEST:
            notes.append(words["series"])
        notes.append(words["note"])
    lines = [title, "", *(f"{name}: {value}" for name, value in rows), "", event.description, "", *notes]
    return Letter(
        subject=subject,
        text="\n".join(lines).replace("\n\n\n", "\n\n").strip() + "\n",
        html=_html(title, rows, event.description, notes),
        description="\n\n".join(part for part in (event.description, f"{words['room']}: {link}") if part),
    )


def _html(title: str, rows: list[tuple[str, str]], description: str, notes: list[str]) -> str:
    def value(text: str) -> str:
        shown = escape(text)
        return f'<a href="{shown}">{shown}</a>' if text.startswith(("http://", "https://")) else shown

    cells = "".join(f"<tr><td>{escape(name)}&nbsp;</td><td>{value(text)}</td></tr>" for name, text in rows)
    body = escape(description).replace("\n", "<br>")
    last = "".join(f"<p>{escape(note)}</p>" for note in notes)
    return f"<!doctype html><html><body><h2>{escape(title)}</h2><table>{cells}</table><p>{body}</p>{last}</body></html>"
