"""One row of the table of the HTTP API: its name, who may call it, what goes in and comes out, and the handler.

Handlers take a decoded, frozen value and return one: they know nothing of the HTTP library, and the OpenAPI document is
made from the same rows.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from msgspec import Struct

from collab.accounts.models import Member
from collab.tokens.scopes import ApiScope
from rooms.core.codes import Code
from rooms.store.rate import RateRule
from signaling.ports import Identity

from .uploads import Received


class Access(StrEnum):
    """Who may call at all.  What belongs to whom (a meeting, an organization) the service decides."""

    ANYONE = "anyone"
    MEMBER = "member"
    PARK_ADMINISTRATOR = "park administrator"


class Caller(Struct, frozen=True):
    """Who is asking, as far as the request shows."""

    address: str
    base_url: str  # scheme://host under which the browser reached us
    secure: bool
    member: Member | None = None
    session: str = ""  # the session cookie, when `member` is set
    visitor: str = ""  # the cookie that CSRF tokens of people without a session come from
    guest_key: str = ""
    flow_key: str = ""  # the cookie of a sign-in that is under way at the provider (collab/oidc)
    bearer: Identity | None = None  # a room's token
    scopes: frozenset[ApiScope] | None = None  # of an API token, by which a program acts as `member`

    @property
    def signed_in(self) -> Member:
        """Only for endpoints that ask for a member."""
        if self.member is None:
            raise RuntimeError("the endpoint's access lets anyone in")
        return self.member


def no_upload() -> AbstractAsyncContextManager[Received]:
    raise RuntimeError("the endpoint takes no upload")


I = TypeVar("I")  # noqa: E741 -- the input: body or query


@dataclass(frozen=True, slots=True)
class Call(Generic[I]):
    caller: Caller
    input: I
    path: dict[str, str]
    upload: Callable[[], AbstractAsyncContextManager[Received]] = no_upload


class CookieName(StrEnum):
    SESSION = "tongxin_session"
    VISITOR = "tongxin_visitor"
    GUEST = "tongxin_guest"
    FLOW = "tongxin_flow"


class Cookie(Struct, frozen=True):
    """`value` "" deletes it.  `max_age_s` 0: until the browser closes.  All are HttpOnly and SameSite=Lax."""

    name: CookieName
    value: str
    max_age_s: int = 0


class Document(Struct, frozen=True):
    """A reply that is not JSON."""

    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Streamed:
    """A stored file on its way out.  It is asked for again each time (`no-cache`), so that lost rights count."""

    chunks: Callable[[int, int], AsyncIterator[bytes]]  # from the first byte to before the second
    media_type: str
    size_bytes: int
    etag: str
    file_name: str = ""  # "" shows it; else it is offered to be saved


@dataclass(frozen=True, slots=True)
class Written:
    """A file that is written while it goes out: nobody knows yet how long it will be."""

    chunks: Callable[[], AsyncIterator[bytes]]
    media_type: str
    file_name: str  # it is offered to be saved


class Redirect(Struct, frozen=True):
    """To another page of ours, which the browser asks for by GET (303)."""

    path: str


@dataclass(frozen=True, slots=True)
class Reply:
    """Its status comes from the endpoint's row; 204 when there is no value."""

    value: Struct | Document | Streamed | Written | Redirect | None
    cookies: tuple[Cookie, ...] = ()


NO_CONTENT = Reply(None)


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """The input of endpoints that take none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    method: str
    path: str  # {id}, {code}, {label}, {key}: an id of 26 characters, a room's code, a machine's label, a client's id
    access: Access
    handler: Callable[[Call[Any]], Awaitable[Reply]]
    about: str
    input: type[Struct] = Nothing  # the query of a GET or an upload, else the JSON body
    upload_max_bytes: int = 0  # more than 0: the body is a file, which the handler receives when it wants to
    output: type[Struct] | None = None  # None: no content, or a Document of `media_type`
    media_type: str = ""
    status: int = 200  # of a reply with `output`; 303: there is none, it leads to a page
    refusals: tuple[Code, ...] = ()  # beside those that its access, input and rate imply
    rate: RateRule | None = None  # per address

    @property
    def changes_state(self) -> bool:
        return self.method != "GET"
