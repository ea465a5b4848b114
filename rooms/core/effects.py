"""What the world outside must do because of a command.  Closed; the manager carries them out in order."""

from __future__ import annotations

from msgspec import Struct

from .codes import Code
from .model import ChatMessage, FileSharing, Grant, RecordingState
from .stage_audience import StageForAudience
from .stage_model import StagePhase, Staging


class Effect(Struct, frozen=True):
    pass


class CutMedia(Effect, frozen=True):
    """Stop everything that the seat sends and receives."""

    participant_id: str


class CutRoom(Effect, frozen=True):
    """Stop all media of the room."""


class BlockTrack(Effect, frozen=True):
    """Forward a muted track to nobody, whatever its sender does; or forward it again."""

    participant_id: str
    track_id: str
    blocked: bool


class RefreshPermissions(Effect, frozen=True):
    """Role or grant changed: stop what may not be sent or received any more."""

    participant_id: str
    grant: Grant


class Admitted(Effect, frozen=True):
    """The connection that waited under this id holds the seat of the same id now."""

    participant_id: str


class CloseConnection(Effect, frozen=True):
    """Tell the connection of this seat or lobby entry that it is over, and forget it."""

    holder_id: str
    code: Code


class ArchiveChat(Effect, frozen=True):
    message: ChatMessage
    identity: str  # whose it is, beyond their seat


class ArchiveChatDeletion(Effect, frozen=True):
    message_id: str


class ArchiveFileSharing(Effect, frozen=True):
    sharing: FileSharing


class ArchiveAttendance(Effect, frozen=True):
    identity: str
    name: str
    joined_at_ms: int
    left_at_ms: int


class ArchiveRemoval(Effect, frozen=True):
    """This identity was removed: whatever else it can still reach of the room is to be shut too."""

    identity: str
    at_ms: int


class ArchiveMarksRemoved(Effect, frozen=True):
    """Of a machine: a later session does not look for them any more."""

    mark_ids: tuple[str, ...]
    at_ms: int


class ArchiveMarkPlaced(Effect, frozen=True):
    """If it was removed before it counts again."""

    mark_id: str


class ArchiveEnd(Effect, frozen=True):
    at_ms: int


class Record(Effect, frozen=True):
    """Bring the room's recorder into this state; OFF keeps what was recorded.  `by` is an identity."""

    recording_id: str
    state: RecordingState
    by: str
    tracks: bool = False  # keep those of everybody by themselves too


class ArrangeStage(Effect, frozen=True):
    """Who is seen and heard by whom."""

    staging: Staging


class Broadcast(Effect, frozen=True):
    """The livestream came into this phase, or its room came to life in it."""

    livestream_id: str
    phase: StagePhase


class ShowAudience(Effect, frozen=True):
    """What the audience is told of the stage is this now."""

    livestream_id: str
    stage: StageForAudience


MediaEffect = CutMedia | CutRoom | BlockTrack | RefreshPermissions | ArrangeStage
BroadcastEffect = Broadcast | ShowAudience
ArchiveEffect = (
    ArchiveChat
    | ArchiveChatDeletion
    | ArchiveFileSharing
    | ArchiveAttendance
    | ArchiveRemoval
    | ArchiveMarksRemoved
    | ArchiveMarkPlaced
    | ArchiveEnd
)
ConnectionEffect = Admitted | CloseConnection
AnyEffect = MediaEffect | Record | BroadcastEffect | ArchiveEffect | ConnectionEffect
