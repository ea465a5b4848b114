"""The mail to somebody whom an import brought in: how to set a password.  Pure."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Final

from collab.mail.models import Mail

from .judging import Welcome

_WORDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "zh": (
        "{organization}邀请您使用同心",
        "{name}，您好！\n\n{organization}为您开通了同心账号。请在七天内打开下面的链接设置密码：",
        "设置密码",
    ),
    "en": (
        "{organization} invites you to Tongxin",
        "Hello {name},\n\n{organization} has an account of Tongxin for you. Set its password within seven days:",
        "Set the password",
    ),
}


def welcome(person: Welcome, link: str, key: str) -> Mail:
    subject, text, button = _WORDS["en" if person.locale.startswith("en") else "zh"]
    names = {"organization": person.organization, "name": person.name}
    said = text.format(**names)
    paragraphs = "".join(f"<p>{escape(part)}</p>" for part in said.split("\n\n"))
    return Mail(
        key=key,
        to_address=person.email,
        to_name=person.name,
        subject=subject.format(**names),
        text=f"{said}\n\n{link}\n",
        html=f'{paragraphs}<p><a href="{escape(link, quote=True)}">{button}</a></p>',
    )
