"""Values of requests as the API shows them.  Pure."""

from __future__ import annotations

from . import schemas
from .answers import Answers
from .service import Seen
from .states import OPEN
from .values import Comment, DocumentCheck, Event, Named, RequestFile, TypeVersion


def request_view(seen: Seen, at_ms: int) -> schemas.RequestView:
    request, definition = seen.request, seen.version.definition
    return schemas.RequestView(
        id=request.id,
        number=request.number,
        type=type_brief(seen.version),
        title=request.title,
        organization=schemas.NameView(request.organization.id, request.organization.name),
        requester=schemas.NameView(request.requester_id or "", request.requester_name),
        state=request.state,
        outcome=request.outcome,
        step=request.step,
        steps=len(definition.steps),
        owner=named_view(request.owner),
        offered_to=named_view(request.offered_to),
        escalations=request.escalations,
        escalated_to=request.escalated_to,
        late=request.state in OPEN and 0 < request.due_at_ms < at_ms,
        due_at_ms=request.due_at_ms,
        left_ms=request.left_ms,
        revision=request.revision,
        created_at_ms=request.created_at_ms,
        submitted_at_ms=request.submitted_at_ms,
        taken_at_ms=request.taken_at_ms,
        decided_at_ms=request.decided_at_ms,
        changed_at_ms=request.changed_at_ms,
        actions=seen.actions,
        internal=seen.internal,
    )


def type_brief(version: TypeVersion) -> schemas.TypeBrief:
    return schemas.TypeBrief(version.type_id, version.key, version.version, version.definition.name)


def named_view(named: Named | None) -> schemas.NameView | None:
    return schemas.NameView(named.id, named.name) if named else None


def event_view(event: Event) -> schemas.RequestEventView:
    details = event.details
    return schemas.RequestEventView(
        number=event.number,
        action=event.action,
        state=event.state,
        name=event.name,
        note=event.note,
        outcome=details.outcome,
        step=details.step,
        to=schemas.NameView(details.to_id, details.to_name) if details.to_id else None,
        escalated_to=details.escalated_to,
        due_at_ms=details.due_at_ms,
        former=details.former,
        at_ms=event.at_ms,
    )


def comment_view(comment: Comment, account_id: str) -> schemas.RequestCommentView:
    return schemas.RequestCommentView(
        comment.key, comment.internal, comment.text, comment.name, comment.account_id == account_id, comment.at_ms
    )


def file_view(request_id: str, file: RequestFile, account_id: str) -> schemas.RequestFileView:
    return schemas.RequestFileView(
        key=file.key,
        url=f"/api/requests/{request_id}/files/{file.key}",
        field_id=file.field_id,
        document_id=file.document_id,
        internal=file.internal,
        file_name=file.file_name,
        media_type=file.media_type,
        size_bytes=file.size_bytes,
        name=file.name,
        mine=file.account_id == account_id,
        stored_at_ms=file.stored_at_ms,
    )


def check_view(check: DocumentCheck) -> schemas.DocumentCheckView:
    return schemas.DocumentCheckView(check.document_id, check.accepted, check.note, check.name, check.at_ms)


def card_view(
    seen: Seen,
    answers: Answers,
    events: list[Event],
    comments: list[Comment],
    files: list[RequestFile],
    checks: list[DocumentCheck],
    account_id: str,
    at_ms: int,
) -> schemas.RequestCard:
    return schemas.RequestCard(
        request=request_view(seen, at_ms),
        definition=seen.version.definition,
        answers=answers,
        events=tuple(event_view(one) for one in events),
        comments=tuple(comment_view(one, account_id) for one in comments),
        files=tuple(file_view(seen.request.id, one, account_id) for one in files if seen.internal or not one.internal),
        checks=tuple(check_view(one) for one in checks),
        server_time_ms=at_ms,
    )
