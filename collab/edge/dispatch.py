"""Carries the endpoint table out: origin, identity, rates, CSRF, access, decoding, handler, encoding; for every row."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import quote

import msgspec
from aiohttp import web

from collab.audit.actor import Actor, ActorWay, acting
from collab.limits import Limits, rate
from collab.problems import FieldFault, Refusal
from collab.tokens.scopes import opens
from rooms.core.codes import Code
from signaling.codec import too_nested
from signaling.ports import Doorkeeper

from .callers import Callers
from .endpoint import Access, Call, Caller, Cookie, Document, Endpoint, Nothing, Redirect, Reply, Streamed, Written
from .ranges import Unsatisfiable, parse_range
from .uploads import Uploads

BODY_MAX_S = 20.0
# A park behind one address loads many pages.
ANY_REQUEST = rate("api", burst=600, per_minute=1_800)

_PATTERNS = {
    "id": "[0-9a-z]{26}",
    "code": "[A-Za-z0-9][A-Za-z0-9-]{2,31}",
    "label": "[A-Za-z0-9]{10}",
    "key": "[A-Za-z0-9_-]{8,32}",  # made by a client: letters keep their case
}
_FIELD = re.compile(r"`\$\.([a-z_]+)")
_MISSING = re.compile(r"missing required field `([a-z_]+)`")
_UNKNOWN = re.compile(r"unknown field `([^`]{1,64})`")


class Dispatcher:
    def __init__(
        self, callers: Callers, doorkeeper: Doorkeeper, limits: Limits, body_max_bytes: int, uploads: Uploads
    ) -> None:
        self._callers = callers
        self._doorkeeper = doorkeeper
        self._limits = limits
        self._body_max_bytes = body_max_bytes
        self._uploads = uploads

    def routes(self, endpoints: Iterable[Endpoint]) -> list[web.RouteDef]:
        return [
            web.route(endpoint.method, aiohttp_path(endpoint.path), self._handler(endpoint)) for endpoint in endpoints
        ]

    def _handler(self, endpoint: Endpoint) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        decoder = msgspec.json.Decoder(endpoint.input)

        async def handle(request: web.Request) -> web.StreamResponse:
            if endpoint.changes_state:
                self._callers.check_origin(request, self._doorkeeper)
            caller = await self._callers.identify(request)
            await self._limits.take(ANY_REQUEST, caller.address)
            if endpoint.rate is not None:
                await self._limits.take(endpoint.rate, caller.address)
            if endpoint.changes_state:
                self._callers.check_csrf(request, caller)
            check_access(endpoint.access, caller)
            check_scope(endpoint, caller)
            if endpoint.method == "GET" or endpoint.upload_max_bytes:
                value = _from_query(request, endpoint.input)
            elif endpoint.input is Nothing:
                value = Nothing()
            else:
                value = _from_json(await self._body(request), decoder)
            path = {name: part if name.endswith("key") else part.lower() for name, part in request.match_info.items()}
            call = Call(caller, value, path)
            if endpoint.upload_max_bytes:
                call = Call(caller, value, path, lambda: self._uploads.receive(request, endpoint.upload_max_bytes))
            with acting(actor_of(caller)):
                reply = await endpoint.handler(call)
            if isinstance(reply.value, Streamed):
                return await _stream(request, reply.value)
            if isinstance(reply.value, Written):
                return await _write(request, reply.value)
            return _response(reply, endpoint.status, caller.secure)

        return handle

    async def _body(self, request: web.Request) -> bytes:
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType
        if (request.content_length or 0) > self._body_max_bytes:
            raise Refusal(Code.TOO_LARGE, "announced body")
        try:
            async with asyncio.timeout(BODY_MAX_S):
                return await request.read()  # aiohttp's client_max_size bounds it as well
        except TimeoutError:
            raise Refusal(Code.IDLE, "slow body") from None


def aiohttp_path(path: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: f"{{{found[1]}:{_PATTERNS[found[1].rpartition('_')[2]]}}}", path)


def actor_of(caller: Caller) -> Actor:
    """As the audit log names who asked."""
    if caller.member is not None:
        account = caller.member.account
        way = ActorWay.BROWSER if caller.scopes is None else ActorWay.TOKEN
        return Actor(account.id, account.name, caller.address, way)
    if caller.bearer is not None:
        return Actor(name=caller.bearer.name, address=caller.address, way=ActorWay.TOKEN)
    return Actor(address=caller.address, way=ActorWay.BROWSER)


def check_access(access: Access, caller: Caller) -> None:
    """Raises UNAUTHENTICATED or FORBIDDEN."""
    if access is Access.ANYONE:
        return
    if caller.member is None:
        raise Refusal(Code.FORBIDDEN if caller.bearer else Code.UNAUTHENTICATED, "members only")
    if access is Access.PARK_ADMINISTRATOR and not caller.member.administers_park:
        raise Refusal(Code.FORBIDDEN, "park administrators only")


def check_scope(endpoint: Endpoint, caller: Caller) -> None:
    """Raises FORBIDDEN for an API token that does not open this endpoint, whatever its account may do."""
    if caller.scopes is not None and not opens(caller.scopes, endpoint.method, endpoint.path):
        raise Refusal(Code.FORBIDDEN, "scopes of the API token")


def _from_query(request: web.Request, shape: type[msgspec.Struct]) -> msgspec.Struct:
    try:
        return msgspec.convert(dict(request.query), shape, strict=False)
    except msgspec.ValidationError as error:
        raise _invalid(error) from None


def _from_json(body: bytes, decoder: msgspec.json.Decoder[msgspec.Struct]) -> msgspec.Struct:
    if too_nested(body):
        raise Refusal(Code.BAD_MESSAGE, "too deep")
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise _invalid(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refusal(Code.BAD_MESSAGE, "not JSON") from None


def _invalid(error: msgspec.ValidationError) -> Refusal:
    """INVALID with the field that the decoder names."""
    text = str(error)
    if found := _MISSING.search(text):
        return Refusal(Code.INVALID, text, fields={found[1]: FieldFault.REQUIRED})
    if found := _UNKNOWN.search(text):
        return Refusal(Code.BAD_MESSAGE, text)
    fault = FieldFault.INVALID
    if "length >=" in text:
        fault = FieldFault.TOO_SHORT
    elif "length <=" in text:
        fault = FieldFault.TOO_LONG
    found = _FIELD.search(text)
    return Refusal(Code.INVALID if found else Code.BAD_MESSAGE, text, fields={found[1]: fault} if found else {})


def _response(reply: Reply, status: int, secure: bool) -> web.Response:
    match reply.value:
        case None:
            response = web.Response(status=204)
        case Redirect(path=path):
            response = web.Response(status=303, headers={"Location": path})
        case Streamed() | Written():
            raise TypeError("a file is streamed")
        case Document(content=content, media_type=media_type):
            response = web.Response(status=status, body=content, headers={"Content-Type": media_type})
        case value:
            response = web.Response(status=status, body=msgspec.json.encode(value), content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    for cookie in reply.cookies:
        set_cookie(response, cookie, secure)
    return response


async def _stream(request: web.Request, file: Streamed) -> web.StreamResponse:
    headers = {"ETag": f'"{file.etag}"', "Cache-Control": "private, no-cache", "Content-Type": file.media_type}
    if headers["ETag"] in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    if file.file_name:
        headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.file_name, safe='')}"
    headers["Accept-Ranges"] = "bytes"
    wanted = request.headers.get("Range", "")
    if request.headers.get("If-Range", headers["ETag"]) != headers["ETag"]:
        wanted = ""
    try:
        part = parse_range(wanted, file.size_bytes)
    except Unsatisfiable:
        return web.Response(status=416, headers={"Content-Range": f"bytes */{file.size_bytes}"})
    begin, end = part or (0, file.size_bytes)
    if part:
        headers["Content-Range"] = f"bytes {begin}-{end - 1}/{file.size_bytes}"
    response = web.StreamResponse(status=206 if part else 200, headers=headers)
    response.content_length = end - begin
    chunks = aiter(file.chunks(begin, end))
    first = await anext(chunks, b"")  # a file that is gone is told before the headers are
    await response.prepare(request)
    await response.write(first)
    async for chunk in chunks:
        await response.write(chunk)
    await response.write_eof()
    return response


async def _write(request: web.Request, file: Written) -> web.StreamResponse:
    """A fault on the way cuts the connection, so that nobody takes a part for the whole."""
    response = web.StreamResponse(
        headers={
            "Cache-Control": "no-store",
            "Content-Type": file.media_type,
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.file_name, safe='')}",
        }
    )
    chunks = aiter(file.chunks())
    first = await anext(chunks, b"")  # what is refused is told before the headers are
    await response.prepare(request)
    await response.write(first)
    async for chunk in chunks:
        await response.write(chunk)
    await response.write_eof()
    return response


def set_cookie(response: web.StreamResponse, cookie: Cookie, secure: bool) -> None:
    if cookie.value:
        response.set_cookie(
            cookie.name,
            cookie.value,
            max_age=cookie.max_age_s or None,
            path="/",
            httponly=True,
            secure=secure,
            samesite="Lax",
        )
    else:
        response.del_cookie(cookie.name, path="/", httponly=True, secure=secure, samesite="Lax")
