"""One live room on this node: one task, one bounded inbox, its listeners.

    ask, join --> inbox (INBOX_MAX) --+
    detach -----> departed -----------+--> task: Room.handle --> listeners, Outside (media, archive)
    tick -----> due ------------------+

Nothing in the task awaits anything but the next piece of work, so commands of one room cannot overlap and no store,
media plane or client can hold it up.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Callable
from enum import Enum
from typing import assert_never

import structlog
from msgspec import Struct

from .core.codes import Code
from .core.commands import (
    AnyCommand,
    Deny,
    Disconnected,
    End,
    Join,
    Leave,
    Remove,
    SetLobby,
    SetLocked,
    SetRole,
    StageBring,
    StageEnd,
    StageGoLive,
    StartRecording,
    StopRecording,
    Tick,
)
from .core.effects import (
    Admitted,
    AnyEffect,
    ArchiveAttendance,
    ArchiveChat,
    ArchiveChatDeletion,
    ArchiveEnd,
    ArchiveFileSharing,
    ArchiveMarkPlaced,
    ArchiveMarksRemoved,
    ArchiveRemoval,
    ArrangeStage,
    BlockTrack,
    Broadcast,
    CloseConnection,
    CutMedia,
    CutRoom,
    Record,
    RefreshPermissions,
    ShowAudience,
)
from .core.events import KeysReceived, QualityChanged, Reacted, RecordChanged
from .core.model import Grant, Phase, Role, RoomView
from .core.outcomes import Done, Refused, RoomOutcome, TookPlace, TookSeat
from .core.room import SYSTEM, Room, RoomFault
from .core.turn import Addressed, Step
from .outside import Outside
from .ports import (
    SUMMARY_PEOPLE_MAX,
    Delivery,
    Lease,
    Listener,
    Outcome,
    RoomRecord,
    RoomSummary,
    Seated,
    Waiting,
)

log = structlog.get_logger(__name__)

INBOX_MAX = 256
INBOX_FULL_RETRY_MS = 500
BATCH_MAX = 64  # commands handled before other tasks of the loop get their turn
LISTENER_FAILED = "listener_failed"  # it broke its promise not to raise: as good as a lost connection
ID_BYTES = 12
RESUME_BYTES = 32

# What must not be forgotten when this node dies in the next second.
URGENT = (
    Remove,
    End,
    SetRole,
    SetLocked,
    SetLobby,
    Deny,
    StartRecording,
    StopRecording,
    StageGoLive,
    StageEnd,
    StageBring,
)
TRANSIENT = (Reacted, QualityChanged, KeysReceived, RecordChanged)


class Unsaved(Enum):
    """How much of a hurry it is to write the room to the store."""

    NOTHING = 0
    SOME = 1
    URGENT = 2


class Attachment(Struct):
    listener: Listener
    resume: str
    seated: bool  # False: in the lobby


class Asked(Struct):
    command: AnyCommand
    answer: asyncio.Future[Outcome]


class JoinAsked(Struct):
    grant: Grant
    resume: str
    listener: Listener
    answer: asyncio.Future[Outcome]


class HostedRoom:
    """A `ports.LiveRoom`.  `run` is a task of the manager."""

    def __init__(
        self,
        record: RoomRecord,
        room: Room,
        lease: Lease,
        *,
        outside: Outside,
        clock: Callable[[], int],
        on_urgent: Callable[[], None],
    ) -> None:
        self.record = record
        self.lease = lease
        self.unsaved = Unsaved.SOME
        self.used_at_ms = clock()  # when somebody was last here or asked for the room
        self._room = room
        self._outside = outside
        self._clock = clock
        self._on_urgent = on_urgent
        self._attached: dict[str, Attachment] = {}  # seat or place -> its connection
        self._holders: dict[Listener, str] = {}
        self._inbox: deque[Asked | JoinAsked] = deque()
        self._departed: dict[Listener, None] = {}  # bounded by the connections that there are
        self._tick_due = False
        self._work = asyncio.Event()
        self._closed: Code | None = None

    # ------------------------------------------------------------ what sessions use

    @property
    def view(self) -> RoomView:
        """The host's view, for reading only."""
        return self._room.view

    async def ask(self, command: AnyCommand) -> Outcome:
        if isinstance(command, Join):  # nobody would listen; `join` is the way in
            return Refused(Code.INVALID)
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        refused = self._put(Asked(command, answer))
        return refused if refused is not None else await answer

    async def join(self, grant: Grant, resume: str, listener: Listener) -> Seated | Waiting | Refused:
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        refused = self._put(JoinAsked(grant, resume, listener, answer))
        if refused is not None:
            return refused
        try:
            outcome = await answer
        except asyncio.CancelledError:
            self.detach(listener)
            raise
        return Refused(Code.INTERNAL) if isinstance(outcome, Done) else outcome

    def detach(self, listener: Listener) -> None:
        if self._closed is None:
            self._departed[listener] = None
            self._work.set()

    # ------------------------------------------------------------ what the manager uses

    @property
    def idle(self) -> bool:
        """Nobody is here, waits, or is about to come, and no audience watches."""
        return self._room.empty and not self._room.on_air and not self._inbox and not self._departed

    def is_closed(self) -> bool:
        return self._closed is not None

    @property
    def identities(self) -> frozenset[str]:
        return self._room.identities

    @property
    def connections(self) -> int:
        return len(self._attached)

    def dump(self) -> bytes:
        return self._room.dump()

    def summary(self) -> RoomSummary:
        view = self.view
        people = [participant.name for participant in view.participants.values()]
        return RoomSummary(
            node=self.lease.node,
            phase=view.phase,
            locked=view.locked,
            lobby_enabled=view.lobby_enabled,
            started_at_ms=view.started_at_ms,
            people_count=len(people),
            people=tuple(people[:SUMMARY_PEOPLE_MAX]),
        )

    def opened_again(self, record: RoomRecord) -> None:
        """Somebody asked for the room with what SQL says of it now; a meeting ended there ends here too."""
        self.record = record
        self.used_at_ms = self._clock()
        if record.ended and self.view.phase is not Phase.ENDED:
            self._put(Asked(End(SYSTEM), asyncio.get_running_loop().create_future()))

    def tick(self) -> None:
        self._tick_due = True
        self._work.set()

    def hand_over(self, code: Code) -> None:
        """Close in good order: how long people were here is archived now, and the next owner counts on from here."""
        if self._closed is None:
            for attendance in self._room.settle_attendance(self._clock()):
                self._outside.archive(attendance)
                self.unsaved = Unsaved.URGENT
            self.close(code)

    def close(self, code: Code) -> None:
        """Let everyone go with this code and take nothing more.  The lanes go on until they are drained or stopped."""
        if self._closed is not None:
            return
        self._closed = code
        self._departed.clear()
        while self._inbox:
            _answer(self._inbox.popleft(), Refused(Code.UNAVAILABLE, INBOX_FULL_RETRY_MS))
        for holder_id in list(self._attached):
            self._let_go(holder_id, code)

    async def run(self) -> None:
        """The room's task.  No fault in handling a command ends it."""
        while True:
            await self._work.wait()
            self._work.clear()
            self._handle_batch()
            if self._inbox:
                self._work.set()
                await asyncio.sleep(0)

    # ------------------------------------------------------------ in the room's task

    def _put(self, item: Asked | JoinAsked) -> Refused | None:
        if self._closed is not None or len(self._inbox) >= INBOX_MAX:
            return Refused(Code.UNAVAILABLE, INBOX_FULL_RETRY_MS)
        self._inbox.append(item)
        self._work.set()
        return None

    def _handle_batch(self) -> None:
        for _ in range(min(BATCH_MAX, len(self._inbox))):
            item = self._inbox.popleft()
            if item.answer.cancelled():
                continue
            try:
                _answer(item, self._answer_to(item))
            except Exception:
                log.exception("room_fault", room=self.record.id)
                _answer(item, Refused(Code.INTERNAL))
        departed, self._departed = self._departed, {}
        for listener in departed:
            self._depart(listener)
        if self._tick_due:
            self._tick_due = False
            self._carry_out(Tick(SYSTEM))
        if not self._room.empty:
            self.used_at_ms = self._clock()

    def _answer_to(self, item: Asked | JoinAsked) -> Outcome:
        if isinstance(item, JoinAsked):
            return self._join(item)
        outcome = self._carry_out(item.command)
        if isinstance(item.command, Leave) and isinstance(outcome, Done):
            self._forget(item.command.actor)
        return outcome if isinstance(outcome, Done | Refused) else Refused(Code.INTERNAL)

    def _join(self, item: JoinAsked) -> Seated | Waiting | Refused:
        if item.listener in self._holders:
            return Refused(Code.WRONG_STATE)
        self._departed.pop(item.listener, None)
        new_id, new_resume = secrets.token_urlsafe(ID_BYTES), secrets.token_urlsafe(RESUME_BYTES)
        outcome = self._carry_out(Join(SYSTEM, item.grant, new_id, new_resume, item.resume))
        if isinstance(outcome, Refused):
            return outcome
        if isinstance(outcome, Done):
            return Refused(Code.INTERNAL)
        holder_id = _holder_of(outcome)
        resume = new_resume if holder_id == new_id else item.resume
        self._attached[holder_id] = Attachment(item.listener, resume, seated=isinstance(outcome, TookSeat))
        self._holders[item.listener] = holder_id
        if isinstance(outcome, TookPlace):
            return Waiting(holder_id, resume)
        return Seated(holder_id, resume, outcome.resumed, self._snapshot_for(holder_id))

    def _depart(self, listener: Listener) -> None:
        holder_id = self._holders.get(listener)
        if holder_id is not None:
            self._forget(holder_id)
            self._carry_out(Disconnected(holder_id))

    def _carry_out(self, command: AnyCommand) -> RoomOutcome:
        try:
            step = self._room.handle(command, self._clock())
        except RoomFault as fault:
            log.exception("room_fault", room=self.record.id, command=type(command).__name__)
            step = fault.step
        for addressed in step.events:
            self._deliver(addressed)
        for effect in step.effects:
            self._perform(effect)
        self._note_unsaved(command, step)
        return step.outcome

    def _deliver(self, addressed: Addressed) -> None:
        delivery = Delivery(addressed.seq, addressed.event)
        for seat_id, attachment in self._addressees(addressed):
            if attachment.seated and addressed.reaches(seat_id, self._room.role_of(seat_id)):
                try:
                    attachment.listener.deliver(delivery)
                except Exception:
                    log.exception(LISTENER_FAILED, room=self.record.id, holder=seat_id)
                    self.detach(attachment.listener)

    def _addressees(self, addressed: Addressed) -> list[tuple[str, Attachment]]:
        """What is for one seat is not looked for among all: a new key in an encrypted room is one event a seat."""
        if not addressed.only:
            return list(self._attached.items())
        attachment = self._attached.get(addressed.only)
        return [] if attachment is None else [(addressed.only, attachment)]

    def _perform(self, effect: AnyEffect) -> None:
        match effect:
            case Admitted(participant_id):
                attachment = self._attached.get(participant_id)
                if attachment is not None:
                    attachment.seated = True
                    snapshot = self._snapshot_for(participant_id)
                    seated = Seated(participant_id, attachment.resume, resumed=False, snapshot=snapshot)
                    try:
                        attachment.listener.admitted(seated)
                    except Exception:
                        log.exception(LISTENER_FAILED, room=self.record.id, holder=participant_id)
                        self.detach(attachment.listener)
            case CloseConnection(holder_id, code):
                self._let_go(holder_id, code)
            case CutMedia() | CutRoom() | BlockTrack() | RefreshPermissions() | ArrangeStage():
                self._outside.media(effect)
            case Record():
                self._outside.record(effect)
            case Broadcast() | ShowAudience():
                self._outside.broadcast(effect)
            case ArchiveChat() | ArchiveChatDeletion() | ArchiveAttendance() | ArchiveRemoval() | ArchiveEnd():
                self._outside.archive(effect)
            case ArchiveMarksRemoved() | ArchiveMarkPlaced() | ArchiveFileSharing():
                self._outside.archive(effect)
            case _:
                assert_never(effect)

    def _note_unsaved(self, command: AnyCommand, step: Step) -> None:
        if isinstance(command, URGENT) and isinstance(step.outcome, Done):
            self.unsaved = Unsaved.URGENT
            self._on_urgent()
        elif isinstance(command, Join | Leave | Disconnected) or any(
            not isinstance(addressed.event, TRANSIENT) for addressed in step.events
        ):
            self.unsaved = max(self.unsaved, Unsaved.SOME, key=lambda unsaved: unsaved.value)

    def _snapshot_for(self, seat_id: str) -> RoomView:
        return self.view.for_role(self._room.role_of(seat_id) or Role.GUEST)

    def _forget(self, holder_id: str) -> Attachment | None:
        attachment = self._attached.pop(holder_id, None)
        if attachment is not None:
            del self._holders[attachment.listener]
        return attachment

    def _let_go(self, holder_id: str, code: Code) -> None:
        attachment = self._forget(holder_id)
        if attachment is not None:
            try:
                attachment.listener.closed(code)
            except Exception:
                log.exception(LISTENER_FAILED, room=self.record.id, holder=holder_id)


def _holder_of(outcome: TookSeat | TookPlace) -> str:
    return outcome.participant_id if isinstance(outcome, TookSeat) else outcome.entry_id


def _answer(item: Asked | JoinAsked, outcome: Outcome) -> None:
    if not item.answer.done():
        item.answer.set_result(outcome)
