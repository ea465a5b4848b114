"""Notices as mail: one of its own, or many in one digest.  Pure; text beside HTML, both from the same lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

from msgspec import Struct

from .words import Language, Lines

DIGEST_LINES_MAX: Final = 50


class _Frame(Struct, frozen=True):
    brand: str
    reason: str
    settings: str
    digest: str
    more: str


_FRAMES: Mapping[Language, _Frame] = {
    Language.ZH: _Frame(
        "同心",
        "您收到此邮件，是因为您的同心账号订阅了此类通知。",
        "更改通知设置",
        "每日汇总：{count} 条未读通知",
        "还有 {count} 条，见收件箱。",
    ),
    Language.EN: _Frame(
        "Tongxin",
        "You get this mail because notices of this kind are switched on for your Tongxin account.",
        "Change what you are told",
        "Daily digest: {count} unread notices",
        "{count} more are in your inbox.",
    ),
}

_STYLE: Final = "font:16px/1.6 system-ui,'PingFang SC','Microsoft YaHei',sans-serif;color:#12171a"
_BUTTON: Final = (
    "display:inline-block;padding:10px 20px;border-radius:8px;background:#0b746e;color:#ffffff;text-decoration:none"
)
_SOFT: Final = "color:#566570;font-size:14px"


class Letter(Struct, frozen=True):
    subject: str
    text: str
    html: str


class Entry(Struct, frozen=True):
    lines: Lines
    link: str


def letter(entry: Entry, language: Language, settings_link: str) -> Letter:
    """`settings_link` "" for people without an account: nothing is said of settings."""
    lines, frame = entry.lines, _FRAMES[language]
    text = "\n\n".join(part for part in (lines.title, lines.text, f"{lines.action}: {entry.link}") if part)
    html = f"<h1 style='font-size:20px'>{escape(lines.title)}</h1>"
    if lines.text:
        html += f"<p>{_broken(lines.text)}</p>"
    html += f"<p><a style=\"{_BUTTON}\" href='{escape(entry.link)}'>{escape(lines.action)}</a></p>"
    return Letter(lines.title, *_framed(text, html, frame, settings_link))


def digest(entries: Sequence[Entry], language: Language, inbox_link: str, settings_link: str) -> Letter:
    frame = _FRAMES[language]
    subject = frame.digest.format(count=len(entries))
    shown, rest = entries[:DIGEST_LINES_MAX], len(entries) - DIGEST_LINES_MAX
    text = "\n\n".join("\n".join(filter(None, (e.lines.title, e.lines.text, e.link))) for e in shown)
    html = "".join(
        f"<p><a href='{escape(e.link)}'>{escape(e.lines.title)}</a><br>{_broken(e.lines.text)}</p>" for e in shown
    )
    if rest > 0:
        more = frame.more.format(count=rest)
        text += f"\n\n{more} {inbox_link}"
        html += f"<p><a href='{escape(inbox_link)}'>{escape(more)}</a></p>"
    return Letter(f"{frame.brand} · {subject}", *_framed(text, html, frame, settings_link))


def _framed(text: str, html: str, frame: _Frame, settings_link: str) -> tuple[str, str]:
    if settings_link:
        text += f"\n\n--\n{frame.reason}\n{frame.settings}: {settings_link}"
        html += (
            f"<p style='{_SOFT}'>{escape(frame.reason)} "
            f"<a href='{escape(settings_link)}'>{escape(frame.settings)}</a></p>"
        )
    return text + "\n", f'<!doctype html><html><body style="{_STYLE}">{html}</body></html>\n'


def _broken(text: str) -> str:
    return escape(text).replace("\n", "<br>")
