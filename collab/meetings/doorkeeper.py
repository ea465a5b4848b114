"""Who stands at the door of a room, and as what they may enter (signaling.ports.Doorkeeper).

A role comes from the account, the meeting or the token.  Never from a display name, never from who came first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from urllib.parse import urlsplit

from collab.accounts.models import Member
from collab.accounts.repository import AccountRepository
from collab.accounts.service import hash_token
from collab.clock import now_ms
from collab.unavailable import answered
from rooms.core.assist_model import AssistRole
from rooms.core.codes import Code
from rooms.core.model import ChatMessage, Grant, Phase, Role, Source
from rooms.ports import Refused, RoomRecord
from rooms.store.sessions import AccountSession
from signaling.messages import IceServer
from signaling.ports import Identity, IdentityKind

from .archive import SqlRoomArchive
from .lookups import SharedLookup
from .models import ROOM_CODE, Meeting, TokenKind
from .repository import MeetingRepository
from .turn_servers import TurnServers

EVERY_SOURCE = (Source.MICROPHONE, Source.CAMERA, Source.SCREEN, Source.SCREEN_AUDIO)


class SessionLookup(Protocol):
    """rooms/store/sessions.py."""

    async def get(self, token: str) -> AccountSession | None:
        """Who is signed in with this cookie."""


class AssistDoor(Protocol):
    """assist/door.py."""

    async def role_of(self, member: Member, meeting: Meeting) -> AssistRole | None:
        """A member's part in a session of assistance; None for those who have none."""


class ScheduleDoor(Protocol):
    """schedule/door.py."""

    async def wait_ms(self, code: str) -> int:
        """How long a scheduled meeting's room stays shut for those who do not host it."""

    async def renew(self, code: str) -> bool:
        """Whether the code of a room that was ended leads to a new meeting now."""


class StageDoor(Protocol):
    """Of livestreams: who may come on their stages."""

    async def role_of(self, identity: str, livestream_id: str) -> Role | None:
        """`identity`: an account's or a guest's.  None for those who only watch."""


class EncoderDoor(Protocol):
    """ingest/service.py: keys by which encoders send to the stages of livestreams."""

    async def identify(self, secret: str, address: str) -> Identity | Refused | None:
        """None for what is no key."""


class MeetingDoorkeeper:
    def __init__(
        self,
        accounts: AccountRepository,
        meetings: MeetingRepository,
        archive: SqlRoomArchive,
        sessions: SessionLookup,
        public_url: str,
        turn: TurnServers,
        assist: AssistDoor,
        schedule: ScheduleDoor | None = None,
        stage: StageDoor | None = None,
        encoders: EncoderDoor | None = None,
    ) -> None:
        self._accounts = accounts
        self._meetings = meetings
        self._by_code = SharedLookup(meetings.by_code)
        self._archive = archive
        self._sessions = sessions
        self._public_url = public_url
        self._turn = turn
        self._assist = assist
        self._schedule = schedule
        self._stage = stage
        self._encoders = encoders

    async def identify(self, session_cookie: str, token: str, address: str) -> Identity | Refused:
        """A token goes before the cookie: a member who opens a guest's link stays the guest who asked."""
        return await answered(self._identify(session_cookie, token, address))

    async def _identify(self, session_cookie: str, token: str, address: str) -> Identity | Refused:
        if token:
            return await self._bearer(token, address)
        if session_cookie:
            member = await self.member(session_cookie)
            if member is not None:
                return self.member_identity(member, address, hash_token(session_cookie))
        return Refused(Code.UNAUTHENTICATED)

    async def member(self, session_cookie: str) -> Member | None:
        session = await self._sessions.get(session_cookie)
        return await self._accounts.member(session.account_id) if session else None

    @staticmethod
    def member_identity(member: Member, address: str, sign_in: str = "") -> Identity:
        account = member.account
        return Identity(id=account.id, name=account.name, kind=IdentityKind.MEMBER, address=address, sign_in=sign_in)

    async def find_room(self, code: str) -> RoomRecord | Refused:
        return await answered(self._find_room(code.strip().lower()))

    async def _find_room(self, code: str) -> RoomRecord | Refused:
        if not ROOM_CODE.fullmatch(code):
            return Refused(Code.ROOM_NOT_FOUND)
        meeting = await self._by_code.get(code)
        if meeting is not None and meeting.phase is Phase.ENDED and self._schedule is not None:
            meeting = await self._meetings.by_code(code) if await self._schedule.renew(code) else meeting
        return room_record(meeting) if meeting else Refused(Code.ROOM_NOT_FOUND)

    async def grant(self, identity: Identity, room: RoomRecord) -> Grant | Refused:
        return await answered(self._granted(identity, room))

    async def _granted(self, identity: Identity, room: RoomRecord) -> Grant | Refused:
        if identity.room_id and identity.room_id != room.id:
            return Refused(Code.FORBIDDEN)
        if identity.expires_at_ms and identity.expires_at_ms <= now_ms():
            return Refused(Code.EXPIRED)
        if room.livestream_id and identity.kind is IdentityKind.GUEST:
            part_on_stage = await self._stage_role(identity, room)
            if isinstance(part_on_stage, Refused):
                return part_on_stage
            return _grant(identity, part_on_stage, skip_lobby=True)
        if identity.kind is IdentityKind.GUEST:
            if room.assist:  # by a link that was made for them, or not at all
                part = identity.assist_role
                return (
                    _grant(identity, Role.GUEST, skip_lobby=True, assist=part)
                    if part
                    else Refused(Code.SIGN_IN_REQUIRED)
                )
            if not room.guests_allowed:
                return Refused(Code.SIGN_IN_REQUIRED)
            return await self._shut(room) or _grant(identity, Role.GUEST)
        if identity.kind is IdentityKind.PROGRAM:
            # Made by the host or the operator for this room, so it need not wait in the lobby.
            return _grant(identity, Role.PARTICIPANT, skip_lobby=True, chat=False)
        member = await self._accounts.member(identity.id)
        meeting = await self._meetings.get(room.id)
        part = await self._assist.role_of(member, meeting) if room.assist and member and meeting else None
        if member is None or meeting is None:
            return Refused(Code.UNAUTHENTICATED)
        if room.assist and part is None:
            return Refused(Code.FORBIDDEN)
        role: Role | Refused = member_role(member, meeting)
        if room.livestream_id and role is not Role.HOST:
            role = await self._stage_role(identity, room)
        if isinstance(role, Refused):
            return role
        if role is not Role.HOST and (refused := await self._shut(room)):
            return refused
        organization = member.memberships[0].organization.name if member.memberships else ""
        return _grant(
            identity,
            role,
            skip_lobby=role is Role.HOST or bool(room.livestream_id),
            organization=organization,
            assist=part,
        )

    async def _stage_role(self, identity: Identity, room: RoomRecord) -> Role | Refused:
        """The stage is for those whom the livestream names, whoever knows its code."""
        role = await self._stage.role_of(identity.id, room.livestream_id) if self._stage is not None else None
        return role or Refused(Code.FORBIDDEN)

    async def _shut(self, room: RoomRecord) -> Refused | None:
        """Before a scheduled meeting opens, only its hosts come in."""
        if self._schedule is None or room.assist:
            return None
        wait_ms = await self._schedule.wait_ms(room.code)
        return Refused(Code.NOT_OPEN, retry_after_ms=wait_ms) if wait_ms else None

    async def older_chat(self, room_id: str, before_id: str, limit: int) -> tuple[list[ChatMessage], bool]:
        return await self._archive.older_chat(room_id, before_id, limit)

    def ice_servers(self, identity: Identity) -> tuple[IceServer, ...]:
        """TURN with a credential of this participant's own, made anew whenever it is asked for."""
        return self._turn.of(identity.id, now_ms(), identity.expires_at_ms)

    def origin_allowed(self, origin: str, host: str) -> bool:
        """`origin` is the header of a browser's request, `host` the one it came to."""
        if self._public_url:
            return origin.lower() == self._public_url
        parts = urlsplit(origin)
        return parts.scheme in ("http", "https") and bool(host) and parts.netloc.lower() == host.lower()

    async def _bearer(self, token: str, address: str) -> Identity | Refused:
        found = await self._meetings.token(hash_token(token), now_ms())
        if found is None:
            encoder = await self._encoders.identify(token, address) if self._encoders is not None else None
            return encoder or Refused(Code.UNAUTHENTICATED)
        if found.removed:
            return Refused(Code.REMOVED)
        return Identity(
            id=found.identity,
            name=found.name,
            kind=IdentityKind.GUEST if found.kind is TokenKind.GUEST else IdentityKind.PROGRAM,
            address=address,
            room_id=found.meeting_id,
            publish=found.publish,
            subscribe=found.subscribe,
            expires_at_ms=found.expires_at_ms,
            assist_role=found.assist_role,
        )


def member_role(member: Member, meeting: Meeting) -> Role:
    """The meeting's creator and administrators of the park are hosts; other members take part."""
    is_host = meeting.host is not None and meeting.host.id == member.account.id
    return Role.HOST if is_host or member.administers_park else Role.PARTICIPANT


def room_record(meeting: Meeting) -> RoomRecord:
    return RoomRecord(
        id=meeting.id,
        code=meeting.code,
        title=meeting.title,
        lobby_enabled=meeting.lobby_enabled,
        guests_allowed=meeting.guests_allowed,
        encrypted=meeting.encrypted,
        assist=meeting.assist,
        livestream_id=meeting.livestream_id,
        file_sharing=meeting.file_sharing,
        ended=meeting.phase is Phase.ENDED,
    )


def _grant(
    identity: Identity,
    role: Role,
    *,
    skip_lobby: bool = False,
    chat: bool = True,
    organization: str = "",
    assist: AssistRole | None = None,
) -> Grant:
    sources: Sequence[Source] = EVERY_SOURCE if identity.publish else ()
    if assist is not None and assist is not AssistRole.ON_SITE:  # what is seen is the machine
        sources = [source for source in sources if source is not Source.CAMERA]
    return Grant(
        identity=identity.id,
        name=identity.name,
        role=role,
        organization=organization,
        publish=tuple(sources),
        subscribe=identity.subscribe,
        chat=chat,
        skip_lobby=skip_lobby,
        address=identity.address,
        expires_at_ms=identity.expires_at_ms,
        assist=assist,
    )
