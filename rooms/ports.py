"""What the room manager needs from above and beside, and what it offers: a handful of methods each.

collab/app.py wires the implementations.  Everything here is called from one event loop.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from .core.codes import Code
from .core.commands import AnyCommand
from .core.events import AnyEvent, Audience
from .core.model import ChatMessage, FileSharing, Grant, Phase, RecordingState, RoomView
from .core.outcomes import Done, Refused
from .core.stage_audience import StageForAudience
from .core.stage_model import StagePhase, Staging


class RoomRecord(Struct, frozen=True):
    """What must not be lost of a room, read from SQL when it comes to life."""

    id: str
    code: str  # the part of the link that people see: 10 letters in three groups, abc-defg-hij
    title: str
    lobby_enabled: bool = False
    guests_allowed: bool = True
    ended: bool = False
    encrypted: bool = False  # end to end; fixed when the meeting is made
    assist: bool = False  # a session of assistance; fixed as well, and never encrypted: experts need the frames' times
    livestream_id: str = ""  # of the livestream whose stage this is; fixed as well, and never encrypted
    file_sharing: FileSharing = FileSharing.EVERYONE


class Waiting(Struct, frozen=True):
    """In the lobby.  The same resume token takes the place in the queue again after a lost connection."""

    entry_id: str
    resume: str


class Seated(Struct, frozen=True):
    participant_id: str
    resume: str
    resumed: bool
    snapshot: RoomView  # already hidden for the seat's role; a copy that nobody mutates


Outcome = Done | Waiting | Seated | Refused


class Delivery(Struct):
    """One event on its way to listeners.  `encoded` is filled once by the first listener, for all others."""

    seq: int
    event: AnyEvent
    encoded: bytes | None = None


class Listener(Protocol):
    """One connection that follows a room, from lobby or seat.  None of these may block or raise.

    Calls can come before `LiveRoom.join` has returned in the caller's task: events after the snapshot are to be kept
    until the snapshot has been sent.  After `closed` nothing more comes.
    """

    def deliver(self, delivery: Delivery) -> None: ...

    def admitted(self, seated: Seated) -> None:
        """The lobby opened for this connection."""

    def closed(self, code: Code) -> None:
        """The seat or place ended (removed, denied, ended, replaced, expired, moved)."""


class LiveRoom(Protocol):
    """A room that lives on this node.  One task applies commands in order."""

    record: RoomRecord

    @property
    def view(self) -> RoomView:
        """The host's view, for reading only."""

    async def ask(self, command: AnyCommand) -> Outcome:
        """Put into the bounded inbox and await the outcome; Refused(UNAVAILABLE) when the inbox is full.

        Not for Join (use `join`) and Disconnected (use `detach`), which belong to a listener.
        """

    async def join(self, grant: Grant, resume: str, listener: Listener) -> Seated | Waiting | Refused:
        """Join or resume and attach the listener in one step, so that no event is missed or doubled.

        When the caller is cancelled meanwhile, the listener is detached.
        """

    def detach(self, listener: Listener) -> None:
        """The connection is gone: its seat or place is `away` from now on and kept SEAT_KEPT_MS.

        Nothing happens when the listener holds none any more (it left, was closed, or the seat was resumed elsewhere),
        so a late call cannot push out a newer connection.
        """


class StoreUnavailable(Exception):
    """Redis cannot be reached or does not answer in time.  What was asked may or may not have happened."""


class OwnedElsewhere(Exception):
    """The room's authority is held by another node."""

    def __init__(self, node: str) -> None:
        super().__init__(node)
        self.node = node


class RoomManager(Protocol):
    node: str

    async def open(self, record: RoomRecord) -> LiveRoom:
        """The live room, brought to life under a lease if need be.

        Raises OwnedElsewhere; StoreUnavailable when the room does not live here and the store cannot say who owns it.
        """

    def find(self, room_id: str) -> LiveRoom | None: ...


class MediaPlane(Protocol):
    """What a room tells the media plane.  Calls are short, idempotent, and refer to seats by room and participant."""

    async def close_participant(self, room_id: str, participant_id: str) -> None:
        """Cut everything the seat sends and receives, at once."""

    async def close_room(self, room_id: str) -> None: ...

    def block_track(self, room_id: str, participant_id: str, track_id: str, blocked: bool) -> None: ...

    def refresh_permissions(self, room_id: str, participant_id: str, grant: Grant) -> None:
        """The role or grant changed: stop tracks that may not be published any more."""

    def arrange_stage(self, room_id: str, staging: Staging) -> None:
        """Who is seen and heard by whom in a room that is a stage, and what its audience gets; kept until the room's
        media are closed."""


class Lease(Struct, frozen=True):
    """The right to be a room's authority.  Every new holder has a higher epoch; writes of a lower one are refused."""

    room_id: str
    node: str
    epoch: int


class LeaseState(StrEnum):
    HELD = "held"
    FREE = "free"  # ran out, or the store lost it, and nobody has taken it
    TAKEN = "taken"  # by another node, or by a later epoch


class Leases(Protocol):
    """All raise StoreUnavailable."""

    async def acquire(self, room_id: str, node: str, above_epoch: int = 0) -> Lease:
        """Raises OwnedElsewhere.  The epoch is higher than every earlier one and than `above_epoch`."""

    async def renew(self, leases: Sequence[Lease]) -> list[LeaseState]: ...

    async def release(self, lease: Lease) -> None:
        """Nothing happens when it is not held any more."""


class RoomSummary(Struct, frozen=True):
    """What a page shows of a room before one is in it, and where the room lives."""

    node: str
    phase: Phase
    locked: bool
    lobby_enabled: bool
    started_at_ms: int
    people_count: int
    people: tuple[str, ...]  # names of the first SUMMARY_PEOPLE_MAX


SUMMARY_PEOPLE_MAX = 5


class Snapshots(Protocol):
    """All raise StoreUnavailable."""

    async def load(self, room_id: str) -> bytes | None: ...

    async def save(self, lease: Lease, snapshot: bytes, summary: RoomSummary) -> bool:
        """False when the room was given to another holder since: nothing was written."""


class Presence(Protocol):
    """Who is in which room and which nodes live.  All raise StoreUnavailable."""

    async def beat(self, node: str, identities_by_room: Mapping[str, Collection[str]]) -> None:
        """This node lives, and these people are in its rooms; both are forgotten when the beats stop."""

    async def leave(self, node: str) -> None: ...


class RoomRecorder(Protocol):
    """What films rooms.  It answers by NoteRecording."""

    def record(self, room_id: str, recording_id: str, state: RecordingState, by: str, *, tracks: bool = False) -> None:
        """Bring the recorder of this room into `state`; the same again changes nothing.  Short; must not raise.

        `by` is the identity that asked for it, "" when it is known already.  `tracks`, which stays as it was at first:
        everybody's microphone, camera and screen are kept by themselves too.
        """


class NoRecorder:
    """Where nothing is filmed (tests of rooms)."""

    def record(
        self, room_id: str, recording_id: str, state: RecordingState, by: str, *, tracks: bool = False
    ) -> None: ...


class RoomBroadcaster(Protocol):
    """Where a stage's audience is.  Both are short and must not raise; the same again changes nothing."""

    def broadcast(self, room_id: str, livestream_id: str, phase: StagePhase) -> None:
        """The livestream came into `phase`, or its room came to life in it."""

    def staged(self, room_id: str, livestream_id: str, stage: StageForAudience) -> None:
        """What the audience is told of the stage is this from now on."""


class NoBroadcaster:
    """Where nobody watches (tests of rooms)."""

    def broadcast(self, room_id: str, livestream_id: str, phase: StagePhase) -> None: ...

    def staged(self, room_id: str, livestream_id: str, stage: StageForAudience) -> None: ...


class RoomArchive(Protocol):
    """Where collab keeps what outlives the room."""

    async def chat_sent(self, room_id: str, message: ChatMessage, identity: str) -> None: ...

    async def chat_deleted(self, room_id: str, message_id: str) -> None:
        """Its file goes with it."""

    async def file_sharing_set(self, room_id: str, sharing: FileSharing) -> None:
        """Holds for later sittings, too."""

    async def removed(self, room_id: str, identity: str, at_ms: int) -> None:
        """What this identity could reach outside the room is to be shut, too."""

    async def marks_removed(self, room_id: str, mark_ids: tuple[str, ...], at_ms: int) -> None:
        """Of a session of assistance: later ones on the machine are not to look for them."""

    async def mark_placed(self, room_id: str, mark_id: str) -> None:
        """It counts, though it may have been removed before."""

    async def room_ended(self, room_id: str, at_ms: int) -> None: ...

    async def recent_chat(self, room_id: str, limit: int) -> list[ChatMessage]: ...

    async def attended(self, room_id: str, identity: str, name: str, joined_at_ms: int, left_at_ms: int) -> None: ...


# Transport between nodes (rooms/store/bus.py): frames of one link keep their order; a gap closes the link.
class BusLink(Protocol):
    """A two-way stream of frames to one connection or room on another node."""

    async def send(self, frame: bytes) -> None: ...

    async def close(self, code: Code) -> None: ...


class Bus(Protocol):
    node: str

    async def call(self, node: str, method: str, payload: bytes, timeout_ms: int) -> bytes:
        """Ask another node; raises TimeoutError, or RemoteRefused with its code."""

    def serve(self, method: str, handler: Callable[[bytes], Awaitable[bytes]]) -> None: ...

    async def open_link(
        self,
        node: str,
        kind: str,
        hello: bytes,
        on_frame: Callable[[bytes], None],
        on_close: Callable[[Code], None],
    ) -> BusLink: ...

    def accept_links(
        self,
        kind: str,
        on_link: Callable[[BusLink, bytes], Awaitable[tuple[Callable[[bytes], None], Callable[[Code], None]]]],
    ) -> None:
        """Called with the link and its hello; returns (on_frame, on_close)."""


class RemoteRefused(Exception):
    def __init__(self, code: Code) -> None:
        super().__init__(code)
        self.code = code


__all__ = [
    "SUMMARY_PEOPLE_MAX",
    "AnyEvent",
    "Audience",
    "Bus",
    "BusLink",
    "Delivery",
    "Done",
    "Lease",
    "LeaseState",
    "Leases",
    "Listener",
    "LiveRoom",
    "MediaPlane",
    "NoBroadcaster",
    "NoRecorder",
    "Outcome",
    "OwnedElsewhere",
    "Presence",
    "Refused",
    "RemoteRefused",
    "RoomArchive",
    "RoomBroadcaster",
    "RoomManager",
    "RoomRecord",
    "RoomRecorder",
    "RoomSummary",
    "Seated",
    "Snapshots",
    "StoreUnavailable",
    "Waiting",
]
