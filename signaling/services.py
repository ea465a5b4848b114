"""What connections need from the rest of the program, put together once by the application."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Protocol

from rooms.core.codes import Code
from rooms.ports import RoomManager

from .limits import DoorLimits
from .ports import Admission, Doorkeeper, Identity, MediaSessions, RoomFiles
from .session import AUTHENTICATE_WITHIN_MS


class Line(Protocol):
    """The way to the node that runs the room (relay.py)."""

    def forward(self, frame: bytes) -> bool:
        """False when the line cannot keep up."""

    def close(self, code: Code) -> None: ...


class Relayed(Protocol):
    """The client at this end of a line (connection.py)."""

    def pass_on(self, frame: bytes) -> None:
        """What the owner says to it."""

    def close(self, code: Code, retry_after_ms: int = 0) -> None: ...

    def ended(self) -> None:
        """Nothing more comes over the line."""

    def own(self, work: Coroutine[None, None, None]) -> None:
        """A task that ends with the client."""


class LineOpener(Protocol):
    async def open(
        self, node: str, identity: Identity, admission: Admission, request: bytes, to: Relayed
    ) -> Line | None:
        """Put the join to the owner; its reply is in the outbox of `to` on return.

        None when the owner has refused it.  Raises RemoteRefused or TimeoutError when there is no way to the owner.
        """


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a connection lets things take, and how often it asks whether the client is there."""

    authenticate_within_ms: int = AUTHENTICATE_WITHIN_MS
    heartbeat_ms: int = 15_000  # WebSocket pings: browsers answer them even where timers are slowed down
    handler_max_ms: int = 10_000  # then the request is answered `unavailable`
    last_reply_max_ms: int = 1_000  # how long `closing` waits for the reply of the request that runs
    relays_renew_ms: int = 2 * 3_600_000  # a seat's relay credentials last some hours, a meeting may last longer
    finish_max_ms: int = 12_000  # how long handlers that still run are awaited when the carrier has gone


@dataclass(frozen=True, slots=True)
class Services:
    """One of each; the same for every connection of this process."""

    doorkeeper: Doorkeeper
    rooms: RoomManager
    media: MediaSessions
    limits: DoorLimits
    lines: LineOpener
    clock_ms: Callable[[], int]  # milliseconds since the epoch
    new_id: Callable[[], str]  # sorts by time
    files: RoomFiles
    timing: Timing = Timing()
