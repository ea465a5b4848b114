"""Policies as frozen values, as they leave the repository."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from msgspec import Struct

from collab.requests.states import State
from collab.requests.words import Words

from .rules import Facts, Judgement, Met, Rules, any_of, judge
from .states import PolicyState


class Beginning(StrEnum):
    """What is begun from a policy."""

    APPLICATION = "application"
    QUESTION = "question"


class Content(Struct, frozen=True, kw_only=True):
    """What the park's staff write."""

    title: Words
    summary: Words
    source: str = ""
    number: str = ""
    source_url: str = ""
    issued_on: date | None = None
    apply_from: date | None = None
    apply_until: date | None = None
    request_type: str = ""
    rules: Rules = Rules()

    def takes_on(self, day: date) -> bool:
        """Whether one may apply on this day."""
        return (self.apply_from is None or self.apply_from <= day) and not self.over_on(day)

    def over_on(self, day: date) -> bool:
        return self.apply_until is not None and self.apply_until < day


class Policy(Struct, frozen=True, kw_only=True):
    id: str
    state: PolicyState
    content: Content
    revision: int
    created_at_ms: int
    published_at_ms: int
    changed_at_ms: int
    changed_by_name: str


class Company(Struct, frozen=True):
    id: str
    name: str
    facts: Facts


class Begun(Struct, frozen=True, kw_only=True):
    """A request that was begun from a policy."""

    id: str
    kind: Beginning
    number: str
    title: str
    state: State
    organization: str
    created_at_ms: int


class Verdict(Struct, frozen=True):
    """What a policy's rules come to for one company."""

    company: Company
    judgement: Judgement


class Judged(Struct, frozen=True):
    policy: Policy
    verdicts: tuple[Verdict, ...] = ()  # of the asking person's companies

    @property
    def met(self) -> Met:
        """Of the company that fits best; NO for whoever has none."""
        return any_of(one.judgement.met for one in self.verdicts)


def judged(policy: Policy, companies: list[Company], today: date) -> Judged:
    verdicts = (Verdict(one, judge(policy.content.rules, one.facts, today)) for one in companies)
    return Judged(policy, tuple(verdicts))
