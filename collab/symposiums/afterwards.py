"""What a symposium leaves behind: a request with a clock for each issue, owned by whom the symposium named.

A sweep that may be run again and again and by several at once: the request is filed under the issue's own key.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec
import structlog
from msgspec import Raw

from collab.accounts.models import Member
from collab.accounts.repository import AccountRepository
from collab.problems import Refusal
from collab.requests.engine import RequestEngine
from collab.requests.service import Seen, Wish
from collab.requests.states import Action, State
from collab.requests.types import files_as
from collab.requests.values import TypeVersion
from rooms.core.codes import Code

from .answering import ISSUE_TYPE
from .models import WISH_MAX_CHARS
from .repository import SymposiumRepository
from .values import Issue

AT_ONCE: Final = 50
# The next sweep tries again: too much at once, or another one is ahead of this (WRONG_STATE: it has submitted it).
LATER: Final = frozenset({Code.RATE_LIMITED, Code.CONFLICT, Code.WRONG_STATE, Code.UNAVAILABLE})

log = structlog.get_logger("symposiums")


class Afterwards:
    def __init__(
        self,
        symposiums: SymposiumRepository,
        accounts: AccountRepository,
        requests: RequestEngine,
        nudge: Callable[[], None],
        clock_ms: Callable[[], int],
    ) -> None:
        self._symposiums = symposiums
        self._accounts = accounts
        self._requests = requests
        self._nudge = nudge
        self._clock_ms = clock_ms

    async def issue_type(self) -> TypeVersion | None:
        """The latest version of what issues are filed as; None when the park has retired it."""
        return next((one for one in await self._requests.types.in_use() if one.key == ISSUE_TYPE), None)

    async def file_requests(self) -> int:
        """How many were filed."""
        after, filed = "", 0
        while found := await self._symposiums.without_request(after, AT_ONCE):
            version = await self.issue_type()
            for one in found:
                try:
                    filed += await self._file(one, version)
                except Exception:  # one that fails holds up no other
                    log.exception("symposium_issue_failed", issue=one.id)
            after = found[-1].id
        if filed:
            self._nudge()
        return filed

    async def _file(self, issue: Issue, version: TypeVersion | None) -> bool:
        """In the name of whoever raised it, so that it stands among their own; of who leads their company, when they
        are gone."""
        by = await self._filer(issue, version)
        if version is None or by is None:
            log.warning("symposium_issue_unfiled", issue=issue.id)
            await self._symposiums.unfiled(issue.id)
            return False
        try:
            seen = await self._submitted(by, issue, version)
            await self._symposiums.requested(issue, seen.request.id, self._clock_ms())
        except Refusal as refusal:
            log.warning("symposium_issue_not_filed", issue=issue.id, code=refusal.code)
            if refusal.code not in LATER:
                await self._symposiums.unfiled(issue.id)
            return False
        await self._taken(issue, seen)
        return True

    async def _filer(self, issue: Issue, version: TypeVersion | None) -> Member | None:
        if version is None:
            return None
        for account_id in (issue.account_id, *await self._symposiums.leaders(issue.organization.id)):
            member = await self._accounts.member(account_id) if account_id else None
            if member is not None and files_as(member, version.definition, issue.organization.id):
                return member
        return None

    async def _submitted(self, by: Member, issue: Issue, version: TypeVersion) -> Seen:
        raised = issue.raised
        answers = {
            "issue": raised.title,
            "area": raised.area.value,
            "problem": raised.problem,
            "wish": _with_decision(issue),
            "scope": raised.scope.value,
            "publish": raised.publish.value,
        }
        seen = await self._requests.filing.file(
            by,
            version.type_id,
            title=raised.title,
            answers={key: Raw(msgspec.json.encode(value)) for key, value in answers.items()},
            organization_id=issue.organization.id,
            client_key=f"sym-{issue.id}",
            submit=True,
        )
        if seen.request.state is State.DRAFT:  # a sweep was killed between the two
            return await self._requests.service.move(by, seen.request.id, Wish(action=Action.SUBMIT))
        return seen

    async def _taken(self, issue: Issue, seen: Seen) -> None:
        """Whom the symposium named owns it from the beginning.  Where that is not possible it waits for whoever takes
        it, as others do."""
        owner = await self._accounts.member(issue.owner.id) if issue.owner is not None and issue.owner.id else None
        if owner is None:
            return
        try:
            await self._requests.service.move(owner, seen.request.id, Wish(action=Action.TAKE))
        except Refusal as refusal:
            log.info("symposium_issue_not_taken", issue=issue.id, owner=owner.account.id, code=refusal.code)


def _with_decision(issue: Issue) -> str:
    """What the symposium decided, by whom and until when, then what was wished; as much as the type's field takes."""
    if not issue.decision:
        return issue.raised.wish
    parts = [f"恳谈会决定 Decided at the symposium: {issue.decision}"]
    if issue.owner is not None:
        parts.append(f"负责人 Owner: {issue.owner.name}")
    if issue.due_on is not None:
        parts.append(f"期限 Due: {issue.due_on}")
    return "\n".join([*parts, "", issue.raised.wish])[:WISH_MAX_CHARS]
