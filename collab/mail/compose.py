"""A mail as the bytes that travel (RFC 5322, 2045-2047; the calendar part as RFC 6047 asks), pure.

Nothing from a person's text reaches a header unfolded: line ends are taken out before the library sees them.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from .models import MailMethod, Waiting

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
CALENDAR_FILE = "invite.ics"


def one_line(text: str) -> str:
    """As it may stand in a header."""
    return _CONTROLS.sub(" ", text).strip()


def domain_of(sender: Address) -> str:
    return sender.domain or "localhost"


def mailbox(name: str, address: str) -> Address:
    """Raises ValueError for what is no address."""
    local, at, domain = address.rpartition("@")
    if not at or not local or not domain or _CONTROLS.search(address):
        raise ValueError(f"no address: {address[:80]!r}")
    return Address(one_line(name), addr_spec=address) if address.isascii() else Address(one_line(name), local, domain)


def mailbox_of(text: str) -> Address:
    """`Name <address>` or an address.  Raises ValueError."""
    name, address = parseaddr(text)
    return mailbox(name, address)


def compose(waiting: Waiting, sender: Address) -> EmailMessage:
    """The same row always makes the same Message-ID: a mail that must be sent again is recognised as the same one."""
    mail = waiting.mail
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = mailbox(mail.to_name, mail.to_address)
    if mail.reply_to:
        message["Reply-To"] = mailbox("", mail.reply_to)
    message["Subject"] = one_line(mail.subject)
    message["Date"] = format_datetime(datetime.fromtimestamp(waiting.created_at_ms / 1_000, UTC))
    message["Message-ID"] = f"<{waiting.id}@{domain_of(sender)}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834 5: so that no vacation notice answers
    message.set_content(mail.text)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
    if mail.calendar:
        method = mail.method or MailMethod.PUBLISH
        text = mail.calendar.decode("utf-8")
        message.add_alternative(text, subtype="calendar", params={"method": method.value}, cte="base64")
        message.add_attachment(
            mail.calendar,
            maintype="application",
            subtype="ics",
            filename=CALENDAR_FILE,
        )
    return message
