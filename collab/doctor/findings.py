"""What can be found wrong, or well, with an installation: closed codes with values.

Words for people are in sentences.py (command line) and in the page's catalogue; both are keyed by these codes.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct, field

CLOCK_SKEW_MAX_MS = 5_000


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"  # works, but not for everybody
    FAULT = "fault"


class Check(StrEnum):
    SETTINGS = "settings"
    DATA_FOLDER = "data_folder"
    DATABASE = "database"
    REDIS = "redis"
    WEB_PORT = "web_port"
    MEDIA_PORT = "media_port"
    MEDIA_TCP = "media_tcp"
    MEDIA_ADDRESS = "media_address"
    RELAY = "relay"
    DISK = "disk"
    CERTIFICATE = "certificate"
    HTTPS = "https"
    CLOCK = "clock"
    CAPTIONS = "captions"


class Sentence(StrEnum):
    """What was found."""

    DATA_FOLDER_FINE = "data_folder_fine"
    DATA_FOLDER_BAD = "data_folder_bad"
    DATABASE_ANSWERS = "database_answers"
    DATABASE_AWAY = "database_away"
    DATABASE_OLD = "database_old"
    REDIS_ANSWERS = "redis_answers"
    REDIS_EMBEDDED = "redis_embedded"
    REDIS_AWAY = "redis_away"
    SERVER_ANSWERS = "server_answers"
    WEB_PORT_FREE = "web_port_free"
    WEB_PORT_TAKEN = "web_port_taken"
    MEDIA_PORT_OPEN = "media_port_open"
    MEDIA_PORT_FREE = "media_port_free"
    MEDIA_PORT_TAKEN = "media_port_taken"
    MEDIA_PORT_SILENT = "media_port_silent"
    MEDIA_TCP_OPEN = "media_tcp_open"
    MEDIA_TCP_SILENT = "media_tcp_silent"
    RELAY_WORKS = "relay_works"
    RELAY_DENIED = "relay_denied"
    RELAY_AWAY = "relay_away"
    RELAY_SHUT = "relay_shut"
    DISK_FINE = "disk_fine"
    DISK_LOW = "disk_low"
    CERTIFICATE_FINE = "certificate_fine"
    CERTIFICATE_SOON = "certificate_soon"
    CERTIFICATE_OVER = "certificate_over"
    CERTIFICATE_BAD = "certificate_bad"
    PAGE_AWAY = "page_away"
    ADDRESS_LOCAL = "address_local"
    ADDRESS_FOREIGN = "address_foreign"
    ADDRESS_LOOPBACK = "address_loopback"
    ADDRESS_PRIVATE = "address_private"
    ADDRESS_OTHER = "address_other"
    SECURE = "secure"
    LOOPBACK_ONLY = "loopback_only"
    NOT_SECURE = "not_secure"
    CLOCK_RIGHT = "clock_right"
    CLOCK_SKEWED = "clock_skewed"
    CAPTIONS_READY = "captions_ready"
    CAPTIONS_OFF = "captions_off"
    CAPTIONS_NO_PACKAGE = "captions_no_package"
    CAPTIONS_NO_FOLDER = "captions_no_folder"
    CAPTIONS_NO_MODEL = "captions_no_model"


class Cure(StrEnum):
    """What to do about it; NONE when there is nothing to do."""

    NONE = ""
    FIX_DATA_FOLDER = "fix_data_folder"
    START_DATABASE = "start_database"
    MIGRATE = "migrate"
    START_REDIS = "start_redis"
    FREE_WEB_PORT = "free_web_port"
    FREE_MEDIA_PORT = "free_media_port"
    OPEN_UDP = "open_udp"
    OPEN_TCP = "open_tcp"
    MATCH_TURN_SECRET = "match_turn_secret"  # noqa: S105 -- a code, no password
    START_RELAY = "start_relay"
    ALLOW_PEER = "allow_peer"
    FREE_DISK = "free_disk"
    RENEW_CERTIFICATE = "renew_certificate"
    CHECK_URL = "check_url"
    FORWARD_UDP = "forward_udp"
    SET_PUBLIC_ADDRESS = "set_public_address"
    SET_PUBLIC_ADDRESS_TO = "set_public_address_to"
    USE_HTTPS = "use_https"
    SET_CLOCK = "set_clock"
    INSTALL_CAPTIONS = "install_captions"
    SET_CAPTIONS_MODEL = "set_captions_model"


class Finding(Struct, frozen=True):
    name: Check
    state: State
    sentence_code: Sentence
    cure_code: Cure = Cure.NONE
    values: dict[str, str | int] = field(default_factory=dict)


def _parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def media_address(
    advertised: Sequence[str], port: int, machine: Sequence[str], visitor: str = "", *, reached_as: str = ""
) -> Finding:
    """Can who is at `visitor` ("" = somebody elsewhere) reach the addresses that browsers are told?

    `visitor` "127.0.0.1": the server is for this machine alone.  `reached_as` is the host in the page's address: when
    that is an IP address, media could take it as well.  A page sends its test packet to the values here.
    """
    values: dict[str, str | int] = {
        "media_host": advertised[0],
        "media_port": port,
        "addresses": ", ".join(advertised),
    }

    def found(state: State, sentence: Sentence, cure: Cure = Cure.NONE) -> Finding:
        return Finding(Check.MEDIA_ADDRESS, state, sentence, cure, values)

    addresses = [one for one in map(_parsed, advertised) if one is not None]
    asking = _parsed(visitor)
    if all(one.is_loopback for one in addresses):
        if asking is not None and (asking.is_loopback or visitor in machine):
            return found(State.OK, Sentence.ADDRESS_LOCAL)
        return found(State.FAULT, Sentence.ADDRESS_LOOPBACK, Cure.SET_PUBLIC_ADDRESS)
    came_to = _parsed(reached_as)
    if came_to is not None and came_to not in addresses and not came_to.is_loopback:
        values["reached_as"] = reached_as
        return found(State.WARNING, Sentence.ADDRESS_OTHER, Cure.SET_PUBLIC_ADDRESS_TO)
    if asking is not None and asking.is_global and not any(one.is_global for one in addresses):
        return found(State.FAULT, Sentence.ADDRESS_PRIVATE, Cure.SET_PUBLIC_ADDRESS)
    if not any(str(one) in machine or one.is_loopback for one in addresses):
        return found(State.WARNING, Sentence.ADDRESS_FOREIGN, Cure.FORWARD_UDP)
    return found(State.OK, Sentence.ADDRESS_LOCAL)


def https(secure: bool, host: str) -> Finding:
    """Browsers give camera and microphone to pages over HTTPS and to those of the same machine only."""
    if secure:
        return Finding(Check.HTTPS, State.OK, Sentence.SECURE, values={"host": host})
    if is_this_machine(host):
        return Finding(Check.HTTPS, State.WARNING, Sentence.LOOPBACK_ONLY, Cure.USE_HTTPS, {"host": host})
    return Finding(Check.HTTPS, State.FAULT, Sentence.NOT_SECURE, Cure.USE_HTTPS, {"host": host})


def is_this_machine(host: str) -> bool:
    """Whether a browser takes the host for its own machine: localhost, *.localhost, loopback addresses."""
    name = host.rpartition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]
    address = _parsed(name)
    return name == "localhost" or name.endswith(".localhost") or (address is not None and address.is_loopback)


def clock(skew_ms: int) -> Finding:
    """`skew_ms`: our clock minus that of the database."""
    values: dict[str, str | int] = {"skew_ms": skew_ms}
    if abs(skew_ms) <= CLOCK_SKEW_MAX_MS:
        return Finding(Check.CLOCK, State.OK, Sentence.CLOCK_RIGHT, values=values)
    return Finding(Check.CLOCK, State.FAULT, Sentence.CLOCK_SKEWED, Cure.SET_CLOCK, values)


def media_by_udp(answered: bool, values: dict[str, str | int], silent: State = State.FAULT) -> Finding:
    """`values`: the `host` and `port` that were asked."""
    if answered:
        return Finding(Check.MEDIA_PORT, State.OK, Sentence.MEDIA_PORT_OPEN, values=values)
    return Finding(Check.MEDIA_PORT, silent, Sentence.MEDIA_PORT_SILENT, Cure.OPEN_UDP, values)


def media_by_tcp(answered: bool, values: dict[str, str | int]) -> Finding:
    """The same for people without UDP, who may have a relay instead."""
    if answered:
        return Finding(Check.MEDIA_TCP, State.OK, Sentence.MEDIA_TCP_OPEN, values=values)
    return Finding(Check.MEDIA_TCP, State.WARNING, Sentence.MEDIA_TCP_SILENT, Cure.OPEN_TCP, values)
