"""The notices of announcements.  Pure: the repository puts them in the transaction of what they tell of."""

from __future__ import annotations

from collections.abc import Sequence

from collab.notices.kinds import NoticeKind
from collab.notices.models import Notice, Subject

from .models import EXCERPT_MAX_CHARS

SUBJECT = "announcement"


def params_of(title: str, text: str, publisher: str) -> dict[str, str]:
    return {"title": title, "text": excerpt(text), "from": publisher}


def excerpt(text: str) -> str:
    """The beginning, on one line."""
    line = " ".join(text[: 2 * EXCERPT_MAX_CHARS].split())
    return line if len(line) <= EXCERPT_MAX_CHARS else line[: EXCERPT_MAX_CHARS - 1].rstrip() + "…"


def notice(
    kind: NoticeKind, announcement_id: str, occasion: str, people: Sequence[str], params: dict[str, str]
) -> Notice:
    """`occasion`: once for each person."""
    return Notice(
        kind=kind,
        account_ids=tuple(people),
        key=f"announcement:{announcement_id}:{occasion}",
        about=Subject(SUBJECT, announcement_id),
        path=f"/announcements/{announcement_id}",
        params=params,
    )
