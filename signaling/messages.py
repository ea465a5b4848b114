"""The wire protocol: closed tagged unions of what client and server say, JSON over one WebSocket at /ws.

PROTOCOL.md tells the story; commands.py says who may send what, when, and at what cost.  Unknown types and
unknown fields are refused.  Requests carry `id` (1..2^31-1, the client's counter); each is answered by
exactly one reply with that `id` (join from the lobby: by `waiting`, later by `joined`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, get_args

from msgspec import Meta, Struct

from rooms.core.codes import Code
from rooms.core.events import AnyEvent
from rooms.core.model import ChatMessage, Quality, Role, RoomView, Source

from .assist_messages import AnyAssistMessage
from .desk_messages import DeskMessage
from .file_messages import AnyFileMessage, BringFile, FilePath, OpenFile, SetFileSharing, ShareFile
from .message_types import SDP_MAX_CHARS, ClientMessage, Milliseconds, Name, Sdp, ServerMessage, ShortText, Token
from .stage_messages import AnyStageMessage

# What others take from here although it is written elsewhere; the messages themselves need no mention.
__all__ = ["SDP_MAX_CHARS", "ClientMessage", "Sdp", "ServerMessage"]

PROTOCOL_VERSION = 1
FRAME_MAX_BYTES = 262_144
JSON_DEPTH_MAX = 16
ENVELOPES_MAX = 64


class QualityCause(StrEnum):
    NONE = ""
    UPLINK_LOSS = "uplink_loss"
    DOWNLINK_LOSS = "downlink_loss"
    DELAY = "delay"
    CPU = "cpu"


# ---------------------------------------------------------------- client -> server


class Hello(ClientMessage, frozen=True, tag="hello", kw_only=True):
    """First message.  A member is known by the session cookie; a guest or a program shows a token."""

    protocol: int
    token: Token = ""


class Join(ClientMessage, frozen=True, tag="join", kw_only=True):
    """Enter a room, or ask at its lobby, or (with `resume`) take the kept seat again.

    May be sent right behind hello, without waiting for welcome.
    """

    room: ShortText
    resume: Token = ""


class Leave(ClientMessage, frozen=True, tag="leave", kw_only=True):
    pass


class Ping(ClientMessage, frozen=True, tag="ping", kw_only=True):
    sent_at_ms: Milliseconds


class PublishedMedia(Struct, frozen=True, forbid_unknown_fields=True):
    mid: ShortText
    source: Source
    muted: bool = False
    backup: bool = False  # a second stream of that source, as `codec` asked for it


class Publish(ClientMessage, frozen=True, tag="publish", kw_only=True):
    """Offer of the publishing peer connection.  `media` names what every sending m-line carries.

    May be sent right behind join: it is kept until the seat is taken.
    """

    sdp: Sdp
    media: Annotated[tuple[PublishedMedia, ...], Meta(max_length=64)]


class Answer(ClientMessage, frozen=True, tag="answer", kw_only=True):
    """Answer to the server's `offer` with the same revision."""

    revision: Annotated[int, Meta(ge=0, le=2**31 - 1)]
    sdp: Sdp


class RestartSubscription(ClientMessage, frozen=True, tag="restart_subscription", kw_only=True):
    """Ask for an offer that restarts ICE of the subscribing connection; `fresh`: for a wholly new one."""

    fresh: bool = False


class Want(Struct, frozen=True, forbid_unknown_fields=True):
    track_id: ShortText
    visible: bool = True  # false: keep the m-line, send nothing
    width: Annotated[int, Meta(ge=0, le=8192)] = 0  # device pixels of the tile; 0 for audio
    height: Annotated[int, Meta(ge=0, le=8192)] = 0
    pinned: bool = False  # a person's own choice: goes before who speaks when there is not room for all


class Subscribe(ClientMessage, frozen=True, tag="subscribe", kw_only=True):
    """The whole list of tracks that the page wants; what is not in it is unsubscribed."""

    wants: Annotated[tuple[Want, ...], Meta(max_length=2048)]


class SetMuted(ClientMessage, frozen=True, tag="set_muted", kw_only=True):
    track_id: ShortText
    muted: bool


class RaiseHand(ClientMessage, frozen=True, tag="raise_hand", kw_only=True):
    raised: bool


class React(ClientMessage, frozen=True, tag="react", kw_only=True):
    reaction: ShortText


class Rename(ClientMessage, frozen=True, tag="rename", kw_only=True):
    name: Name


class ReportQuality(ClientMessage, frozen=True, tag="report_quality", kw_only=True):
    quality: Quality
    cause: QualityCause = QualityCause.NONE


class SendChat(ClientMessage, frozen=True, tag="send_chat", kw_only=True):
    text: Annotated[str, Meta(min_length=1, max_length=4_000)]
    nonce: Annotated[str, Meta(min_length=1, max_length=64)]


class DeleteChat(ClientMessage, frozen=True, tag="delete_chat", kw_only=True):
    message_id: ShortText


class ReadChat(ClientMessage, frozen=True, tag="read_chat", kw_only=True):
    """Older messages than `before_id` (the oldest that the page has)."""

    before_id: ShortText
    limit: Annotated[int, Meta(ge=1, le=100)] = 50


class ShowKey(ClientMessage, frozen=True, tag="show_key", kw_only=True):
    """In an encrypted room: the public key of this device, made for this visit."""

    public_key: Annotated[str, Meta(min_length=87, max_length=87)]


class KeyEnvelope(Struct, frozen=True, forbid_unknown_fields=True):
    to: ShortText  # participant id
    sealed: Annotated[str, Meta(min_length=32, max_length=256)]


class SendKeys(ClientMessage, frozen=True, tag="send_keys", kw_only=True):
    """Keys of what this device sends, sealed for each receiver.  They arrive as `keys_received`."""

    envelopes: Annotated[tuple[KeyEnvelope, ...], Meta(min_length=1, max_length=ENVELOPES_MAX)]


class MuteParticipant(ClientMessage, frozen=True, tag="mute_participant", kw_only=True):
    participant_id: ShortText
    source: Source


class MuteAll(ClientMessage, frozen=True, tag="mute_all", kw_only=True):
    pass


class LowerHand(ClientMessage, frozen=True, tag="lower_hand", kw_only=True):
    participant_id: ShortText


class Remove(ClientMessage, frozen=True, tag="remove", kw_only=True):
    participant_id: ShortText


class SetRole(ClientMessage, frozen=True, tag="set_role", kw_only=True):
    participant_id: ShortText
    role: Role


class SetLocked(ClientMessage, frozen=True, tag="set_locked", kw_only=True):
    locked: bool


class SetLobby(ClientMessage, frozen=True, tag="set_lobby", kw_only=True):
    enabled: bool


class Admit(ClientMessage, frozen=True, tag="admit", kw_only=True):
    """`entry_id` "" admits everyone who waits."""

    entry_id: ShortText


class Deny(ClientMessage, frozen=True, tag="deny", kw_only=True):
    entry_id: ShortText


class StartRecording(ClientMessage, frozen=True, tag="start_recording", kw_only=True):
    tracks: bool = False


class PauseRecording(ClientMessage, frozen=True, tag="pause_recording", kw_only=True):
    paused: bool


class StopRecording(ClientMessage, frozen=True, tag="stop_recording", kw_only=True):
    pass


class End(ClientMessage, frozen=True, tag="end", kw_only=True):
    pass


AnyClientMessage = (
    Hello
    | Join
    | Leave
    | Ping
    | Publish
    | Answer
    | RestartSubscription
    | Subscribe
    | SetMuted
    | RaiseHand
    | React
    | Rename
    | ReportQuality
    | SendChat
    | DeleteChat
    | ReadChat
    | ShowKey
    | SendKeys
    | MuteParticipant
    | MuteAll
    | LowerHand
    | Remove
    | SetRole
    | SetLocked
    | SetLobby
    | Admit
    | Deny
    | StartRecording
    | PauseRecording
    | StopRecording
    | End
    | AnyAssistMessage
    | AnyFileMessage
    | AnyStageMessage
)


# ---------------------------------------------------------------- server -> client


class Ok(ServerMessage, frozen=True, tag="ok", kw_only=True):
    """The request was done and has no other reply."""

    id: int


class Error(ServerMessage, frozen=True, tag="error", kw_only=True):
    """The request was refused; the connection stays."""

    id: int
    code: Code
    retry_after_ms: int = 0


class Welcome(ServerMessage, frozen=True, tag="welcome", kw_only=True):
    """Reply to hello."""

    id: int
    protocol: int
    identity: str
    name: str
    node: str
    ping_interval_ms: int
    server_time_ms: int


class IceServer(Struct, frozen=True):
    urls: tuple[str, ...]
    username: str = ""
    credential: str = ""


class JoinWaiting(ServerMessage, frozen=True, tag="waiting", kw_only=True):
    """Reply to join: in the lobby.  `joined` follows with the same id when a moderator admits."""

    id: int
    entry_id: str
    resume: str


class Joined(ServerMessage, frozen=True, tag="joined", kw_only=True):
    """Reply to join, now or after the lobby: the snapshot; events after `room.seq` follow."""

    id: int
    participant_id: str
    role: Role
    publish: tuple[Source, ...]  # what this seat may publish
    resume: str
    resumed: bool
    room: RoomView
    ice_servers: tuple[IceServer, ...]


class PublishedTrack(Struct, frozen=True):
    mid: str
    track_id: str


class Published(ServerMessage, frozen=True, tag="published", kw_only=True):
    """Reply to publish: our answer."""

    id: int
    sdp: str
    tracks: tuple[PublishedTrack, ...]


class OfferedTrack(Struct, frozen=True):
    mid: str
    track_id: str
    participant_id: str
    source: Source


class Offer(ServerMessage, frozen=True, tag="offer", kw_only=True):
    """The server's offer for the subscribing connection.  `fresh`: start with a new RTCPeerConnection."""

    revision: int
    sdp: str
    tracks: tuple[OfferedTrack, ...]
    fresh: bool = False


class EventMessage(ServerMessage, frozen=True, tag="event", kw_only=True):
    seq: int
    event: AnyEvent


class IceServers(ServerMessage, frozen=True, tag="ice_servers", kw_only=True):
    """Relay credentials that take the place of those that run out; for the next ICE restart."""

    ice_servers: tuple[IceServer, ...]


class Speakers(ServerMessage, frozen=True, tag="speakers", kw_only=True):
    """Who speaks now, loudest first.  Transient; the latest replaces all former."""

    participant_ids: tuple[str, ...]


class BandwidthState(StrEnum):
    FULL = "full"  # all that the page wants, as large as it shows it
    REDUCED = "reduced"  # some pictures are smaller than shown, or paused
    AUDIO_ONLY = "audio_only"  # every picture is paused, so that sound stays clear


class Bandwidth(ServerMessage, frozen=True, tag="bandwidth", kw_only=True):
    """What the subscriber's line lets through.  Sent on a change of state; FULL until the first."""

    state: BandwidthState
    estimate_bps: int  # 0 = not known


class Encodings(ServerMessage, frozen=True, tag="encodings", kw_only=True):
    """Send only these encodings of a simulcast track: nobody watches the others.  The latest replaces all former."""

    track_id: str
    rids: tuple[str, ...]  # lowest first; empty: none is watched


class PreferredCodec(ServerMessage, frozen=True, tag="codec", kw_only=True):
    """Send this track in `codec`, and while `backup` is not empty a small second stream of it in that codec, for those
    who cannot decode the first.  The latest replaces all former."""

    track_id: str
    codec: str
    backup: str = ""


class Undecodable(ServerMessage, frozen=True, tag="undecodable", kw_only=True):
    """Pictures that this device wants and cannot decode, and whose publishers cannot send what it could.  The latest
    replaces all former."""

    track_ids: tuple[str, ...]


# What the media plane tells one seat; of a kind, and of a track, the latest replaces the former.
MediaNotice = Bandwidth | Encodings | PreferredCodec | Undecodable


def ignore_notice(_: MediaNotice) -> None:
    """For who has no page to tell."""


class ChatPage(ServerMessage, frozen=True, tag="chat_page", kw_only=True):
    id: int
    messages: tuple[ChatMessage, ...]
    more: bool


class Pong(ServerMessage, frozen=True, tag="pong", kw_only=True):
    id: int
    sent_at_ms: int
    server_time_ms: int


class Closing(ServerMessage, frozen=True, tag="closing", kw_only=True):
    """Last message before the server closes.  RESUMABLE says after which codes a client may come back."""

    code: Code
    retry_after_ms: int = 0


AnyServerMessage = (
    Ok
    | Error
    | Welcome
    | JoinWaiting
    | Joined
    | Published
    | Offer
    | EventMessage
    | IceServers
    | Speakers
    | Bandwidth
    | Encodings
    | PreferredCodec
    | Undecodable
    | ChatPage
    | FilePath
    | Pong
    | Closing
    | DeskMessage
)


def tag_of(message: ClientMessage | ServerMessage) -> str:
    """The `type` that it has on the wire."""
    return str(message.__struct_config__.tag)


# ---------------------------------------------------------------- what answers what

# A refused request is answered by Error instead.  `leave` and `end` are answered by Ok, then by Closing.
REPLIES: dict[type[ClientMessage], tuple[type[ServerMessage], ...]] = {
    Hello: (Welcome,),
    Join: (Joined, JoinWaiting),
    Ping: (Pong,),
    Publish: (Published,),
    ReadChat: (ChatPage,),
    **dict.fromkeys((BringFile, OpenFile), (FilePath,)),
    **dict.fromkeys(
        (
            Leave,
            Answer,
            RestartSubscription,
            Subscribe,
            SetMuted,
            RaiseHand,
            React,
            Rename,
            ReportQuality,
            SendChat,
            DeleteChat,
            ShowKey,
            SendKeys,
            MuteParticipant,
            MuteAll,
            LowerHand,
            Remove,
            SetRole,
            SetLocked,
            SetLobby,
            Admit,
            Deny,
            StartRecording,
            PauseRecording,
            StopRecording,
            End,
            ShareFile,
            SetFileSharing,
            *get_args(AnyAssistMessage),
            *get_args(AnyStageMessage),
        ),
        (Ok,),
    ),
}

# After Closing with one of these a client may connect again and resume its seat; after any other it must not.
RESUMABLE: frozenset[Code] = frozenset(
    {Code.SLOW_CONSUMER, Code.IDLE, Code.MOVED, Code.UNAVAILABLE, Code.RATE_LIMITED, Code.INTERNAL}
)
