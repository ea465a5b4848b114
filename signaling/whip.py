"""WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep) over HTTP: /whip/{code}, /whep/{code} and their sessions.

This file knows HTTP; what a session is, streams.py knows.  Any node of a park takes any request: a POST goes on to the
node that owns the room, and a session's path names the node that keeps it.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

import msgspec
from aiohttp import web
from multidict import CIMultiDict

from rooms.core.codes import Code
from rooms.ports import Bus, OwnedElsewhere, Refused, RemoteRefused, RoomManager, StoreUnavailable

from .kept_seats import EncoderState
from .limits import DoorLimits
from .messages import IceServer
from .ports import Admission, AudienceDoor, Doorkeeper, Identity, IdentityKind, StageGuest, StreamSessions
from .streams import (
    AUDIENCE_MAX,
    AnyStreamRequest,
    Close,
    Cut,
    Feed,
    Lose,
    Open,
    Patch,
    StreamKind,
    StreamReply,
    Streams,
    Watch,
    refusal,
)
from .webrtc.sdp import SDP_MAX_CHARS

BUS_METHOD: Final = "streams"
RELAY_TIMEOUT_MS: Final = 10_000
BODY_WITHIN_MS: Final = 20_000
TOKEN_MAX_CHARS: Final = 512
SEGMENT_MAX_CHARS: Final = 256
SDP_TYPE: Final = "application/sdp"
FRAGMENT_TYPE: Final = "application/trickle-ice-sdpfrag"

LIVESTREAM_ID: Final = re.compile(r"0[0-9a-hjkmnp-tv-z]{25}")  # no code of a meeting that is made looks like it
_CORS: Final = {"Access-Control-Allow-Origin": "*"}  # bearer tokens only, never cookies: any page may ask
_EXPOSED: Final = "Location, ETag, Link, Accept-Patch, Retry-After"
_ENDPOINT_METHODS: Final = "OPTIONS, GET, HEAD, POST"
_SESSION_METHODS: Final = "OPTIONS, GET, HEAD, PATCH, DELETE"

_decode_request: Final = msgspec.msgpack.Decoder(AnyStreamRequest)
_decode_reply: Final = msgspec.msgpack.Decoder(StreamReply)


class _Problem(Exception):
    def __init__(self, reply: StreamReply, headers: dict[str, str] | None = None) -> None:
        super().__init__(reply.detail)
        self.reply = reply
        self.headers = headers


class StreamEdge:
    """The handlers of one process.  `bus` None: a park of one node."""

    def __init__(
        self,
        doorkeeper: Doorkeeper,
        rooms: RoomManager,
        media: StreamSessions,
        bus: Bus | None,
        limits: DoorLimits,
        client_address: Callable[[web.Request], str],
        body_within_ms: int = BODY_WITHIN_MS,
        *,
        audience: AudienceDoor | None = None,
        audience_max: int = AUDIENCE_MAX,
    ) -> None:
        """`audience` None: no livestreams.  `audience_max` people of all stages of this node watch by WHEP at once."""
        self._audience = audience
        self._body_within_ms = body_within_ms
        self._doorkeeper = doorkeeper
        self._node = rooms.node
        self._bus = bus
        self._limits = limits
        self._client_address = client_address
        self.streams = Streams(rooms, media, audience_max)
        if bus is not None:
            bus.serve(BUS_METHOD, self._serve)

    def routes(self) -> list[web.RouteDef]:
        routes = []
        for kind in StreamKind:
            routes.append(web.route("*", f"/{kind.value}/{{code}}", self._endpoint(kind)))
            routes.append(web.route("*", f"/{kind.value}/{{code}}/{{session}}", self._session))
        return routes

    async def close(self) -> None:
        await self.streams.close()

    def encoder_state(self, token_digest: bytes) -> EncoderState:
        """Of a key for a room that lives on this node."""
        return self.streams.encoder_state(token_digest)

    async def feed(self, request: Feed) -> StreamReply:
        """A process of ours brings an encoder's stream; the reply's session id is for `lose`."""
        return await self._open(request)

    async def lose(self, session_id: str, token_digest: bytes) -> None:
        """The process of that session has ended."""
        node, id_ = _split(session_id)
        await self._on_node(node, Lose(id_, token_digest))

    async def cut(self, room_id: str, viewer_id: str) -> None:
        """Somebody may not watch any more: what they are sent from this node ends."""
        await self.streams.handle(Cut(room_id, viewer_id))

    # ------------------------------------------------------------ handlers

    def _endpoint(self, kind: StreamKind) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            match request.method:
                case "POST":
                    return await self._post(kind, request)
                case "OPTIONS":
                    return _options(_ENDPOINT_METHODS, {"Accept-Post": SDP_TYPE})
                case "GET" | "HEAD":
                    return web.Response(status=204, headers=_CORS)  # RFC 9725 4.2: no representation is defined
                case _:
                    return _not_allowed(_ENDPOINT_METHODS)

        return handle

    async def _session(self, request: web.Request) -> web.StreamResponse:
        match request.method:
            case "PATCH" | "DELETE":
                return await self._patch_or_delete(request)
            case "OPTIONS":
                return _options(_SESSION_METHODS, {"Accept-Patch": FRAGMENT_TYPE})
            case "GET" | "HEAD":
                return web.Response(status=204, headers=_CORS)
            case _:
                return _not_allowed(_SESSION_METHODS)

    async def _post(self, kind: StreamKind, request: web.Request) -> web.Response:
        try:
            token = _bearer(request)
            _check_body(request, SDP_TYPE, {"Accept-Post": SDP_TYPE})
            _check_accept(request)
            code = request.match_info["code"]
            if self._audience is not None and kind is StreamKind.WHEP and LIVESTREAM_ID.fullmatch(code):
                guest = await self._admit_watcher(self._audience, request, code, token)
                identity = Identity(guest.viewer_id, "", IdentityKind.PROGRAM, self._client_address(request))
                reply = await self._open(Watch(guest, _digest(token), await self._read_body(request)))
            else:
                identity, admission = await self._admit(kind, request, token)  # strangers' bodies are not read
                offer = await self._read_body(request)
                code = admission.record.code
                reply = await self._open(Open(kind, admission, _digest(token), offer, identity.single))
        except _Problem as problem:
            return _problem(problem.reply, problem.headers)
        if reply.status != 201:
            return _problem(reply)
        headers: CIMultiDict[str] = CIMultiDict(_CORS)
        headers["Access-Control-Expose-Headers"] = _EXPOSED
        headers["Location"] = f"/{kind.value}/{code}/{reply.session_id}"
        headers["ETag"] = reply.etag
        headers["Accept-Patch"] = FRAGMENT_TYPE
        for link in _links(self._doorkeeper.ice_servers(identity)):
            headers.add("Link", link)
        return web.Response(status=201, text=reply.body, content_type=SDP_TYPE, headers=headers)

    async def _patch_or_delete(self, request: web.Request) -> web.Response:
        try:
            digest = _digest(_bearer(request))
            node, session_id = _split(request.match_info["session"])
            # The token is known by its session only, perhaps on another node: asking there costs, so it has a rate.
            if retry_after_ms := await self._limits.stream_retry_ms(self._client_address(request)):
                raise _Problem(refusal(Code.RATE_LIMITED, retry_after_ms=retry_after_ms))
            if request.method == "DELETE":
                reply = await self._on_node(node, Close(session_id, digest))
            else:
                _check_body(request, FRAGMENT_TYPE, {"Accept-Patch": FRAGMENT_TYPE})
                fragment = await self._read_body(request)
                reply = await self._on_node(
                    node, Patch(session_id, digest, request.headers.get("If-Match", ""), fragment)
                )
        except _Problem as problem:
            return _problem(problem.reply, problem.headers)
        if reply.status >= 400:
            return _problem(reply)
        headers = {**_CORS, "Access-Control-Expose-Headers": _EXPOSED}
        if not reply.body:
            return web.Response(status=reply.status, headers=headers)
        headers["ETag"] = reply.etag
        return web.Response(status=reply.status, text=reply.body, content_type=FRAGMENT_TYPE, headers=headers)

    async def _read_body(self, request: web.Request) -> str:
        raw = bytearray()
        try:
            async with asyncio.timeout(self._body_within_ms / 1_000):
                async for chunk in request.content.iter_chunked(SDP_MAX_CHARS):
                    raw += chunk
                    if len(raw) > SDP_MAX_CHARS:
                        raise _Problem(refusal(Code.TOO_LARGE))
        except TimeoutError:
            raise _Problem(refusal(Code.IDLE)) from None
        try:
            return raw.decode()
        except UnicodeDecodeError:
            raise _Problem(refusal(Code.INVALID, "not UTF-8")) from None

    # ------------------------------------------------------------ who, and where

    async def _admit(self, kind: StreamKind, request: web.Request, token: str) -> tuple[Identity, Admission]:
        address = self._client_address(request)
        if retry_after_ms := await self._limits.join_retry_ms(address):
            raise _Problem(refusal(Code.RATE_LIMITED, retry_after_ms=retry_after_ms))
        identity = await self._doorkeeper.identify("", token, address)
        if isinstance(identity, Refused):
            raise _Problem(refusal(identity.code, retry_after_ms=identity.retry_after_ms))
        if identity.kind is not IdentityKind.PROGRAM:
            # A viewer is seen by nobody: a guest's token, which everybody with the link gets, must not make one.
            raise _Problem(refusal(Code.FORBIDDEN))
        record = await self._doorkeeper.find_room(request.match_info["code"])
        if isinstance(record, Refused):
            raise _Problem(refusal(record.code, retry_after_ms=record.retry_after_ms))
        if identity.room_id not in ("", record.id):
            raise _Problem(refusal(Code.ROOM_NOT_FOUND))  # a token for one room does not tell whether another exists
        grant = await self._doorkeeper.grant(identity, record)
        if isinstance(grant, Refused):
            raise _Problem(refusal(grant.code, retry_after_ms=grant.retry_after_ms))
        publishes = identity.publish and bool(grant.publish)
        subscribes = identity.subscribe and grant.subscribe
        if not (publishes if kind is StreamKind.WHIP else subscribes):
            raise _Problem(refusal(Code.FORBIDDEN))
        return identity, Admission(record, grant)

    async def _admit_watcher(
        self, door: AudienceDoor, request: web.Request, livestream_id: str, token: str
    ) -> StageGuest:
        if retry_after_ms := await self._limits.join_retry_ms(self._client_address(request)):
            raise _Problem(refusal(Code.RATE_LIMITED, retry_after_ms=retry_after_ms))
        guest = await door.watcher(livestream_id, token)
        if isinstance(guest, Refused):
            raise _Problem(refusal(guest.code, retry_after_ms=guest.retry_after_ms))
        return guest

    async def _open(self, request: Open | Feed | Watch) -> StreamReply:
        """On this node, or on the one that owns the room; the reply's session id names the node either way."""
        try:
            reply, node = await self.streams.handle(request), self._node
        except OwnedElsewhere as elsewhere:
            reply, node = await self._ask(elsewhere.node, request), elsewhere.node
        except StoreUnavailable:
            return refusal(Code.UNAVAILABLE)
        return msgspec.structs.replace(reply, session_id=_join(node, reply.session_id)) if reply.session_id else reply

    async def _on_node(self, node: str, request: AnyStreamRequest) -> StreamReply:
        return await (self.streams.handle(request) if node == self._node else self._ask(node, request))

    async def _ask(self, node: str, request: AnyStreamRequest) -> StreamReply:
        if self._bus is None:
            return refusal(Code.NOT_FOUND)
        try:
            raw = await self._bus.call(node, BUS_METHOD, msgspec.msgpack.encode(request), RELAY_TIMEOUT_MS)
        except RemoteRefused as refused:
            return refusal(refused.code)
        except (TimeoutError, StoreUnavailable):
            return refusal(Code.UNAVAILABLE)
        return _decode_reply.decode(raw)

    async def _serve(self, payload: bytes) -> bytes:
        """Another node's request."""
        try:
            reply = await self.streams.handle(_decode_request.decode(payload))
        except (OwnedElsewhere, StoreUnavailable):
            reply = refusal(Code.MOVED)  # the lease went on while the request was on its way
        return msgspec.msgpack.encode(reply)


def _join(node: str, session_id: str) -> str:
    return base64.urlsafe_b64encode(node.encode()).decode().rstrip("=") + "." + session_id


def _split(segment: str) -> tuple[str, str]:
    node, separator, session_id = segment.partition(".")
    try:
        decoded = base64.b64decode(node + "=" * (-len(node) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise _Problem(refusal(Code.NOT_FOUND)) from None
    if not separator or not session_id or not decoded or len(segment) > SEGMENT_MAX_CHARS:
        raise _Problem(refusal(Code.NOT_FOUND))
    return decoded, session_id


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _bearer(request: web.Request) -> str:
    """RFC 6750 2.1."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > TOKEN_MAX_CHARS:
        raise _Problem(refusal(Code.UNAUTHENTICATED))
    return token


def _check_body(request: web.Request, content_type: str, accepted: dict[str, str]) -> None:
    """What the headers say about it.  Packed bodies are not taken: a few bytes could become very many."""
    if request.content_type != content_type or "Content-Encoding" in request.headers:
        raise _Problem(StreamReply(status=415, code=Code.INVALID, detail=f"send {content_type}"), accepted)
    if request.content_length is not None and request.content_length > SDP_MAX_CHARS:
        raise _Problem(refusal(Code.TOO_LARGE))


def _check_accept(request: web.Request) -> None:
    accept = request.headers.get("Accept", "*/*").lower()
    ranges = {part.split(";")[0].strip() for part in accept.split(",")}
    if not ranges & {"*/*", "application/*", SDP_TYPE, ""}:
        raise _Problem(refusal(Code.MEDIA_REJECTED, f"the answer is {SDP_TYPE}"))


def _links(servers: tuple[IceServer, ...]) -> list[str]:
    """RFC 9725 4.6."""
    links = []
    for server in servers:
        for url in server.urls:
            link = f'<{url}>; rel="ice-server"'
            if server.username:
                link += f'; username="{server.username}"; credential="{server.credential}"; credential-type="password"'
            links.append(link)
    return links


def _options(methods: str, accepts: dict[str, str]) -> web.Response:
    return web.Response(
        status=200,
        headers={
            **_CORS,
            **accepts,
            "Allow": methods,
            "Access-Control-Allow-Methods": methods,
            "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match",
            "Access-Control-Max-Age": "86400",
        },
    )


def _not_allowed(methods: str) -> web.Response:
    return _problem(StreamReply(status=405, code=Code.INVALID), {"Allow": methods})


def _problem(reply: StreamReply, headers: dict[str, str] | None = None) -> web.Response:
    """application/problem+json (RFC 9457) as in docs/api.md."""
    all_headers = {**_CORS, "Access-Control-Expose-Headers": _EXPOSED, **(headers or {})}
    if reply.status == 401:
        all_headers["WWW-Authenticate"] = "Bearer"
    if reply.retry_after_ms:
        all_headers["Retry-After"] = str(-(-reply.retry_after_ms // 1000))
    document: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(reply.status).phrase,
        "status": reply.status,
        "code": (reply.code or Code.INTERNAL).value,
        "retry_after_ms": reply.retry_after_ms,
    }
    if reply.detail:
        document["detail"] = reply.detail
    body = msgspec.json.encode(document)
    return web.Response(status=reply.status, body=body, content_type="application/problem+json", headers=all_headers)
