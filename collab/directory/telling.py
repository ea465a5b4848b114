"""The notices of needs.  Pure: services say who stands behind them and put them in the transaction of the step."""

from __future__ import annotations

from collections.abc import Sequence

from collab.notices.kinds import NoticeKind
from collab.notices.models import Notice, Subject

from .need_repository import Step
from .values import Crew, Need, Offer


def invited(need: Need, crew: Crew, people: Sequence[str], step: Step) -> Notice:
    params = {"company": need.organization.name, "crew": crew.name, "title": need.title, "when": _when(need)}
    return _notice(NoticeKind.NEED_INVITED, need, f"{crew.id}:{need.revision}", people, step, params)


def offered(need: Need, offer: Offer, people: Sequence[str], step: Step) -> Notice:
    params = {"crew": f"{offer.installer.name} · {offer.crew.name}", "title": need.title, "note": step.note}
    return _notice(NoticeKind.NEED_OFFERED, need, f"{offer.id}:{need.revision}", people, step, params)


def declined(need: Need, offer: Offer, people: Sequence[str], step: Step) -> Notice:
    params = {"by": step.name, "crew": offer.crew.name, "title": need.title, "note": step.note}
    return _notice(NoticeKind.NEED_DECLINED, need, f"{offer.id}:{need.revision}", people, step, params)


def accepted(need: Need, offer: Offer, job_id: str, people: Sequence[str], step: Step) -> Notice:
    params = {
        "company": need.organization.name,
        "crew": offer.crew.name,
        "title": need.title,
        "when": _when(need),
    }
    key = f"{offer.id}:{need.revision}"
    return _notice(NoticeKind.NEED_ACCEPTED, need, key, people, step, params, path=f"/jobs/{job_id}")


def lapsed(need: Need, step: Step, offer: Offer, people: Sequence[str]) -> Notice:
    params = {"crew": offer.crew.name, "title": need.title}
    return _notice(NoticeKind.NEED_LAPSED, need, f"{offer.id}:{need.revision}", people, step, params)


def _when(need: Need) -> str:
    return f"{need.days.first} – {need.days.last}"


def _notice(
    kind: NoticeKind,
    need: Need,
    key: str,
    people: Sequence[str],
    step: Step,
    params: dict[str, str],
    path: str = "",
) -> Notice:
    """But not to who did it."""
    return Notice(
        kind=kind,
        account_ids=tuple(one for one in people if one != step.account_id),
        key=f"{kind}:{key}",
        about=Subject("need", need.id),
        path=path or f"/needs/{need.id}",
        params=params,
    )
