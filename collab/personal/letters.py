"""The mail to whoever is going to be erased: until when it can be undone, in their language.  Pure."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Final

from collab.mail.models import Mail

from .found import Person

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "zh": (
        "您的同心账号将被注销",
        (
            "{name}，您好！\n\n您的账号及个人数据将于 {days} 天后删除，此后无法恢复。\n\n"
            "在此之前仍可撤销。如果不是您本人申请，请立即登录、更改密码，并联系园区管理员："
        ),
    ),
    "en": (
        "Your Tongxin account will be erased",
        (
            "Hello {name},\n\nYour account and your personal data will be erased in {days} days. After that nobody can "
            "bring them back.\n\nUntil then it can be undone. If you did not ask for this, sign in, change your "
            "password, and tell an administrator of the park:"
        ),
    ),
}


def erasure_planned(person: Person, locale: str, days: int, link: str, key: str) -> Mail:
    subject, text = _WORDS["en" if locale.startswith("en") else "zh"]
    said = text.format(name=person.name, days=days)
    paragraphs = "".join(f"<p>{escape(part)}</p>" for part in said.split("\n\n"))
    return Mail(
        key=key,
        to_address=person.email,
        to_name=person.name,
        subject=subject,
        text=f"{said}\n\n{link}\n",
        html=f'{paragraphs}<p><a href="{escape(link, quote=True)}">{escape(link)}</a></p>',
    )
