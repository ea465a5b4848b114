"""Drafts of requests, and filing them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from collab.accounts.models import Member
from collab.limits import Limits, rate
from collab.problems import FieldFault, Refusal, invalid
from rooms.core.codes import Code

from .answers import Answers
from .checking import Checker, check_documents
from .naming import new_number, title_of
from .repository import NewRequest, RequestRepository
from .service import RequestService, Seen, Wish
from .states import Action, State
from .types import TypeService, files_as
from .values import TypeVersion

REQUESTS_OF_ACCOUNT = rate("requests", burst=120, per_minute=30)
NUMBER_ATTEMPTS: Final = 5


class FilingService:
    def __init__(
        self,
        service: RequestService,
        requests: RequestRepository,
        types: TypeService,
        checker: Checker,
        limits: Limits,
        clock_ms: Callable[[], int],
    ) -> None:
        self._service = service
        self._requests = requests
        self._types = types
        self._checker = checker
        self._limits = limits
        self._clock_ms = clock_ms

    async def file(
        self,
        by: Member,
        type_id: str,
        *,
        title: str,
        answers: Answers,
        organization_id: str = "",
        client_key: str = "",
        submit: bool = False,
    ) -> Seen:
        """A draft, submitted at once if `submit`.  The same `client_key` again gives what it made.

        Raises NOT_FOUND for a type that is not for them, INVALID naming the fields."""
        await self._limits.take(REQUESTS_OF_ACCOUNT, by.account.id)
        if client_key and (known := await self._requests.by_client_key(by.account.id, client_key)) is not None:
            return await self._service.seen(by, known.id)
        version = await self._types.to_file(by, type_id)
        definition = version.definition
        organization = files_as(by, definition, organization_id)
        if organization is None:
            raise invalid(organization_id=FieldFault.INVALID)
        checked = await self._checker.answers(definition, answers, complete=submit)
        if submit:
            check_documents(definition, checked.answers, frozenset())
        request_id = await self._add(by, version, organization, title, checked.answers, client_key)
        if submit:
            return await self._service.move(by, request_id, Wish(action=Action.SUBMIT))
        return await self._service.seen(by, request_id)

    async def _add(
        self, by: Member, version: TypeVersion, organization_id: str, title: str, answers: Answers, client_key: str
    ) -> str:
        at_ms, definition = self._clock_ms(), version.definition
        for _attempt in range(NUMBER_ATTEMPTS):
            new = NewRequest(
                number=new_number(definition.code, at_ms),
                type_id=version.type_id,
                type_version=version.version,
                title=title_of(title, definition, answers, by.account.locale),
                organization_id=organization_id,
                requester_id=by.account.id,
                requester_name=by.account.name,
                client_key=client_key or None,
                audience=definition.audience,
                confidential=definition.confidential,
                answers=answers,
            )
            if (made := await self._requests.add(new, at_ms)) is not None:
                return made
            if client_key and (known := await self._requests.by_client_key(by.account.id, client_key)) is not None:
                return known.id
        raise RuntimeError("no free number")

    async def change_draft(self, by: Member, request_id: str, title: str, answers: Answers) -> Seen:
        """By its requester.  Raises NOT_FOUND, WRONG_STATE once it is submitted, INVALID.

        A draft moves on to the newest version of its type."""
        await self._limits.take(REQUESTS_OF_ACCOUNT, by.account.id)
        seen = await self._service.seen(by, request_id)
        if seen.request.requester_id != by.account.id:
            raise Refusal(Code.FORBIDDEN, "another's")
        if seen.request.state is not State.DRAFT:
            raise Refusal(Code.WRONG_STATE, "no draft")
        version = await self._types.to_file(by, seen.request.type_id)
        checked = await self._checker.answers(version.definition, answers, complete=False)
        named = title_of(title, version.definition, checked.answers, by.account.locale)
        if not await self._requests.change_draft(request_id, named, checked.answers, version.version, self._clock_ms()):
            raise Refusal(Code.WRONG_STATE, "no draft any more")
        return await self._service.seen(by, request_id)

    async def delete_draft(self, by: Member, request_id: str) -> None:
        """Raises NOT_FOUND, FORBIDDEN, WRONG_STATE."""
        seen = await self._service.seen(by, request_id)
        if seen.request.requester_id != by.account.id:
            raise Refusal(Code.FORBIDDEN, "another's")
        if not await self._requests.delete_draft(request_id):
            raise Refusal(Code.WRONG_STATE, "no draft")
