"""What an import is of, and what becomes of each row: closed sets, and the values that cross the layers."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct, field

FILE_MAX_BYTES: Final = 30_000_000
AT_ONCE_MAX_BYTES: Final = 1_000_000  # what is larger is read by a job
ROWS_MAX: Final = 100_000
PIECE_ROWS: Final = 200
COLUMNS_MAX: Final = 40
CELL_MAX_CHARS: Final = 500
FILE_NAME_MAX_CHARS: Final = 120


class ImportKind(StrEnum):
    ORGANIZATIONS = "organizations"
    PEOPLE = "people"
    MACHINES = "machines"


class Fate(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class Reason(StrEnum):
    """Why a row is refused, with the column where there is one."""

    REQUIRED = "required"
    INVALID = "invalid"
    TOO_LONG = "too_long"
    REPEATED = "repeated"  # an earlier row has the same key
    UNKNOWN_ORGANIZATION = "unknown_organization"
    PARK = "park"  # there is one, which the set-up made
    DISABLED = "disabled"  # an account that may not sign in
    AMBIGUOUS = "ambiguous"  # several machines of the organization have that serial number


# What is wrong with the row itself; the other reasons are how things are, which may change.
READ_REASONS: Final = frozenset({Reason.REQUIRED, Reason.INVALID, Reason.TOO_LONG, Reason.REPEATED, Reason.PARK})


class ImportState(StrEnum):
    READING = "reading"  # by a job: `total` are the rows read so far
    UNREADABLE = "unreadable"  # see `fault`
    PLANNED = "planned"  # a dry run: nothing has been changed
    APPLYING = "applying"
    DONE = "done"


class ImportFault(StrEnum):
    """Why a table cannot be read."""

    BAD_FILE = "bad_file"  # no table, or one that is made to hurt
    MISSING_COLUMNS = "missing_columns"
    TOO_MANY = "too_many"  # rows
    UNAVAILABLE = "unavailable"  # it took too long, each time


class ReadRow(Struct, frozen=True):
    """One row of a table, read and cleaned; `reason` "" when it is well formed."""

    number: int  # as the spreadsheet counts: the names of columns are row 1
    key: str  # by which it is known again: name, address, organization and serial number
    cells: dict[str, str]
    reason: str = ""
    column: str = ""


class ReadPiece(Struct, frozen=True):
    """At most PIECE_ROWS of a table, in their order; the first piece tells of its columns."""

    rows: list[ReadRow] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)  # names of columns that mean nothing here
    missing: list[str] = field(default_factory=list)  # columns without which nothing can be read
    too_many: bool = False


class Judged(Struct, frozen=True):
    """What becomes of a row, as things are now."""

    fate: Fate
    reason: str = ""
    column: str = ""
    changes: tuple[str, ...] = ()  # the columns that change


class Import(Struct, frozen=True):
    id: str
    key: str
    kind: ImportKind
    state: ImportState
    file_name: str
    total: int
    done: int  # of those that are applied
    counts: dict[str, int]  # by fate: of the dry run, then of what was done
    invite: bool
    ignored: tuple[str, ...]
    created_at_ms: int
    finished_at_ms: int
    fault: ImportFault | None
    missing: tuple[str, ...]  # columns


class ImportRow(Struct, frozen=True):
    number: int
    cells: dict[str, str]
    judged: Judged
    applied: bool
