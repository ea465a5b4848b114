"""Mails with a one-time link: to whom somebody invites, in the inviter's language; to who forgot a password.  Pure."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Final

from collab.mail.models import Mail

_WORDS: Final[Mapping[str, tuple[str, str, str, str]]] = {
    "zh": (
        "{by}邀请您加入{organization}",
        "{name}，您好！\n\n{by}邀请您加入{organization}的同心。请在七天内打开下面的链接，设置密码后即可使用：",
        "接受邀请",
        "此链接仅可使用一次，请勿转发。如果您不认识邀请人，请忽略此邮件。",
    ),
    "en": (
        "{by} invites you to {organization}",
        "Hello {name},\n\n{by} invites you to {organization} on Tongxin. Choose a password within seven days:",
        "Accept the invitation",
        "The link works once: do not pass it on. If you do not know who invites you, ignore this mail.",
    ),
}


_FORGOTTEN: Final[Mapping[str, tuple[str, str, str, str]]] = {
    "zh": (
        "重新设置同心的密码",
        "{name}，您好！\n\n有人（可能是您本人）要求重新设置此邮箱对应账号的密码。请在一小时内打开下面的链接：",
        "设置新密码",
        "此链接仅可使用一次，请勿转发。如果不是您本人操作，请忽略此邮件，原密码不变。",
    ),
    "en": (
        "Choose a new password for Tongxin",
        "Hello {name},\n\nsomebody, probably you, asked for a new password for this address. Choose it within an hour:",
        "Choose a new password",
        "The link works once: do not pass it on. If it was not you, ignore this mail: your password stays as it is.",
    ),
}


def invitation(*, email: str, name: str, organization: str, by: str, locale: str, link: str, key: str) -> Mail:
    names = {"name": name, "organization": organization, "by": by}
    return _letter(_WORDS, locale, names, email, link, key)


def forgotten(*, email: str, name: str, locale: str, link: str, key: str) -> Mail:
    return _letter(_FORGOTTEN, locale, {"name": name}, email, link, key)


def _letter(
    words: Mapping[str, tuple[str, str, str, str]],
    locale: str,
    names: Mapping[str, str],
    email: str,
    link: str,
    key: str,
) -> Mail:
    subject, text, button, note = words["en" if locale.startswith("en") else "zh"]
    said = text.format(**names)
    paragraphs = "".join(f"<p>{escape(part)}</p>" for part in said.split("\n\n"))
    return Mail(
        key=key,
        to_address=email,
        to_name=names["name"],
        subject=subject.format(**names),
        text=f"{said}\n\n{link}\n\n{note}\n",
        html=f'{paragraphs}<p><a href="{escape(link, quote=True)}">{button}</a></p><p>{escape(note)}</p>',
    )
