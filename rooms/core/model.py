"""What is true in a live room, as values.  No I/O, no clock: times are milliseconds since the epoch, given as `now_ms`.

`RoomView` is what a host may see; `RoomView.for_role` hides what others may not.  The same `events_apply.apply` moves
the server's view and a client's copy, so that a snapshot followed by its events is the next snapshot.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct, field
from msgspec.structs import replace

from .assist_model import AssistRole, Device, DeviceAsk, Mark, ShownDocument
from .stage_model import StageView

CHAT_TEXT_MAX_CHARS = 4_000
CHAT_HISTORY_MAX_MESSAGES = 200
NAME_MAX_CHARS = 64
TITLE_MAX_CHARS = 120
TRACKS_PER_PARTICIPANT_MAX = 64
PARTICIPANTS_MAX = 1_000
ENCRYPTED_PARTICIPANTS_MAX = 300  # of an encrypted room: a new key is sealed for every other seat
LOBBY_MAX = 500
SEAT_KEPT_MS = 60_000
SEATS_RESERVED = 10  # of PARTICIPANTS_MAX, for moderators: a full room must not shut out its host
SEATS_PER_IDENTITY_MAX = 16  # visible ones: devices of one person, cameras behind one token
PLACES_PER_IDENTITY_MAX = 3  # in the lobby
HIDDEN_MAX = 1_000
REMOVED_MAX = 10_000  # identities and networks remembered each; beyond it the oldest is forgotten


class Role(StrEnum):
    """A person's part in one room.  It comes from identity and grant, never from a name or from who came first."""

    HOST = "host"
    CO_HOST = "co_host"
    PARTICIPANT = "participant"
    GUEST = "guest"

    @property
    def moderates(self) -> bool:
        return self in (Role.HOST, Role.CO_HOST)


class Source(StrEnum):
    """What a track shows or carries."""

    MICROPHONE = "microphone"
    CAMERA = "camera"
    SCREEN = "screen"
    SCREEN_AUDIO = "screen_audio"

    @property
    def kind(self) -> TrackKind:
        return TrackKind.AUDIO if self in (Source.MICROPHONE, Source.SCREEN_AUDIO) else TrackKind.VIDEO


class TrackKind(StrEnum):
    AUDIO = "audio"
    VIDEO = "video"


class Presence(StrEnum):
    """Whether the seat's connection stands (`here`) or is awaited for up to SEAT_KEPT_MS (`away`)."""

    HERE = "here"
    AWAY = "away"


class Quality(StrEnum):
    """How a participant's line is, as they measure it."""

    UNKNOWN = "unknown"
    GOOD = "good"
    WEAK = "weak"
    BAD = "bad"


class FileSharing(StrEnum):
    """Who may put files into the chat of a room.  In an encrypted room nobody does."""

    EVERYONE = "everyone"
    MEMBERS = "members"  # all but guests
    NOBODY = "nobody"


class Phase(StrEnum):
    OPEN = "open"
    ENDED = "ended"


class RecordingState(StrEnum):
    """off -> starting (nothing is written yet) -> on <-> paused -> off."""

    OFF = "off"
    STARTING = "starting"
    ON = "on"
    PAUSED = "paused"


class RecordingEnd(StrEnum):
    """Why a recording ended."""

    STOPPED = "stopped"
    ROOM_ENDED = "room_ended"
    NOBODY = "nobody"  # the room was empty
    DISK = "disk"  # it could not be written
    FAULT = "fault"


class Recording(Struct, frozen=True):
    """What everybody in the room is told about being recorded."""

    state: RecordingState = RecordingState.OFF
    id: str = ""  # of the recording that is being made, or was made last
    by: str = ""  # participant id
    since_ms: int = 0  # when it came into this state
    end: RecordingEnd | None = None  # of the one that was made last
    tracks: bool = False  # everybody's microphone, camera and screen are kept by themselves too


class Grant(Struct, frozen=True):
    """What an identity may do in one room, decided by collab (account, invitation or token) before the room is asked.

    `identity` is stable for an account or an invited guest; `address` is only compared, never shown.
    """

    identity: str
    name: str
    role: Role
    organization: str = ""
    publish: tuple[Source, ...] = (Source.MICROPHONE, Source.CAMERA, Source.SCREEN, Source.SCREEN_AUDIO)
    subscribe: bool = True
    chat: bool = True
    skip_lobby: bool = False
    hidden: bool = False  # recorders, WHEP viewers: seen by nobody, counted by nobody
    address: str = ""
    expires_at_ms: int = 0  # 0 = bounded by the room
    assist: AssistRole | None = None  # in a room of assistance; counts nowhere else


class Track(Struct, frozen=True):
    id: str
    source: Source
    codec: str  # "opus", "VP8", "H264", "VP9", "AV1"
    muted: bool = False


class Participant(Struct, frozen=True):
    id: str  # the seat; a person on two devices has two
    identity: str
    name: str
    role: Role
    organization: str
    presence: Presence
    joined_at_ms: int
    hand_raised_at_ms: int = 0  # 0 = lowered; the order of hands
    quality: Quality = Quality.UNKNOWN
    quality_cause: str = ""  # closed code from QualityCause in signaling/messages.py, "" when good
    tracks: tuple[Track, ...] = ()
    public_key: str = ""  # of the device, in an encrypted room; "" until it is shown
    assist_role: AssistRole | None = None


class Envelope(Struct, frozen=True):
    """Sealed by one device for another; the server cannot open it."""

    to: str  # participant id
    sealed: str  # base64url


class LobbyEntry(Struct, frozen=True):
    id: str
    name: str
    organization: str
    role: Role
    asked_at_ms: int
    note: str = ""  # closed code: "same_network_as_removed" when someone was removed from that address


class ChatFile(Struct, frozen=True):
    """What a message brings with it.  The file itself is kept outside the room, under this key."""

    key: str
    name: str
    size_bytes: int
    media_type: str


class ChatMessage(Struct, frozen=True):
    id: str
    sender_id: str  # participant id
    sender_name: str
    text: str
    sent_at_ms: int
    nonce: str = ""  # the sender's own key: a message sent again after a reconnect is not doubled
    deleted: bool = False
    file: ChatFile | None = None  # then `text` is its name; None once the message or the file is deleted


class RoomView(Struct):
    """One room as a host sees it.  `seq` is the sequence number of the last event applied."""

    id: str
    code: str
    title: str
    phase: Phase = Phase.OPEN
    seq: int = 0
    started_at_ms: int = 0
    locked: bool = False
    lobby_enabled: bool = False
    guests_may_share: bool = True
    file_sharing: FileSharing = FileSharing.EVERYONE
    encrypted: bool = False  # end to end, from the first minute to the last
    assist: bool = False  # a room of assistance, from the first minute to the last; never an encrypted one
    recording: Recording = Recording()
    participants: dict[str, Participant] = field(default_factory=dict)
    lobby: dict[str, LobbyEntry] = field(default_factory=dict)  # moderators only
    chat: list[ChatMessage] = field(default_factory=list)  # the last CHAT_HISTORY_MAX_MESSAGES
    marks: dict[str, Mark] = field(default_factory=dict)  # in the order in which they were placed
    device: Device = Device()
    asks: dict[str, DeviceAsk] = field(default_factory=dict)  # open ones, oldest first
    document: ShownDocument | None = None
    stage: StageView | None = None  # of a livestream, from the first minute to the last; never in an encrypted room

    def for_role(self, role: Role) -> RoomView:
        """A copy with what this role may see.  Its values are frozen, so it stays as it is when the room goes on."""
        return replace(
            self,
            participants=dict(self.participants),
            lobby=dict(self.lobby) if role.moderates else {},
            chat=list(self.chat),
            marks=dict(self.marks),
            asks=dict(self.asks),
        )
