"""The audience of one livestream on this node: its sockets, its clock, and what is on its way to SQL and other nodes.

A frame is made once for all who read the same and written straight to their sockets: the socket's own buffer is the
queue.  Who does not read has at most LAG_BYTES there; then nothing more is written to them until it is empty, when
they get the whole state anew; after LAG_MAX_MS of that they are cut off.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import msgspec
import structlog

from collab.clock import new_id
from collab.problems import Refusal
from rooms.core.codes import Code
from signaling.session import TokenBucket

from .hand_repository import HandRepository
from .hub_messages import (
    Ask,
    Batch,
    Closing,
    Command,
    Error,
    Invite,
    JudgeQuestion,
    LowerHand,
    Ok,
    PollOpen,
    RaiseHand,
    React,
    Say,
    SendBack,
    encode,
)
from .hub_ops import AnyOp, AskStage, Present, PutHand, PutMessage, PutQuestion, Reacted, SetBan
from .hub_repository import Came, HubRepository, Left
from .hub_state import Audience, HubState, audience_of
from .models import HandState, MessageState, QuestionState
from .tokens import Viewer
from .values import Livestream

BATCH_MS: Final = 250
COUNTS_MS: Final = 1_000
WRITE_MS: Final = 500
SWEEP_MS: Final = 10_000
SETTLE_MS: Final = 1_000  # after opening: what other nodes were just writing is read again
SEATS_AT_ONCE: Final = 200  # written to before others get a turn
SEATS_MAX: Final = 20_000  # on one node
SEATS_OF_VIEWER_MAX: Final = 5
LAG_BYTES: Final = 262_144
LAG_MAX_MS: Final = 30_000
OPS_WAITING_MAX: Final = 50_000
OPS_AT_ONCE: Final = 500
RATE_PER_S: Final = 5.0
BURST: Final = 20.0
REFUSED_MAX: Final = 100  # in a row: this is no page of ours

log = structlog.get_logger("livestreams")


class Seat:
    """One socket."""

    __slots__ = ("joined_at_ms", "lagging_since_ms", "refused", "transport", "viewer", "visit_id")

    def __init__(self, viewer: Viewer, transport: asyncio.Transport, visit_id: str, at_ms: int) -> None:
        self.viewer = viewer
        self.transport = transport
        self.visit_id = visit_id
        self.joined_at_ms = at_ms
        self.lagging_since_ms = 0
        self.refused = 0

    def send(self, frame: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(frame)


def frame_of(payload: bytes) -> bytes:
    """A whole text message, unmasked (RFC 6455 5.2)."""
    length = len(payload)
    if length < 126:
        return bytes((0x81, length)) + payload
    if length < 65_536:
        return bytes((0x81, 126)) + length.to_bytes(2, "big") + payload
    return bytes((0x81, 127)) + length.to_bytes(8, "big") + payload


class Hub:
    """`forward` brings operations to the other nodes; `cut` ends a viewer's media on this node, `send_away` their
    seat on the stage."""

    def __init__(
        self,
        livestream: Livestream,
        node: str,
        repository: HubRepository,
        hands: HandRepository,
        clock_ms: Callable[[], int],
        forward: Callable[[str, Sequence[AnyOp]], Awaitable[None]],
        cut: Callable[[str, str], None],
        send_away: Callable[[str, str], Awaitable[None]],
    ) -> None:
        self.livestream = livestream
        self.seats: set[Seat] = set()
        self._node = node
        self._repository = repository
        self._hands = hands
        self._clock_ms = clock_ms
        self._forward = forward
        self._cut = cut
        self._send_away = send_away
        self.state = HubState(livestream.state, livestream.chat, rooms_of(livestream))
        self._out: list[AnyOp] = []  # to other nodes
        self._unwritten: deque[AnyOp] = deque()
        self._visits: deque[Came | Left] = deque()
        self._reactions_out: dict[str, int] = {}
        self._buckets: dict[str, TokenBucket] = {}
        self._whole: dict[Audience, bytes] = {}
        self._viewers_told = -1
        self._writing = asyncio.Lock()
        self.empty_since_ms = clock_ms()

    # ------------------------------------------------------------ opening, running, closing

    async def load(self) -> None:
        self.state.load(await self._load())

    async def _load(self) -> list[AnyOp]:
        return await self._repository.load(self.livestream.id, ("", *rooms_of(self.livestream)))

    async def run(self) -> None:
        """Until cancelled; then what is left is written."""
        await self._forward(self.livestream.id, [AskStage()])
        ticks = 0
        try:
            while True:
                await asyncio.sleep(BATCH_MS / 1_000)
                ticks += 1
                at_ms = ticks * BATCH_MS
                try:
                    if at_ms == SETTLE_MS:
                        self.state.adopt(await self._load())
                    if at_ms % COUNTS_MS == 0:
                        self._count()
                    await self._flush(counts=at_ms % COUNTS_MS == 0)
                    if at_ms % WRITE_MS == 0:
                        await self._write(beats=at_ms % COUNTS_MS == 0)
                    if at_ms % SWEEP_MS == 0:
                        self._sweep()
                except Exception:
                    log.exception("hub_failed", livestream=self.livestream.id)
        finally:
            await self._write(beats=True)

    def _count(self) -> None:
        viewers = len({seat.viewer.id for seat in self.seats if seat.viewer.role is None})
        self.do([Present(self._node, viewers, self._clock_ms())], keep=False)

    def _sweep(self) -> None:
        now = self._clock_ms()
        for seat in list(self.seats):
            if seat.viewer.expires_at_ms <= now:
                self.close_seat(seat, Code.EXPIRED)
            elif seat.lagging_since_ms and now - seat.lagging_since_ms > LAG_MAX_MS:
                seat.transport.abort()
        here = {seat.viewer.id for seat in self.seats}
        self._buckets = {viewer_id: one for viewer_id, one in self._buckets.items() if viewer_id in here}

    # ------------------------------------------------------------ seats

    def join(self, viewer: Viewer, transport: asyncio.Transport) -> Seat:
        """Raises REMOVED, UNAVAILABLE."""
        if viewer.id in self.state.banned:
            raise Refusal(Code.REMOVED, "banned")
        if len(self.seats) >= SEATS_MAX:
            raise Refusal(Code.UNAVAILABLE, "hub is full", retry_after_ms=5_000)
        own = sorted((one for one in self.seats_of(viewer.id)), key=lambda one: one.joined_at_ms)
        for former in own[: max(0, len(own) - SEATS_OF_VIEWER_MAX + 1)]:
            self.close_seat(former, Code.REPLACED)
        now = self._clock_ms()
        seat = Seat(viewer, transport, new_id(now), now)
        self.seats.add(seat)
        if viewer.role is None:
            self._visits.append(Came(seat.visit_id, viewer.id, viewer.name, viewer.group_id, now))
        self._send_whole(seat)
        return seat

    def seats_of(self, viewer_id: str) -> list[Seat]:
        return [seat for seat in self.seats if seat.viewer.id == viewer_id]

    def leave(self, seat: Seat) -> None:
        if seat not in self.seats:
            return
        self.seats.discard(seat)
        if seat.viewer.role is None:
            self._visits.append(Left(seat.visit_id, self._clock_ms()))
        if not self.seats:
            self.empty_since_ms = self._clock_ms()

    def close_seat(self, seat: Seat, code: Code) -> None:
        """Says why; then the socket is closed (RFC 6455 5.5.1, status 1008)."""
        seat.send(frame_of(encode(Closing(code=code))))
        seat.send(bytes((0x88, 2, 1_008 >> 8, 1_008 & 0xFF)))
        if not seat.transport.is_closing():
            seat.transport.close()
        self.leave(seat)

    # ------------------------------------------------------------ what they say

    async def take(self, seat: Seat, command: Command) -> None:
        """One command of one seat, with its answer."""
        now = self._clock_ms()
        try:
            wait_ms = self._bucket(seat.viewer.id, now).take(_cost(command), now)
            if wait_ms:
                raise Refusal(Code.RATE_LIMITED, "commands", retry_after_ms=wait_ms)
            ops = self.state.decide(seat.viewer, command, now, new_id)
            for op in ops:
                if isinstance(op, PutHand):
                    await self._hands.put(self.livestream.id, op.hand)
                    if op.hand.state is HandState.DOWN and op.hand.identity:
                        await self._send_away(self.livestream.id, op.hand.identity)
                if isinstance(op, SetBan):
                    await self._write(op)
            self.do(ops)
        except Refusal as refusal:
            seat.refused += 1
            seat.send(frame_of(encode(Error(id=command.id, code=refusal.code, retry_after_ms=refusal.retry_after_ms))))
            if seat.refused > REFUSED_MAX:
                self.close_seat(seat, Code.RATE_LIMITED)
            return
        seat.refused = 0
        if not isinstance(command, React):
            seat.send(frame_of(encode(Ok(id=command.id, held=any(_is_held(op) for op in ops)))))

    def _bucket(self, viewer_id: str, now_ms: int) -> TokenBucket:
        found = self._buckets.get(viewer_id)
        if found is None:
            found = self._buckets[viewer_id] = TokenBucket(RATE_PER_S, BURST, now_ms)
        return found

    def do(self, ops: Sequence[AnyOp], *, keep: bool = True) -> None:
        """Here, on the other nodes, and in SQL."""
        for op in ops:
            self.heard(op)
            if isinstance(op, Reacted):  # summed up: told once a batch
                for kind, count in op.counts.items():
                    self._reactions_out[kind] = self._reactions_out.get(kind, 0) + count
                continue
            self._out.append(op)
            if keep and not isinstance(op, SetBan):
                self._unwritten.append(op)
        while len(self._unwritten) > OPS_WAITING_MAX:
            self._unwritten.popleft()
            log.error("hub_lost_an_operation", livestream=self.livestream.id)

    def heard(self, op: AnyOp) -> None:
        """One operation, of this node or another."""
        self.state.hear(op)
        if isinstance(op, SetBan) and op.on:
            for seat in self.seats_of(op.viewer_id):
                self.close_seat(seat, Code.REMOVED)
            self._cut(self.livestream.id, op.viewer_id)
        elif isinstance(op, PutHand):
            you = frame_of(encode(Batch(you=self.state.you(op.hand.viewer_id))))
            for seat in self.seats_of(op.hand.viewer_id):
                seat.send(you)

    def settle(self, livestream: Livestream) -> None:
        """The livestream is another in SQL now: who has another part than before comes in again."""
        self.livestream = livestream
        self.state.settle(livestream.state, livestream.chat, rooms_of(livestream))
        for seat in list(self.seats):
            if livestream.trashed_at_ms:
                self.close_seat(seat, Code.NOT_FOUND)
            elif not seat.viewer.office and livestream.role_of(seat.viewer.id) is not seat.viewer.role:
                self.close_seat(seat, Code.EXPIRED)

    # ------------------------------------------------------------ what they hear

    def _send_whole(self, seat: Seat) -> None:
        audience = audience_of(seat.viewer)
        frame = self._whole.get(audience)
        if frame is None or self.state.is_dirty:
            frame = frame_of(encode(self.state.whole(audience, self._clock_ms())))
            if not self.state.is_dirty:
                self._whole[audience] = frame
        seat.send(frame)
        seat.send(frame_of(encode(Batch(you=self.state.you(seat.viewer.id)))))

    async def _flush(self, *, counts: bool) -> None:
        """What changed since the last time: to the seats here, and to the other nodes."""
        out, self._out = self._out, []
        if self._reactions_out:
            out.append(Reacted(self._reactions_out))
            self._reactions_out = {}
        if out:
            await self._forward(self.livestream.id, out)
        changes = self.state.take_changes()
        reactions = self.state.take_reactions() if counts else {}
        viewers = self.state.viewers(self._clock_ms())
        told = viewers if counts and viewers != self._viewers_told else None
        if not changes and not reactions and told is None:
            return
        self._whole.clear()
        if told is not None:
            self._viewers_told = told
        frames: dict[Audience, bytes] = {}
        for number, seat in enumerate(list(self.seats)):
            if number % SEATS_AT_ONCE == SEATS_AT_ONCE - 1:
                await asyncio.sleep(0)
            audience = audience_of(seat.viewer)
            frame = frames.get(audience)
            if frame is None:
                frame = frames[audience] = self._frame(audience, changes, reactions, told)
            if frame:
                self._deliver(seat, frame)

    def _frame(
        self, audience: Audience, changes: frozenset[tuple[str, str]], reactions: dict[str, int], viewers: int | None
    ) -> bytes:
        batch = msgspec.structs.replace(self.state.batch(audience, changes), reactions=reactions, viewers=viewers)
        payload = encode(batch)
        return b"" if payload == _NOTHING else frame_of(payload)

    def _deliver(self, seat: Seat, frame: bytes) -> None:
        if seat.transport.is_closing():
            return
        waiting = seat.transport.get_write_buffer_size()
        if seat.lagging_since_ms:
            if not waiting:
                seat.lagging_since_ms = 0
                self._send_whole(seat)
        elif waiting > LAG_BYTES:
            seat.lagging_since_ms = self._clock_ms()
        else:
            seat.transport.write(frame)

    # ------------------------------------------------------------ SQL

    async def _write(self, *first: AnyOp, beats: bool = False) -> None:
        """In order, in batches; what could not be written waits for the next time."""
        async with self._writing:
            while self._unwritten or self._visits or first or (beats and self.seats):
                ops = [*first, *(self._unwritten[number] for number in range(min(OPS_AT_ONCE, len(self._unwritten))))]
                visits = [self._visits[number] for number in range(min(OPS_AT_ONCE, len(self._visits)))]
                try:
                    await self._repository.write(self.livestream.id, self._node, ops, visits, self._clock_ms())
                except Exception as error:
                    if first:
                        raise
                    log.warning("hub_not_written", livestream=self.livestream.id, cause=repr(error)[:200])
                    return
                for _ in range(len(ops) - len(first)):
                    self._unwritten.popleft()
                for _ in visits:
                    self._visits.popleft()
                first, beats = (), False


_NOTHING: Final = encode(Batch())


def rooms_of(livestream: Livestream) -> tuple[str, ...]:
    return tuple(group.id for group in livestream.groups if group.own_chat)


def _is_held(op: AnyOp) -> bool:
    return (isinstance(op, PutMessage) and op.message.state is MessageState.HELD) or (
        isinstance(op, PutQuestion) and op.question.state is QuestionState.HELD
    )


def _cost(command: Command) -> float:
    match command:
        case Say() | RaiseHand():
            return 3.0
        case Ask() | PollOpen():
            return 5.0
        case Invite() | SendBack() | LowerHand() | JudgeQuestion():
            return 2.0
        case _:
            return 1.0
