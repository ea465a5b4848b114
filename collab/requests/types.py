"""Types of requests: those that came with the server, the park's own, their drafts and versions."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec
import structlog
from msgspec import Struct

from collab.accounts.models import Member
from collab.clock import now_ms
from collab.limits import Limits, rate
from collab.problems import Refusal
from rooms.core.codes import Code

from .definition import Definition, faults_of, may_file
from .type_repository import TypeRepository
from .values import RequestType, Shipped, TypeVersion

SHIPPED: Final = Path(__file__).parent / "shipped"
REMEMBERED_MAX: Final = 2_000  # versions; a park has hundreds at most

TYPES_OF_ACCOUNT = rate("request_types", burst=120, per_minute=30)

log = structlog.get_logger("requests")


class ListedType(Struct, frozen=True):
    type: RequestType
    latest: TypeVersion | None
    draft: Definition | None
    may_file: bool


class TypeService:
    def __init__(self, types: TypeRepository, limits: Limits) -> None:
        self._types = types
        self._limits = limits
        self._versions: dict[tuple[str, int], TypeVersion] = {}  # never changed, so never forgotten but for room

    async def ship(self) -> list[str]:
        """Brings in what came with the server; the keys of what was added or brought up to date."""
        return await ship_types(self._types)

    # ------------------------------------------------------------ reading

    async def listed(self, by: Member) -> list[ListedType]:
        """Those that one may file, for the park's administrators all with their drafts."""
        found = await self._types.all()
        latest = await self.versions((one.id, one.version) for one in found if one.version)
        listed = []
        for one in found:
            version = latest.get((one.id, one.version))
            files = version is not None and not one.retired and files_as(by, version.definition) is not None
            if files or by.administers_park:
                listed.append(ListedType(one, version, draft_of(one) if by.administers_park else None, files))
        return listed

    async def get(self, by: Member, type_id: str) -> ListedType:
        """Raises NOT_FOUND."""
        found = next((one for one in await self.listed(by) if one.type.id == type_id), None)
        if found is None:
            raise Refusal(Code.NOT_FOUND, "no such type")
        return found

    async def published(self) -> list[TypeVersion]:
        """The latest version of each type, also of those that are retired: for filters and exports."""
        found = await self._types.all()
        return list((await self.versions((one.id, one.version) for one in found if one.version)).values())

    async def in_use(self) -> list[TypeVersion]:
        """The latest version of each type that is not retired, whoever may file it."""
        found = [one for one in await self._types.all() if one.version and not one.retired]
        return list((await self.versions((one.id, one.version) for one in found)).values())

    async def versions(self, wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], TypeVersion]:
        keys = list(dict.fromkeys(wanted))
        missing = [key for key in keys if key not in self._versions]
        for version in await self._types.versions(missing):
            if len(self._versions) >= REMEMBERED_MAX:
                self._versions.pop(next(iter(self._versions)))
            self._versions[version.type_id, version.version] = version
        return {key: self._versions[key] for key in keys if key in self._versions}

    async def version(self, type_id: str, number: int) -> TypeVersion:
        """Raises NOT_FOUND."""
        found = await self.versions([(type_id, number)])
        if (type_id, number) not in found:
            raise Refusal(Code.NOT_FOUND, "no such version")
        return found[type_id, number]

    async def to_file(self, by: Member, type_id: str) -> TypeVersion:
        """The version that new requests are filed with.  Raises NOT_FOUND, also for what one may not file."""
        kept = await self._types.get(type_id)
        if kept is None or kept.retired or not kept.version:
            raise Refusal(Code.NOT_FOUND, "no such type")
        version = await self.version(type_id, kept.version)
        if files_as(by, version.definition) is None:
            raise Refusal(Code.NOT_FOUND, "not for them")
        return version

    async def history(self, type_id: str) -> list[tuple[int, str, int]]:
        """Raises NOT_FOUND.  For the park's administrators."""
        if await self._types.get(type_id) is None:
            raise Refusal(Code.NOT_FOUND, "no such type")
        return await self._types.history(type_id)

    # ------------------------------------------------------------ building

    async def add(self, by: Member, key: str, definition: Definition) -> ListedType:
        """A draft; it may be incomplete.  Raises INVALID for a key that is taken."""
        await self._limits.take(TYPES_OF_ACCOUNT, by.account.id)
        type_id = await self._types.add(key, _packed(definition), now_ms())
        return await self.get(by, type_id)

    async def save(self, by: Member, type_id: str, revision: int, definition: Definition) -> ListedType:
        """Raises NOT_FOUND, CONFLICT."""
        await self._limits.take(TYPES_OF_ACCOUNT, by.account.id)
        await self.get(by, type_id)
        if not await self._types.save_draft(type_id, revision, _packed(definition), now_ms()):
            raise Refusal(Code.CONFLICT, "the draft was changed meanwhile")
        return await self.get(by, type_id)

    async def retire(self, by: Member, type_id: str, retired: bool) -> ListedType:
        await self.get(by, type_id)
        await self._types.retire(type_id, retired, now_ms())
        return await self.get(by, type_id)

    async def publish(self, by: Member, type_id: str, revision: int) -> ListedType:
        """Raises NOT_FOUND, WRONG_STATE without a draft, INVALID naming what is wrong, CONFLICT."""
        await self._limits.take(TYPES_OF_ACCOUNT, by.account.id)
        draft = (await self.get(by, type_id)).draft
        if draft is None:
            raise Refusal(Code.WRONG_STATE, "nothing to publish")
        if faults := faults_of(draft):
            raise Refusal(Code.INVALID, "not complete", fields=faults)
        number = await self._types.publish(type_id, revision, _packed(draft), by.account.name, now_ms())
        if number is None:
            raise Refusal(Code.CONFLICT, "the draft was changed meanwhile")
        log.info("request_type_published", type=type_id, version=number, by=by.account.id)
        return await self.get(by, type_id)


def files_as(by: Member, definition: Definition, organization_id: str = "") -> str | None:
    """The organization for which somebody may file: the named one, or their first that may; None when there is none."""
    for one in by.memberships:
        if organization_id in ("", one.organization.id) and may_file(
            definition.filers, one.organization.kind, one.roles
        ):
            return one.organization.id
    return None


def draft_of(kept: RequestType) -> Definition | None:
    return msgspec.json.decode(kept.draft, type=Definition) if kept.draft else None


async def ship_types(types: TypeRepository) -> list[str]:
    shipped = [
        Shipped(key, packed, hashlib.sha256(packed.encode()).hexdigest())
        for key, packed in await asyncio.to_thread(shipped_definitions)
    ]
    return await types.ship(shipped, now_ms())


def shipped_definitions() -> list[tuple[str, str]]:
    """(key, definition as JSON) of each file, in the order of their names: NN-key.json.  Reads files."""
    shipped = []
    for path in sorted(SHIPPED.glob("*.json")):
        definition = msgspec.json.decode(path.read_bytes(), type=Definition)
        shipped.append((path.stem.partition("-")[2], _packed(definition)))
    return shipped


def _packed(definition: Definition) -> str:
    return msgspec.json.encode(definition).decode()
