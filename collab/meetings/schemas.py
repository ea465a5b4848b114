"""Bodies and replies of the meeting and room endpoints."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from collab.accounts.schemas import AfterId, Body
from rooms.core.model import NAME_MAX_CHARS, TITLE_MAX_CHARS, Phase, Role

from .repository import ListedState

TOKEN_MAX_S = 30 * 86_400
GUEST_KEY_MAX_CHARS = 64

Title = Annotated[str, Meta(min_length=1, max_length=TITLE_MAX_CHARS)]


class NewMeeting(Body, frozen=True, kw_only=True):
    title: Title
    lobby_enabled: bool = False
    guests_allowed: bool = True
    encrypted: bool = False


class ChangeMeeting(Body, frozen=True, kw_only=True):
    title: Title | UnsetType = UNSET
    lobby_enabled: bool | UnsetType = UNSET
    guests_allowed: bool | UnsetType = UNSET


class MeetingsQuery(Body, frozen=True, kw_only=True):
    state: ListedState = ListedState.ALL
    before: AfterId = ""
    limit: Annotated[int, Meta(ge=1, le=100)] = 50


class HostView(Struct, frozen=True):
    id: str
    name: str


class MeetingView(Struct, frozen=True):
    id: str
    code: str
    title: str
    host: HostView | None
    lobby_enabled: bool
    guests_allowed: bool
    encrypted: bool
    assist: bool
    phase: Phase
    created_at_ms: int
    started_at_ms: int  # 0 = nobody was inside yet
    ended_at_ms: int  # 0 = not ended
    trashed_at_ms: int  # 0 = not in the trash
    people_count: int
    link: str


class MeetingList(Struct, frozen=True):
    meetings: tuple[MeetingView, ...]
    more: bool


class You(Struct, frozen=True):
    """How the asking person would enter.  `role` is null when a guest must sign in first."""

    role: Role | None
    name: str
    signed_in: bool


class RoomCard(Struct, frozen=True):
    """What the page before a meeting shows.  With a lobby, the names inside are shown to members only."""

    code: str
    title: str
    phase: Phase
    lobby_enabled: bool
    guests_allowed: bool
    encrypted: bool
    assist: bool  # a session of assistance: its page is /assist/{code}
    locked: bool
    people: tuple[str, ...]
    people_count: int
    you: You
    attendance: bool = False  # who is inside and when is kept, as the host's organization has decided
    symposium_id: str = ""  # that is live in it, for whoever is signed in


class EnterAsGuest(Body, frozen=True, kw_only=True):
    name: Annotated[str, Meta(min_length=1, max_length=NAME_MAX_CHARS)]


class GuestEntry(Struct, frozen=True):
    token: str
    identity: str


class NewToken(Body, frozen=True, kw_only=True):
    publish: bool = False
    subscribe: bool = False
    expires_in_s: Annotated[int, Meta(ge=60, le=TOKEN_MAX_S)] = 86_400
    name: Annotated[str, Meta(min_length=1, max_length=NAME_MAX_CHARS)] | UnsetType = UNSET


class TokenView(Struct, frozen=True):
    token: str
    expires_at_ms: int
