"""What becomes of a row, as things are now, and what has to be written for it.  Pure: the dry run and the run itself.

A row is judged against what is known, and what it would change is known to the rows after it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from msgspec import Struct

from collab.accounts.models import MemberRole
from collab.organizations.models import OrganizationKind

from .columns import ROLES_APART
from .values import Fate, ImportKind, Judged, ReadRow, Reason

_REFUSED_MACHINES = 2  # of one organization with the same serial number


@dataclass(slots=True)
class KnownOrganization:
    id: str
    kind: OrganizationKind


@dataclass(slots=True)
class KnownAccount:
    id: str
    name: str
    locale: str
    disabled: bool
    can_enter: bool  # by a password, or by the sign-in provider


@dataclass(slots=True)
class KnownMachine:
    id: str
    words: dict[str, str]  # make, model, site


@dataclass(slots=True)
class Known:
    """What there is of all that the rows name."""

    organizations: dict[str, KnownOrganization] = field(default_factory=dict)  # by name
    accounts: dict[str, KnownAccount] = field(default_factory=dict)  # by address
    roles: dict[tuple[str, str], set[str]] = field(default_factory=dict)  # by account and organization
    machines: dict[tuple[str, str], list[KnownMachine]] = field(default_factory=dict)  # by organization and serial


class NewOrganization(Struct, frozen=True):
    id: str
    name: str
    kind: OrganizationKind


class NewKind(Struct, frozen=True):
    organization_id: str
    name: str
    former: OrganizationKind
    kind: OrganizationKind


class NewAccount(Struct, frozen=True):
    id: str
    email: str
    name: str
    locale: str


class ChangedAccount(Struct, frozen=True):
    id: str
    name: str
    locale: str


class NewRoles(Struct, frozen=True):
    account_id: str
    name: str
    organization_id: str
    former: tuple[str, ...]
    roles: tuple[str, ...]  # those that are added


class NewMachine(Struct, frozen=True):
    id: str
    organization_id: str
    serial: str
    words: dict[str, str]


class ChangedMachine(Struct, frozen=True):
    id: str
    words: dict[str, str]


class Welcome(Struct, frozen=True):
    """Somebody who has no way in yet."""

    account_id: str
    email: str
    name: str
    locale: str
    organization: str


Write = NewOrganization | NewKind | NewAccount | ChangedAccount | NewRoles | NewMachine | ChangedMachine | Welcome
DEFAULT_LOCALE = "zh-CN"
UNCHANGED = Judged(Fate.UNCHANGED)


def refused(reason: Reason, column: str = "") -> Judged:
    return Judged(Fate.REFUSED, reason, column)


class Judge:
    def __init__(self, kind: ImportKind, known: Known, new_id: Callable[[], str]) -> None:
        self._kind = kind
        self._known = known
        self._new_id = new_id
        self.writes: list[Write] = []

    def judge(self, row: ReadRow) -> Judged:
        if row.reason:
            return Judged(Fate.REFUSED, row.reason, row.column)
        match self._kind:
            case ImportKind.ORGANIZATIONS:
                return self._organization(row.cells)
            case ImportKind.PEOPLE:
                return self._person(row.cells)
            case ImportKind.MACHINES:
                return self._machine(row.cells)

    def _organization(self, cells: dict[str, str]) -> Judged:
        name, kind = cells["name"], OrganizationKind(cells["kind"])
        known = self._known.organizations.get(name)
        if known is None:
            made = NewOrganization(self._new_id(), name, kind)
            self._known.organizations[name] = KnownOrganization(made.id, kind)
            self.writes.append(made)
            return Judged(Fate.CREATED)
        if known.kind is OrganizationKind.PARK:
            return refused(Reason.PARK, "name")
        if known.kind is kind:
            return UNCHANGED
        self.writes.append(NewKind(known.id, name, known.kind, kind))
        known.kind = kind
        return Judged(Fate.CHANGED, changes=("kind",))

    def _person(self, cells: dict[str, str]) -> Judged:
        """Roles are added, never taken away: a list that leaves somebody out must not lock anybody out."""
        organization = self._known.organizations.get(cells["organization"])
        if organization is None:
            return refused(Reason.UNKNOWN_ORGANIZATION, "organization")
        account = self._known.accounts.get(cells["email"])
        changes: list[str] = []
        fate = Fate.CHANGED
        if account is None:
            fate = Fate.CREATED
            account = KnownAccount(self._new_id(), cells["name"], cells["locale"] or DEFAULT_LOCALE, False, False)
            self._known.accounts[cells["email"]] = account
            self.writes.append(NewAccount(account.id, cells["email"], account.name, account.locale))
        elif account.disabled:
            return refused(Reason.DISABLED, "email")
        else:
            locale = cells["locale"] or account.locale
            changes += [
                one for one, new in (("name", cells["name"]), ("locale", locale)) if getattr(account, one) != new
            ]
            if changes:
                account.name, account.locale = cells["name"], locale
                self.writes.append(ChangedAccount(account.id, account.name, locale))
        held = self._known.roles.setdefault((account.id, organization.id), set())
        wanted = set(cells["roles"].split(ROLES_APART)) if cells["roles"] else {MemberRole.MEMBER.value}
        if not cells["roles"] and held:
            wanted = set()  # who belongs to it already keeps what they are
        if added := tuple(sorted(wanted - held)):
            former = tuple(sorted(held))
            self.writes.append(NewRoles(account.id, account.name, organization.id, former, added))
            held.update(added)
            changes.append("roles")
        if not account.can_enter:
            self.writes.append(Welcome(account.id, cells["email"], account.name, account.locale, cells["organization"]))
        if fate is Fate.CREATED:
            return Judged(Fate.CREATED)
        return Judged(Fate.CHANGED, changes=tuple(changes)) if changes else UNCHANGED

    def _machine(self, cells: dict[str, str]) -> Judged:
        organization = self._known.organizations.get(cells["organization"])
        if organization is None:
            return refused(Reason.UNKNOWN_ORGANIZATION, "organization")
        words = {name: cells[name] for name in ("make", "model", "site")}
        same = self._known.machines.setdefault((organization.id, cells["serial"]), [])
        if len(same) >= _REFUSED_MACHINES:
            return refused(Reason.AMBIGUOUS, "serial")
        if not same:
            made = NewMachine(self._new_id(), organization.id, cells["serial"], words)
            same.append(KnownMachine(made.id, words))
            self.writes.append(made)
            return Judged(Fate.CREATED)
        (machine,) = same
        if not words["site"]:
            words["site"] = machine.words["site"]  # a table without that column says nothing about it
        changes = tuple(name for name, word in words.items() if machine.words[name] != word)
        if not changes:
            return UNCHANGED
        machine.words = words
        self.writes.append(ChangedMachine(machine.id, words))
        return Judged(Fate.CHANGED, changes=changes)
