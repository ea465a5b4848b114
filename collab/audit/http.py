"""The endpoint of the audit log."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct

from collab.accounts.schemas import AfterId, Body
from collab.edge.endpoint import Access, Call, Endpoint, Reply
from rooms.core.codes import Code

from .actor import ActorWay
from .models import ADDRESS_MAX_CHARS, AuditEvent, SubjectKind
from .repository import Wanted
from .service import AuditService

SEARCH_MAX_CHARS: Final = 80
AtMs = Annotated[int, Meta(ge=0, le=9_007_199_254_740_991)]


class AuditQuery(Body, frozen=True, kw_only=True):
    organization_id: AfterId = ""
    action: Annotated[str, Meta(pattern=r"^[a-z_]{0,32}$")] = ""
    actor_id: AfterId = ""
    subject_id: AfterId = ""
    address: Annotated[str, Meta(max_length=ADDRESS_MAX_CHARS)] = ""
    search: Annotated[str, Meta(max_length=SEARCH_MAX_CHARS)] = ""
    from_ms: AtMs = 0
    to_ms: AtMs = 0  # before it; 0 = until now
    before: AfterId = ""
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class SubjectView(Struct, frozen=True):
    kind: SubjectKind
    id: str
    name: str


class AuditView(Struct, frozen=True):
    id: str
    at_ms: int
    action: str
    actor_id: str
    actor_name: str
    address: str
    way: ActorWay
    subject: SubjectView
    organization_id: str
    details: dict[str, str]


class AuditList(Struct, frozen=True):
    events: tuple[AuditView, ...]
    more: bool


class AuditEndpoints:
    def __init__(self, audit: AuditService) -> None:
        self._audit = audit

    def table(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                method="GET",
                path="/api/audit",
                access=Access.MEMBER,
                handler=self.search_audit,
                input=AuditQuery,
                output=AuditList,
                refusals=(Code.FORBIDDEN, Code.RATE_LIMITED),
                about="Who saw or changed what, when and from where, newest first. Administrators of the park see all, "
                "those of a company what concerns it. `before` is the last id of the page before.",
            ),
        )

    async def search_audit(self, call: Call[AuditQuery]) -> Reply:
        asked = call.input
        wanted = Wanted(
            organization_ids=(asked.organization_id,) if asked.organization_id else None,
            action=asked.action,
            actor_id=asked.actor_id,
            subject_id=asked.subject_id,
            address=asked.address.strip(),
            search=asked.search.strip(),
            from_ms=asked.from_ms,
            to_ms=asked.to_ms,
            before=asked.before,
        )
        found, more = await self._audit.found(call.caller.signed_in, wanted, asked.limit)
        return Reply(AuditList(tuple(map(_view, found)), more))


def _view(event: AuditEvent) -> AuditView:
    subject = SubjectView(event.subject.kind, event.subject.id, event.subject.name)
    return AuditView(
        event.id,
        event.at_ms,
        event.action,
        event.actor_id,
        event.actor_name,
        event.address,
        event.way,
        subject,
        event.organization_id,
        event.details,
    )
