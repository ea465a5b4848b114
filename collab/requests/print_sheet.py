"""What a printed request shows, in the words of one language.  Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from .answers import Answers, choices_of, is_shown, shown
from .export_words import ACTIONS, PRINTED, outcome_name, state_name, yes_no
from .printing import CommentLine, DocumentLine, EventLine, Line, Sheet
from .service import Seen
from .values import Comment, DocumentCheck, Event, RequestFile


def sheet_of(
    seen: Seen,
    answers: Answers,
    events: list[Event],
    comments: list[Comment],
    files: list[RequestFile],
    checks: list[DocumentCheck],
    language: str,
    zone: ZoneInfo,
) -> Sheet:
    """Of what whoever asks may see: internal comments and files are not among it unless they are given."""
    request, definition = seen.request, seen.version.definition
    words = {key: value.in_language(language) for key, value in PRINTED.items()}

    def moment(at_ms: int) -> str:
        if not at_ms:
            return ""
        return datetime.fromtimestamp(at_ms / 1_000, UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M")

    state = state_name(request.state, language)
    outcome = outcome_name(request.outcome, language)
    facts = (
        (words["number"], request.number),
        (words["state"], f"{state} · {outcome}" if outcome else state),
        (words["organization"], request.organization.name),
        (words["requester"], request.requester_name),
        (words["owner"], request.owner.name if request.owner else ""),
        (words["filed"], moment(request.submitted_at_ms)),
        (words["due"], moment(request.due_at_ms)),
        (words["decided"], moment(request.decided_at_ms)),
    )
    chosen = choices_of(definition.fields, answers)
    kind = definition.name.in_language(language)
    found = {one.document_id: one for one in checks}
    brought = {
        one.id: "\n".join(file.file_name for file in files if file.document_id == one.id)
        for one in definition.documents
    }
    return Sheet(
        language=language,
        words=words,
        number=request.number,
        kind=kind,
        title=request.title or kind,
        facts=tuple(Line(name, text) for name, text in facts if text),
        answers=tuple(
            Line(one.label.in_language(language), shown(one, answers[one.id], language))
            for one in definition.fields
            if one.id in answers and is_shown(one, chosen)
        ),
        documents=tuple(
            DocumentLine(
                one.name.in_language(language),
                brought[one.id],
                yes_no(found[one.id].accepted, language) if one.id in found else "",
            )
            for one in definition.documents
            if one.id in found or brought[one.id]
        ),
        events=tuple(
            EventLine(
                moment(one.at_ms), ACTIONS[one.action].in_language(language), one.name or words["clock"], one.note
            )
            for one in events
        ),
        comments=tuple(CommentLine(moment(one.at_ms), one.name, one.text) for one in comments),
    )
