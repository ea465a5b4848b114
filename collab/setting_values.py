"""How the text of an environment variable becomes a value, or a refusal that says how to cure it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from rooms.core.model import TrackKind
from signaling.webrtc.codecs import COMMON, Codec

from .mail.compose import mailbox_of
from .mail.servers import smtp_server
from .oidc.policy import Rule, rules_of

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Passwords that were seen in example files; none of them protects anything.
KNOWN_DEFAULTS = frozenset(
    [
        "admin",
        "changeme",
        "change-me",
        "default",
        "example",
        "guest",
        "letmein",
        "pass",
        "passw0rd",
        "change-me-0123456789",  # of deploy/nginx-rtmp.conf
        "password",
        "postgres",
        "redis",
        "root",
        "secret",
        "test",
        "tongxin",
        "valkey",
        "123456",
        "12345678",
    ]
)
PORT_MIN = 1_024
PORT_MAX = 65_535
PORTS_MAX = 200
SECRET_MIN_CHARS = 16
SHORT_NAME_MAX_CHARS = 40
ISSUER_MAX_CHARS = 255  # of the column (oidc/models.py)


class SettingRefused(ValueError):
    """The cure, as the second half of a sentence."""


def text(value: str) -> str:
    return value


def integer(low: int, high: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
            raise SettingRefused(f"use a whole number from {low} to {high}")
        return int(value)

    return parse


def choice(*allowed: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in allowed:
            raise SettingRefused(f"use one of: {', '.join(allowed)}")
        return value

    return parse


def codecs(value: str) -> tuple[Codec, ...]:
    """Video codecs, best first.  Without one that may be turned to in a call nobody could be helped out."""
    known = {codec.value.upper(): codec for codec in Codec if codec.kind is TrackKind.VIDEO}
    names = [name.strip().upper() for name in value.split(",")]
    if not set(names) <= set(known) or len(set(names)) != len(names):
        raise SettingRefused(f"use each of these at most once, with commas between them: {', '.join(known)}")
    found = tuple(known[name] for name in names)
    if not set(found) & set(COMMON):
        raise SettingRefused(f"one of {' and '.join(COMMON)} has to be among them")
    return found


def address(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        raise SettingRefused("use an IP address of this machine, 0.0.0.0 or ::") from None


def addresses(value: str) -> tuple[str, ...]:
    try:
        return tuple(str(ipaddress.ip_address(part.strip())) for part in value.split(",") if part.strip())
    except ValueError:
        raise SettingRefused("use IP addresses with commas between them, such as 203.0.113.7,2001:db8::7") from None


def networks(value: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(part.strip(), strict=False) for part in value.split(",") if part.strip())
    except ValueError:
        raise SettingRefused(
            "use addresses or networks with commas between them, such as 10.0.0.5,172.18.0.0/16"
        ) from None


def origin(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/")):
        raise SettingRefused("use an address without a path, such as https://meet.example.org")
    return f"{parts.scheme}://{parts.netloc.lower()}" if value else ""


def issuer(value: str) -> str:
    """As it is: providers' tokens repeat it letter by letter."""
    parts = urlsplit(value)
    is_one = parts.scheme in ("http", "https") and parts.hostname and not parts.query and not parts.fragment
    if value and (not is_one or len(value) > ISSUER_MAX_CHARS or parts.username):
        raise SettingRefused("use the issuer as the provider writes it, such as https://id.example.org/realms/park")
    return value


def short_name(value: str) -> str:
    if not 0 < len(value) <= SHORT_NAME_MAX_CHARS or not value.isprintable():
        raise SettingRefused(f"use 1 to {SHORT_NAME_MAX_CHARS} characters")
    return value


def oidc_rules(value: str) -> tuple[Rule, ...]:
    try:
        return rules_of(value)
    except ValueError:
        raise SettingRefused(
            "use rules such as *=Optics Valley or factory.example=Laser Works, each domain once, with semicolons "
            "between them"
        ) from None


def path(value: str) -> Path:
    return Path(value).expanduser()


def optional_path(value: str) -> Path | None:
    return Path(value).expanduser() if value else None


def language(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?", value):
        raise SettingRefused("use a language such as zh or en-GB")
    return value


def database_url(value: str) -> str:
    if not value:
        return ""
    parts = urlsplit(value)
    if parts.scheme.split("+")[0] not in ("sqlite", "postgresql", "postgres"):
        raise SettingRefused("use postgresql://user:password@host/name or sqlite:///path")
    _refuse_known_password(parts.password, parts.hostname)
    return value


def redis_url(value: str) -> str:
    if not value:
        return ""
    parts = urlsplit(value)
    if parts.scheme not in ("redis", "rediss", "unix"):
        raise SettingRefused("use redis://host:6379/0, rediss://host:6379/0 or unix:///path/to.sock")
    _refuse_known_password(parts.password, parts.hostname)
    return value


def files_url(value: str) -> str:
    if value and not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]+(/[A-Za-z0-9._/-]*)?", value):
        raise SettingRefused("use s3://bucket or s3://bucket/prefix, or leave it empty")
    return value


def files_endpoint(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/")):
        raise SettingRefused("use http://host:9000 or https://host, or leave it empty")
    return value.rstrip("/")


def smtp_url(value: str) -> str:
    if not value:
        return ""
    try:
        server = smtp_server(value)
    except (ValueError, KeyError):
        raise SettingRefused("use smtp://user:password@host:587 or smtps://user:password@host:465") from None
    _refuse_known_password(server.password, server.host)
    return value


def mailbox(value: str) -> str:
    try:
        mailbox_of(value)
    except ValueError:
        raise SettingRefused("use an address, or Name <address>") from None
    return value


def _refuse_known_password(password: str | None, host: str | None) -> None:
    """Loopback and unix sockets are a matter of this machine only."""
    if password and password.lower() in KNOWN_DEFAULTS and host not in (None, "", "localhost", "127.0.0.1", "::1"):
        raise SettingRefused("choose a password of your own: this one is in every list of default passwords")


def secret(value: str) -> str:
    if value and (len(value) < SECRET_MIN_CHARS or value.lower() in KNOWN_DEFAULTS):
        raise SettingRefused(f"use a secret of your own with at least {SECRET_MIN_CHARS} characters")
    return value


def urls(value: str) -> tuple[str, ...]:
    urls = tuple(part.strip() for part in value.split(",") if part.strip())
    if not all(url.startswith(("turn:", "turns:", "stun:")) for url in urls):
        raise SettingRefused("use addresses such as turn:turn.example.org:3478,turns:turn.example.org:5349")
    return urls


def rtmp_url(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme not in ("rtmp", "rtmps") or not parts.hostname or not parts.path.strip("/")):
        raise SettingRefused("use an address such as rtmp://meet.example.org/live")
    return value.rstrip("/")


def ports(value: str) -> range:
    """`10080-10099`, both included; one number is one port."""
    if not value:
        return range(0)
    first, _, last = value.partition("-")
    if not first.isascii() or not first.isdecimal() or (last and not (last.isascii() and last.isdecimal())):
        raise SettingRefused("use ports such as 10080-10099")
    found = range(int(first), int(last or first) + 1)
    if not found or found.start < PORT_MIN or found.stop > PORT_MAX + 1 or len(found) > PORTS_MAX:
        raise SettingRefused(f"use at most {PORTS_MAX} ports from {PORT_MIN} on, the lower number first")
    return found
