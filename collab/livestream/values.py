"""The frozen values that leave the repositories of livestreams."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from .life import LifeState
from .models import GroupKind, RegistrationState, StaffRole, Tier

WORDS_MAX = 500
FIELDS_MAX = 12
CAPACITY_MAX = 100_000
SLOW_MAX_S = 600

Word = Annotated[str, Meta(min_length=1, max_length=40)]
Label = Annotated[str, Meta(min_length=1, max_length=120)]


class ChatSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    enabled: bool = True
    questions: bool = True
    slow_s: Annotated[int, Meta(ge=0, le=SLOW_MAX_S)] = 0  # between two messages of one viewer
    held: bool = False  # every message and question waits for a moderator
    words: Annotated[tuple[Word, ...], Meta(max_length=WORDS_MAX)] = ()  # a message with one of them waits


class FieldKind(StrEnum):
    TEXT = "text"
    CHOICE = "choice"
    CHECK = "check"


class CustomField(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    key: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    label: Label
    kind: FieldKind = FieldKind.TEXT
    required: bool = False
    options: Annotated[tuple[Label, ...], Meta(max_length=20)] = ()


class RegistrationSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    enabled: bool = False
    approval: bool = False
    capacity: Annotated[int, Meta(ge=0, le=CAPACITY_MAX)] = 0  # 0 = without limit
    remind_before_min: Annotated[int, Meta(ge=0, le=10_080)] = 60  # 0 = no reminder
    fields: Annotated[tuple[CustomField, ...], Meta(max_length=FIELDS_MAX)] = ()


class Staff(Struct, frozen=True):
    account_id: str
    name: str
    role: StaffRole


class Group(Struct, frozen=True):
    id: str
    kind: GroupKind
    name: str
    organization_id: str | None
    tier: Tier
    link: str
    own_chat: bool
    emails: tuple[str, ...] = ()


class Livestream(Struct, frozen=True):
    id: str
    organization_id: str | None
    organization: str  # its name, "" when it is gone
    created_by: str | None
    room_id: str
    room_code: str
    title: str
    description: str
    cover_sha256: str | None
    cover_type: str
    cover_bytes: int
    state: LifeState
    tier: Tier
    starts_at_ms: int
    minutes: int
    zone: str
    chat: ChatSettings
    registration: RegistrationSettings
    keep_replay: bool
    token_key: str
    version: int
    sequence: int
    live_at_ms: int
    ended_at_ms: int
    created_at_ms: int
    trashed_at_ms: int
    staff: tuple[Staff, ...] = ()
    groups: tuple[Group, ...] = ()

    def role_of(self, account_id: str) -> StaffRole | None:
        return next((one.role for one in self.staff if one.account_id == account_id), None)


class Registration(Struct, frozen=True):
    id: str
    livestream_id: str
    email: str
    name: str
    locale: str
    account_id: str | None
    answers: dict[str, str]
    state: RegistrationState
    created_at_ms: int
