"""Ways into a session without an account: a link, its QR code, a text message.

A link says as what one takes part.  A one-time link belongs to the browser that opened it first (known by the guest
cookie), which may open it again until it runs out.  Who was removed from the session comes in by no link, and a link
that brought somebody who was removed lets nobody else in: another is made for those it was meant for.
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

from .link_repository import LinkRepository
from .session_repository import SessionRepository
from .sessions import Party, SessionService
from .values import Link, LinkState, Session

HOUR_MS = 3_600_000
LINKS_SHOWN_MAX = 100
LEADING_IN = (LinkState.FRESH, LinkState.OPENED)

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
        links: LinkRepository,
        meetings_sql: MeetingRepository,
        limits: Limits,
        guest_hours: int,
    ) -> None:
        self._sessions = sessions
        self._sessions_sql = sessions_sql
        self._links = links
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
        link, token = await self._add(session, party, role, clean_name(name, NAME_MAX_CHARS), hours, one_time)
        return link, token, session

    async def listed(self, by: Member, session_id: str) -> list[Link]:
        session, _ = await self._sessions.managed(by, session_id)
        return await self._links.listed(session.id, LINKS_SHOWN_MAX)

    async def revoke(self, by: Member, session_id: str, link_id: str) -> Link:
        """It lets nobody in from now on; who came by it stays.  Raises NOT_FOUND for one that leads in no more."""
        session, party = await self._sessions.managed(by, session_id)
        if not await self._links.revoke(session.id, link_id, now_ms()):
            raise Refusal(Code.NOT_FOUND, "no such link")
        log.info("assist_link_revoked", session=session.id, link=link_id, by=party.identity)
        return await self._known(session, link_id)

    async def restore(self, by: Member, session_id: str, link_id: str) -> Link:
        """Undo `revoke`.  Raises NOT_FOUND for one that was not taken back, or has run out meanwhile."""
        session, party = await self._sessions.managed(by, session_id)
        if not await self._links.restore(session.id, link_id, now_ms()):
            raise Refusal(Code.NOT_FOUND, "no such link")
        log.info("assist_link_restored", session=session.id, link=link_id, by=party.identity)
        return await self._known(session, link_id)

    async def reissue(self, by: Member, session_id: str, link_id: str) -> tuple[Link, str, Session]:
        """Another link like this one, for as long again, in its place: (link, token, session)."""
        session, party = await self._sessions.managed(by, session_id)
        old = await self._known(session, link_id)
        await self._limits.take(LINKS_OF_ACCOUNT, by.account.id)
        if session.phase is Phase.ENDED:
            raise Refusal(Code.ROOM_ENDED, "the session has ended")
        hours = max(1, round((old.expires_at_ms - old.created_at_ms) / HOUR_MS))
        link, token = await self._add(session, party, old.role, old.name, hours, old.one_time)
        await self._links.revoke(session.id, old.id, now_ms())
        return link, token, session

    async def _add(
        self, session: Session, party: Party, role: AssistRole, name: str, hours: int, one_time: bool
    ) -> tuple[Link, str]:
        token, at = new_link_token(), now_ms()
        link = await self._links.add(
            hash_token(token), session.id, role, name, party.identity, at, at + hours * HOUR_MS, one_time=one_time
        )
        log.info("assist_link_made", session=session.id, by=party.identity, role=role.value, one_time=one_time)
        return link, token

    async def _known(self, session: Session, link_id: str) -> Link:
        link = await self._links.get(session.id, link_id)
        if link is None:
            raise Refusal(Code.NOT_FOUND, "no such link")
        return link

    async def look(self, token: str, guest_key: str, address: str) -> tuple[Link, Session]:
        """What the page of a link shows; opens and binds nothing, so previews of messages do not use it up."""
        await self._limits.take(LINK_VISITS, address)
        link, session = await self._find(token, guest_key)
        if link.bound_to and link.bound_to != _browser(guest_key, link):
            raise Refusal(Code.LINK_USED, "another browser's")
        return link, session

    async def open(self, token: str, name: str, guest_key: str, address: str) -> Opened:
        """Raises NOT_FOUND, LINK_EXPIRED, LINK_USED, REMOVED, ROOM_ENDED; INVALID for a name that is none."""
        await self._limits.take(LINK_VISITS, address)
        link, session = await self._find(token, guest_key)
        if session.phase is Phase.ENDED:
            raise Refusal(Code.ROOM_ENDED, "the session has ended")
        shown = person_name(name)
        at = now_ms()
        secret, identity = new_secret(), _identity(guest_key, session)
        if not await self._links.opened(link.id, _browser(guest_key, link), identity, shown, at):
            raise Refusal(Code.LINK_USED, "another browser's, or too many have come")
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

    async def _find(self, token: str, guest_key: str) -> tuple[Link, Session]:
        link = await self._links.by_token(hash_token(token))
        session = await self._sessions_sql.get(link.session_id) if link else None
        if link is None or session is None:
            raise Refusal(Code.NOT_FOUND, "no such link")
        if guest_key and await self._meetings.is_removed(session.meeting_id, _identity(guest_key, session)):
            raise Refusal(Code.REMOVED, "by a moderator")
        state = link.state(now_ms())
        if state not in LEADING_IN:
            raise Refusal(Code.LINK_EXPIRED, state)
        return link, session


def _identity(guest_key: str, session: Session) -> str:
    return guest_identity(guest_key, session.meeting_id)


def _browser(guest_key: str, link: Link) -> str:
    """Of no use to follow a browser from link to link."""
    return hash_token(f"{link.id}:{guest_key}") if guest_key else ""
