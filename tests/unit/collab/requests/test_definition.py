"""Definitions: what may be published, and that all that ships with the server is whole in both languages."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from collab.accounts.models import MemberRole
from collab.organizations.models import OrganizationKind
from collab.problems import FieldFault
from collab.requests.definition import Definition, Filers, Officers, Owner, ReviewStep, faults_of, filled, may_file
from collab.requests.fields import Choice, ChoiceField, Condition, DateField, NumberField, TextField
from collab.requests.types import shipped_definitions
from collab.requests.words import Words
from collab.requests.working_time import Minutes

NAME = Words("名称", "Name")
PLAIN = Definition(
    name=NAME,
    summary=NAME,
    code="XX",
    asked=Officers(),
    clock=Minutes(60),
    fields=(
        ChoiceField(id="kind", label=NAME, choices=(Choice("a", NAME), Choice("b", NAME))),
        TextField(id="text", label=NAME, show_if=Condition("kind", ("b",))),
    ),
    steps=(ReviewStep("review", NAME, Owner()),),
)
SHIPPED = dict(shipped_definitions())


def test_eleven_types_ship_with_the_server() -> None:
    assert set(SHIPPED) == {
        "return_to_work",
        "temporary_access",
        "daily_health",
        "talent_application",
        "subsidy_application",
        "achievement_application",
        "remote_hands",
        "equipment_pass",
        "visiting_team",
        "policy_question",
        "symposium_issue",
    }


@pytest.mark.parametrize("key", SHIPPED)
def test_what_ships_is_whole(key: str) -> None:
    definition = msgspec.json.decode(SHIPPED[key], type=Definition)
    assert faults_of(definition) == {}
    assert definition.replies
    assert definition.escalations
    decided = {reply.outcome for reply in definition.replies if reply.outcome}
    assert decided <= set(definition.outcomes)
    assert "no such" not in SHIPPED[key]


def test_codes_of_what_ships_differ() -> None:
    codes = [msgspec.json.decode(packed, type=Definition).code for packed in SHIPPED.values()]
    assert len(set(codes)) == len(codes)


def test_what_is_missing_is_named_by_its_place() -> None:
    assert faults_of(PLAIN) == {}
    bad = replace(
        PLAIN,
        summary=Words("只有中文", ""),
        title_field="nothing",
        fields=(
            *PLAIN.fields,
            TextField(id="text", label=NAME),
            TextField(id="early", label=NAME, show_if=Condition("later", ("a",))),
            NumberField(id="number", label=NAME, low=2, high=1),
            DateField(id="date", label=NAME, earliest=1, latest=0),
        ),
        steps=(PLAIN.steps[0], PLAIN.steps[0]),
    )
    assert faults_of(bad) == {
        "summary": FieldFault.REQUIRED,
        "title_field": FieldFault.INVALID,
        "fields.2.id": FieldFault.TAKEN,
        "fields.3.show_if": FieldFault.INVALID,
        "fields.4.high": FieldFault.INVALID,
        "fields.5.latest": FieldFault.INVALID,
        "steps": FieldFault.TAKEN,
    }


def test_places_of_replies_are_filled_in_once() -> None:
    assert filled("{number}: {title} {nobody}", {"number": "A-1", "title": "{number}"}) == "A-1: {number} {nobody}"


def test_who_may_file() -> None:
    installers = Filers((OrganizationKind.INSTALLER,), (MemberRole.OFFICER,))
    assert may_file(Filers(), OrganizationKind.PARK, (MemberRole.MEMBER,))
    assert may_file(installers, OrganizationKind.INSTALLER, (MemberRole.MEMBER, MemberRole.OFFICER))
    assert not may_file(installers, OrganizationKind.INSTALLER, (MemberRole.MEMBER,))
    assert not may_file(installers, OrganizationKind.ENTERPRISE, (MemberRole.OFFICER,))
