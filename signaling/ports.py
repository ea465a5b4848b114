"""What the signaling package needs from collab (the doorkeeper) and what its two halves need from each other.

Sessions (session.py, websocket.py, relay.py) talk to media only through MediaSessions (implemented by sfu/plane.py), so
either half can be tested without the other's sockets.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from rooms.core.assist_model import AssistRole
from rooms.core.codes import Code
from rooms.core.model import ChatFile, ChatMessage, Grant, Track
from rooms.ports import MediaPlane, Refused, RoomRecord

from .egress.wire import Connect
from .messages import IceServer, MediaNotice, Offer, PublishedMedia, Want, ignore_notice


class IdentityKind(StrEnum):
    MEMBER = "member"  # signed in
    GUEST = "guest"  # came by link and gave a name
    PROGRAM = "program"  # WHIP/WHEP token


class Identity(Struct, frozen=True):
    """Who is at the other end of a connection.  `room_id` binds a guest or program token to its one room ("" = any)."""

    id: str
    name: str
    kind: IdentityKind
    address: str
    room_id: str = ""
    publish: bool = True
    subscribe: bool = True
    expires_at_ms: int = 0
    assist_role: AssistRole | None = None  # of a guest who came by a link into a session of assistance
    sign_in: str = ""  # of a member: a digest that tells one browser's sign-in from another's
    single: bool = False  # an encoder's: one connection at a time, and its seat waits when that is lost


class Admission(Struct, frozen=True):
    """An identity's right to ask for one room: what the doorkeeper has decided, carried as one value between nodes."""

    record: RoomRecord
    grant: Grant


class Doorkeeper(Protocol):
    """Identity and grant, decided by collab.  Never by a display name, never by who came first."""

    async def identify(self, session_cookie: str, token: str, address: str) -> Identity | Refused: ...

    async def find_room(self, code: str) -> RoomRecord | Refused: ...

    async def grant(self, identity: Identity, room: RoomRecord) -> Grant | Refused: ...

    async def older_chat(self, room_id: str, before_id: str, limit: int) -> tuple[list[ChatMessage], bool]: ...

    def ice_servers(self, identity: Identity) -> tuple[IceServer, ...]: ...

    def origin_allowed(self, origin: str, host: str) -> bool: ...


class RoomFiles(Protocol):
    """Where files of the chat lie, in collab.  The room was asked before who may; a path is good for a short time."""

    async def place(self, room_id: str, by: Identity, key: str, name: str, size_bytes: int) -> str | Refused:
        """The path to put the file to, once."""

    async def brought(self, room_id: str, identity: str, key: str) -> ChatFile | Refused:
        """A file that this identity has put there."""

    async def link(self, room_id: str, identity: str, key: str, *, seen: bool) -> str | Refused:
        """The path to get a file from that is in the chat.  `seen`: the room shows it now, whatever is archived yet."""


class StageGuest(Struct, frozen=True):
    """Somebody in the audience of a livestream, known by the token of their page."""

    viewer_id: str  # the same for all connections of one person
    record: RoomRecord  # of the stage


class AudienceDoor(Protocol):
    """Who may watch a livestream, decided by collab."""

    async def watcher(self, livestream_id: str, token: str) -> StageGuest | Refused:
        """Refused with UNAUTHENTICATED, EXPIRED, REMOVED, FORBIDDEN, NOT_FOUND or UNAVAILABLE."""


class MediaRejected(Exception):
    """An SDP or a track list that cannot be accepted; `code` is MEDIA_REJECTED, CONFLICT, FORBIDDEN, NOT_OPEN or
    UNAVAILABLE."""

    def __init__(self, code: Code, cause: str) -> None:
        super().__init__(cause)
        self.code = code


class PublishedResult(Struct, frozen=True):
    sdp: str
    tracks: tuple[tuple[str, Track], ...]  # (mid, track)


class MediaSessions(MediaPlane, Protocol):
    """The media plane as sessions use it.  One publishing and one subscribing peer connection per seat.

    Data channels ("reliable" id 0, "unreliable" id 1, negotiated) ride on the publishing connection; a message is
    `topic NUL payload` and reaches the room's other seats as `topic NUL sender NUL payload`; the topic `name@seat` goes
    to one seat only.  Sending needs a grant to publish, receiving one to subscribe.
    """

    def attach(
        self,
        room_id: str,
        participant_id: str,
        grant: Grant,
        on_offer: Callable[[Offer], None],
        on_speakers: Callable[[tuple[str, ...]], None],
        on_notice: Callable[[MediaNotice], None] = ignore_notice,
    ) -> None:
        """A connection took this seat (again).  Media of a resumed seat goes on; offers go to the new connection."""

    def detach(self, room_id: str, participant_id: str) -> None:
        """The connection is gone but the seat is kept: media stays up."""

    async def publish(
        self, room_id: str, participant_id: str, sdp: str, media: tuple[PublishedMedia, ...]
    ) -> PublishedResult:
        """Answer an offer.  Raises MediaRejected.  The caller tells the room (SetTracks); the plane forwards nothing of
        a track before `tracks_known`."""

    def tracks_known(self, room_id: str, participant_id: str) -> None:
        """The room has taken this seat's tracks: (re)build default subscriptions and send offers where needed
        (coalesced).  What others have just published waits for its own answer of the room."""

    def tracks_refused(self, room_id: str, participant_id: str) -> None:
        """The room did not take what this seat has just published: forget those of its tracks that are not known."""

    def subscribe(self, room_id: str, participant_id: str, wants: tuple[Want, ...]) -> None: ...

    async def answer(self, room_id: str, participant_id: str, revision: int, sdp: str) -> None: ...

    async def restart_subscription(self, room_id: str, participant_id: str, fresh: bool) -> None: ...


class StreamSessions(MediaSessions, Protocol):
    """What WHIP and WHEP need beside it: a seat with one connection, which the client offers (signaling/whip.py).

    All raise MediaRejected.
    """

    async def ingest(self, room_id: str, participant_id: str, grant: Grant, offer: str) -> PublishedResult:
        """Like `publish`, for a client that cannot say what its sections carry: the first of each kind are camera and
        microphone, the second screen and its sound."""

    async def view(self, room_id: str, participant_id: str, grant: Grant, offer: str) -> str:
        """Answer a viewer's offer; what its sections show follows the room without renegotiation."""

    async def view_stage(self, room_id: str, viewer_id: str, offer: str, on_lost: Callable[[], None]) -> str:
        """Answer the offer of somebody in the audience of a live stage, who has no seat.  `on_lost` is as with `watch`;
        it also comes when the stage is not live any more."""

    async def leave_stage(self, room_id: str, viewer_id: str) -> None: ...

    async def restart_ice(self, room_id: str, participant_id: str, mid: str) -> str:
        """New ICE credentials of the seat's connection, as a trickle-ice-sdpfrag (RFC 8840 9)."""

    def key_feed(self, room_id: str, participant_id: str) -> Connect:
        """Of a seat that has just published by `ingest`: what a process of ours needs to send in its place, in place
        of DTLS."""

    def packets(self, room_id: str, participant_id: str) -> int:
        """How many came over the seat's publishing connection; 0 when there is none."""

    def watch(self, room_id: str, participant_id: str, on_lost: Callable[[], None]) -> None:
        """Be told when that connection never came up, went silent for the consent time, or ended."""
