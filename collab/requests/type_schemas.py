"""Bodies and replies of the endpoints of types, groups and working hours."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Raw, Struct, field

from collab.accounts.schemas import Body, OrganizationId
from collab.problems import FieldFault

from .definition import Definition
from .fields import Key
from .schemas import Answers, NameView
from .working_time import WorkingHours

GROUP_MEMBERS_MAX = 200
GroupName = Annotated[str, Meta(min_length=1, max_length=64)]


class RequestTypeView(Struct, frozen=True, kw_only=True):
    id: str
    key: str
    version: int  # 0 = never published
    definition: Definition | None  # of that version
    retired: bool
    shipped: bool  # came with the server, and nobody has made a version since
    may_file: bool
    draft: Definition | None  # for the park's administrators
    draft_revision: int
    changed_at_ms: int


class RequestTypeList(Struct, frozen=True):
    types: tuple[RequestTypeView, ...]


class RequestTypeVersionView(Struct, frozen=True):
    version: int
    name: str
    made_at_ms: int


class RequestTypeVersions(Struct, frozen=True):
    versions: tuple[RequestTypeVersionView, ...]


class VersionQuery(Body, frozen=True, kw_only=True):
    version: Annotated[int, Meta(ge=1, le=1_000_000)]


class DefinitionView(Struct, frozen=True):
    definition: Definition


class NewType(Body, frozen=True, kw_only=True):
    """`key` is its name in exports; `definition` may still be incomplete."""

    key: Key
    definition: Definition


class SaveDraft(Body, frozen=True, kw_only=True):
    revision: int
    definition: Definition


class PublishDraft(Body, frozen=True, kw_only=True):
    revision: int


class ChangeType(Body, frozen=True, kw_only=True):
    retired: bool


class TryDefinition(Body, frozen=True, kw_only=True):
    definition: Definition
    answers: Answers = field(default_factory=dict)


class Tried(Struct, frozen=True):
    """What publishing would refuse, by path (`fields.2.label`), and what filing these answers would, by field."""

    definition_faults: dict[str, FieldFault]
    answer_faults: dict[str, FieldFault]
    answers: dict[str, Raw]  # as they would be kept
    due_at_ms: int  # if it were filed now


class GroupView(Struct, frozen=True):
    key: str
    name_zh: str
    name_en: str
    members: tuple[NameView, ...]


class GroupList(Struct, frozen=True):
    groups: tuple[GroupView, ...]


class SetGroup(Body, frozen=True, kw_only=True):
    """The park's staff who belong to it; none are asked while it is empty."""

    key: Key
    name_zh: GroupName
    name_en: GroupName
    account_ids: Annotated[tuple[OrganizationId, ...], Meta(max_length=GROUP_MEMBERS_MAX)] = ()


class RemoveGroup(Body, frozen=True, kw_only=True):
    key: Key


class HoursView(Struct, frozen=True):
    hours: WorkingHours
    revision: int


class SetHours(Body, frozen=True, kw_only=True):
    hours: WorkingHours
    revision: int
