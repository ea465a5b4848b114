"""What surrounds every request: security headers, errors as application/problem+json, the web server's metrics."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

import msgspec
import structlog
from aiohttp import web
from prometheus_client import Counter, Histogram

from collab.problems import ProblemDocument, Refusal, problem_document
from collab.unavailable import is_unavailable
from rooms.core.codes import Code

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

UNAVAILABLE_RETRY_MS = 2_000
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types tongxin"
)
# Nothing that the API returns is a page; should a browser show it as one, it can do nothing.
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
# A worker lives under the policy of its script.  It loads nothing and asks nobody; in a sandbox it would have another
# origin, and no Web Cryptography over plain http to this machine.
# WebAssembly is what scanned pages of a document are unpacked with: handed over by the page, never text made code.
SCRIPT_POLICY = "default-src 'none'; script-src 'wasm-unsafe-eval'; frame-ancestors 'none'"
SCRIPT_TYPES = ("text/javascript", "application/javascript")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # links with one-time tokens go to nobody else
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(self), microphone=(self), display-capture=(self), screen-wake-lock=(self), fullscreen=(self), "
        "speaker-selection=(self), autoplay=(self), clipboard-write=(self), geolocation=(), payment=(), usb=(), "
        "xr-spatial-tracking=(self), serial=(), midi=(), accelerometer=(), gyroscope=(), magnetometer=(), "
        "browsing-topics=()"
    ),
}
STRICT_TRANSPORT = "max-age=31536000"

REQUESTS = Counter("tongxin_http_requests_total", "Finished HTTP requests", ["method", "route", "status"])
SECONDS = Histogram("tongxin_http_request_seconds", "Time of HTTP requests but WebSockets", ["method", "route"])

log = structlog.get_logger("http")


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The outermost middleware."""
    route = _route_name(request)
    begin = time.perf_counter()
    response: web.StreamResponse
    try:
        response = await handler(request)
    except Refusal as refusal:
        if refusal.code is Code.INTERNAL:
            log.error("refused_as_internal", route=route, cause=str(refusal))
        else:
            log.info("refused", route=route, method=request.method, code=refusal.code.value, cause=str(refusal))
        response = problem(problem_document(refusal.code, retry_after_ms=refusal.retry_after_ms, fields=refusal.fields))
    except web.HTTPException as exception:
        response = _from_aiohttp(exception)
    except Exception as error:
        if is_unavailable(error):
            log.warning("unavailable", route=route, cause=f"{type(error).__name__}: {error}")
            response = problem(problem_document(Code.UNAVAILABLE, retry_after_ms=UNAVAILABLE_RETRY_MS))
        else:
            log.exception("failed", route=route, method=request.method)
            response = problem(problem_document(Code.INTERNAL))
    if response.status != 101:
        SECONDS.labels(request.method, route).observe(time.perf_counter() - begin)
    REQUESTS.labels(request.method, route, str(response.status)).inc()
    return response


def security_headers(strict_transport: bool) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """For on_response_prepare, so that no response goes without."""

    async def add(_request: web.Request, response: web.StreamResponse) -> None:
        headers = response.headers
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        headers["Server"] = "tongxin"  # aiohttp has put its name and version there
        if response.status != 304:  # it has no type of its own, and what it says replaces the stored page's policy
            headers.setdefault("Content-Security-Policy", _policy_of(response.content_type))
        if strict_transport:
            headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT)

    return add


def _policy_of(content_type: str) -> str:
    if content_type == "text/html":
        return PAGE_POLICY
    return SCRIPT_POLICY if content_type in SCRIPT_TYPES else DATA_POLICY


def problem(document: ProblemDocument) -> web.Response:
    response = web.Response(
        status=document.status,
        body=msgspec.json.encode(document),
        headers={"Content-Type": "application/problem+json", "Cache-Control": "no-store"},
    )
    if document.retry_after_ms:
        response.headers["Retry-After"] = str(-(-document.retry_after_ms // 1_000))
    if document.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"  # RFC 9110 11.6.1 asks for one; browsers show no dialog for it
    return response


_CODES = {
    400: Code.BAD_MESSAGE,
    401: Code.UNAUTHENTICATED,
    403: Code.FORBIDDEN,
    404: Code.NOT_FOUND,
    405: Code.BAD_MESSAGE,
    413: Code.TOO_LARGE,
    415: Code.BAD_MESSAGE,
    426: Code.BAD_MESSAGE,
    429: Code.RATE_LIMITED,
    503: Code.UNAVAILABLE,
}


def _from_aiohttp(exception: web.HTTPException) -> web.StreamResponse:
    """What the router and the request parser raise."""
    if exception.status < 400:
        return exception
    response = problem(problem_document(_CODES.get(exception.status, Code.BAD_MESSAGE), status=exception.status))
    if "Allow" in exception.headers:
        response.headers["Allow"] = exception.headers["Allow"]
    return response


def _route_name(request: web.Request) -> str:
    """The pattern, not the path: paths are chosen by clients, and each would become a time series."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "none"
