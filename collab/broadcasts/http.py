"""/hls/{key}/...: playlists, segments and parts of what is live.

Not behind the table of endpoints: thousands ask several times a second, nobody is signed in, and the key is all the
right that is needed (service.py).  A segment never changes; a playlist is what it is for half a second.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from aiohttp import web

from collab.edge.guard import problem
from collab.files.models import MediaType
from collab.problems import problem_document
from rooms.core.codes import Code
from signaling.egress.hls import Gone, LiveStream, NotThere, Playlist, TooFarAhead

# Caches in front may have names of their own, and players on other pages are welcome to what the key opens.
_OPEN: Final = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
_MEDIA: Final = {**_OPEN, "Content-Type": MediaType.MP4.value, "Cache-Control": "public, max-age=3600, immutable"}
_PLAYLIST: Final = {**_OPEN, "Content-Type": "application/vnd.apple.mpegurl", "Cache-Control": "public, max-age=1"}
_AWAITED: Final = {**_PLAYLIST, "Cache-Control": "public, max-age=12"}  # a playlist that was asked for by number
_NEVER: Final = {**_OPEN, "Cache-Control": "no-store"}
NUMBER_MAX_CHARS: Final = 9


class _Away(Gone):
    """Its node does not answer."""


class _Refused(Exception):
    def __init__(self, code: Code) -> None:
        self.code = code


class LiveStreams(Protocol):
    def stream_of(self, key: str) -> LiveStream | None:
        """What is live on this node under this key."""

    async def fetch(self, path: str) -> bytes | None:
        """What lies in the object store."""


class LiveStreamsElsewhere(Protocol):
    async def stream_of(self, key: str) -> LiveStream | None:
        """What is live on another node.  Raises Gone."""


class HlsEdge:
    def __init__(self, broadcasts: LiveStreams, elsewhere: LiveStreamsElsewhere) -> None:
        self._broadcasts = broadcasts
        self._elsewhere = elsewhere

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(r"/hls/{key:[0-9A-Za-z_-]{16,32}}/{name:(?:master|plain)\.m3u8}", self._master),
            web.get(
                r"/hls/{key:[0-9A-Za-z_-]{16,32}}/{size:[0-9]{3,4}}/{name:(?:live|plain)\.m3u8}", self._media_playlist
            ),
            web.get(r"/hls/{key:[0-9A-Za-z_-]{16,32}}/{size:[0-9]{3,4}}/{name:init-[0-9]{1,9}\.mp4}", self._init),
            web.get(r"/hls/{key:[0-9A-Za-z_-]{16,32}}/{size:[0-9]{3,4}}/{name:[0-9.]{1,13}\.m4s}", self._media),
        ]

    # ------------------------------------------------------------ handlers

    async def _master(self, request: web.Request) -> web.Response:
        try:
            stream = await self._stream(request)
            await stream.begun()
        except _Away as away:
            return await self._put_before(request, _PLAYLIST, away)
        except (_Refused, Gone) as refused:
            return _refusal(refused)
        body = stream.master(low_latency=request.match_info["name"] == "master.m3u8")
        return web.Response(body=body, headers=_PLAYLIST)

    async def _media_playlist(self, request: web.Request) -> web.Response:
        low_latency = request.match_info["name"] == "live.m3u8"
        try:
            playlist = await self._playlist(request)
            segment, part = _number(request, "_HLS_msn"), _number(request, "_HLS_part")
            if part is not None and segment is None:
                raise _Refused(Code.BAD_MESSAGE)
            if segment is not None:
                await playlist.until(segment, part)
        except _Away as away:
            return await self._put_before(request, _PLAYLIST, away)
        except (_Refused, Gone, TooFarAhead) as refused:
            return _refusal(refused)
        skip = request.query.get("_HLS_skip") in ("YES", "v2")
        body = playlist.render(low_latency=low_latency, skip=skip)
        return web.Response(body=body, headers=_PLAYLIST if segment is None else _AWAITED)

    async def _init(self, request: web.Request) -> web.Response:
        try:
            playlist = await self._playlist(request)
            return web.Response(body=playlist.init(request.match_info["name"]), headers=_MEDIA)
        except _Away as away:
            return await self._put_before(request, _MEDIA, away)
        except (_Refused, NotThere, Gone) as refused:
            return _refusal(refused)

    async def _media(self, request: web.Request) -> web.Response:
        try:
            data = await (await self._playlist(request)).media(request.match_info["name"])
        except _Away as away:
            return await self._put_before(request, _MEDIA, away)
        except (_Refused, NotThere, Gone) as refused:
            return _refusal(refused)
        return web.Response(body=data, headers=_MEDIA)

    # ------------------------------------------------------------ inside

    async def _stream(self, request: web.Request) -> LiveStream:
        key = request.match_info["key"]
        try:
            stream = self._broadcasts.stream_of(key) or await self._elsewhere.stream_of(key)
        except Gone:
            raise _Away from None
        if stream is None:
            raise _Refused(Code.NOT_FOUND)
        return stream

    async def _put_before(self, request: web.Request, headers: Mapping[str, str], away: _Away) -> web.Response:
        """What the node that does not answer has put into the object store."""
        data = await self._broadcasts.fetch(request.path.removeprefix("/hls/"))
        return web.Response(body=data, headers=headers) if data is not None else _refusal(away)

    async def _playlist(self, request: web.Request) -> Playlist:
        playlist = (await self._stream(request)).playlists.get(request.match_info["size"])
        if playlist is None or playlist.is_empty:
            raise _Refused(Code.NOT_FOUND)
        return playlist


def _number(request: web.Request, name: str) -> int | None:
    text = request.query.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= NUMBER_MAX_CHARS):
        raise _Refused(Code.BAD_MESSAGE)
    return int(text)


def _refusal(error: Exception) -> web.Response:
    """Statuses of RFC 8216bis 6.2.5.2, by our closed codes."""
    match error:
        case _Refused(code=code):
            pass
        case TooFarAhead():
            code = Code.BAD_MESSAGE
        case Gone():
            code = Code.UNAVAILABLE
        case _:
            code = Code.NOT_FOUND
    response = problem(problem_document(code))
    response.headers.update(_NEVER)
    return response
