"""Refusals of the HTTP API and the command line.  Clients get a closed code, logs get the cause (style.md, rule 8)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct, field

from rooms.core.codes import Code


class FieldFault(StrEnum):
    """What is wrong with one field of a body."""

    INVALID = "invalid"
    REQUIRED = "required"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TOO_WEAK = "too_weak"  # a password that is easily guessed
    TAKEN = "taken"
    WRONG = "wrong"  # the current password does not match


class Refusal(Exception):
    """The request fails with `code`.  `cause` is for the log only and never leaves the server."""

    def __init__(
        self,
        code: Code,
        cause: str = "",
        *,
        retry_after_ms: int = 0,
        fields: Mapping[str, FieldFault] | None = None,
    ) -> None:
        super().__init__(cause or code.value)
        self.code = code
        self.retry_after_ms = retry_after_ms
        self.fields = dict(fields or {})


def invalid(**fields: FieldFault) -> Refusal:
    return Refusal(Code.INVALID, fields=fields)


class ProblemDocument(Struct, frozen=True):
    """application/problem+json (RFC 9457), with our closed code."""

    type: str
    title: str
    status: int
    code: Code
    retry_after_ms: int = 0
    fields: dict[str, FieldFault] = field(default_factory=dict)


STATUS: Mapping[Code, int] = {
    Code.BAD_MESSAGE: 400,
    Code.TOO_LARGE: 413,
    Code.UNSUPPORTED_PROTOCOL: 400,
    Code.SLOW_CONSUMER: 503,
    Code.IDLE: 408,
    Code.UNAUTHENTICATED: 401,
    Code.FORBIDDEN: 403,
    Code.WRONG_STATE: 409,
    Code.NOT_FOUND: 404,
    Code.INVALID: 422,
    Code.CONFLICT: 409,
    Code.TOO_MANY: 409,
    Code.BAD_FILE: 422,
    Code.RATE_LIMITED: 429,
    Code.MEDIA_REJECTED: 400,
    Code.ROOM_NOT_FOUND: 404,
    Code.ROOM_LOCKED: 403,
    Code.NOT_OPEN: 403,
    Code.ROOM_FULL: 409,
    Code.ROOM_ENDED: 410,
    Code.LOBBY_FULL: 409,
    Code.DENIED: 403,
    Code.REMOVED: 403,
    Code.SIGN_IN_REQUIRED: 401,
    Code.LINK_USED: 409,
    Code.LINK_EXPIRED: 410,
    Code.ENCRYPTED: 403,
    Code.REPLACED: 409,
    Code.EXPIRED: 410,
    Code.UNAVAILABLE: 503,
    Code.MOVED: 503,
    Code.INTERNAL: 500,
}

_TITLES: Mapping[int, str] = {
    400: "Bad request",
    401: "Sign in first",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    408: "Timed out",
    409: "Not possible now",
    410: "Gone",
    413: "Too large",
    415: "Send application/json",
    422: "Some values are not valid",
    429: "Too many requests",
    500: "Internal error",
    503: "Not available now",
}


def problem_document(
    code: Code, *, status: int = 0, retry_after_ms: int = 0, fields: dict[str, FieldFault] | None = None
) -> ProblemDocument:
    status = status or STATUS[code]
    return ProblemDocument(
        type="about:blank",
        title=_TITLES.get(status, "Error"),
        status=status,
        code=code,
        retry_after_ms=retry_after_ms,
        fields=fields or {},
    )


class StartFailure(Exception):
    """The server or a command cannot go on; the text is one sentence that says what is wrong and what to do."""
