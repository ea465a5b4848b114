"""One client's conversation, without I/O: frames and `now` in, actions out.

    connected -> authenticated -> waiting -> joined -> closed
                       |              \\______/  |
                       '--> relayed (another node runs the room; frames only pass through here)

The session decides what a frame means, whether it is legal in this state and permitted for this role, whether the
rate allows it, and in what order requests run; connection.py carries the actions out.  `now_ms` is a monotonic clock.

Requests run in lanes: one at a time and in order within a lane, lanes beside each other, so that a slow media
negotiation never holds up chat or a ping.  A request that moves the state (hello, join, leave) is a barrier: what came
behind it in any lane but PROBE waits until it is done.  That is what makes hello + join + publish in one flight work.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum

import structlog

from rooms.core.codes import Code
from rooms.core.model import Grant, Role
from rooms.core.permissions import Permission, allowed

from . import codec
from .messages import FRAME_MAX_BYTES, AnyClientMessage, ClientMessage

AUTHENTICATE_WITHIN_MS = 10_000
SILENCE_MAX_MS = 90_000  # a browser slows the timers of a hidden page down to one a minute
PING_INTERVAL_MS = 15_000
RATE_PER_S = 60
BURST = 120
BYTES_PER_COST = 4_096  # a frame costs its row's cost and one more for every full 4 KiB
REFUSALS_BURST = 240  # who goes on and on after being refused for the rate is closed
REFUSALS_PER_S = 4
FLOOD_RETRY_MS = 5_000
LANE_FULL_RETRY_MS = 1_000

log = structlog.get_logger(__name__)


class State(StrEnum):
    CONNECTED = "connected"
    AUTHENTICATED = "authenticated"
    WAITING = "waiting"
    JOINED = "joined"
    RELAYED = "relayed"
    CLOSED = "closed"


TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.CONNECTED: frozenset({State.AUTHENTICATED, State.CLOSED}),
    State.AUTHENTICATED: frozenset({State.WAITING, State.JOINED, State.RELAYED, State.CLOSED}),
    State.WAITING: frozenset({State.JOINED, State.CLOSED}),
    State.JOINED: frozenset({State.CLOSED}),
    State.RELAYED: frozenset({State.CLOSED}),
    State.CLOSED: frozenset(),
}


class Lane(Enum):
    """What runs in order with what.  `bound` is how many requests may wait; one more is refused."""

    ORDER = ("order", 64)  # everything that changes the room
    MEDIA = ("media", 16)  # publish, answer, subscribe: may take seconds
    HISTORY = ("history", 4)  # reads from the database
    PROBE = ("probe", 8)  # ping: waits for nothing

    def __init__(self, label: str, bound: int) -> None:
        self.label = label
        self.bound = bound


@dataclass(frozen=True, slots=True)
class Rule:
    """What commands.py says about one type of message, as far as the session needs it."""

    states: frozenset[State]
    permission: Permission | None
    cost: int
    lane: Lane
    barrier: bool


Rules = Mapping[type[ClientMessage], Rule]


@dataclass(frozen=True, slots=True)
class Request:
    """A decoded frame on its way to its handler.  `number` counts frames of this connection."""

    number: int
    frame: bytes
    message: AnyClientMessage
    rule: Rule


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer with an error; the connection stays."""

    message: AnyClientMessage
    code: Code
    retry_after_ms: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    request: Request


@dataclass(frozen=True, slots=True)
class Forward:
    """To the node that runs the room."""

    frame: bytes


@dataclass(frozen=True, slots=True)
class Close:
    code: Code
    retry_after_ms: int = 0
    cause: str = ""


Action = Refuse | Run | Forward | Close


class TokenBucket:
    """`rate_per_s` tokens a second, at most `burst` of them.  Starts full."""

    __slots__ = ("_at_ms", "_burst", "_rate_per_s", "_tokens")

    def __init__(self, rate_per_s: float, burst: float, now_ms: int) -> None:
        self._rate_per_s = rate_per_s
        self._burst = burst
        self._tokens = burst
        self._at_ms = now_ms

    def take(self, cost: float, now_ms: int) -> int:
        """0 when the cost was taken, else the milliseconds until it could be.  More than `burst` counts as `burst`."""
        gained = max(0, now_ms - self._at_ms) * self._rate_per_s / 1_000
        self._tokens = min(self._burst, self._tokens + gained)
        self._at_ms = max(self._at_ms, now_ms)
        cost = min(cost, self._burst)
        if cost <= self._tokens:
            self._tokens -= cost
            return 0
        return int((cost - self._tokens) * 1_000 / self._rate_per_s) + 1


@dataclass(slots=True)
class _LaneState:
    waiting: deque[Request] = field(default_factory=deque)
    running: Request | None = None


class Session:
    """The protocol of one connection.  Every method that can lead to something returns the actions, in order."""

    def __init__(
        self, rules: Rules, now_ms: int, name: str = "", authenticate_within_ms: int = AUTHENTICATE_WITHIN_MS
    ) -> None:
        """`name` finds the session in the log."""
        self._rules = rules
        self._name = name
        self._state = State.CONNECTED
        self._role: Role | None = None
        self._grant: Grant | None = None
        self._bucket = TokenBucket(RATE_PER_S, BURST, now_ms)
        self._patience = TokenBucket(REFUSALS_PER_S, REFUSALS_BURST, now_ms)
        self._frames = 0
        self._lanes = {lane: _LaneState() for lane in Lane}
        self._authenticate_by_ms = now_ms + authenticate_within_ms
        self._heard_at_ms = now_ms
        self._expires_at_ms: int | None = None

    @property
    def name(self) -> str:
        return self._name

    @property
    def state(self) -> State:
        return self._state

    @property
    def role(self) -> Role | None:
        """The role of the seat; None before there is one."""
        return self._role

    # ------------------------------------------------------------ input

    def receive(self, frame: bytes, now_ms: int) -> list[Action]:
        """One text frame of the client."""
        if self._state is State.CLOSED:
            return []
        self._heard_at_ms = now_ms
        if self._state is State.RELAYED:
            return self._receive_for_other_node(frame, now_ms)
        try:
            message = codec.decode(frame)
        except codec.ProtocolError as error:
            return [self._closing(error.code, cause=str(error))]
        rule = self._rules[type(message)]
        retry_after_ms = self._bucket.take(rule.cost + len(frame) // BYTES_PER_COST, now_ms)
        if retry_after_ms:
            return self._too_fast(message, retry_after_ms, now_ms)
        lane = self._lanes[rule.lane]
        if len(lane.waiting) >= rule.lane.bound:
            return [Refuse(message, Code.RATE_LIMITED, LANE_FULL_RETRY_MS)]
        self._frames += 1
        lane.waiting.append(Request(self._frames, frame, message, rule))
        return self._advance()

    def finished(self, request: Request) -> list[Action]:
        """The handler of a request that was given out as Run has ended."""
        self._lanes[request.rule.lane].running = None
        return self._advance()

    def on_timer(self, now_ms: int) -> list[Action]:
        """Called at or after `next_timer_ms`."""
        if self._state is State.CLOSED or now_ms < self.next_timer_ms():
            return []
        if self._expires_at_ms is not None and now_ms >= self._expires_at_ms:
            return [self._closing(Code.EXPIRED, cause="the identity ran out")]
        return [self._closing(Code.IDLE, cause=f"nothing heard in state {self._state}")]

    def next_timer_ms(self) -> int:
        if self._state is State.CONNECTED:
            return self._authenticate_by_ms
        silence_ends_ms = self._heard_at_ms + SILENCE_MAX_MS
        return silence_ends_ms if self._expires_at_ms is None else min(silence_ends_ms, self._expires_at_ms)

    # ------------------------------------------------------------ what handlers and the room tell

    def authenticated(self, expires_at_ms: int | None = None) -> None:
        """`expires_at_ms` (monotonic) is when the identity runs out; None for never."""
        self._expires_at_ms = expires_at_ms
        self._move(State.AUTHENTICATED)

    def waiting(self) -> None:
        self._move(State.WAITING)

    def joined(self, role: Role, grant: Grant) -> None:
        self._role = role
        self._grant = grant
        self._move(State.JOINED)

    def role_changed(self, role: Role) -> None:
        self._role = role

    def relayed(self, now_ms: int) -> list[Action]:
        """Another node runs the room: everything that waits goes there in its order, as does all that follows.

        The request that is running (the join) belongs to the caller, who has sent its frame already.
        """
        self._move(State.RELAYED)
        # The owner counts with costs; this node only has to stay alive, so it counts frames and bytes.
        self._bucket = TokenBucket(2 * RATE_PER_S, 2 * BURST, now_ms)
        queued = sorted((request for lane in self._lanes.values() for request in lane.waiting), key=_number)
        for lane in self._lanes.values():
            lane.waiting.clear()
        return [Forward(request.frame) for request in queued]

    def closed(self) -> None:
        """Nothing that arrives from now on is heard, nothing that waits is run."""
        if self._state is not State.CLOSED:
            self._move(State.CLOSED)

    # ------------------------------------------------------------ inside

    def _receive_for_other_node(self, frame: bytes, now_ms: int) -> list[Action]:
        if len(frame) > FRAME_MAX_BYTES:
            return [self._closing(Code.TOO_LARGE, cause=f"frame of {len(frame)} bytes")]
        if self._bucket.take(1 + len(frame) // BYTES_PER_COST, now_ms):
            return [self._closing(Code.RATE_LIMITED, FLOOD_RETRY_MS, "flood on a relayed connection")]
        return [Forward(frame)]

    def _too_fast(self, message: AnyClientMessage, retry_after_ms: int, now_ms: int) -> list[Action]:
        if self._patience.take(1, now_ms):
            return [self._closing(Code.RATE_LIMITED, FLOOD_RETRY_MS, "went on after rate_limited")]
        return [Refuse(message, Code.RATE_LIMITED, retry_after_ms)]

    def _advance(self) -> list[Action]:
        """Start or refuse whatever is free to go."""
        actions: list[Action] = []
        for lane in Lane:
            while (request := self._next(lane)) is not None:
                code = self._refusal(request.rule)
                if code is None:
                    self._lanes[lane].running = request
                    actions.append(Run(request))
                else:
                    actions.append(Refuse(request.message, code))
        return actions

    def _next(self, lane: Lane) -> Request | None:
        state = self._lanes[lane]
        if self._state is State.CLOSED or state.running is not None or not state.waiting:
            return None
        if lane not in (Lane.ORDER, Lane.PROBE) and self._barrier_before(state.waiting[0].number):
            return None
        return state.waiting.popleft()

    def _barrier_before(self, number: int) -> bool:
        order = self._lanes[Lane.ORDER]
        if order.running is not None and order.running.rule.barrier and order.running.number < number:
            return True
        return any(request.rule.barrier and request.number < number for request in order.waiting)

    def _refusal(self, rule: Rule) -> Code | None:
        if self._state not in rule.states:
            return Code.UNAUTHENTICATED if self._state is State.CONNECTED else Code.WRONG_STATE
        if rule.permission is None:
            return None
        if self._role is None or self._grant is None or not allowed(self._role, self._grant, rule.permission):
            return Code.FORBIDDEN
        return None

    def _closing(self, code: Code, retry_after_ms: int = 0, cause: str = "") -> Close:
        self._move(State.CLOSED)
        return Close(code, retry_after_ms, cause)

    def _move(self, to: State) -> None:
        """The only place where the state changes."""
        if to not in TRANSITIONS[self._state]:
            raise AssertionError(f"a session cannot go from {self._state} to {to}")
        log.debug("session moved", session=self._name, before=self._state, after=to)
        self._state = to
        if to is State.CLOSED:
            for lane in self._lanes.values():
                lane.waiting.clear()


def _number(request: Request) -> int:
    return request.number
