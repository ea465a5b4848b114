"""What can be asked of a room.  `actor` is a participant id; "" stands for the system (timers, the media plane)."""

from __future__ import annotations

from msgspec import Struct

from .assist_model import (
    AskKind,
    Device,
    DocumentRegion,
    Earlier,
    FrameRef,
    MarkColor,
    MarkKind,
    MarkState,
    RecordKind,
    ShownDocument,
)
from .model import ChatFile, Envelope, FileSharing, Grant, Quality, RecordingEnd, RecordingState, Role, Source, Track
from .stage_model import Layout, RunItem, Slides


class Command(Struct, frozen=True, tag_field="command", tag=True):
    actor: str


class Join(Command, frozen=True):
    """Take a seat, or ask at the lobby.  With a valid `resume` token the kept seat is taken again.

    A resumed seat keeps id, role, tracks, raised hand and chat position.  `candidate_id` is the id that a new seat or
    lobby entry gets, `candidate_resume` its resume token: random values are drawn by the caller.
    """

    grant: Grant
    candidate_id: str
    candidate_resume: str
    resume: str = ""


class Leave(Command, frozen=True):
    """The person left on purpose: the seat is freed at once.  From the lobby: the entry is withdrawn."""


class Disconnected(Command, frozen=True):
    """The connection was lost: the seat becomes `away` and is kept SEAT_KEPT_MS."""


class Tick(Command, frozen=True):
    """Time passed: expire kept seats, grants and idle lobby entries."""


class Rename(Command, frozen=True):
    name: str


class SetTracks(Command, frozen=True):
    """The tracks that the actor's publishing connection now carries (replaces the former list)."""

    tracks: tuple[Track, ...]


class SetMuted(Command, frozen=True):
    track_id: str
    muted: bool


class RaiseHand(Command, frozen=True):
    raised: bool


class React(Command, frozen=True):
    reaction: str  # closed set REACTIONS


class SetQuality(Command, frozen=True):
    quality: Quality
    cause: str = ""


class SendChat(Command, frozen=True):
    text: str
    nonce: str
    message_id: str


class BringFile(Command, frozen=True):
    """May the actor share a file now?  Asked before its bytes are taken."""


class ShareFile(Command, frozen=True):
    """Put a file that was brought into the chat."""

    file: ChatFile
    nonce: str
    message_id: str


class SetFileSharing(Command, frozen=True):
    sharing: FileSharing


class ShowKey(Command, frozen=True):
    """The public key of the actor's device in an encrypted room, base64url."""

    public_key: str


class SendKeys(Command, frozen=True):
    """Sealed keys, an envelope for each receiver; the room reads none."""

    envelopes: tuple[Envelope, ...]


class DeleteChat(Command, frozen=True):
    """One's own message, or anyone's by a moderator."""

    message_id: str


class MuteParticipant(Command, frozen=True):
    """A moderator stops one source of somebody: microphone muted, camera or share stopped."""

    participant_id: str
    source: Source


class MuteAll(Command, frozen=True):
    """Mute the microphones of all but moderators."""


class LowerHand(Command, frozen=True):
    participant_id: str


class Remove(Command, frozen=True):
    """The person cannot return to this room."""

    participant_id: str


class SetRole(Command, frozen=True):
    participant_id: str
    role: Role


class SetLocked(Command, frozen=True):
    locked: bool


class SetLobby(Command, frozen=True):
    enabled: bool


class Admit(Command, frozen=True):
    """`entry_id` "" admits all who wait."""

    entry_id: str


class Deny(Command, frozen=True):
    """`entry_id` "" denies all who wait."""

    entry_id: str


class End(Command, frozen=True):
    """End the meeting for all."""


class PlaceMark(Command, frozen=True):
    """One's own mark of this id again is the same mark, drawn anew: undo and redo."""

    mark_id: str
    kind: MarkKind
    color: MarkColor
    width: float
    points: tuple[float, ...]
    text: str
    number: int
    frame: FrameRef
    earlier: Earlier | None = None  # by the leading phone only: found again


class ChangeMark(Command, frozen=True):
    mark_id: str
    text: str
    color: MarkColor
    number: int


class LinkMark(Command, frozen=True):
    """To a part of a document's page; None takes the link away."""

    mark_id: str
    region: DocumentRegion | None


class RemoveMark(Command, frozen=True):
    """One's own, or anyone's by who is on site and by moderators."""

    mark_id: str


class RemoveMarks(Command, frozen=True):
    """`everyones`: by who may remove any; else one's own."""

    everyones: bool


class ReportMark(Command, frozen=True):
    mark_id: str
    state: MarkState


class ConfirmMark(Command, frozen=True):
    """ "Yes, this one", said on site; or taken back."""

    mark_id: str
    confirmed: bool


class SetStill(Command, frozen=True):
    mark_id: str
    still_id: str


class SetDevice(Command, frozen=True):
    """`device.participant_id` is not read: it is the actor's."""

    device: Device


class LeadCamera(Command, frozen=True):
    """Somebody on site whose phone leads from now on."""

    participant_id: str


class AskDevice(Command, frozen=True):
    ask_id: str
    ask: AskKind
    value: float


class AnswerDevice(Command, frozen=True):
    ask_id: str
    accepted: bool


class ShowDocument(Command, frozen=True):
    """`document.by` is not read: it is the actor.  None hides what is shown."""

    document: ShownDocument | None


class StartRecording(Command, frozen=True):
    recording_id: str  # made by the server for whoever asks
    tracks: bool = False  # keep everybody's by themselves too


class PauseRecording(Command, frozen=True):
    """Or go on with it."""

    paused: bool


class StopRecording(Command, frozen=True): ...


class StageGoLive(Command, frozen=True): ...


class StageEnd(Command, frozen=True): ...


class StageBring(Command, frozen=True):
    """Or behind it again."""

    participant_id: str
    on: bool


class StageLayout(Command, frozen=True):
    layout: Layout
    focus: str  # participant id; "" = who is first on stage


class StageName(Command, frozen=True):
    """The lower third of somebody; without a name there is none."""

    participant_id: str
    name: str
    line: str
    shown: bool


class StageSlides(Command, frozen=True):
    """`slides.by` and `at_ms` are not read: they are the actor and now.  None hides what is shown."""

    slides: Slides | None


class StagePage(Command, frozen=True):
    page: int


class StageRun(Command, frozen=True):
    """The whole run list."""

    items: tuple[RunItem, ...]


class StageItem(Command, frozen=True):
    """What is on now; "" = nothing."""

    item_id: str


class StageCountdown(Command, frozen=True):
    """Seconds from now; 0 = none."""

    seconds: int


class NoteRecording(Command, frozen=True):
    """By the system: what its recorder does.  OFF with a reason when it ended by itself."""

    recording_id: str
    state: RecordingState
    end: RecordingEnd | None = None


class NoteRecord(Command, frozen=True):
    """By the system: something that is kept of the session has changed."""

    kind: RecordKind
    record_id: str


AnyCommand = (
    Join
    | Leave
    | Disconnected
    | Tick
    | Rename
    | SetTracks
    | SetMuted
    | RaiseHand
    | React
    | SetQuality
    | SendChat
    | BringFile
    | ShareFile
    | SetFileSharing
    | ShowKey
    | SendKeys
    | DeleteChat
    | MuteParticipant
    | MuteAll
    | LowerHand
    | Remove
    | SetRole
    | SetLocked
    | SetLobby
    | Admit
    | Deny
    | End
    | PlaceMark
    | ChangeMark
    | LinkMark
    | RemoveMark
    | RemoveMarks
    | ReportMark
    | ConfirmMark
    | SetStill
    | SetDevice
    | LeadCamera
    | AskDevice
    | AnswerDevice
    | ShowDocument
    | StartRecording
    | PauseRecording
    | StopRecording
    | StageGoLive
    | StageEnd
    | StageBring
    | StageLayout
    | StageName
    | StageSlides
    | StagePage
    | StageRun
    | StageItem
    | StageCountdown
    | NoteRecording
    | NoteRecord
)

REACTIONS = ("clap", "heart", "laugh", "wow", "thumbs_up", "celebrate")
