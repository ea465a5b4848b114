"""Policies: written and published by the park's officers, read by every company with what its rules mean for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

import msgspec
import structlog
from msgspec import Raw, Struct
from msgspec.structs import replace

from collab.accounts.models import Member
from collab.directory.dates import day_of
from collab.limits import Limits, rate
from collab.notices.kinds import NoticeKind
from collab.notices.models import Notice, Subject
from collab.notices.words import Language
from collab.problems import FieldFault, Refusal, invalid
from collab.requests.definition import Definition
from collab.requests.fields import TextField
from collab.requests.filing import FilingService
from collab.requests.parties import reach_of
from collab.requests.service import RequestService
from collab.requests.types import TypeService
from collab.requests.values import TypeVersion
from collab.requests.words import Words
from rooms.core.codes import Code
from rooms.core.text import clean_lines, clean_name

from .models import NUMBER_MAX_CHARS, SOURCE_MAX_CHARS, SUMMARY_MAX_CHARS, TITLE_MAX_CHARS
from .repository import PolicyFilter, PolicyRepository
from .rules import Met, faults_of, judge
from .states import WAYS, PolicyAction, PolicyState
from .values import Beginning, Begun, Content, Judged, Policy, Verdict, judged

QUESTION_TYPE: Final = "policy_question"
POLICY_FIELD: Final = "policy"  # a text of a type that takes the policy's name
AT_ONCE: Final = 100
BATCHES_MAX: Final = 10  # of AT_ONCE, in which those are looked for that a company may apply for
_ALWAYS: Final = Words("长期受理", "No closing date")
POLICIES_OF_ACCOUNT = rate("policies", burst=60, per_minute=20)

log = structlog.get_logger("policies")


class OfferedType(Struct, frozen=True):
    """The type of request that a policy leads to."""

    key: str
    name: Words
    may_file: bool  # the asking person


class SeenPolicy(Struct, frozen=True):
    judged: Judged
    type: OfferedType | None
    begun: tuple[Begun, ...]
    may_write: bool
    today: date


class PolicyService:
    def __init__(
        self,
        policies: PolicyRepository,
        requests: RequestService,
        filing: FilingService,
        types: TypeService,
        limits: Limits,
        nudge: Callable[[], None],
        clock_ms: Callable[[], int],
    ) -> None:
        self._policies = policies
        self._requests = requests
        self._filing = filing
        self._types = types
        self._limits = limits
        self._nudge = nudge
        self._clock_ms = clock_ms

    @property
    def today(self) -> date:
        return day_of(self._clock_ms())

    # ------------------------------------------------------------ reading

    async def listed(
        self,
        by: Member,
        *,
        state: PolicyState | None = PolicyState.PUBLISHED,
        search: str = "",
        open_only: bool = False,
        mine: bool = False,
        before: str = "",
        limit: int = 30,
    ) -> tuple[list[Judged], bool]:
        """Newest first.  Whoever does not write policies sees those that are published.

        `mine`: those that one of the person's companies may apply for, or may as far as its page says."""
        today = self.today
        wanted = PolicyFilter(
            state=state if writes(by) else PolicyState.PUBLISHED,
            search=clean_name(search),
            open_on=today if open_only else None,
        )
        companies = await self._policies.companies(by.organization_ids)
        found: list[Judged] = []
        for _batch in range(BATCHES_MAX if mine else 1):
            size = AT_ONCE if mine else limit + 1
            batch = await self._policies.listed(wanted, before, size)
            news = [judged(one, companies, today) for one in batch]
            found += [one for one in news if not mine or one.met is not Met.NO]
            if len(found) > limit or len(batch) < size:
                break
            before = batch[-1].id
        return found[:limit], len(found) > limit

    async def seen(self, by: Member, policy_id: str) -> SeenPolicy:
        """Raises NOT_FOUND, also for what is not published yet."""
        policy = await self._known(by, policy_id)
        today = self.today
        companies = await self._policies.companies(by.organization_ids)
        reach = await self._requests.reach(by)
        return SeenPolicy(
            judged(policy, companies, today),
            await self._offered(by, policy.content.request_type),
            tuple(await self._policies.begun(policy_id, reach)),
            reach.desk,
            today,
        )

    async def types(self, by: Member) -> list[TypeVersion]:
        """What a policy may lead to, for whoever writes policies; nothing for others."""
        return await self._types.in_use() if writes(by) else []

    async def companies(self, by: Member, policy_id: str) -> list[Verdict]:
        """What it comes to for every company, by name.  For whoever writes policies.  Raises NOT_FOUND, FORBIDDEN."""
        policy = await self._written(by, policy_id)
        return list(judged(policy, await self._policies.companies(), self.today).verdicts)

    async def _known(self, by: Member, policy_id: str) -> Policy:
        policy = await self._policies.get(policy_id)
        if policy is None or (policy.state is not PolicyState.PUBLISHED and not writes(by)):
            raise Refusal(Code.NOT_FOUND, "no such policy")
        return policy

    async def _offered(self, by: Member, key: str) -> OfferedType | None:
        if not key:
            return None
        for one in await self._types.listed(by):
            if one.type.key == key and one.latest is not None:
                return OfferedType(key, one.latest.definition.name, one.may_file)
        return None

    # ------------------------------------------------------------ writing

    async def add(self, by: Member, content: Content) -> str:
        """A draft; it may be incomplete.  Raises FORBIDDEN, INVALID."""
        self._allowed(by)
        await self._limits.take(POLICIES_OF_ACCOUNT, by.account.id)
        cleaned = await self._checked(content)
        policy_id = await self._policies.add(cleaned, (by.account.id, by.account.name), self._clock_ms())
        log.info("policy_added", policy=policy_id, by=by.account.id)
        return policy_id

    async def write(self, by: Member, policy_id: str, content: Content, revision: int) -> None:
        """Raises NOT_FOUND, FORBIDDEN, INVALID, CONFLICT when somebody else has written since `revision`.

        Of a published one, companies are told that may apply by the new rules and were not told before."""
        policy = await self._written(by, policy_id)
        await self._limits.take(POLICIES_OF_ACCOUNT, by.account.id)
        cleaned = await self._checked(content)
        news: tuple[Notice, ...] = ()
        if policy.state is PolicyState.PUBLISHED:
            _complete(cleaned)
            news = await self._news(policy_id, cleaned)
        if not await self._policies.write(policy_id, cleaned, revision, by.account.name, self._clock_ms(), news):
            raise Refusal(Code.CONFLICT, "changed meanwhile")
        self._nudge()

    async def move(self, by: Member, policy_id: str, action: PolicyAction) -> None:
        """Publishing tells the companies that may apply.

        Raises NOT_FOUND, FORBIDDEN, WRONG_STATE, INVALID naming what is missing, CONFLICT."""
        policy = await self._written(by, policy_id)
        state = WAYS.get((policy.state, action))
        if state is None:
            raise Refusal(Code.WRONG_STATE, f"{action} of a policy that is {policy.state}")
        news: tuple[Notice, ...] = ()
        if state is PolicyState.PUBLISHED:
            _complete(policy.content)
            news = await self._news(policy_id, policy.content)
        if not await self._policies.move(policy, state, by.account.name, self._clock_ms(), news):
            raise Refusal(Code.CONFLICT, "changed meanwhile")
        log.info("policy_moved", policy=policy_id, action=action, by=by.account.id)
        self._nudge()

    def _allowed(self, by: Member) -> None:
        if not writes(by):
            raise Refusal(Code.FORBIDDEN, "for the park's officers")

    async def _written(self, by: Member, policy_id: str) -> Policy:
        policy = await self._known(by, policy_id)
        self._allowed(by)
        return policy

    async def _checked(self, content: Content) -> Content:
        cleaned = replace(
            content,
            title=Words(*(clean_name(one, TITLE_MAX_CHARS) for one in (content.title.zh, content.title.en))),
            summary=Words(*(clean_lines(one, SUMMARY_MAX_CHARS) for one in (content.summary.zh, content.summary.en))),
            source=clean_name(content.source, SOURCE_MAX_CHARS),
            number=clean_name(content.number, NUMBER_MAX_CHARS),
        )
        faults = faults_of(cleaned.rules)
        if not (cleaned.title.zh or cleaned.title.en):
            faults["title"] = FieldFault.REQUIRED
        if cleaned.apply_from and cleaned.apply_until and cleaned.apply_until < cleaned.apply_from:
            faults["apply_until"] = FieldFault.INVALID
        if cleaned.request_type and cleaned.request_type not in {one.key for one in await self._types.in_use()}:
            faults["request_type"] = FieldFault.INVALID
        if faults:
            raise invalid(**faults)
        return cleaned

    async def _news(self, policy_id: str, content: Content) -> tuple[Notice, ...]:
        """To the officers and administrators of the companies that may apply; none once it is over."""
        today = self.today
        if content.over_on(today):
            return ()
        fitting = [
            one.id for one in await self._policies.companies() if judge(content.rules, one.facts, today).met is Met.YES
        ]
        readers = await self._policies.readers(fitting)
        return tuple(_notice(policy_id, content, language, people) for language, people in readers.items())

    # ------------------------------------------------------------ from a policy to a request

    async def begin(
        self, by: Member, policy_id: str, kind: Beginning, client_key: str, organization_id: str = ""
    ) -> str:
        """The id of a draft that names the policy; the same `client_key` again gives the same.

        Raises NOT_FOUND, WRONG_STATE when it is not the time to apply or there is nothing to, INVALID for an
        organization that may not file it, CONFLICT for a key of something else."""
        policy = await self._known(by, policy_id)
        content = policy.content
        key = QUESTION_TYPE if kind is Beginning.QUESTION else content.request_type
        if policy.state is not PolicyState.PUBLISHED or not key:
            raise Refusal(Code.WRONG_STATE, "nothing to begin")
        if kind is Beginning.APPLICATION and not content.takes_on(self.today):
            raise Refusal(Code.WRONG_STATE, "not the time to apply")
        known = {one.type.key: one for one in await self._types.listed(by) if one.may_file}
        offered = known.get(key)
        if offered is None or offered.latest is None:
            raise Refusal(Code.NOT_FOUND, "no such type for them")
        name = _named(content, by.account.locale)
        seen = await self._filing.file(
            by,
            offered.type.id,
            title=name,
            answers=_answers(offered.latest.definition, content, by.account.locale),
            organization_id=organization_id,
            client_key=client_key,
        )
        if seen.version.key != key:
            raise Refusal(Code.CONFLICT, "a key of another request")
        await self._policies.begin(policy_id, seen.request.id, kind)
        return seen.request.id


def writes(by: Member) -> bool:
    """The park's officers and administrators."""
    return reach_of(by).desk


def _notice(policy_id: str, content: Content, language: Language, people: tuple[str, ...]) -> Notice:
    """To those who read this language: a policy's title is in both, a notice's parameters are for one reader."""
    until = f"{content.apply_until}"
    over = Words(f"申请截止：{until}", f"Apply until {until}") if content.apply_until else _ALWAYS
    return Notice(
        kind=NoticeKind.POLICY_PUBLISHED,
        account_ids=people,
        key=f"policy:{policy_id}",
        about=Subject("policy", policy_id),
        path=f"/policies/{policy_id}",
        params={"title": content.title.in_language(language), "until": over.in_language(language)},
    )


def _complete(content: Content) -> None:
    needed = (("title", content.title), ("summary", content.summary))
    missing = {name: FieldFault.REQUIRED for name, words in needed if not words.whole}
    if missing:
        raise invalid(**missing)


def _named(content: Content, locale: str) -> str:
    return clean_name(content.title.in_language(locale), TITLE_MAX_CHARS)


def _answers(definition: Definition, content: Content, locale: str) -> dict[str, Raw]:
    """The policy, by name and number, where the type asks for it."""
    for one in definition.fields:
        if isinstance(one, TextField) and one.id == POLICY_FIELD:
            named = " · ".join(part for part in (content.title.in_language(locale), content.number) if part)
            return {POLICY_FIELD: Raw(msgspec.json.encode(clean_name(named, one.max_chars)))}
    return {}
