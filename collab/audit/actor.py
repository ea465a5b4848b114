"""Who acts, known to whatever runs on their behalf: the table's dispatcher sets it, `record` reads it.

A context variable, because who asks and from where belongs to the request as a whole: as a parameter it would stand in
every signature between the edge and the SQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import Final

from msgspec import Struct


class ActorWay(StrEnum):
    """How somebody came in."""

    SERVER = "server"  # the server's own work: jobs, the command line
    BROWSER = "browser"  # by a sign-in, or as nobody yet
    TOKEN = "token"  # noqa: S105 -- a program with a bearer token


class Actor(Struct, frozen=True):
    account_id: str = ""  # "" = nobody that has an account
    name: str = ""
    address: str = ""
    way: ActorWay = ActorWay.SERVER


SERVER: Final = Actor()
_acting: ContextVar[Actor] = ContextVar("acting", default=SERVER)


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """Until the block ends, and in tasks that are started in it."""
    token = _acting.set(actor)
    try:
        yield
    finally:
        _acting.reset(token)


def who_acts() -> Actor:
    return _acting.get()
