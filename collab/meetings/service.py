"""Meetings of members, and the ways into their rooms: the link, the guest's name, the program's token."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Awaitable, Callable, Mapping

import structlog

from collab.accounts.models import Member
from collab.accounts.service import hash_token, person_name
from collab.clock import new_id, new_secret, now_ms
from collab.limits import Limits, rate
from collab.problems import FieldFault, Refusal, invalid
from rooms.core.codes import Code
from rooms.core.commands import SetLobby
from rooms.core.encryption import refuse_server_media
from rooms.core.model import TITLE_MAX_CHARS, Phase
from rooms.core.text import clean_name

from .live import LivePeople, LiveRooms
from .models import Meeting, RoomToken, TokenKind
from .repository import ListedState, MeetingRepository

DAY_MS = 86_400_000

# A classroom or a company behind one address comes to a meeting within a minute.
GUESTS_OF_ADDRESS = rate("guests_address", burst=120, per_minute=120)
GUESTS_OF_ROOM = rate("guests_room", burst=600, per_minute=600)
MEETINGS_OF_ACCOUNT = rate("meetings", burst=60, per_minute=10)
TOKENS_OF_ACCOUNT = rate("tokens", burst=60, per_minute=10)

log = structlog.get_logger("meetings")


class MeetingService:
    def __init__(
        self,
        meetings: MeetingRepository,
        live: LiveRooms,
        limits: Limits,
        guest_hours: int,
        renew: Callable[[str], Awaitable[bool]] | None = None,
    ) -> None:
        """`renew` gives the code of an ended room to a new meeting when the next of its series is due."""
        self._renew = renew
        self._meetings = meetings
        self._live = live
        self._limits = limits
        self._guest_ms = guest_hours * 3_600_000

    # ------------------------------------------------------------ meetings of a member

    async def create(
        self,
        by: Member,
        title: str,
        lobby_enabled: bool,
        guests_allowed: bool,
        *,
        encrypted: bool = False,
        assist: bool = False,
        livestream_id: str = "",
    ) -> Meeting:
        await self._limits.take(MEETINGS_OF_ACCOUNT, by.account.id)
        organization_id = by.memberships[0].organization.id if by.memberships else None
        meeting = await self._meetings.add(
            clean_title(title),
            by.account.id,
            organization_id,
            lobby_enabled,
            guests_allowed,
            now_ms(),
            encrypted=encrypted,
            assist=assist,
            livestream_id=livestream_id,
        )
        log.info("meeting_made", meeting=meeting.id, by=by.account.id)
        return meeting

    async def hosted(self, by: Member, state: ListedState, before: str, limit: int) -> tuple[list[Meeting], bool]:
        found = await self._meetings.hosted_by(by.account.id, state, before, limit + 1)
        return found[:limit], len(found) > limit

    async def managed(self, by: Member, meeting_id: str) -> Meeting:
        """For its host, administrators of the host's organization, and those of the park.  Raises FORBIDDEN."""
        meeting = await self._meetings.get(meeting_id)
        if meeting is None:
            raise Refusal(Code.NOT_FOUND, "no such meeting")
        if not manages(by, meeting):
            raise Refusal(Code.FORBIDDEN, "neither host nor administrator")
        return meeting

    async def change(
        self, by: Member, meeting_id: str, title: str | None, lobby_enabled: bool | None, guests_allowed: bool | None
    ) -> Meeting:
        meeting = await self.managed(by, meeting_id)
        await self._meetings.change(
            meeting_id,
            title=clean_title(title) if title is not None else None,
            lobby_enabled=lobby_enabled,
            guests_allowed=guests_allowed,
        )
        if lobby_enabled is not None and lobby_enabled != meeting.lobby_enabled:
            await self._live.tell(meeting_id, SetLobby(actor="", enabled=lobby_enabled))
        return await self.managed(by, meeting_id)

    async def trash(self, by: Member, meeting_id: str) -> None:
        """Not while people are inside: they would be in a room that nobody can find."""
        meeting = await self.managed(by, meeting_id)
        if meeting.assist:
            raise Refusal(Code.WRONG_STATE, "a session of assistance is part of its machine's history")
        if meeting.livestream_id:
            raise Refusal(Code.WRONG_STATE, "the stage of a livestream goes with the livestream")
        if meeting_id in await self._live.people([meeting_id]):
            raise Refusal(Code.WRONG_STATE, "people are inside")
        if not meeting.trashed_at_ms:
            await self._meetings.set_trashed(meeting_id, now_ms())

    async def restore(self, by: Member, meeting_id: str) -> Meeting:
        await self.managed(by, meeting_id)
        await self._meetings.set_trashed(meeting_id, 0)
        return await self.managed(by, meeting_id)

    async def people(self, meetings: list[Meeting]) -> Mapping[str, LivePeople]:
        """Who is inside each; those without anybody are left out."""
        open_ids = [meeting.id for meeting in meetings if meeting.phase is Phase.OPEN]
        return await self._live.people(open_ids) if open_ids else {}

    # ------------------------------------------------------------ ways in

    async def by_code(self, code: str) -> Meeting:
        meeting = await self._meetings.by_code(code.lower())
        if meeting is not None and meeting.phase is Phase.ENDED and self._renew and await self._renew(meeting.code):
            meeting = await self._meetings.by_code(meeting.code)
        if meeting is None:
            raise Refusal(Code.ROOM_NOT_FOUND, "no such room")
        return meeting

    async def enter_as_guest(self, code: str, name: str, guest_key: str, address: str) -> tuple[str, str]:
        """(token, identity).  The same key, which the browser keeps in a cookie, is the same guest of this room."""
        await self._limits.take(GUESTS_OF_ADDRESS, address)
        meeting = await self.by_code(code)
        await self._limits.take(GUESTS_OF_ROOM, meeting.id)
        if meeting.phase is Phase.ENDED:
            raise Refusal(Code.ROOM_ENDED, "the meeting has ended")
        if not meeting.guests_allowed or meeting.assist:  # into assistance by its links only
            raise Refusal(Code.SIGN_IN_REQUIRED, "the meeting takes no guests")
        token, at = new_secret(), now_ms()
        identity = guest_identity(guest_key, meeting.id)
        await self._meetings.add_token(
            hash_token(token),
            RoomToken(
                meeting_id=meeting.id,
                kind=TokenKind.GUEST,
                identity=identity,
                name=person_name(name),
                publish=True,
                subscribe=True,
                expires_at_ms=at + self._guest_ms,
            ),
            None,
            at,
        )
        return token, identity

    async def make_token(
        self, by: Member, code: str, *, publish: bool, subscribe: bool, expires_in_s: int, name: str
    ) -> tuple[str, int]:
        """(token, expires_at_ms) for WHIP, WHEP and other programs, for the meeting's managers."""
        meeting = await self.managed(by, (await self.by_code(code)).id)
        await self._limits.take(TOKENS_OF_ACCOUNT, by.account.id)
        at = now_ms()
        token, row = new_program_token(
            meeting, person_name(name), publish=publish, subscribe=subscribe, expires_at_ms=at + expires_in_s * 1_000
        )
        await self._meetings.add_token(hash_token(token), row, by.account.id, at)
        log.info("token_made", meeting=meeting.id, by=by.account.id, publish=publish, subscribe=subscribe)
        return token, row.expires_at_ms


def new_program_token(
    meeting: Meeting, name: str, *, publish: bool, subscribe: bool, expires_at_ms: int
) -> tuple[str, RoomToken]:
    """The secret and what is kept of it.  Raises ROOM_ENDED, ENCRYPTED; INVALID for a token that may do nothing."""
    if meeting.phase is Phase.ENDED:
        raise Refusal(Code.ROOM_ENDED, "the meeting has ended")
    if refused := refuse_server_media(meeting.encrypted):
        raise Refusal(refused.code, "programs have no keys of an encrypted room")
    if not publish and not subscribe:
        raise invalid(publish=FieldFault.REQUIRED)
    kept = RoomToken(
        meeting_id=meeting.id,
        kind=TokenKind.PROGRAM,
        identity=f"program_{new_id()}",
        name=name,
        publish=publish,
        subscribe=subscribe,
        expires_at_ms=expires_at_ms,
    )
    return new_secret(), kept


def guest_identity(guest_key: str, room_id: str) -> str:
    """Stable for one browser and one room, and of no use to follow a person from room to room."""
    digest = hashlib.sha256(f"{guest_key}:{room_id}".encode()).digest()
    return "guest_" + base64.b32encode(digest[:15]).decode().lower()


def manages(by: Member, meeting: Meeting) -> bool:
    """Its host, administrators of the host's organization, and those of the park."""
    is_host = meeting.host is not None and meeting.host.id == by.account.id
    return (
        is_host
        or by.administers_park
        or (meeting.organization_id is not None and by.administers(meeting.organization_id))
    )


def clean_title(raw: str) -> str:
    title = clean_name(raw, TITLE_MAX_CHARS)
    if not title:
        raise invalid(title=FieldFault.INVALID)
    return title
