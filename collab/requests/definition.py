"""A type of request, as data: what is asked, who may file, who is asked first, its clock, its steps.  Pure.

A version is never changed once it is published: what was filed with it stays as it was asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta, Struct

from collab.accounts.models import MemberRole
from collab.organizations.models import OrganizationKind
from collab.problems import FieldFault

from .fields import FIELDS_MAX, ChoiceField, Condition, DateField, Field, Key, NumberField, TableField, TextField
from .states import Outcome
from .words import NO_WORDS, Words
from .working_time import Clock

STEPS_MAX: Final = 6
DOCUMENTS_MAX: Final = 20
REPLIES_MAX: Final = 30
ESCALATIONS_MAX: Final = 4
KEEP_DAYS_MAX: Final = 10_950

_PLACE = re.compile(r"\{([^{}]*)\}")
# What reply templates may hold, to be filled in for each request.
PLACES: Final = frozenset({"number", "title", "requester", "organization", "owner", "due"})


class Officers(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="officers"):
    """The park's officers and administrators, all of them."""


class ServiceOfficer(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="service_officer"):
    """That of the company; the park's officers while it has none."""


class Group(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="group"):
    """A named group of the park's staff; its officers while nobody is in it."""

    group: Key


class Administrators(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="administrators"):
    """The park's administrators."""


class Owner(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="owner"):
    """Whoever took the request."""


Asked = Officers | ServiceOfficer | Group
Reviewer = Owner | Administrators | Group
EscalatedTo = Officers | ServiceOfficer | Group | Administrators


class Filers(Struct, frozen=True, forbid_unknown_fields=True):
    """Empty: of any kind, in any role."""

    kinds: tuple[OrganizationKind, ...] = ()
    roles: tuple[MemberRole, ...] = ()


class Audience(StrEnum):
    """Who of the requester's company sees a request beside its requester."""

    REQUESTER = "requester"  # nobody
    COMPANY_OFFICERS = "company_officers"  # its officers and administrators
    COMPANY = "company"


class Finish(StrEnum):
    """What makes a decided request done."""

    AT_ONCE = "at_once"  # the decision itself
    BY_OWNER = "by_owner"  # there is something to carry out


class ReviewStep(Struct, frozen=True, forbid_unknown_fields=True):
    id: Key
    name: Words
    by: Reviewer


class RequiredDocument(Struct, frozen=True, forbid_unknown_fields=True):
    """A line of the checklist."""

    id: Key
    name: Words
    hint: Words = NO_WORDS
    required: bool = True
    show_if: Condition | None = None


class ReplyTemplate(Struct, frozen=True, forbid_unknown_fields=True):
    id: Key
    name: Words
    text: Words
    outcome: Outcome | None = None  # offered with this decision; None: with questions and comments


class Escalation(Struct, frozen=True, forbid_unknown_fields=True):
    """Who is told when a request is late by so much working time."""

    after_minutes: Annotated[int, Meta(ge=0, le=60_000)]
    to: EscalatedTo


class Definition(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    name: Words
    summary: Words
    code: Annotated[str, Meta(pattern=r"^[A-Z]{2,4}$")]  # numbers of requests begin with it
    filers: Filers = Filers()
    asked: Asked
    clock: Clock
    fields: Annotated[tuple[Field, ...], Meta(min_length=1, max_length=FIELDS_MAX)]
    title_field: str = ""  # a text field or choice whose answer is the title where none is given
    steps: Annotated[tuple[ReviewStep, ...], Meta(min_length=1, max_length=STEPS_MAX)]
    outcomes: Annotated[tuple[Outcome, ...], Meta(min_length=1, max_length=3)] = (Outcome.APPROVED, Outcome.REJECTED)
    finish: Finish = Finish.AT_ONCE
    documents: Annotated[tuple[RequiredDocument, ...], Meta(max_length=DOCUMENTS_MAX)] = ()
    replies: Annotated[tuple[ReplyTemplate, ...], Meta(max_length=REPLIES_MAX)] = ()
    escalations: Annotated[tuple[Escalation, ...], Meta(max_length=ESCALATIONS_MAX)] = ()
    audience: Audience = Audience.COMPANY
    confidential: bool = False  # of the park's staff only those who are asked, and its administrators
    keep_days: Annotated[int, Meta(ge=1, le=KEEP_DAYS_MAX)] = 1_095  # after it is closed; then it is deleted


def faults_of(definition: Definition) -> dict[str, FieldFault]:
    """What a definition may not be published with, by the path of the place; empty when it is well."""
    faults: dict[str, FieldFault] = {}
    for path, words in _needed_words(definition):
        if not words.whole:
            faults[path] = FieldFault.REQUIRED
    faults.update(_field_faults(definition.fields))
    faults.update(_rule_faults(definition))
    for number, reply in enumerate(definition.replies):
        if unknown_places(reply.text):
            faults[f"replies.{number}.text"] = FieldFault.INVALID
    return faults


def _needed_words(definition: Definition) -> Iterator[tuple[str, Words]]:
    yield "name", definition.name
    yield "summary", definition.summary
    for number, field in enumerate(definition.fields):
        yield f"fields.{number}.label", field.label
        if isinstance(field, ChoiceField):
            for choice_number, choice in enumerate(field.choices):
                yield f"fields.{number}.choices.{choice_number}.label", choice.label
        if isinstance(field, TableField):
            for column_number, column in enumerate(field.columns):
                yield f"fields.{number}.columns.{column_number}.label", column.label
    for number, step in enumerate(definition.steps):
        yield f"steps.{number}.name", step.name
    for number, document in enumerate(definition.documents):
        yield f"documents.{number}.name", document.name
    for number, reply in enumerate(definition.replies):
        yield f"replies.{number}.name", reply.name
        yield f"replies.{number}.text", reply.text


def _field_faults(fields: tuple[Field, ...]) -> dict[str, FieldFault]:
    faults: dict[str, FieldFault] = {}
    choices: dict[str, set[str]] = {}
    seen: set[str] = set()
    for number, field in enumerate(fields):
        path = f"fields.{number}"
        if field.id in seen or field.id == "answers":
            faults[f"{path}.id"] = FieldFault.TAKEN
        seen.add(field.id)
        if not _may_ask(field.show_if, choices):
            faults[f"{path}.show_if"] = FieldFault.INVALID
        match field:
            case ChoiceField():
                ids = [choice.id for choice in field.choices]
                choices[field.id] = set(ids)
                if len(set(ids)) != len(ids):
                    faults[f"{path}.choices"] = FieldFault.TAKEN
            case TableField():
                columns = [column.id for column in field.columns]
                if len(set(columns)) != len(columns):
                    faults[f"{path}.columns"] = FieldFault.TAKEN
            case NumberField(low=low, high=high):
                if low is not None and high is not None and low > high:
                    faults[f"{path}.high"] = FieldFault.INVALID
            case DateField(earliest=earliest, latest=latest):
                if earliest is not None and latest is not None and earliest > latest:
                    faults[f"{path}.latest"] = FieldFault.INVALID
            case _:
                pass
    return faults


def _may_ask(condition: Condition | None, choices: dict[str, set[str]]) -> bool:
    """Conditions look at choices that stand before, so there are no circles."""
    return condition is None or set(condition.is_any) <= choices.get(condition.field, set())


def _rule_faults(definition: Definition) -> dict[str, FieldFault]:
    faults: dict[str, FieldFault] = {}
    choices = {
        field.id: {choice.id for choice in field.choices}
        for field in definition.fields
        if isinstance(field, ChoiceField)
    }
    for number, document in enumerate(definition.documents):
        if not _may_ask(document.show_if, choices):
            faults[f"documents.{number}.show_if"] = FieldFault.INVALID
    for name in ("steps", "documents", "replies"):
        ids = [one.id for one in getattr(definition, name)]
        if len(set(ids)) != len(ids):
            faults[name] = FieldFault.TAKEN
    titles = {field.id for field in definition.fields if isinstance(field, TextField | ChoiceField)}
    if definition.title_field and definition.title_field not in titles:
        faults["title_field"] = FieldFault.INVALID
    if len(set(definition.outcomes)) != len(definition.outcomes):
        faults["outcomes"] = FieldFault.TAKEN
    minutes = [one.after_minutes for one in definition.escalations]
    if minutes != sorted(minutes):
        faults["escalations"] = FieldFault.INVALID
    return faults


def unknown_places(text: Words) -> set[str]:
    return {place for words in (text.zh, text.en) for place in _PLACE.findall(words)} - PLACES


def filled(text: str, values: dict[str, str]) -> str:
    """A reply with its places filled in; what nobody knows stays as it is."""
    return _PLACE.sub(lambda found: values.get(found[1], found[0]), text)


def may_file(filers: Filers, kind: OrganizationKind, roles: tuple[MemberRole, ...]) -> bool:
    return (not filers.kinds or kind in filers.kinds) and (
        not filers.roles or not frozenset(roles).isdisjoint(filers.roles)
    )
