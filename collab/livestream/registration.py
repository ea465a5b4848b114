"""Registration for a livestream: who asks for a seat, who decides, who waits, and what they are written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import structlog

from collab.accounts.models import Member
from collab.accounts.service import person_name
from collab.clock import now_ms
from collab.jobs.jobs import Jobs
from collab.limits import Limits, rate
from collab.mail.models import Mail
from collab.problems import FieldFault, Refusal, invalid
from rooms.core.codes import Code
from rooms.core.text import clean_name

from .letters import letter
from .life import BEFORE, LifeState
from .models import RegistrationState, Tier
from .registration_repository import RegistrationRepository
from .repository import LivestreamRepository
from .schemas import Register
from .tokens import registration_of
from .values import CustomField, FieldKind, Livestream, Registration

ANSWER_MAX_CHARS: Final = 500
# A class registers behind one address; but nobody makes us write to the world.
REGISTRATIONS_OF_ADDRESS = rate("live_registrations", burst=60, per_minute=10)
REGISTRATIONS_TO_ADDRESS = rate("live_registration_mails", burst=4, per_minute=0.2)

SWEEP_S: Final = 60
BATCH: Final = 100
_REMIND: Final = "livestream.remind"

log = structlog.get_logger("livestreams")


class RegistrationService:
    def __init__(
        self,
        livestreams: LivestreamRepository,
        registrations: RegistrationRepository,
        limits: Limits,
        links_url: str,
        nudge: Callable[[], None],
        clock_ms: Callable[[], int] = now_ms,
    ) -> None:
        """`nudge` after a commit that put mails."""
        self._livestreams = livestreams
        self._registrations = registrations
        self._limits = limits
        self._links_url = links_url
        self._nudge = nudge
        self._clock_ms = clock_ms

    async def register(self, livestream: Livestream, by: Member | None, wish: Register, address: str) -> Registration:
        """The answer tells a stranger nothing about who else has registered: the way in is in the mail."""
        await self._limits.take(REGISTRATIONS_OF_ADDRESS, address)
        if not livestream.registration.enabled or livestream.state not in BEFORE | {LifeState.LIVE}:
            raise Refusal(Code.WRONG_STATE, "no registration")
        if livestream.state is LifeState.DRAFT:
            raise Refusal(Code.NOT_FOUND, "a draft")
        email = wish.email.strip().lower()
        if by is not None:
            email = by.account.email
        elif "@" not in email[1:-1] or not email.isprintable():
            raise invalid(email=FieldFault.INVALID)
        if by is None and livestream.tier is Tier.SIGNED_IN:
            raise Refusal(Code.SIGN_IN_REQUIRED, "members only")
        if livestream.tier is Tier.NAMED and not is_named(livestream, by, email, wish.link):
            raise Refusal(Code.FORBIDDEN, "invited people only")
        await self._limits.take(REGISTRATIONS_TO_ADDRESS, livestream.id, email)
        registration = await self._registrations.add(
            livestream.id,
            email,
            person_name(wish.name),
            by.account.locale if by else wish.locale,
            by.account.id if by else None,
            checked(livestream.registration.fields, wish.answers),
            approval=livestream.registration.approval,
            capacity=livestream.registration.capacity,
            at_ms=self._clock_ms(),
            mail=self._writer(livestream),
        )
        self._nudge()
        log.info("livestream_registered", livestream=livestream.id, state=registration.state)
        return registration

    async def by_token(self, livestream: Livestream, token: str) -> Registration | None:
        found = registration_of(token, livestream.token_key)
        return await self._registrations.get(livestream.id, found) if found else None

    async def of_member(self, livestream: Livestream, by: Member) -> Registration | None:
        return await self._registrations.of_person(livestream.id, by.account.id, by.account.email)

    async def cancel(self, livestream: Livestream, registration: Registration) -> Registration:
        cancelled = await self._registrations.cancel(
            livestream.id,
            registration.id,
            capacity=livestream.registration.capacity,
            at_ms=self._clock_ms(),
            mail=self._writer(livestream),
        )
        self._nudge()
        return cancelled

    async def decide(self, livestream: Livestream, registration_id: str, *, confirm: bool) -> Registration:
        decided = await self._registrations.decide(
            livestream.id,
            registration_id,
            confirm=confirm,
            capacity=livestream.registration.capacity,
            at_ms=self._clock_ms(),
            mail=self._writer(livestream),
        )
        self._nudge()
        return decided

    async def listed(
        self, livestream_id: str, state: RegistrationState | None, search: str, before: str, limit: int
    ) -> tuple[list[Registration], bool, dict[str, int]]:
        found = await self._registrations.listed(livestream_id, state, search, before, limit + 1)
        return found[:limit], len(found) > limit, await self._registrations.counts(livestream_id)

    async def changed(self, before: Livestream, after: Livestream) -> None:
        """What was announced is another now: those who registered are told, and a larger room is filled."""
        at_ms = self._clock_ms()
        if after.registration.capacity != before.registration.capacity:
            await self._registrations.fill_seats(after.id, after.registration.capacity, at_ms, self._writer(after))
        if after.sequence != before.sequence and after.state is not LifeState.DRAFT:
            await self._tell_all(after, "changed", at_ms)
        if after.trashed_at_ms and not before.trashed_at_ms and before.state in BEFORE:
            await self._tell_all(after, "off", at_ms)
        self._nudge()

    async def _tell_all(self, livestream: Livestream, kind: str, at_ms: int) -> None:
        after = await self._registrations.tell_all(livestream.id, "", at_ms, BATCH, self._writer(livestream, kind))
        while after:
            after = await self._registrations.tell_all(
                livestream.id, after, at_ms, BATCH, self._writer(livestream, kind)
            )

    def _writer(self, livestream: Livestream, kind: str = "") -> Callable[[Registration], Mail]:
        at_ms = self._clock_ms()
        return lambda one: letter(livestream, one, kind or one.state.value, self._links_url, at_ms)


class LivestreamDesk:
    """What works in the background: reminders, in the server or in `tongxin worker`."""

    def __init__(
        self,
        livestreams: LivestreamRepository,
        registrations: RegistrationRepository,
        jobs: Jobs,
        nudge: Callable[[], None],
        clock_ms: Callable[[], int],
        links_url: str,
    ) -> None:
        self._livestreams = livestreams
        self.registrations = registrations
        self._nudge = nudge
        self._clock_ms = clock_ms
        self._links_url = links_url
        jobs.every(_REMIND, SWEEP_S, self.remind)

    async def remind(self) -> None:
        """Everybody once; the mail's key names the beginning, so that two who sweep write one mail."""
        now = self._clock_ms()
        for livestream_id in await self.registrations.due(now, BATCH):
            livestream = await self._livestreams.get(livestream_id)
            if livestream is None or not livestream.registration.remind_before_min:
                continue
            if livestream.starts_at_ms - livestream.registration.remind_before_min * 60_000 > now:
                continue
            writer = _reminder(livestream, self._links_url, now)
            more = True
            while more:
                more = await self.registrations.remind(livestream_id, now, BATCH, writer) == BATCH
            self._nudge()


def _reminder(livestream: Livestream, links_url: str, at_ms: int) -> Callable[[Registration], Mail]:
    return lambda one: letter(livestream, one, "reminder", links_url, at_ms)


def is_named(livestream: Livestream, by: Member | None, email: str, link: str) -> bool:
    """Whether one is of a group.  `email` counts only where it was shown to be one's own, or gets the mail."""
    for group in livestream.groups:
        if group.link and link == group.link:
            return group.tier is Tier.ANYONE or by is not None
        if group.organization_id and by is not None and by.belongs_to(group.organization_id):
            return True
        if email and email in group.emails:
            return True
    return False


def checked(fields: tuple[CustomField, ...], answers: dict[str, str]) -> dict[str, str]:
    """What was asked for, and nothing else.  Raises INVALID with the fields' keys."""
    faults: dict[str, FieldFault] = {}
    kept: dict[str, str] = {}
    for field in fields:
        raw = clean_name(answers.get(field.key, ""), ANSWER_MAX_CHARS)
        if not raw:
            if field.required:
                faults[field.key] = FieldFault.REQUIRED
            continue
        if field.kind is FieldKind.CHOICE and raw not in field.options:
            faults[field.key] = FieldFault.INVALID
        if field.kind is FieldKind.CHECK and raw != "yes":
            faults[field.key] = FieldFault.INVALID
        kept[field.key] = raw
    if faults or set(answers) - {field.key for field in fields}:
        raise Refusal(Code.INVALID, "answers", fields=faults)
    return kept
