"""What happened in a room.  Closed, tagged, numbered: these very structs go over the wire inside `event` messages.

Every event has an audience; a client that was not in the audience of an event sees a gap in `seq`, which is normal:
`seq` orders, it does not count.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from .assist_model import (
    AssistRole,
    Device,
    DeviceAsk,
    DocumentRegion,
    Mark,
    MarkColor,
    MarkState,
    RecordKind,
    ShownDocument,
)
from .model import ChatMessage, FileSharing, LobbyEntry, Participant, Presence, Quality, Recording, Role, Track
from .stage_model import Layout, LowerThird, RunItem, Slides, StagePhase


class Audience(StrEnum):
    ALL = "all"
    MODERATORS = "moderators"


class LeaveReason(StrEnum):
    LEFT = "left"
    TIMED_OUT = "timed_out"
    REMOVED = "removed"
    ENDED = "ended"
    REPLACED = "replaced"  # the same seat was resumed by another connection
    EXPIRED = "expired"  # the grant ran out


class Event(Struct, frozen=True, tag_field="event", rename=None):
    pass


class ParticipantJoined(Event, frozen=True, tag="participant_joined"):
    participant: Participant


class ParticipantLeft(Event, frozen=True, tag="participant_left"):
    participant_id: str
    reason: LeaveReason


class PresenceChanged(Event, frozen=True, tag="presence_changed"):
    participant_id: str
    presence: Presence


class ParticipantRenamed(Event, frozen=True, tag="participant_renamed"):
    participant_id: str
    name: str


class RoleChanged(Event, frozen=True, tag="role_changed"):
    participant_id: str
    role: Role
    by: str


class TracksChanged(Event, frozen=True, tag="tracks_changed"):
    participant_id: str
    tracks: tuple[Track, ...]


class TrackMuted(Event, frozen=True, tag="track_muted"):
    participant_id: str
    track_id: str
    muted: bool
    by: str  # participant id of the one who did it


class HandRaised(Event, frozen=True, tag="hand_raised"):
    participant_id: str
    raised_at_ms: int  # 0 = lowered
    by: str


class Reacted(Event, frozen=True, tag="reacted"):
    """Transient: changes no state."""

    participant_id: str
    reaction: str


class QualityChanged(Event, frozen=True, tag="quality_changed"):
    participant_id: str
    quality: Quality
    cause: str


class ChatSent(Event, frozen=True, tag="chat_sent"):
    message: ChatMessage


class ChatDeleted(Event, frozen=True, tag="chat_deleted"):
    message_id: str
    by: str


class FileSharingChanged(Event, frozen=True, tag="file_sharing_changed"):
    sharing: FileSharing
    by: str


class PublicKeyChanged(Event, frozen=True, tag="public_key_changed"):
    """A device has come with its key, or the page was loaded again: what it was sent before it cannot read."""

    participant_id: str
    public_key: str


class KeysReceived(Event, frozen=True, tag="keys_received"):
    """Sent to one seat: keys that another device has sealed for this one.  Changes no state."""

    participant_id: str  # who sent them
    sealed: str


class LockChanged(Event, frozen=True, tag="lock_changed"):
    locked: bool
    by: str


class LobbyChanged(Event, frozen=True, tag="lobby_changed"):
    enabled: bool
    by: str


class LobbyAsked(Event, frozen=True, tag="lobby_asked"):
    """Audience: moderators."""

    entry: LobbyEntry


class LobbyLeft(Event, frozen=True, tag="lobby_left"):
    """Audience: moderators.  Admitted, denied or withdrawn."""

    entry_id: str


class LobbyListed(Event, frozen=True, tag="lobby_listed"):
    """Sent to one person who has just become a moderator: the whole queue.  An empty list hides it again."""

    entries: tuple[LobbyEntry, ...]


class RoomEnded(Event, frozen=True, tag="room_ended"):
    """Nobody is in the room or its lobby any more; no ParticipantLeft comes for each."""

    by: str


class AssistRoleChanged(Event, frozen=True, tag="assist_role_changed"):
    participant_id: str
    assist_role: AssistRole | None


class MarkPlaced(Event, frozen=True, tag="mark_placed"):
    """New, or drawn anew by its author."""

    mark: Mark


class MarkChanged(Event, frozen=True, tag="mark_changed"):
    mark_id: str
    text: str
    color: MarkColor
    number: int
    by: str


class MarkLinked(Event, frozen=True, tag="mark_linked"):
    mark_id: str
    region: DocumentRegion | None
    by: str


class MarksRemoved(Event, frozen=True, tag="marks_removed"):
    mark_ids: tuple[str, ...]
    by: str


class MarkStateChanged(Event, frozen=True, tag="mark_state"):
    mark_id: str
    state: MarkState


class MarkConfirmed(Event, frozen=True, tag="mark_confirmed"):
    mark_id: str
    confirmed_at_ms: int  # 0 = taken back
    by: str


class MarkStill(Event, frozen=True, tag="mark_still"):
    mark_id: str
    still_id: str


class DeviceChanged(Event, frozen=True, tag="device_changed"):
    device: Device


class DeviceAsked(Event, frozen=True, tag="device_asked"):
    ask: DeviceAsk


class DeviceAnswered(Event, frozen=True, tag="device_answered"):
    """The ask is not open any more."""

    ask_id: str
    accepted: bool
    by: str  # "" = nobody answered in time


class DocumentShown(Event, frozen=True, tag="document_shown"):
    document: ShownDocument | None  # None = hidden
    by: str


class RecordingChanged(Event, frozen=True, tag="recording_changed"):
    recording: Recording


class StagePhaseChanged(Event, frozen=True, tag="stage_phase_changed"):
    phase: StagePhase
    at_ms: int
    by: str  # participant id; "" = by itself


class StagePlaced(Event, frozen=True, tag="stage_placed"):
    on_stage: tuple[str, ...]  # all of them, in order
    by: str


class StageArranged(Event, frozen=True, tag="stage_arranged"):
    layout: Layout
    focus: str
    by: str


class StageNamed(Event, frozen=True, tag="stage_named"):
    participant_id: str
    plate: LowerThird | None  # None = none
    by: str


class StageSlidesChanged(Event, frozen=True, tag="stage_slides_changed"):
    slides: Slides | None  # None = hidden
    by: str


class StageRunChanged(Event, frozen=True, tag="stage_run_changed"):
    run: tuple[RunItem, ...]
    by: str


class StageItemTaken(Event, frozen=True, tag="stage_item_taken"):
    item_id: str  # "" = nothing is on
    began_at_ms: int
    by: str


class StageCountdownSet(Event, frozen=True, tag="stage_countdown_set"):
    ends_at_ms: int  # 0 = none
    by: str


class RecordChanged(Event, frozen=True, tag="record_changed"):
    """Transient: what is kept of the session under this id is to be read again."""

    kind: RecordKind
    record_id: str


AnyEvent = (
    ParticipantJoined
    | ParticipantLeft
    | PresenceChanged
    | ParticipantRenamed
    | RoleChanged
    | TracksChanged
    | TrackMuted
    | HandRaised
    | Reacted
    | QualityChanged
    | ChatSent
    | ChatDeleted
    | FileSharingChanged
    | PublicKeyChanged
    | KeysReceived
    | LockChanged
    | LobbyChanged
    | LobbyAsked
    | LobbyLeft
    | LobbyListed
    | RoomEnded
    | AssistRoleChanged
    | MarkPlaced
    | MarkChanged
    | MarkLinked
    | MarksRemoved
    | MarkStateChanged
    | MarkConfirmed
    | MarkStill
    | DeviceChanged
    | DeviceAsked
    | DeviceAnswered
    | DocumentShown
    | RecordingChanged
    | StagePhaseChanged
    | StagePlaced
    | StageArranged
    | StageNamed
    | StageSlidesChanged
    | StageRunChanged
    | StageItemTaken
    | StageCountdownSet
    | RecordChanged
)
