"""The endpoints of stream keys, for those who manage a livestream."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from msgspec import Struct

from collab.accounts.schemas import Body, PersonName
from collab.edge.endpoint import NO_CONTENT, Access, Call, Endpoint, Nothing, Reply
from collab.livestream.values import Livestream
from rooms.core.codes import Code
from signaling.ingest.feed import EncoderFeed
from signaling.kept_seats import EncoderState

from .models import StreamKey
from .service import MadeKey, StreamKeyService

KEYS = "/api/livestreams/{id}/stream-keys"
REFUSED = (Code.NOT_FOUND, Code.FORBIDDEN)
MADE = (*REFUSED, Code.WRONG_STATE, Code.TOO_MANY, Code.RATE_LIMITED)


class NewStreamKey(Body, frozen=True, kw_only=True):
    name: PersonName


class StreamKeyView(Struct, frozen=True):
    id: str
    name: str
    state: EncoderState
    created_at_ms: int
    used_at_ms: int  # 0 = never; to the minute
    used_from: str
    srt_port: int  # 0 = none
    stream: SentStream | None  # what comes by RTMP or SRT now, at this node


class SentStream(Struct, frozen=True):
    video: str  # the codec; "" = none
    audio: str
    copied: bool  # pictures go on as they come, and cost next to nothing
    video_bps: int
    audio_bps: int
    jumps: int  # of the encoder's clock


class Addresses(Struct, frozen=True):
    """Where an encoder sends to; "" for a way that there is not."""

    whip: str  # with the key as bearer token
    rtmp: str  # with the key as stream key


class MadeStreamKey(Struct, frozen=True):
    secret: str  # it is shown this once, and so is the address for SRT, which contains a passphrase
    srt: str
    key: StreamKeyView
    addresses: Addresses


class StreamKeyList(Struct, frozen=True):
    keys: tuple[StreamKeyView, ...]
    addresses: Addresses


class StreamKeyEndpoints:
    def __init__(
        self,
        keys: StreamKeyService,
        state_of: Callable[[bytes], EncoderState],
        feed_of: Callable[[bytes], EncoderFeed | None],
        rtmp_url: str,
    ) -> None:
        """`rtmp_url`: what encoders are told, "" = there is no RTMP here."""
        self._keys = keys
        self._state_of = state_of
        self._feed_of = feed_of
        self._rtmp_url = rtmp_url

    def table(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                method="GET",
                path=KEYS,
                access=Access.MEMBER,
                handler=self.list_stream_keys,
                output=StreamKeyList,
                refusals=REFUSED,
                about="Keys by which encoders send to the stage, without the keys themselves, and what they do now.",
            ),
            Endpoint(
                method="POST",
                path=KEYS,
                access=Access.MEMBER,
                handler=self.make_stream_key,
                input=NewStreamKey,
                output=MadeStreamKey,
                status=201,
                refusals=MADE,
                about="A key for one encoder, which appears on the stage, behind the scenes, under this name. The key "
                "is shown this once.",
            ),
            Endpoint(
                method="POST",
                path=f"{KEYS}/{{key_id}}/renew",
                access=Access.MEMBER,
                handler=self.renew_stream_key,
                output=MadeStreamKey,
                refusals=MADE,
                about="Another key in its place; who sends with the former one is cut off.",
            ),
            Endpoint(
                method="DELETE",
                path=f"{KEYS}/{{key_id}}",
                access=Access.MEMBER,
                handler=self.revoke_stream_key,
                refusals=REFUSED,
                about="It is of no use from now on; who sends with it is cut off.",
            ),
        )

    async def list_stream_keys(self, call: Call[Nothing]) -> Reply:
        livestream, keys = await self._keys.of(call.caller.signed_in, call.path["id"])
        views = tuple(map(self._view, keys))
        return Reply(StreamKeyList(views, self._addresses(livestream, call.caller.base_url)))

    async def make_stream_key(self, call: Call[NewStreamKey]) -> Reply:
        livestream, made = await self._keys.make(call.caller.signed_in, call.path["id"], call.input.name)
        return self._made(livestream, made, call.caller.base_url)

    async def renew_stream_key(self, call: Call[Nothing]) -> Reply:
        livestream, made = await self._keys.renew(call.caller.signed_in, call.path["id"], call.path["key_id"])
        return self._made(livestream, made, call.caller.base_url)

    async def revoke_stream_key(self, call: Call[Nothing]) -> Reply:
        await self._keys.revoke(call.caller.signed_in, call.path["id"], call.path["key_id"])
        return NO_CONTENT

    def _made(self, livestream: Livestream, made: MadeKey, base_url: str) -> Reply:
        view = self._view(made.key)
        host = urlsplit(base_url).hostname or "localhost"
        host = f"[{host}]" if ":" in host else host
        srt = f"srt://{host}:{made.key.srt_port}?mode=caller&passphrase={made.passphrase}&pbkeylen=16"
        addresses = self._addresses(livestream, base_url)
        return Reply(MadeStreamKey(made.secret, srt if made.passphrase else "", view, addresses))

    def _addresses(self, livestream: Livestream, base_url: str) -> Addresses:
        return Addresses(whip=f"{base_url}/whip/{livestream.room_code}", rtmp=self._rtmp_url)

    def _view(self, key: StreamKey) -> StreamKeyView:
        state = self._state_of(key.digest)
        feed = self._feed_of(key.digest)
        stream: SentStream | None = None
        if feed is not None and feed.found is not None and feed.sent is not None:
            found, sent = feed.found, feed.sent
            stream = SentStream(found.video, found.audio, sent.copied, sent.video_bps, sent.audio_bps, sent.jumps)
        return StreamKeyView(
            key.id,
            key.name,
            state,
            key.created_at_ms,
            key.used_at_ms,
            key.used_from,
            key.srt_port,
            stream,
        )
