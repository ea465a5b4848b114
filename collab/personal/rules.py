"""What a rule about personal data says.  table.py has all of them; export and erasure do what they say."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from msgspec import Struct


class Fate(StrEnum):
    """Of the rows that are a person's, when the person is erased."""

    DELETE = "delete"
    ANONYMISE = "anonymise"  # `names` become the pseudonym, `blanks` what they say
    KEEP = "keep"  # as it is, for `reason`


class By(StrEnum):
    """What the key column holds of a person."""

    ACCOUNT = "account"  # their account's id; as an identity in rooms and as a viewer they have the same
    EMAIL = "email"
    # Only their name.  Where two accounts have the same one, nobody can say whose row it is: it is left as it is,
    # and it is never exported.
    NAME = "name"


class Area(StrEnum):
    """One file each of an export."""

    ACCOUNT = "account"
    CALENDAR = "calendar"
    MEETINGS = "meetings"
    CALLS = "calls"
    REQUESTS = "requests"
    HEALTH = "health"
    NOTICES = "notices"
    ASSISTANCE = "assistance"
    DIRECTORY = "directory"
    SYMPOSIUMS = "symposiums"
    LIVESTREAMS = "livestreams"
    PROGRAMS = "programs"  # tokens, webhooks, imports
    LOG = "log"


class Through(Struct, frozen=True):
    """The row belongs to who `key` of the `parent` names: the row's `column` is the parent's id."""

    column: str
    parent: str
    without: str = ""  # a column of the parent that must be empty


class Stamp(StrEnum):
    """What a blank becomes that is no constant."""

    NOW = "now"  # milliseconds; rows that have a time already are left


class FileOf(Struct, frozen=True):
    """A file that a row holds: columns of its digest and of its name ("" = it has none)."""

    sha256: str
    name: str = ""


_NOTHING: Final[Mapping[str, object]] = MappingProxyType({})
_ANY: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({})


class Rule(Struct, frozen=True, kw_only=True):
    area: Area
    table: str
    key: str  # the column that names the person; of `through.parent` where there is one
    by: By = By.ACCOUNT
    fate: Fate
    reason: str = ""  # why it is not deleted
    names: tuple[str, ...] = ()  # columns that have the person's name
    blanks: Mapping[str, object] = _NOTHING
    only: Mapping[str, tuple[str, ...]] = _ANY  # the rows whose column has one of these values
    through: Through | None = None
    file: FileOf | None = None
    exported: bool = True  # False: the rows say more of others than of the person
    others: tuple[str, ...] = ()  # columns that look like a person's, and go or stay with the row

    @property
    def columns(self) -> frozenset[str]:
        """Of `table`, that the rule speaks about."""
        key = () if self.through else (self.key,)
        return frozenset((*key, *self.names, *self.blanks, *self.others))
