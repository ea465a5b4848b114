"""Viewers' tokens: what the hub, WHEP and HLS know of somebody in the audience, without a question to the database.

A token is signed with its livestream's own key (HMAC-SHA256), which every node reads from SQL: a new key ends all of
them at once.  It lives some minutes and is made anew by whoever may still watch, so that a right that was lost is
lost within that time; a ban counts at once, because doors ask for bans as well.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from enum import StrEnum
from typing import Final

import msgspec
from msgspec import Struct

from collab.problems import Refusal
from rooms.core.codes import Code

from .models import StaffRole

TOKEN_KEPT_MS: Final = 600_000
TOKEN_MAX_CHARS: Final = 1_024
_MAC_BYTES: Final = 32


class ViewerKind(StrEnum):
    ACCOUNT = "account"
    REGISTERED = "registered"  # by the link of a mail
    ANONYMOUS = "anonymous"  # known by a cookie, to this livestream only


class Viewer(Struct, frozen=True, kw_only=True):
    """`id`: an account's, `reg_` and a registration's, or `anon_` and a digest."""

    livestream_id: str
    id: str
    kind: ViewerKind
    name: str  # "" until an anonymous viewer has given one
    role: StaffRole | None = None
    office: bool = False  # the role is an administrator's, not given by the livestream
    group_id: str = ""
    room: str = ""  # of the chat
    expires_at_ms: int = 0

    @property
    def moderates(self) -> bool:
        return self.role in (StaffRole.HOST, StaffRole.MODERATOR)


_decoder = msgspec.msgpack.Decoder(Viewer)


def sign(viewer: Viewer, key: str) -> str:
    packed = msgspec.msgpack.encode(viewer)
    return base64.urlsafe_b64encode(_mac(packed, key) + packed).decode().rstrip("=")


def read(token: str, key: str, livestream_id: str, at_ms: int) -> Viewer:
    """Raises UNAUTHENTICATED for anything but a token of this livestream, EXPIRED."""
    if not 0 < len(token) <= TOKEN_MAX_CHARS or not token.isascii():
        raise Refusal(Code.UNAUTHENTICATED, "no token")
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        raise Refusal(Code.UNAUTHENTICATED, "not base64") from None
    mac, packed = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(packed, key)):
        raise Refusal(Code.UNAUTHENTICATED, "signature")
    viewer = _decoder.decode(packed)
    if viewer.livestream_id != livestream_id:
        raise Refusal(Code.UNAUTHENTICATED, "of another livestream")
    if viewer.expires_at_ms <= at_ms:
        raise Refusal(Code.EXPIRED, "viewer token")
    return viewer


def _mac(packed: bytes, key: str) -> bytes:
    return hmac.digest(bytes.fromhex(key), b"viewer" + packed, "sha256")


def registration_token(registration_id: str, key: str) -> str:
    """What stands in a registrant's mails; the same in every mail, nothing is stored."""
    mac = hmac.digest(bytes.fromhex(key), b"registration" + registration_id.encode(), "sha256")
    return registration_id + base64.b32encode(mac[:20]).decode().lower()


def registration_of(token: str, key: str) -> str:
    """The registration's id; "" for anything else."""
    found = token[:26]
    return found if hmac.compare_digest(token.encode(), registration_token(found, key).encode()) else ""


def anonymous_id(guest_key: str, livestream_id: str) -> str:
    """Stable for one browser and one livestream, and of no use to follow a person from one to another."""
    digest = hashlib.sha256(f"{guest_key}:{livestream_id}".encode()).digest()
    return "anon_" + base64.b32encode(digest[:15]).decode().lower()
