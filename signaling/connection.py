"""One identified client, whatever carries its frames: carries out what its session decides, follows a room for it.

The carrier (websocket.py for a socket, relay.py for a link from another node) feeds `receive`, writes what `outbox`
gives, and calls `lost` and `finish` when it ends.  A Connection exists only with an identity: the door returns it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, assert_never

import structlog
from msgspec.structs import replace

from rooms.core.codes import Code
from rooms.core.commands import AnyCommand
from rooms.core.commands import Leave as LeaveRoom
from rooms.core.events import QualityChanged, RoleChanged
from rooms.core.model import Grant
from rooms.ports import Delivery, Done, LiveRoom, Refused, RemoteRefused, Seated, StoreUnavailable, Waiting

from . import codec, metrics
from .desk_messages import DeskMessage, Inbox
from .messages import (
    AnyClientMessage,
    AnyServerMessage,
    Bandwidth,
    Closing,
    Error,
    EventMessage,
    IceServer,
    IceServers,
    Join,
    Joined,
    JoinWaiting,
    MediaNotice,
    Offer,
    Ok,
    Speakers,
    Undecodable,
    tag_of,
)
from .outbox import Outbox
from .place import LobbyPlace, Seat, SeatGone
from .ports import Admission, Identity, MediaRejected
from .services import Line, Services
from .session import PING_INTERVAL_MS, Action, Close, Forward, Lane, Refuse, Request, Rule, Run, Session, State

RETRY_MS = 1_000
EARLY_EVENTS_MAX = 512  # that arrive between taking the seat and saying so

Reply = AnyServerMessage | Refused | Done | None

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Row(Rule):
    """A rule of THE table (commands.py), with what carries the message out."""

    # Any: the message type that the handler takes is the row's key; commands.row ties the two together.
    handler: Callable[[Connection, Any], Awaitable[Reply]]


@lru_cache(maxsize=64)
def _speakers_frame(participant_ids: tuple[str, ...]) -> bytes:
    """All of a room are told the same several times a second: it is encoded once."""
    return codec.encode(Speakers(participant_ids=participant_ids))


class Connection:
    """Implements rooms.ports.Listener."""

    ping_interval_ms = PING_INTERVAL_MS

    def __init__(
        self, services: Services, identity: Identity, session: Session, admission: Admission | None = None
    ) -> None:
        self.services = services
        self.identity = identity
        self.session = session
        self.admission = admission  # decided on another node, for a connection that came over a link
        self.outbox = Outbox()
        self._log = log.bind(session=session.name, identity=identity.id)
        self._loop = asyncio.get_running_loop()
        self._place: Seat | LobbyPlace | None = None
        self._entering: LiveRoom | None = None
        self._early: list[Delivery] = []
        self._early_admission: Seated | None = None
        self._line: Line | None = None
        self._gone = False
        self._closing: Closing | None = None  # to be said when the request that runs has been answered
        self._ordered: Request | None = None  # what runs in Lane.ORDER
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer = self._loop.call_later(0, self._arm_timer)
        self._renewal: asyncio.TimerHandle | None = None

    # ------------------------------------------------------------ for the carrier

    @property
    def now_ms(self) -> int:
        return int(self._loop.time() * 1_000)

    def receive(self, frame: bytes) -> None:
        self.perform(self.session.receive(frame, self.now_ms))

    def perform(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Refuse(message, code, retry_after_ms):
                    self._refuse(message, code, retry_after_ms)
                case Run(request):
                    if request.rule.lane is Lane.ORDER:
                        self._ordered = request
                    self.own(self._carry_out(request))
                case Forward(frame):
                    if self._line is not None and not self._line.forward(frame):
                        self.close(Code.UNAVAILABLE, RETRY_MS)
                case Close(code, retry_after_ms, cause):
                    self._log.info(
                        "closing a connection",
                        session=self.session.name,
                        code=code,
                        cause=cause,
                        identity=self.identity.id,
                    )
                    if code is Code.EXPIRED:
                        self.expel(code)
                    else:
                        self.close(code, retry_after_ms)
                case _:
                    assert_never(action)

    def lost(self) -> None:
        """The carrier is gone.  The seat is kept for a while; idempotent."""
        self._let_go(Code.IDLE)
        self.outbox.finish(drop=True)

    async def finish(self) -> None:
        """Wait until no handler runs any more.  To be awaited by the carrier after `lost`."""
        self._timer.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self.services.timing.finish_max_ms / 1_000)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # ------------------------------------------------------------ for handlers

    @property
    def seat(self) -> Seat:
        """Raises SeatGone."""
        if not isinstance(self._place, Seat):
            raise SeatGone
        return self._place

    def authenticated(self) -> None:
        """Raises SeatGone when the socket ended while its first message was on its way."""
        if self.session.state is State.CLOSED:
            raise SeatGone
        expires_at_ms = self.identity.expires_at_ms
        remaining_ms = expires_at_ms - self.services.clock_ms()
        self.session.authenticated(self.now_ms + remaining_ms if expires_at_ms else None)
        self._arm_timer()

    async def ask(self, make: Callable[[str], AnyCommand]) -> Done | Refused:
        """Put a command to the room as this seat or lobby entry."""
        match self._place:
            case Seat(room=room, participant_id=actor) | LobbyPlace(room=room, entry_id=actor):
                outcome = await room.ask(make(actor))
            case None:
                raise SeatGone
        if isinstance(outcome, Done | Refused):
            return outcome
        raise TypeError(f"a room answered {type(outcome).__name__} to a command that takes no seat")

    async def enter(self, room: LiveRoom, grant: Grant, message: Join) -> Reply:
        """Join a room that lives on this node."""
        self._entering = room
        try:
            outcome = await room.join(grant, message.resume, self)
        except BaseException:
            self._entering = None
            room.detach(self)
            raise
        self._entering = None
        if self._gone:
            room.detach(self)
            return None
        match outcome:
            case Seated():
                self._take_seat(room, grant, message.id, outcome)
            case Waiting(entry_id=entry_id, resume=resume):
                self._place = LobbyPlace(room, entry_id, grant, message.id)
                self.session.waiting()
                self._send(JoinWaiting(id=message.id, entry_id=entry_id, resume=resume))
                if self._early_admission is not None:
                    self._take_seat(room, grant, message.id, self._early_admission)
            case Refused():
                return outcome
            case _:
                assert_never(outcome)
        return None

    async def relay_to(self, node: str, admission: Admission, message: Join) -> Reply:
        """Let another node run this conversation from here on."""
        if self.admission is not None:  # this node was thought to be the owner: never relay twice
            return Refused(Code.UNAVAILABLE, RETRY_MS)
        line = await self.services.lines.open(node, self.identity, admission, codec.encode(message), self)
        if line is None:
            return None
        if self._gone:
            line.close(Code.IDLE)
            return None
        self._line = line
        self.perform(self.session.relayed(self.now_ms))
        return None

    def own(self, work: Coroutine[None, None, None]) -> None:
        """Run beside; `finish` awaits or cancels it."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def left(self, reply: Ok) -> None:
        """The seat or place was given up on purpose."""
        self._send(reply)
        self.ended()

    # ------------------------------------------------------------ for the line to another node

    def pass_on(self, frame: bytes) -> None:
        """A message that the owner of the room has encoded."""
        self._put(frame)

    def ended(self) -> None:
        """The conversation is over in good order: no last word."""
        self._let_go(None)
        self.outbox.finish()

    # ------------------------------------------------------------ for the room (rooms.ports.Listener)

    def deliver(self, delivery: Delivery) -> None:
        match self._place:
            case Seat() as seat:
                self._show(delivery, seat)
            case None if self._entering is not None and len(self._early) < EARLY_EVENTS_MAX:
                self._early.append(delivery)
            case None if self._entering is not None:
                self.close(Code.SLOW_CONSUMER, RETRY_MS)
            case _:
                pass  # the lobby hears nothing; nor does a connection that is over

    def admitted(self, seated: Seated) -> None:
        match self._place:
            case LobbyPlace(room=room, grant=grant, request_id=request_id):
                self._take_seat(room, grant, request_id, seated)
            case _ if self._entering is not None:
                self._early_admission = seated
            case _:
                pass

    def closed(self, code: Code) -> None:
        self._end(Closing(code=code, retry_after_ms=RETRY_MS if code in (Code.MOVED, Code.UNAVAILABLE) else 0))

    # ------------------------------------------------------------ endings

    def close(self, code: Code, retry_after_ms: int = 0) -> None:
        """The server closes the connection; the seat is kept where the code lets the client come back."""
        closing = Closing(code=code, retry_after_ms=retry_after_ms)
        if code is Code.SLOW_CONSUMER:
            metrics.CLOSINGS.labels(code.value).inc()
            self._let_go(code)
            self.outbox.finish(closing, drop=True)
        else:
            self._end(closing)

    def expel(self, code: Code) -> None:
        """The identity is no longer valid (signed out everywhere, run out): the seat goes with the connection."""
        place = self._place
        if place is not None:
            actor = place.participant_id if isinstance(place, Seat) else place.entry_id
            self.own(self._leave(place.room, actor))
        self.close(code)

    @property
    def gone(self) -> bool:
        return self._gone

    def _end(self, closing: Closing) -> None:
        if self._gone:
            return
        metrics.CLOSINGS.labels(closing.code.value).inc()
        self._let_go(closing.code)
        if self._ordered is not None:  # for example the `end` that closes its own room: its reply comes first
            self._closing = closing
            self._timer = self._loop.call_later(
                self.services.timing.last_reply_max_ms / 1_000, self.outbox.finish, closing
            )
        else:
            self.outbox.finish(closing)

    def _let_go(self, code: Code | None) -> None:
        """Out of the room and out of the session.  Idempotent."""
        if self._gone:
            return
        self._gone = True
        self._timer.cancel()
        if self._renewal is not None:
            self._renewal.cancel()
        self.session.closed()
        place, self._place = self._place, None
        if isinstance(place, Seat):
            self.services.media.detach(place.room_id, place.participant_id)
        if place is not None:
            place.room.detach(self)
        if self._line is not None:
            self._line.close(code or Code.IDLE)
            self._line = None
        self._early.clear()

    async def _leave(self, room: LiveRoom, actor: str) -> None:
        outcome = await room.ask(LeaveRoom(actor))
        if isinstance(outcome, Refused):
            self._log.warning("an expelled seat could not leave", code=outcome.code)

    # ------------------------------------------------------------ inside

    def _relays(self) -> tuple[IceServer, ...]:
        """Relays with credentials from now on; their successors follow by themselves while the seat is held."""
        servers = self.services.doorkeeper.ice_servers(self.identity)
        if any(server.credential for server in servers):
            self._renewal = self._loop.call_later(self.services.timing.relays_renew_ms / 1_000, self._renew_relays)
        return servers

    def _renew_relays(self) -> None:
        if not self._gone:
            self._send(IceServers(ice_servers=self._relays()))

    def _take_seat(self, room: LiveRoom, grant: Grant, request_id: int, seated: Seated) -> None:
        me = seated.snapshot.participants.get(seated.participant_id)  # a hidden seat is not in the list
        role = grant.role if me is None else me.role
        grant = replace(grant, role=role)
        seat = Seat(room, seated.participant_id, grant)
        self._place = seat
        self.session.joined(role, grant)
        self._send(
            Joined(
                id=request_id,
                participant_id=seated.participant_id,
                role=role,
                publish=grant.publish,
                resume=seated.resume,
                resumed=seated.resumed,
                room=seated.snapshot,
                ice_servers=self._relays(),
            )
        )
        early, self._early = self._early, []
        for delivery in early:
            self._show(delivery, seat)
        try:
            self.services.media.attach(
                room.record.id, seat.participant_id, grant, self._on_offer, self._on_speakers, self._on_notice
            )
        except MediaRejected as rejected:
            self._log.warning("the media plane did not take a seat", code=rejected.code, cause=str(rejected))
            self.close(rejected.code, RETRY_MS)
        except Exception:
            log.exception("the media plane did not take a seat", session=self.session.name)
            self.close(Code.INTERNAL, RETRY_MS)

    def _show(self, delivery: Delivery, seat: Seat) -> None:
        event = delivery.event
        if delivery.encoded is None:
            delivery.encoded = codec.encode(EventMessage(seq=delivery.seq, event=event))
        key = ""
        match event:
            case RoleChanged(participant_id=changed, role=role) if changed == seat.participant_id:
                self.session.role_changed(role)
            case QualityChanged(participant_id=changed):
                key = f"quality:{changed}"
            case _:
                pass
        self._put(delivery.encoded, key)

    def tell(self, message: DeskMessage) -> None:
        """Outside of any room; before `welcome` nothing is said."""
        if not self._gone and self.session.state not in (State.CONNECTED, State.CLOSED):
            self._put(codec.encode(message), "inbox" if isinstance(message, Inbox) else "")

    def _on_offer(self, offer: Offer) -> None:
        if not self._gone:
            self._send(offer)

    def _on_speakers(self, participant_ids: tuple[str, ...]) -> None:
        if not self._gone:
            self._put(_speakers_frame(participant_ids), "speakers")

    def _on_notice(self, notice: MediaNotice) -> None:
        if not self._gone:
            track = "" if isinstance(notice, (Bandwidth, Undecodable)) else notice.track_id
            self._put(codec.encode(notice), f"{tag_of(notice)}:{track}")

    def _refuse(self, message: AnyClientMessage, code: Code, retry_after_ms: int) -> None:
        metrics.REFUSALS.labels(tag_of(message), code.value).inc()
        self._send(Error(id=message.id, code=code, retry_after_ms=retry_after_ms))

    def _send(self, message: AnyServerMessage) -> None:
        self._put(codec.encode(message))

    def _put(self, frame: bytes, key: str = "") -> None:
        if not self.outbox.put(frame, key):
            self._log.info(
                "a client reads too slowly",
                session=self.session.name,
                identity=self.identity.id,
                waiting=len(self.outbox),
            )
            self.close(Code.SLOW_CONSUMER, RETRY_MS)

    async def _carry_out(self, request: Request) -> None:
        """Run one handler to its reply.  Nothing that it raises reaches anybody else."""
        message = request.message
        metrics.MESSAGES.labels(tag_of(message)).inc()
        with metrics.REQUEST_SECONDS.labels(tag_of(message)).time():
            reply = await self._reply(request)
        match reply:
            case Done():
                self._send(Ok(id=message.id))
            case Refused(code=code, retry_after_ms=retry_after_ms):
                self._refuse(message, code, retry_after_ms)
            case None:
                pass
            case _:
                self._send(reply)
        if request.rule.lane is Lane.ORDER:
            self._ordered = None
            if self._closing is not None:
                self.outbox.finish(self._closing)
        self.perform(self.session.finished(request))

    async def _reply(self, request: Request) -> Reply:
        row = request.rule
        assert isinstance(row, Row)  # noqa: S101 - connections are built with TABLE
        try:
            async with asyncio.timeout(self.services.timing.handler_max_ms / 1_000):
                return await row.handler(self, request.message)
        except SeatGone:
            return None
        except MediaRejected as rejected:
            self._log.info("media rejected", code=rejected.code, cause=str(rejected))
            return Refused(rejected.code)
        except RemoteRefused as refused:
            return Refused(refused.code, RETRY_MS)
        except (TimeoutError, StoreUnavailable) as error:
            self._log.warning(
                "a handler could not do its work", request=type(request.message).__name__, cause=repr(error)
            )
            return Refused(Code.UNAVAILABLE, RETRY_MS)
        except Exception:
            log.exception("a handler failed", session=self.session.name, request=tag_of(request.message))
            return Refused(Code.INTERNAL)

    def _arm_timer(self) -> None:
        self._timer.cancel()
        now_ms = self.now_ms
        self.perform(self.session.on_timer(now_ms))
        if not self._gone:
            wait_ms = max(1, self.session.next_timer_ms() - now_ms)
            self._timer = self._loop.call_later(wait_ms / 1_000, self._arm_timer)
