"""Stream keys of livestreams: made and shown once, renewed, revoked, and known again at the doors."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Final, Protocol

import msgspec
import structlog
from msgspec import Struct

from collab.accounts.models import Member
from collab.accounts.service import hash_token
from collab.clock import new_secret
from collab.limits import Limits, rate
from collab.livestream.repository import LivestreamRepository
from collab.livestream.service import LivestreamService, is_over
from collab.livestream.values import Livestream
from collab.problems import FieldFault, Refusal, invalid
from collab.sealing import Sealer
from rooms.core.codes import Code
from rooms.core.text import clean_name
from rooms.ports import Refused
from signaling.ports import Identity, IdentityKind

from .models import KEY_BEGINS, KEY_MAX_CHARS, StreamKey
from .repository import Encoder, StreamKeyRepository

USED_EVERY_MS: Final = 60_000
PASSPHRASE_BYTES: Final = 24  # 32 characters; SRT takes 10 to 79
KEYS_OF_ACCOUNT = rate("stream_keys", burst=30, per_minute=5)

log = structlog.get_logger("ingest")


class Rooms(Protocol):
    """meetings.live_rooms.LiveRoomsOfAllNodes."""

    async def send_away(self, room_id: str, identity: str) -> None: ...


class MadeKey(Struct, frozen=True):
    """`secret` and `passphrase` (of SRT, "" = none) are seen by nobody again."""

    secret: str
    passphrase: str
    key: StreamKey


def identity_of(encoder: Encoder, address: str) -> Identity:
    return Identity(
        id=encoder.key.identity,
        name=encoder.key.name,
        kind=IdentityKind.PROGRAM,
        address=address,
        room_id=encoder.livestream.room_id,
        subscribe=False,
        single=True,
    )


class EncoderDoor:
    """Who is let in with a key (meetings.doorkeeper.EncoderDoor)."""

    def __init__(
        self, keys: StreamKeyRepository, livestreams: LivestreamRepository, clock_ms: Callable[[], int]
    ) -> None:
        self._keys = keys
        self._livestreams = livestreams
        self._clock_ms = clock_ms

    async def encoder(self, secret: str, address: str) -> Encoder | Refused | None:
        """None for what is no key; ROOM_ENDED when its livestream is over."""
        if not secret.startswith(KEY_BEGINS) or len(secret) > KEY_MAX_CHARS:
            return None
        key = await self._keys.by_hash(hash_token(secret))
        livestream = await self._livestreams.get(key.livestream_id) if key is not None else None
        if key is None or livestream is None or livestream.trashed_at_ms:
            return None
        if is_over(livestream):
            return Refused(Code.ROOM_ENDED)
        at_ms = self._clock_ms()
        if at_ms - key.used_at_ms >= USED_EVERY_MS:
            await self._keys.used(key.id, at_ms, address)
        return Encoder(key, livestream)

    async def identify(self, secret: str, address: str) -> Identity | Refused | None:
        found = await self.encoder(secret, address)
        if not isinstance(found, Encoder):
            return found
        return identity_of(found, address)


class StreamKeyService:
    def __init__(
        self,
        keys: StreamKeyRepository,
        livestreams: LivestreamService,
        rooms: Rooms,
        limits: Limits,
        clock_ms: Callable[[], int],
        sealer: Sealer,
        srt_ports: range,
        on_change: Callable[[], None],
    ) -> None:
        """`srt_ports` are given out one to a key while there are any; `on_change` after a commit."""
        self._sealer = sealer
        self._srt_ports = srt_ports
        self._on_change = on_change
        self._keys = keys
        self._livestreams = livestreams
        self._rooms = rooms
        self._limits = limits
        self._clock_ms = clock_ms

    async def of(self, by: Member, livestream_id: str) -> tuple[Livestream, list[StreamKey]]:
        """Raises NOT_FOUND, FORBIDDEN."""
        livestream = await self._livestreams.managed(by, livestream_id)
        return livestream, await self._keys.of(livestream_id)

    async def make(self, by: Member, livestream_id: str, name: str) -> tuple[Livestream, MadeKey]:
        """Raises NOT_FOUND, FORBIDDEN, WRONG_STATE, INVALID, TOO_MANY, RATE_LIMITED."""
        livestream = await self._open(by, livestream_id)
        name = clean_name(name)
        if not name:
            raise invalid(name=FieldFault.INVALID)
        secret, at_ms = _new_key(), self._clock_ms()
        key = await self._keys.add(livestream_id, livestream.title, name, hash_token(secret), at_ms)
        if key is None:
            raise Refusal(Code.TOO_MANY, "stream keys of a livestream")
        log.info("stream_key_made", livestream=livestream_id, key=key.id, by=by.account.id)
        return livestream, await self._made(secret, key)

    async def renew(self, by: Member, livestream_id: str, key_id: str) -> tuple[Livestream, MadeKey]:
        """The former key is of no use from now on; who sends with it is cut off.  Raises as `make`."""
        livestream = await self._open(by, livestream_id)
        secret = _new_key()
        former = next((key for key in await self._keys.of(livestream_id) if key.id == key_id), None)
        key = await self._keys.renew(livestream_id, livestream.title, key_id, hash_token(secret))
        if key is None or former is None:
            raise Refusal(Code.NOT_FOUND, "no such key")
        log.info("stream_key_renewed", livestream=livestream_id, key=key_id, by=by.account.id)
        await self._rooms.send_away(livestream.room_id, former.identity)
        return livestream, await self._made(secret, key)

    async def revoke(self, by: Member, livestream_id: str, key_id: str) -> None:
        """Who sends with it is cut off.  Raises NOT_FOUND, FORBIDDEN."""
        livestream = await self._livestreams.managed(by, livestream_id)
        key = await self._keys.revoke(livestream_id, livestream.title, key_id, self._clock_ms())
        if key is None:
            raise Refusal(Code.NOT_FOUND, "no such key")
        log.info("stream_key_revoked", livestream=livestream_id, key=key_id, by=by.account.id)
        self._on_change()
        await self._rooms.send_away(livestream.room_id, key.identity)

    async def _made(self, secret: str, key: StreamKey) -> MadeKey:
        """With a port and a passphrase for SRT, where there are any."""
        passphrase = secrets.token_urlsafe(PASSPHRASE_BYTES)
        sealed = self._sealer.seal(passphrase, key.id)
        port = await self._keys.use_srt(key, self._srt_ports, sealed)
        self._on_change()
        made = msgspec.structs.replace(key, srt_port=port, srt_passphrase=sealed if port else "")
        return MadeKey(secret, passphrase if port else "", made)

    async def _open(self, by: Member, livestream_id: str) -> Livestream:
        livestream = await self._livestreams.managed(by, livestream_id)
        await self._limits.take(KEYS_OF_ACCOUNT, by.account.id)
        if is_over(livestream):
            raise Refusal(Code.WRONG_STATE, "it is over")
        return livestream


def _new_key() -> str:
    return KEY_BEGINS + new_secret()
