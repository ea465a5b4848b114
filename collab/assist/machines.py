"""Machines: who registers, sees and changes them."""

from __future__ import annotations

import structlog

from collab.accounts.models import Member
from collab.clock import now_ms
from collab.limits import Limits, rate
from collab.organizations.repository import OrganizationRepository
from collab.problems import FieldFault, Refusal, invalid
from rooms.core.codes import Code
from rooms.core.text import clean_name

from .machine_repository import MachineRepository
from .models import MACHINE_TEXT_MAX_CHARS, SITE_MAX_CHARS
from .parties import may_change_machine, reach_of
from .values import Machine

MACHINES_OF_ACCOUNT = rate("machines", burst=200, per_minute=20)
_BOUNDS = {
    "make": MACHINE_TEXT_MAX_CHARS,
    "model": MACHINE_TEXT_MAX_CHARS,
    "serial": MACHINE_TEXT_MAX_CHARS,
    "site": SITE_MAX_CHARS,
}

log = structlog.get_logger("assist")


class MachineService:
    def __init__(self, machines: MachineRepository, organizations: OrganizationRepository, limits: Limits) -> None:
        self._machines = machines
        self._organizations = organizations
        self._limits = limits

    async def register(
        self, by: Member, organization_id: str, *, make: str, model: str, serial: str, site: str
    ) -> Machine:
        """For one's own company ("": the first one belongs to); the park's administrators for any."""
        await self._limits.take(MACHINES_OF_ACCOUNT, by.account.id)
        if not organization_id:
            if not by.memberships:
                raise invalid(organization_id=FieldFault.REQUIRED)
            organization_id = by.memberships[0].organization.id
        if not by.belongs_to(organization_id) and not by.administers_park:
            raise Refusal(Code.FORBIDDEN, "another's organization")
        if by.administers_park and await self._organizations.get(organization_id) is None:
            raise invalid(organization_id=FieldFault.INVALID)
        words = clean_words({"make": make, "model": model, "serial": serial, "site": site})
        machine = await self._machines.add(organization_id, by.account.id, now_ms(), **words)
        log.info("machine_registered", machine=machine.id, by=by.account.id)
        return machine

    async def seen(self, by: Member, machine_id: str) -> Machine:
        """Raises NOT_FOUND, FORBIDDEN."""
        machine = await self._machines.get(machine_id)
        if machine is None:
            raise Refusal(Code.NOT_FOUND, "no such machine")
        return await self._if_seen(by, machine)

    async def by_label(self, by: Member, label: str) -> Machine:
        machine = await self._machines.by_label(label)
        if machine is None:
            raise Refusal(Code.NOT_FOUND, "no such label")
        return await self._if_seen(by, machine)

    async def listed(self, by: Member, search: str, before: str, limit: int) -> tuple[list[Machine], bool]:
        found = await self._machines.listed(reach_of(by), clean_name(search), before, limit + 1)
        return found[:limit], len(found) > limit

    async def changed_by(self, by: Member, machine_id: str) -> Machine:
        """The machine, if `by` may change it; raises NOT_FOUND, FORBIDDEN."""
        machine = await self.seen(by, machine_id)
        if not may_change_machine(reach_of(by), machine):
            raise Refusal(Code.FORBIDDEN, "another's machine")
        return machine

    async def change(self, by: Member, machine_id: str, words: dict[str, str]) -> Machine:
        await self.changed_by(by, machine_id)
        await self._machines.change(machine_id, now_ms(), clean_words(words))
        return await self.seen(by, machine_id)

    async def shares_model(self, by: Member, machine_id: str) -> bool:
        """Whether `by` sees a machine of the same make and model in the same organization."""
        return await self._machines.sees_model(reach_of(by), machine_id)

    async def are_same_model(self, machine_id: str, other_id: str) -> bool:
        return await self._machines.are_same_model(machine_id, other_id)

    async def _if_seen(self, by: Member, machine: Machine) -> Machine:
        if not await self._machines.sees(reach_of(by), machine.id):
            raise Refusal(Code.FORBIDDEN, "another's machine")
        return machine


def clean_words(words: dict[str, str]) -> dict[str, str]:
    """Raises INVALID when make or model is left with nothing to read."""
    cleaned = {name: clean_name(text, _BOUNDS[name]) for name, text in words.items()}
    for name in ("make", "model"):
        if name in cleaned and not cleaned[name]:
            raise Refusal(Code.INVALID, fields={name: FieldFault.INVALID})
    return cleaned
