"""What of a policy goes out.  Pure."""

from __future__ import annotations

from collab.assist.schemas import NamedView
from collab.requests.values import TypeVersion
from collab.requests.words import Words

from . import schemas
from .service import SeenPolicy
from .states import actions_of
from .values import Content, Judged, Verdict
from .wording import reason_words

SUMMARY_SHOWN_CHARS = 200


def content_of(body: schemas.PolicyBody) -> Content:
    return Content(
        title=Words(body.title_zh, body.title_en),
        summary=Words(body.summary_zh, body.summary_en),
        source=body.source,
        number=body.number,
        source_url=body.source_url,
        issued_on=body.issued_on,
        apply_from=body.apply_from,
        apply_until=body.apply_until,
        request_type=body.request_type,
        rules=body.rules,
    )


def line_view(one: Judged) -> schemas.PolicyLine:
    policy, content = one.policy, one.policy.content
    return schemas.PolicyLine(
        id=policy.id,
        state=policy.state,
        title=content.title,
        summary=Words(content.summary.zh[:SUMMARY_SHOWN_CHARS], content.summary.en[:SUMMARY_SHOWN_CHARS]),
        source=content.source,
        number=content.number,
        issued_on=content.issued_on,
        apply_from=content.apply_from,
        apply_until=content.apply_until,
        published_at_ms=policy.published_at_ms,
        changed_at_ms=policy.changed_at_ms,
        standings=tuple(map(standing_view, one.verdicts)),
    )


def card_view(seen: SeenPolicy, types: list[TypeVersion]) -> schemas.PolicyCard:
    policy, content = seen.judged.policy, seen.judged.policy.content
    offered = seen.type
    return schemas.PolicyCard(
        policy=line_view(seen.judged),
        summary=content.summary,
        source_url=content.source_url,
        request_type=content.request_type,
        rules=content.rules,
        revision=policy.revision,
        changed_by_name=policy.changed_by_name if seen.may_write else "",
        type=schemas.TypeView(offered.key, offered.name, offered.may_file) if offered else None,
        takes=content.takes_on(seen.today),
        begun=tuple(
            schemas.BegunView(
                id=one.id,
                kind=one.kind,
                number=one.number,
                title=one.title,
                state=one.state,
                organization=one.organization,
                created_at_ms=one.created_at_ms,
            )
            for one in seen.begun
        ),
        may_write=seen.may_write,
        types=tuple(map(type_view, types)),
        actions=actions_of(policy.state) if seen.may_write else (),
        today=seen.today,
    )


def type_view(one: TypeVersion) -> schemas.TypeName:
    return schemas.TypeName(one.key, one.definition.name)


def standing_view(one: Verdict) -> schemas.StandingView:
    return schemas.StandingView(
        NamedView(one.company.id, one.company.name),
        one.judgement.met,
        tuple(
            schemas.ClauseView(reason.met, reason_words(reason, one.company.facts)) for reason in one.judgement.reasons
        ),
    )
