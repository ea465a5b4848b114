"""`put`: the one way in.  A feature calls it inside its own transaction, so that a notice exists if and only if what it

tells of happened; after the commit it calls `nudge()`, and whoever works does the rest (delivery.py).
"""

from __future__ import annotations

from typing import Final

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from collab.clock import new_id
from collab.mail import outbox as mail_outbox
from collab.mail.models import Mail

from .mails import Entry, letter
from .models import KEY_MAX_CHARS, PARAM_MAX_CHARS, PARAMS_MAX, PATH_MAX_CHARS, Notice, NoticeRow
from .words import language_of, lines_of

ROWS_AT_ONCE: Final = 200  # of one INSERT: SQLite takes 32,766 values


async def put(session: AsyncSession, notice: Notice, at_ms: int, *, public_url: str = "") -> int:
    """How many people were told who had not been.  `public_url` is for the link in mails to outsiders."""
    _check(notice)
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    rows = [_row(notice, account_id, at_ms) for account_id in dict.fromkeys(notice.account_ids)]
    added = 0
    for start in range(0, len(rows), ROWS_AT_ONCE):
        statement = insert(NoticeRow).values(rows[start : start + ROWS_AT_ONCE]).on_conflict_do_nothing()
        added += int(getattr(await session.execute(statement), "rowcount", 0))
    for person in notice.email_to:
        language = language_of(person.locale)
        written = letter(Entry(lines_of(notice.kind, language, notice.params), public_url + notice.path), language, "")
        await mail_outbox.put(
            session,
            Mail(
                key=f"notice:{notice.key}:{person.address.lower()}"[:190],
                to_address=person.address,
                to_name=person.name,
                subject=written.subject,
                text=written.text,
                html=written.html,
            ),
            at_ms,
        )
    return added


def _check(notice: Notice) -> None:
    """A feature's mistake, not a person's."""
    if not 0 < len(notice.key) <= KEY_MAX_CHARS:
        raise ValueError(f"a notice's key has {len(notice.key)} characters")
    if not notice.path.startswith("/") or notice.path.startswith("//") or len(notice.path) > PATH_MAX_CHARS:
        raise ValueError(f"a notice leads to a page of ours, not to {notice.path[:80]!r}")
    if len(notice.params) > PARAMS_MAX:
        raise ValueError(f"a notice has {len(notice.params)} parameters")


def _row(notice: Notice, account_id: str, at_ms: int) -> dict[str, object]:
    return {
        "id": new_id(at_ms),
        "account_id": account_id,
        "key": notice.key,
        "kind": notice.kind.value,
        "about_kind": notice.about.kind,
        "about_id": notice.about.id,
        "path": notice.path,
        "params": {name: value[:PARAM_MAX_CHARS] for name, value in notice.params.items()},
        "urgent": notice.urgent,
        "created_at_ms": at_ms,
        "read_at_ms": 0,
        "planned_at_ms": 0,
        "digest_at_ms": 0,
    }
