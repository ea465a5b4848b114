"""Who may watch, under which name and in which chat room; what they need for it; and their way onto the stage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

import structlog
from msgspec import Struct

from collab.accounts.models import Member
from collab.accounts.service import hash_token
from collab.clock import new_id, new_secret, now_ms
from collab.meetings.doorkeeper import room_record
from collab.meetings.lookups import SharedLookup
from collab.meetings.models import RoomToken, TokenKind
from collab.meetings.repository import MeetingRepository
from collab.problems import Refusal
from collab.unavailable import RETRY_MS, answered
from rooms.core.codes import Code
from rooms.core.model import Role
from rooms.core.text import clean_name
from rooms.ports import Refused
from signaling.ports import StageGuest

from .hand_repository import HandRepository
from .life import LifeState
from .models import HandState, RegistrationState, StaffRole, Tier
from .registration import RegistrationService
from .repository import LivestreamRepository
from .schemas import Needs
from .service import role_of
from .tokens import TOKEN_KEPT_MS, Viewer, ViewerKind, anonymous_id, read, sign
from .values import Group, Livestream, Registration

STAGE_TOKEN_MS: Final = 6 * 3_600_000
GUEST_IDENTITY: Final = "viewer_"

log = structlog.get_logger("livestreams")


class Watching(Struct, frozen=True):
    """`viewer` is None when something is missing: `needs` says what."""

    needs: Needs
    may_know: bool  # title and time
    viewer: Viewer | None = None
    group: Group | None = None
    registration: Registration | None = None


class Ticket(Struct, frozen=True):
    code: str
    token: str
    identity: str
    role: str


class Hubs(Protocol):
    """hubs.py."""

    async def hand(self, livestream_id: str, viewer_id: str) -> None:
        """Somebody's hand is another in SQL now."""


class WatchService:
    def __init__(
        self,
        livestreams: LivestreamRepository,
        registrations: RegistrationService,
        hands: HandRepository,
        meetings: MeetingRepository,
        hubs: Hubs,
        clock_ms: Callable[[], int] = now_ms,
    ) -> None:
        # A hall comes at once: they share their questions.
        self._found = SharedLookup(livestreams.get)
        self._banned = SharedLookup(livestreams.banned)
        self._registrations = registrations
        self._hands = hands
        self._meetings = meetings
        self._hubs = hubs
        self._clock_ms = clock_ms

    async def watch(
        self, livestream: Livestream, by: Member | None, guest_key: str, *, link: str, registration: str, name: str
    ) -> Watching:
        """Raises NOT_FOUND for a draft, unless one has a part in it."""
        role = role_of(by, livestream) if by else None
        if livestream.state is LifeState.DRAFT and role is None:
            raise Refusal(Code.NOT_FOUND, "a draft")
        registered = await self._registered(livestream, by, registration)
        group = group_of(livestream, by, registered, link)
        if role is None:
            needs = self._needs(livestream, by, group, registered, link)
            if needs:
                may_know = livestream.tier is not Tier.NAMED or group is not None or registered is not None
                return Watching(needs, may_know, group=group, registration=registered)
        viewer = self._viewer(livestream, by, role, group, registered, guest_key, name)
        if viewer.id in await self._banned.get(livestream.id):
            return Watching("banned", True, registration=registered)
        return Watching("", True, viewer, group, registered)

    async def _registered(self, livestream: Livestream, by: Member | None, token: str) -> Registration | None:
        found = await self._registrations.by_token(livestream, token) if token else None
        if found is None and by is not None:
            found = await self._registrations.of_member(livestream, by)
        return found if found is not None and found.state is not RegistrationState.CANCELLED else None

    @staticmethod
    def _needs(
        livestream: Livestream, by: Member | None, group: Group | None, registered: Registration | None, link: str
    ) -> Needs:
        confirmed = registered is not None and registered.state is RegistrationState.CONFIRMED
        if not confirmed:
            linked = group is not None and bool(link) and group.link == link
            if linked and group is not None and group.tier is not Tier.ANYONE and by is None:
                return "sign_in"
            if not linked and livestream.tier is Tier.SIGNED_IN and by is None:
                return "sign_in"
            if livestream.tier is Tier.NAMED and group is None:
                return "invitation" if by is not None else "sign_in"
        if not livestream.registration.enabled or confirmed:
            return ""
        if registered is not None and registered.state is RegistrationState.PENDING:
            return "approval"
        if registered is not None and registered.state is RegistrationState.WAITING:
            return "seat"
        if registered is not None and registered.state is RegistrationState.DECLINED:
            return "invitation"
        return "registration"

    def _viewer(
        self,
        livestream: Livestream,
        by: Member | None,
        role: StaffRole | None,
        group: Group | None,
        registered: Registration | None,
        guest_key: str,
        name: str,
    ) -> Viewer:
        if by is not None:
            viewer_id, kind, shown = by.account.id, ViewerKind.ACCOUNT, by.account.name
        elif registered is not None:
            viewer_id, kind, shown = f"reg_{registered.id}", ViewerKind.REGISTERED, registered.name
        else:
            viewer_id, kind = anonymous_id(guest_key, livestream.id), ViewerKind.ANONYMOUS
            shown = clean_name(name)
        return Viewer(
            livestream_id=livestream.id,
            id=viewer_id,
            kind=kind,
            name=shown,
            role=role,
            office=role is not None and livestream.role_of(viewer_id) is not role,
            group_id=group.id if group else "",
            room=group.id if group and group.own_chat else "",
            expires_at_ms=self._clock_ms() + TOKEN_KEPT_MS,
        )

    @staticmethod
    def token(livestream: Livestream, viewer: Viewer) -> str:
        return sign(viewer, livestream.token_key)

    async def check(self, livestream_id: str, token: str) -> tuple[Livestream, Viewer]:
        """For the doors of hub, WHEP and HLS.  Raises NOT_FOUND, UNAUTHENTICATED, EXPIRED, REMOVED."""
        livestream = await self._found.get(livestream_id)
        if livestream is None or livestream.trashed_at_ms:
            raise Refusal(Code.NOT_FOUND, "no such livestream")
        viewer = read(token, livestream.token_key, livestream_id, self._clock_ms())
        if viewer.id in await self._banned.get(livestream_id):
            raise Refusal(Code.REMOVED, "banned")
        if viewer.role is not None and not viewer.office and livestream.role_of(viewer.id) is not viewer.role:
            raise Refusal(Code.EXPIRED, "the part was taken away")
        return livestream, viewer

    # ------------------------------------------------------------ the stage

    async def ticket(self, livestream: Livestream, by: Member | None, token: str) -> Ticket:
        """For who has a part, and for a viewer who was invited.  Raises FORBIDDEN, ROOM_ENDED."""
        if livestream.state in (LifeState.ENDED, LifeState.REPLAY):
            raise Refusal(Code.ROOM_ENDED, "the livestream has ended")
        role = livestream.role_of(by.account.id) if by is not None else None
        if by is not None and (role or by.administers_park):
            role = role or StaffRole.HOST
            return Ticket(livestream.room_code, "", by.account.id, role.value)
        _, viewer = await self.check(livestream.id, token)
        if by is not None and viewer.id != by.account.id:
            raise Refusal(Code.FORBIDDEN, "another's token")
        identity = viewer.id if viewer.kind is ViewerKind.ACCOUNT else GUEST_IDENTITY + new_id()
        at = self._clock_ms()
        if not await self._hands.go_on_stage(livestream.id, viewer.id, identity, at):
            raise Refusal(Code.FORBIDDEN, "not invited")
        room_token = ""
        if viewer.kind is not ViewerKind.ACCOUNT:
            room_token = new_secret()
            kept = RoomToken(
                meeting_id=livestream.room_id,
                kind=TokenKind.GUEST,
                identity=identity,
                name=viewer.name,
                publish=True,
                subscribe=True,
                expires_at_ms=at + STAGE_TOKEN_MS,
            )
            await self._meetings.add_token(hash_token(room_token), kept, None, at)
        await self._hubs.hand(livestream.id, viewer.id)
        log.info("livestream_ticket", livestream=livestream.id, viewer=viewer.id)
        return Ticket(livestream.room_code, room_token, identity, "viewer")


class WatchDoor:
    """Who may have the stage's media (signaling.ports.AudienceDoor)."""

    def __init__(self, watching: WatchService, meetings: MeetingRepository) -> None:
        self._watching = watching
        self._meetings = meetings

    async def watcher(self, livestream_id: str, token: str) -> StageGuest | Refused:
        return await answered(self._watcher(livestream_id, token))

    async def _watcher(self, livestream_id: str, token: str) -> StageGuest | Refused:
        livestream, viewer = await self._watching.check(livestream_id, token)
        meeting = await self._meetings.get(livestream.room_id)
        if meeting is None or livestream.state is not LifeState.LIVE:
            return Refused(Code.NOT_OPEN, RETRY_MS)
        return StageGuest(viewer.id, room_record(meeting))


class LivestreamDoor:
    """Who may come on a livestream's stage (meetings.doorkeeper.StageDoor)."""

    def __init__(self, livestreams: LivestreamRepository, hands: HandRepository) -> None:
        self._livestreams = livestreams
        self._hands = hands

    async def role_of(self, identity: str, livestream_id: str) -> Role | None:
        livestream = await self._livestreams.get(livestream_id)
        if livestream is None or livestream.trashed_at_ms:
            return None
        match livestream.role_of(identity):
            case StaffRole.HOST:
                return Role.HOST
            case StaffRole.MODERATOR:
                return Role.CO_HOST
            case StaffRole.PRESENTER:
                return Role.PARTICIPANT
            case None:
                hand = await self._hands.of_identity(livestream_id, identity)
                return Role.GUEST if hand is HandState.ON_STAGE else None


def group_of(livestream: Livestream, by: Member | None, registered: Registration | None, link: str) -> Group | None:
    """The first that one is of, in the order that the hosts gave them; a link that one came by goes before."""
    if link:
        for group in livestream.groups:
            if group.link == link:
                return group
    email = registered.email if registered else by.account.email if by else ""
    for group in livestream.groups:
        if by is not None and group.organization_id and by.belongs_to(group.organization_id):
            return group
        if email and email in group.emails:
            return group
    return None
