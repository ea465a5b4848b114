"""The address of a mail server, as the setting has it."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

from msgspec import Struct


class SmtpServer(Struct, frozen=True):
    host: str
    port: int
    user: str
    password: str
    tls: bool  # from the first byte
    starttls: bool | None  # None: where the server offers it


def smtp_server(url: str) -> SmtpServer:
    """smtp://user:password@host:587?starttls=must|never, smtps://host.  Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("use smtp://host or smtps://host")
    chosen = parse_qs(parts.query, strict_parsing=bool(parts.query))
    starttls = {"": None, "must": True, "never": False}[chosen.pop("starttls", [""])[0]]
    if chosen:
        raise ValueError("the only option is starttls=must or starttls=never")
    tls = parts.scheme == "smtps"
    return SmtpServer(
        parts.hostname,
        parts.port or (465 if tls else 587),
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        tls,
        False if tls else starttls,
    )
