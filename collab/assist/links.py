"""Ways into a session without an account: a link, its QR code, a text message.

A link says as what one takes part.  A one-time link belongs to the browser that opened it first (known by the guest
cookie), which may open it again until it runs out.
"""

from __future__ import annotations

import structlog
from msgspec import Struct

from collab.accounts.models import Member
from collab.accounts.service import hash_token, person_name
from collab.clock import new_link_token, new_secret, now_ms
from collab.limits import Limits, rate
from collab.meetings.models import RoomToken, TokenKind
from collab.meetings.repository import MeetingRepository
from collab.meetings.service import guest_identity
from collab.problems import Refusal
from rooms.core.assist_model import AssistRole
from rooms.core.codes import Code
from rooms.core.model import NAME_MAX_CHARS, Phase
from rooms.core.text import clean_name

from .session_repository import SessionRepository
from .sessions import SessionService
from .values import Link, Session

HOUR_MS = 3_600_000
LINKS_SHOWN_MAX = 100

LINKS_OF_ACCOUNT = rate("assist_links", burst=60, per_minute=10)
LINK_VISITS = rate("assist_link_visits", burst=60, per_minute=60)


class Opened(Struct, frozen=True):
    session: Session
    role: AssistRole
    token: str  # for the room's WebSocket and for the API of the session
    identity: str
    name: str
    expires_at_ms: int


log = structlog.get_logger("assist")


class LinkService:
    def __init__(
        self,
        sessions: SessionService,
        sessions_sql: SessionRepository,
        meetings_sql: MeetingRepository,
        limits: Limits,
        guest_hours: int,
    ) -> None:
        self._sessions = sessions
        self._sql = sessions_sql
        self._meetings = meetings_sql
        self._limits = limits
        self._guest_ms = guest_hours * HOUR_MS

    async def make(
        self, by: Member, session_id: str, role: AssistRole, name: str, hours: int, *, one_time: bool
    ) -> tuple[Link, str, Session]:
        """(link, token, session).  `name` "" lets the opener say who they are."""
        session, party = await self._sessions.managed(by, session_id)
        await self._limits.take(LINKS_OF_ACCOUNT, by.account.id)
        if session.phase is Phase.ENDED:
            raise Refusal(Code.ROOM_ENDED, "the session has ended")
        token, at = new_link_token(), now_ms()
        link = await self._sql.add_link(
            hash_token(token),
            session.id,
            role,
            clean_name(name, NAME_MAX_CHARS),
            by.account.id,
            at,
            at + hours * HOUR_MS,
            one_time=one_time,
        )
        log.info("assist_link_made", session=session.id, by=party.identity, role=role.value, one_time=one_time)
        return link, token, session

    async def listed(self, by: Member, session_id: str) -> list[Link]:
        session, _ = await self._sessions.managed(by, session_id)
        return await self._sql.links(session.id, LINKS_SHOWN_MAX)

    async def revoke(self, by: Member, session_id: str, link_id: str) -> None:
        session, _ = await self._sessions.managed(by, session_id)
        if not await self._sql.revoke_link(session.id, link_id, now_ms()):
            raise Refusal(Code.NOT_FOUND, "no such link")

    async def look(self, token: str, guest_key: str, address: str) -> tuple[Link, Session]:
        """What the page of a link shows; opens and binds nothing, so previews of messages do not use it up."""
        await self._limits.take(LINK_VISITS, address)
        link, session = await self._find(token)
        if link.bound_to and link.bound_to != _browser(guest_key, link):
            raise Refusal(Code.LINK_USED, "another browser's")
        return link, session

    async def open(self, token: str, name: str, guest_key: str, address: str) -> Opened:
        """Raises NOT_FOUND, LINK_EXPIRED, LINK_USED, ROOM_ENDED; INVALID for a name that is none."""
        await self._limits.take(LINK_VISITS, address)
        link, session = await self._find(token)
        if session.phase is Phase.ENDED:
            raise Refusal(Code.ROOM_ENDED, "the session has ended")
        shown = person_name(name)
        at = now_ms()
        if not await self._sql.open_link(link.id, _browser(guest_key, link), at):
            raise Refusal(Code.LINK_USED, "another browser's")
        secret, identity = new_secret(), guest_identity(guest_key, session.meeting_id)
        expires_at_ms = at + self._guest_ms
        await self._meetings.add_token(
            hash_token(secret),
            RoomToken(
                meeting_id=session.meeting_id,
                kind=TokenKind.GUEST,
                identity=identity,
                name=shown,
                publish=True,
                subscribe=True,
                expires_at_ms=expires_at_ms,
                assist_role=link.role,
            ),
            None,
            at,
        )
        log.info("assist_link_opened", session=session.id, link=link.id, role=link.role.value)
        return Opened(session, link.role, secret, identity, shown, expires_at_ms)

    async def _find(self, token: str) -> tuple[Link, Session]:
        link = await self._sql.link(hash_token(token))
        session = await self._sql.get(link.session_id) if link else None
        if link is None or session is None:
            raise Refusal(Code.NOT_FOUND, "no such link")
        if link.expires_at_ms <= now_ms():
            raise Refusal(Code.LINK_EXPIRED, "ran out")
        return link, session


def _browser(guest_key: str, link: Link) -> str:
    """Of no use to follow a browser from link to link."""
    return hash_token(f"{link.id}:{guest_key}") if guest_key else ""
