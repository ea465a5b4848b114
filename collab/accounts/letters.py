"""The mail to somebody who is invited: the link that makes their account, in the inviter's language.  Pure."""

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


def invitation(*, email: str, name: str, organization: str, by: str, locale: str, link: str, key: str) -> Mail:
    subject, text, button, note = _WORDS["en" if locale.startswith("en") else "zh"]
    names = {"name": name, "organization": organization, "by": by}
    said = text.format(**names)
    paragraphs = "".join(f"<p>{escape(part)}</p>" for part in said.split("\n\n"))
    return Mail(
        key=key,
        to_address=email,
        to_name=name,
        subject=subject.format(**names),
        text=f"{said}\n\n{link}\n\n{note}\n",
        html=f'{paragraphs}<p><a href="{escape(link, quote=True)}">{button}</a></p><p>{escape(note)}</p>',
    )
