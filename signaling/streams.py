"""WHIP and WHEP sessions on the node that runs their room: a seat, one connection, an ICE session with its entity-tag.

    opening -> open -> closed        (closed: DELETE, lost connection, the room says so, or this node stops)

No HTTP here: requests and replies are values, so that whip.py can also carry them over the bus from another node.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections import Counter
from enum import StrEnum
from typing import Final

import msgspec
import structlog
from msgspec import Struct
from msgspec.structs import replace

from rooms.core.codes import Code
from rooms.core.commands import Leave, SetTracks
from rooms.core.encryption import refuse_server_media
from rooms.core.model import SEAT_KEPT_MS
from rooms.ports import Delivery, LiveRoom, Refused, RoomManager, Seated, Waiting
from rooms.tasks import TaskOwner

from .kept_seats import EncoderState, KeptSeats
from .ports import Admission, MediaRejected, StageGuest, StreamSessions
from .webrtc import sdp
from .webrtc.feeding import feeding_offer

log = structlog.get_logger(__name__)

SESSIONS_MAX: Final = 3_000  # on one node
INGESTS_PER_TOKEN_MAX: Final = 8
VIEWERS_PER_TOKEN_MAX: Final = 500
AUDIENCE_MAX: Final = 1_000  # of all stages of one node, unless told otherwise
CONNECTIONS_PER_GUEST_MAX: Final = 6  # pages of one person, and connections of theirs that are not known to be gone
FULL_RETRY_MS: Final = 10_000
RETRY_MS: Final = 2_000
KEY_IN_USE: Final = "an encoder sends with this key already"
SILENT_AFTER_S: Final = 1.5  # without a packet: an encoder's former connection is gone, though nobody said so


class StreamKind(StrEnum):
    WHIP = "whip"
    WHEP = "whep"


class Open(Struct, frozen=True, tag="open"):
    """POST to an endpoint.  `token_digest` stands for the bearer token in all that follows."""

    kind: StreamKind
    admission: Admission
    token_digest: bytes
    offer: str
    single: bool = False  # as of Identity


class Patch(Struct, frozen=True, tag="patch"):
    session_id: str
    token_digest: bytes
    if_match: str
    fragment: str


class Close(Struct, frozen=True, tag="close"):
    session_id: str
    token_digest: bytes


class Feed(Struct, frozen=True, tag="feed"):
    """What an encoder sends comes by a process of ours (signaling/ingest), which is told how it reaches the room."""

    admission: Admission
    token_digest: bytes
    video: bool
    audio: bool


class Lose(Struct, frozen=True, tag="lose"):
    """The process has ended; the seat waits for the encoder."""

    session_id: str
    token_digest: bytes


class Watch(Struct, frozen=True, tag="watch"):
    """POST by somebody in the audience of a livestream."""

    guest: StageGuest
    token_digest: bytes
    offer: str


class Cut(Struct, frozen=True, tag="cut"):
    """Whatever this person in the audience is sent ends."""

    room_id: str
    viewer_id: str


AnyStreamRequest = Open | Feed | Watch | Patch | Close | Lose | Cut


class StreamReply(Struct, frozen=True):
    """`status` as in HTTP; `code` says why when it is not 2xx."""

    status: int
    code: Code | None = None
    detail: str = ""
    retry_after_ms: int = 0
    session_id: str = ""
    etag: str = ""
    body: str = ""


STATUS_OF: Final[dict[Code, int]] = {
    Code.INVALID: 400,
    Code.BAD_MESSAGE: 400,
    Code.UNAUTHENTICATED: 401,
    Code.EXPIRED: 401,
    Code.FORBIDDEN: 403,
    Code.REMOVED: 403,
    Code.DENIED: 403,
    Code.ROOM_LOCKED: 403,
    Code.NOT_OPEN: 403,
    Code.SIGN_IN_REQUIRED: 403,
    Code.ENCRYPTED: 403,
    Code.NOT_FOUND: 404,
    Code.ROOM_NOT_FOUND: 404,
    Code.ROOM_ENDED: 404,
    Code.IDLE: 408,
    Code.MEDIA_REJECTED: 406,
    Code.CONFLICT: 409,
    Code.WRONG_STATE: 409,
    Code.TOO_LARGE: 413,
    Code.RATE_LIMITED: 429,
    Code.ROOM_FULL: 503,
    Code.LOBBY_FULL: 503,
    Code.UNAVAILABLE: 503,
    Code.MOVED: 503,
}


def refusal(code: Code, detail: str = "", retry_after_ms: int = 0) -> StreamReply:
    status = STATUS_OF.get(code, 500)
    if status == 503:
        retry_after_ms = retry_after_ms or RETRY_MS
    return StreamReply(status=status, code=code, detail=detail, retry_after_ms=retry_after_ms)


class SessionState(StrEnum):
    OPENING = "opening"
    OPEN = "open"
    CLOSED = "closed"


class _Session:
    """Implements rooms.ports.Listener: the room's word ends it."""

    def __init__(self, owner: Streams, kind: StreamKind, room: LiveRoom, token_digest: bytes, mid: str) -> None:
        self._owner = owner
        self.id = secrets.token_urlsafe(24)
        self.kind = kind
        self.room = room
        self.token_digest = token_digest
        self.mid = mid
        self.participant_id = ""
        self.remote_ufrag = ""
        self.etag = ""
        self.state = SessionState.OPENING
        self.code: Code | None = None  # why it was closed from outside
        self.resume = ""  # of its seat, where that waits for its encoder
        self.viewer_id = ""  # of somebody in the audience, who has no seat

    def deliver(self, delivery: Delivery) -> None:
        """A stream follows tracks through the media plane; the room's events are not for it."""

    def admitted(self, seated: Seated) -> None:
        """Cannot come: a stream that would have to wait in the lobby is refused."""

    def closed(self, code: Code) -> None:
        self.code = code
        self._owner.forget(self)

    def renew_etag(self) -> None:
        """One strong entity-tag for each ICE session (RFC 9725 4.3.1)."""
        self.etag = f'"{secrets.token_hex(8)}"'


class Streams:
    """All sessions whose rooms live on this node."""

    def __init__(self, rooms: RoomManager, media: StreamSessions, audience_max: int = AUDIENCE_MAX) -> None:
        self._audience_max = audience_max
        self._rooms = rooms
        self._media = media
        self._sessions: dict[str, _Session] = {}
        self._per_token: Counter[tuple[StreamKind, bytes]] = Counter()
        self._singles: set[bytes] = set()  # tokens of encoders that are just being let in
        self._kept = KeptSeats(SEAT_KEPT_MS)
        self._tasks = TaskOwner()

    @property
    def count(self) -> int:
        return len(self._sessions)

    async def handle(self, request: AnyStreamRequest) -> StreamReply:
        """Raises OwnedElsewhere for an Open or Watch of a room that lives on another node."""
        match request:
            case Open():
                return await self._open(request)
            case Feed():
                return await self._feed(request)
            case Watch():
                return await self._watch(request)
            case Cut():
                return await self._cut(request)
            case Patch():
                return await self._patch(request)
            case Close():
                return await self._close(request)
            case Lose():
                session = self._find(request.session_id, request.token_digest)
                if isinstance(session, StreamReply):
                    return session
                self._lost(session)
                return StreamReply(status=200)

    def encoder_state(self, token_digest: bytes) -> EncoderState:
        if self._publishing_by(token_digest) is not None:
            return EncoderState.SENDING
        return EncoderState.AWAITED if self._kept.waits(token_digest) else EncoderState.IDLE

    def forget(self, session: _Session) -> None:
        if session.state is SessionState.CLOSED:
            return
        session.state = SessionState.CLOSED
        if self._sessions.pop(session.id, None) is not None:
            self._per_token[session.kind, session.token_digest] -= 1
            self._per_token += Counter()  # drops what came down to nothing

    async def close(self) -> None:
        """This node stops: everybody leaves."""
        for session in list(self._sessions.values()):
            await self._leave(session)
        await self._tasks.close()

    # ------------------------------------------------------------ requests

    async def _open(self, request: Open) -> StreamReply:
        if refused := refuse_server_media(request.admission.record.encrypted):
            return refusal(refused.code, "the room is end-to-end encrypted: its keys stay with browsers")
        key = (request.kind, request.token_digest)
        limit = INGESTS_PER_TOKEN_MAX if request.kind is StreamKind.WHIP else VIEWERS_PER_TOKEN_MAX
        if self._per_token[key] >= limit:
            return refusal(Code.RATE_LIMITED, "too many sessions with this token", RETRY_MS)
        if len(self._sessions) >= SESSIONS_MAX:
            return refusal(Code.UNAVAILABLE)
        if not request.single:
            return await self._take(request, "")
        if request.token_digest in self._singles:
            return refusal(Code.CONFLICT, KEY_IN_USE)
        self._singles.add(request.token_digest)
        try:
            if (former := self._publishing_by(request.token_digest)) is None:
                return await self._take(request, self._kept.take(request.token_digest))
            if await self._is_heard(former):
                return refusal(Code.CONFLICT, KEY_IN_USE)
            return await self._take(request, former.resume)
        finally:
            self._singles.discard(request.token_digest)

    async def _feed(self, request: Feed) -> StreamReply:
        """The body of the reply is a wire.Connect."""
        offer = feeding_offer(video=request.video, audio=request.audio)
        reply = await self._open(Open(StreamKind.WHIP, request.admission, request.token_digest, offer, single=True))
        session = self._sessions.get(reply.session_id)
        if session is None:
            return reply
        try:
            connect = self._media.key_feed(session.room.record.id, session.participant_id)
        except MediaRejected as rejected:
            await self._leave(session)
            return refusal(rejected.code)
        return replace(reply, body=msgspec.json.encode(connect).decode())

    async def _take(self, request: Open, resume: str) -> StreamReply:
        """`resume`: the seat of an encoder that was gone."""
        try:
            offer = sdp.parse(request.offer)
        except sdp.SdpError as error:
            return refusal(Code.INVALID, str(error))
        key = (request.kind, request.token_digest)
        room = await self._rooms.open(request.admission.record)
        grant = request.admission.grant
        if request.kind is StreamKind.WHEP:
            grant = replace(grant, hidden=True, publish=(), chat=False)
        first = next((media for media in offer.media if not media.rejected), None)
        session = _Session(self, request.kind, room, request.token_digest, first.mid if first is not None else "")
        session.remote_ufrag = first.ice_ufrag if first is not None else ""
        self._sessions[session.id] = session
        self._per_token[key] += 1
        try:
            return await self._enter(session, replace(request.admission, grant=grant), request.offer, resume)
        finally:
            if session.state is not SessionState.OPEN:
                self.forget(session)
            elif not request.single:
                session.resume = ""  # nobody would come for its seat

    async def _watch(self, request: Watch) -> StreamReply:
        """Somebody in the audience takes no seat: the room does not even hear of them."""
        guest = request.guest
        watching = [session for session in self._sessions.values() if session.viewer_id]
        if sum(session.viewer_id == guest.viewer_id for session in watching) >= CONNECTIONS_PER_GUEST_MAX:
            return refusal(Code.RATE_LIMITED, "too many connections of this viewer", RETRY_MS)
        if len(watching) >= self._audience_max:
            return refusal(Code.UNAVAILABLE, "as many watch this way as may", FULL_RETRY_MS)
        try:
            offer = sdp.parse(request.offer)
        except sdp.SdpError as error:
            return refusal(Code.INVALID, str(error))
        room = await self._rooms.open(guest.record)
        first = next((media for media in offer.media if not media.rejected), None)
        session = _Session(self, StreamKind.WHEP, room, request.token_digest, first.mid if first is not None else "")
        session.remote_ufrag = first.ice_ufrag if first is not None else ""
        session.viewer_id = guest.viewer_id
        session.participant_id = f"audience:{session.id}"
        self._sessions[session.id] = session
        self._per_token[StreamKind.WHEP, request.token_digest] += 1
        try:
            answer = await self._media.view_stage(
                guest.record.id, session.participant_id, request.offer, lambda: self._lost(session)
            )
        except MediaRejected as rejected:
            self.forget(session)
            log.info("a viewer was rejected", code=rejected.code, cause=str(rejected))
            return refusal(rejected.code, str(rejected) if rejected.code is Code.MEDIA_REJECTED else "")
        except BaseException:
            self.forget(session)
            raise
        if session.state is SessionState.CLOSED:
            await self._media.leave_stage(guest.record.id, session.participant_id)
            return refusal(Code.UNAVAILABLE)
        session.state = SessionState.OPEN
        session.renew_etag()
        return StreamReply(status=201, session_id=session.id, etag=session.etag, body=answer)

    async def _cut(self, request: Cut) -> StreamReply:
        for session in list(self._sessions.values()):
            if session.viewer_id == request.viewer_id and session.room.record.id == request.room_id:
                await self._leave(session)
        return StreamReply(status=200)

    async def _enter(self, session: _Session, admission: Admission, offer: str, resume: str) -> StreamReply:
        outcome = await session.room.join(admission.grant, resume, session)
        match outcome:
            case Refused(code=code, retry_after_ms=retry_after_ms):
                return refusal(code, retry_after_ms=retry_after_ms)
            case Waiting(entry_id=entry_id):
                await session.room.ask(Leave(entry_id))
                return refusal(Code.DENIED, "the lobby is on and this token does not pass it")
            case Seated():
                session.participant_id, session.resume = outcome.participant_id, outcome.resume
        try:
            answer = await self._negotiate(session, admission, offer)
        except MediaRejected as rejected:
            log.info("a stream was rejected", kind=session.kind, code=rejected.code, cause=str(rejected))
            await self._leave(session)
            return refusal(rejected.code, str(rejected) if rejected.code is Code.MEDIA_REJECTED else "")
        except BaseException:
            self._tasks.start(self._leave(session), "leave after a failed stream")
            raise
        if isinstance(answer, Refused):
            await self._leave(session)
            return refusal(answer.code, retry_after_ms=answer.retry_after_ms)
        if session.state is SessionState.CLOSED:
            # The room let the seat go, and had its media cut, before there were any.
            await self._media.close_participant(admission.record.id, session.participant_id)
            return refusal(session.code or Code.UNAVAILABLE)
        session.state = SessionState.OPEN
        session.renew_etag()
        return StreamReply(status=201, session_id=session.id, etag=session.etag, body=answer)

    async def _negotiate(self, session: _Session, admission: Admission, offer: str) -> str | Refused:
        room_id, participant_id = admission.record.id, session.participant_id
        if session.kind is StreamKind.WHIP:
            published = await self._media.ingest(room_id, participant_id, admission.grant, offer)
            tracks = tuple(track for _, track in published.tracks)
            outcome = await session.room.ask(SetTracks(participant_id, tracks))
            if isinstance(outcome, Refused):
                return outcome
            self._media.tracks_known(room_id, participant_id)
            answer = published.sdp
        else:
            answer = await self._media.view(room_id, participant_id, admission.grant, offer)
        self._media.watch(room_id, participant_id, lambda: self._lost(session))
        return answer

    async def _patch(self, request: Patch) -> StreamReply:
        session = self._find(request.session_id, request.token_digest)
        if isinstance(session, StreamReply):
            return session
        try:
            fragment = sdp.parse_ice_fragment(request.fragment)
        except sdp.SdpError as error:
            return refusal(Code.INVALID, str(error))
        tags = [tag.strip() for tag in request.if_match.split(",") if tag.strip()]
        if not tags:
            return StreamReply(status=428, code=Code.CONFLICT, detail="If-Match is required")
        if session.etag not in tags and not {"*", '"*"'} & set(tags):
            return StreamReply(status=412, code=Code.CONFLICT, detail="the entity-tag is of a former ICE session")
        if fragment.ice_ufrag in ("", session.remote_ufrag):
            return StreamReply(status=204)  # candidates: nothing to do for an ICE-lite agent
        if not fragment.ice_password:
            return refusal(Code.INVALID, "ice-pwd is missing")
        try:
            body = await self._media.restart_ice(session.room.record.id, session.participant_id, session.mid)
        except MediaRejected as rejected:
            return refusal(rejected.code)
        session.remote_ufrag = fragment.ice_ufrag
        session.renew_etag()
        return StreamReply(status=200, etag=session.etag, body=body)

    async def _close(self, request: Close) -> StreamReply:
        session = self._find(request.session_id, request.token_digest)
        if isinstance(session, StreamReply):
            return session
        await self._leave(session)
        return StreamReply(status=200)

    # ------------------------------------------------------------ inside

    def _find(self, session_id: str, token_digest: bytes) -> _Session | StreamReply:
        session = self._sessions.get(session_id)
        if session is None or session.state is not SessionState.OPEN:
            return refusal(Code.NOT_FOUND)
        if not hmac.compare_digest(session.token_digest, token_digest):
            return refusal(Code.FORBIDDEN)
        return session

    def _lost(self, session: _Session) -> None:
        """The peer never came, went silent, or ended DTLS (RFC 9725 4.2: consent and DTLS say when it is over)."""
        if session.state is not SessionState.CLOSED:
            log.info("a stream was lost", kind=session.kind, room=session.room.record.id)
            self.forget(session)
            if session.resume:
                self._kept.keep(session.token_digest, session.resume)
                session.room.detach(session)
            else:
                self._tasks.start(self._leave(session), "leave after a lost stream")

    def _publishing_by(self, token_digest: bytes) -> _Session | None:
        mine = (one for one in self._sessions.values() if one.token_digest == token_digest and not one.viewer_id)
        return next((one for one in mine if one.kind is StreamKind.WHIP), None)

    async def _is_heard(self, session: _Session) -> bool:
        """Whether anything comes from it: an encoder that has lost its line comes back before the line is given up."""
        room_id, participant_id = session.room.record.id, session.participant_id
        before = self._media.packets(room_id, participant_id)
        await asyncio.sleep(SILENT_AFTER_S)
        return session.state is not SessionState.CLOSED and self._media.packets(room_id, participant_id) > before

    async def _leave(self, session: _Session) -> None:
        """The room frees the seat and cuts its media."""
        self.forget(session)
        if session.viewer_id:
            await self._media.leave_stage(session.room.record.id, session.participant_id)
            return
        outcome = await session.room.ask(Leave(session.participant_id))
        if isinstance(outcome, Refused):
            log.info("a stream's seat was gone already", code=outcome.code)
            await self._media.close_participant(session.room.record.id, session.participant_id)
