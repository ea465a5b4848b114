"""A person's own data: taken along, and erased.  By the person, and by administrators of the park.

Both are confirmed by the password of whoever asks, and done by jobs that may be cut off at any moment: an export is
made anew, an erasure goes on, because what it has done already is not there to be done again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Final

import structlog
from msgspec import Struct

from collab.accounts.models import Member
from collab.accounts.passwords import Passwords
from collab.accounts.repository import AccountRepository
from collab.accounts.service import SIGN_IN_OF_PAIR
from collab.audit.models import AuditAction, Subject, SubjectKind
from collab.audit.repository import AuditRepository
from collab.clock import new_id
from collab.files.store import Files
from collab.limits import Limits, rate
from collab.problems import FieldFault, Refusal, invalid
from rooms.core.codes import Code

from .found import Person
from .letters import erasure_planned
from .models import Erasure, ErasureState, Export, ExportState, Obstacles
from .repository import PersonalRepository

DAY_MS: Final = 86_400_000
GRACE_DAYS: Final = 14
KEPT_DAYS: Final = 7  # an archive
EXPORTS_OF_ACCOUNT = rate("personal_exports", burst=5, per_minute=0.1)
ERASURES_OF_ACCOUNT = rate("erasures", burst=20, per_minute=1)

log = structlog.get_logger("personal")


class Personal(Struct, frozen=True):
    """`erasure`: the newest that is not undone."""

    name: str
    exports: list[Export]
    erasure: Erasure | None
    obstacles: Obstacles
    has_password: bool  # of who asks: without one there is nothing to confirm by


class PersonalService:
    def __init__(
        self,
        personal: PersonalRepository,
        accounts: AccountRepository,
        passwords: Passwords,
        audit: AuditRepository,
        files: Files,
        limits: Limits,
        links_url: str,
        clock_ms: Callable[[], int],
        soon_export: Callable[[str], None],
        erase_at: Callable[[str, int], None],
        nudge: Callable[[], None],
    ) -> None:
        self._personal = personal
        self._accounts = accounts
        self._passwords = passwords
        self._audit = audit
        self._files = files
        self._limits = limits
        self._links_url = links_url
        self._clock_ms = clock_ms
        self._soon_export = soon_export
        self._erase_at = erase_at
        self._nudge = nudge

    async def of(self, by: Member, account_id: str) -> Personal:
        """Raises NOT_FOUND for others than the person and administrators of the park."""
        person = await self._of(by, account_id)
        erasure = await self._personal.erasure(account_id)
        known = await self._accounts.credentials(by.account.email)
        return Personal(
            person.name,
            [one for one in await self._personal.exports(account_id) if _may_fetch(by, one)],
            None if erasure is None or erasure.state is ErasureState.UNDONE else erasure,
            await self._personal.obstacles(account_id),
            has_password=known is not None and known.password_hash is not None,
        )

    # ------------------------------------------------------------ exports

    async def ask_export(self, by: Member, account_id: str, password: str, address: str) -> Export:
        """Raises NOT_FOUND, INVALID, RATE_LIMITED."""
        person = await self._of(by, account_id)
        await self._confirm(by, password, address)
        await self._limits.take(EXPORTS_OF_ACCOUNT, by.account.id)
        export = await self._personal.ask_export(person, by.account.id, self._clock_ms())
        self._soon_export(export.id)
        log.info("personal_export_asked", by=by.account.id, account=account_id, export=export.id)
        return export

    async def fetch(self, by: Member, account_id: str, export_id: str) -> AsyncIterator[bytes]:
        """The archive.  Raises NOT_FOUND, WRONG_STATE while it is not there, or not any more."""
        person = await self._of(by, account_id)
        export = await self._personal.export(export_id)
        if export is None or export.account_id != account_id or not _may_fetch(by, export):
            raise Refusal(Code.NOT_FOUND, "no such export")
        if export.state is not ExportState.READY or export.expires_at_ms <= self._clock_ms():
            raise Refusal(Code.WRONG_STATE, "not there")
        await self._audit.note(AuditAction.EXPORT_FETCHED, Subject(SubjectKind.ACCOUNT, person.id, person.name))
        return self._files.stream_aside(archive_name(export_id))

    # ------------------------------------------------------------ erasures

    async def plan_erasure(self, by: Member, account_id: str, password: str, address: str) -> Erasure:
        """Raises NOT_FOUND, INVALID, WRONG_STATE while something has to be handed over first, RATE_LIMITED."""
        person = await self._of(by, account_id)
        await self._confirm(by, password, address)
        await self._limits.take(ERASURES_OF_ACCOUNT, by.account.id)
        if (await self._personal.obstacles(account_id)).stand:
            raise Refusal(Code.WRONG_STATE, "something has to be handed over first")
        at_ms = self._clock_ms()
        member = await self._accounts.member(account_id)
        letter = erasure_planned(
            person,
            member.account.locale if member else "",
            GRACE_DAYS,
            f"{self._links_url}/settings/personal-data",
            f"erasure:{new_id(at_ms)}",
        )
        erasure = await self._personal.plan_erasure(person, by.account.id, at_ms, at_ms + GRACE_DAYS * DAY_MS, letter)
        self._erase_at(erasure.id, erasure.due_at_ms)
        self._nudge()
        log.info("erasure_planned", by=by.account.id, account=account_id, due_at_ms=erasure.due_at_ms)
        return erasure

    async def undo_erasure(self, by: Member, account_id: str) -> None:
        """What an administrator planned, only an administrator undoes.  Raises NOT_FOUND, FORBIDDEN, WRONG_STATE."""
        person = await self._of(by, account_id)
        erasure = await self._personal.erasure(account_id)
        if erasure is None:
            raise Refusal(Code.NOT_FOUND, "nothing was planned")
        if erasure.asked_by != account_id and not by.administers_park:
            raise Refusal(Code.FORBIDDEN, "an administrator planned it")
        if not await self._personal.undo_erasure(erasure, person, self._clock_ms()):
            raise Refusal(Code.WRONG_STATE, f"an erasure that is {erasure.state}")
        log.info("erasure_undone", by=by.account.id, account=account_id)

    async def _of(self, by: Member, account_id: str) -> Person:
        if by.account.id != account_id and not by.administers_park:
            raise Refusal(Code.NOT_FOUND, "somebody else's data")
        person = await self._personal.person(account_id)
        if person is None:
            raise Refusal(Code.NOT_FOUND, "no such account")
        return person

    async def _confirm(self, by: Member, password: str, address: str) -> None:
        await self._limits.take(SIGN_IN_OF_PAIR, by.account.id, address)
        known = await self._accounts.credentials(by.account.email)
        if known is None or not await self._passwords.verify(known.password_hash, password):
            raise invalid(password=FieldFault.WRONG)


async def drop_archive(files: Files, export_id: str) -> None:
    with suppress(FileNotFoundError):
        await files.drop_aside(archive_name(export_id))


def archive_name(export_id: str) -> str:
    return f"personal/{export_id}"


def _may_fetch(by: Member, export: Export) -> bool:
    """Each sees the exports that they asked for: an administrator's is not put before the person, nor the other way."""
    return export.asked_by == by.account.id
