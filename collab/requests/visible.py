"""`parties.sees` as a filter of SQL, and the scopes that lists are asked for: each has an index that begins with it."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ColumnElement, and_, false, or_, true

from .definition import Audience
from .models import RequestDayRow, RequestRow
from .parties import Reach
from .states import State


class Scope(StrEnum):
    MINE = "mine"  # that one filed, with drafts
    COMPANY = "company"  # of one's organizations, as far as one sees them
    OWNED = "owned"  # that one took
    OFFERED = "offered"  # that others would hand over
    ASKED = "asked"  # that name one as service officer
    DESK = "desk"  # all that one works on


def visible(reach: Reach) -> ColumnElement[bool]:
    mine = RequestRow.requester_id == reach.account_id
    return or_(mine, and_(RequestRow.state != State.DRAFT, or_(of_company(reach), worked_on(reach))))


def of_company(reach: Reach) -> ColumnElement[bool]:
    return or_(
        and_(RequestRow.organization_id.in_(reach.organization_ids), RequestRow.audience == Audience.COMPANY),
        and_(RequestRow.organization_id.in_(reach.led_ids), RequestRow.audience == Audience.COMPANY_OFFICERS),
    )


def worked_on(reach: Reach) -> ColumnElement[bool]:
    """But for drafts and what one filed oneself, which the callers leave out."""
    return or_(named_in(reach), of_kinds(reach, RequestRow))


def named_in(reach: Reach) -> ColumnElement[bool]:
    account_id = reach.account_id
    return or_(
        RequestRow.owner_id == account_id, RequestRow.offered_to_id == account_id, RequestRow.asked_id == account_id
    )


def of_kinds(reach: Reach, row: type[RequestRow | RequestDayRow]) -> ColumnElement[bool]:
    """What one works on whoever is named in it."""
    if reach.administers_park:
        return true()
    parts: list[ColumnElement[bool]] = [false()]
    if reach.groups:
        parts.append(row.asked_group.in_(sorted(reach.groups)))
    if reach.desk:
        parts.append(row.confidential.is_(False))
    return or_(*parts)


def in_scope(reach: Reach, scope: Scope) -> ColumnElement[bool]:
    no_draft = RequestRow.state != State.DRAFT
    match scope:
        case Scope.MINE:
            return RequestRow.requester_id == reach.account_id
        case Scope.COMPANY:
            # twice the organizations: the first condition is what the index is for
            return and_(RequestRow.organization_id.in_(reach.organization_ids), visible(reach))
        case Scope.OWNED:
            return and_(RequestRow.owner_id == reach.account_id, visible(reach))
        case Scope.OFFERED:
            return and_(RequestRow.offered_to_id == reach.account_id, visible(reach))
        case Scope.ASKED:
            return and_(RequestRow.asked_id == reach.account_id, no_draft, worked_on(reach))
        case Scope.DESK:
            if not (reach.desk or reach.groups):
                return false()
            return and_(no_draft, worked_on(reach))
