"""Counters of requests by day of filing, kept by triggers in whatever transaction changes a request.

Statistics of a year read some thousand counters then, instead of every request of that year.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

KEY = ("day", "type_id", "confidential", "asked_group")
OF_ROW = ("filed_day", "type_id", "confidential", "asked_group")
TOOK = "({row}.decided_at_ms - {row}.submitted_at_ms)"
DECIDED = "{row}.decided_at_ms > 0"
HOURS = (1, 4, 8, 24, 72, 168)


def flag(condition: str) -> str:
    return f"CASE WHEN {condition} THEN 1 ELSE 0 END"


def took(low: int, high: int) -> str:
    parts = [DECIDED]
    if low:
        parts.append(f"{TOOK} > {low * 3_600_000}")
    if high:
        parts.append(f"{TOOK} <= {high * 3_600_000}")
    return flag(" AND ".join(parts))


COUNTERS = {
    "filed": "1",
    "open": flag("{row}.state IN ('submitted', 'taken', 'needs_information', 'reopened')"),
    "approved": flag("{row}.outcome = 'approved'"),
    "rejected": flag("{row}.outcome = 'rejected'"),
    "answered": flag("{row}.outcome = 'answered'"),
    "withdrawn": flag("{row}.state = 'withdrawn'"),
    "in_time": flag(f"{DECIDED} AND ({{row}}.due_at_ms = 0 OR {{row}}.decided_at_ms <= {{row}}.due_at_ms)"),
    "late": flag(f"{DECIDED} AND {{row}}.due_at_ms > 0 AND {{row}}.decided_at_ms > {{row}}.due_at_ms"),
    "taken": flag("{row}.taken_at_ms > 0"),
    "take_ms": "CASE WHEN {row}.taken_at_ms > 0 THEN {row}.taken_at_ms - {row}.submitted_at_ms ELSE 0 END",
    "decided": flag(DECIDED),
    "decide_ms": f"CASE WHEN {DECIDED} THEN {TOOK} ELSE 0 END",
    "hours_1": took(0, 1),
    "hours_4": took(1, 4),
    "hours_8": took(4, 8),
    "hours_24": took(8, 24),
    "hours_72": took(24, 72),
    "hours_168": took(72, 168),
    "hours_more": took(168, 0),
}
CHANGES = (
    "filed_day, type_id, confidential, asked_group, state, outcome, submitted_at_ms, taken_at_ms, due_at_ms, "
    "decided_at_ms"
)


def of(row: str) -> list[str]:
    return [expression.format(row=row) for expression in COUNTERS.values()]


def plus() -> str:
    values = ", ".join([*(f"NEW.{one}" for one in OF_ROW), *of("NEW")])
    added = ", ".join(f"{one} = request_days.{one} + excluded.{one}" for one in COUNTERS)
    return (
        f"INSERT INTO request_days ({', '.join((*KEY, *COUNTERS))}) VALUES ({values}) "  # noqa: S608 -- our own names
        f"ON CONFLICT ({', '.join(KEY)}) DO UPDATE SET {added};"
    )


def minus() -> str:
    taken = ", ".join(f"{name} = {name} - ({value})" for name, value in zip(COUNTERS, of("OLD"), strict=True))
    same = " AND ".join(f"{one} = OLD.{other}" for one, other in zip(KEY, OF_ROW, strict=True))
    return f"UPDATE request_days SET {taken} WHERE {same};"  # noqa: S608 -- our own names


def upgrade() -> None:
    op.add_column("requests", sa.Column("filed_day", sa.Integer(), server_default="0", nullable=False))
    op.execute(
        f"UPDATE requests SET filed_day = (submitted_at_ms + {offset_ms()}) / 86400000 "  # noqa: S608 -- a number
        "WHERE submitted_at_ms > 0"
    )
    op.create_table(
        "request_days",
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("type_id", sa.String(length=26), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("asked_group", sa.String(length=32), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in COUNTERS),
        sa.PrimaryKeyConstraint(*KEY, name="pk_request_days"),
    )
    summed = ", ".join(f"SUM({one})" for one in of("requests"))
    op.execute(
        f"INSERT INTO request_days ({', '.join((*KEY, *COUNTERS))}) "  # noqa: S608 -- our own names
        f"SELECT {', '.join(OF_ROW)}, {summed} FROM requests WHERE filed_day > 0 GROUP BY {', '.join(OF_ROW)}"
    )
    op.drop_index("ix_requests_submitted_at_ms", table_name="requests")
    op.create_index(
        "ix_requests_organization_id_filed_day_confidential_asked_group",
        "requests",
        ["organization_id", "filed_day", "confidential", "asked_group"],
        unique=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION count_request() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF TG_OP <> 'INSERT' AND OLD.filed_day > 0 THEN {minus()} END IF; "
            f"IF TG_OP <> 'DELETE' AND NEW.filed_day > 0 THEN {plus()} END IF; "
            "RETURN NULL; END $$"
        )
        op.execute(
            f"CREATE TRIGGER requests_counted AFTER INSERT OR DELETE OR UPDATE OF {CHANGES} ON requests "
            "FOR EACH ROW EXECUTE FUNCTION count_request()"
        )
        return
    for name, event, condition, body in (
        ("filed", "INSERT", "NEW.filed_day > 0", plus()),
        ("gone", "DELETE", "OLD.filed_day > 0", minus()),
        ("left", f"UPDATE OF {CHANGES}", "OLD.filed_day > 0", minus()),
        ("moved", f"UPDATE OF {CHANGES}", "NEW.filed_day > 0", plus()),
    ):
        op.execute(f"CREATE TRIGGER requests_{name} AFTER {event} ON requests WHEN {condition} BEGIN {body} END")


def offset_ms() -> int:
    """Of the park's clock from UTC today: near enough for what was filed before days were kept."""
    kept = op.get_bind().execute(sa.text("SELECT hours FROM park_hours")).scalar()
    if not kept:
        return 8 * 3_600_000  # China's, without a look into the files of zones, which would hold up the loop
    zone = ZoneInfo(json.loads(kept)["time_zone"])
    offset = datetime.now(UTC).astimezone(zone).utcoffset()
    return int(offset.total_seconds()) * 1_000 if offset else 0


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER requests_counted ON requests")
        op.execute("DROP FUNCTION count_request()")
    else:
        for name in ("filed", "gone", "left", "moved"):
            op.execute(f"DROP TRIGGER requests_{name}")
    op.drop_index("ix_requests_organization_id_filed_day_confidential_asked_group", table_name="requests")
    op.create_index("ix_requests_submitted_at_ms", "requests", ["submitted_at_ms"], unique=False)
    op.drop_table("request_days")
    op.drop_column("requests", "filed_day")
