"""Policies in SQL.  Every method is one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, or_, select, update

from collab.accounts.models import AccountRow
from collab.clock import new_id
from collab.db.dialect import insert_once
from collab.db.engine import Database
from collab.directory.models import ProfileRow
from collab.directory.people import leads_of
from collab.directory.trades import Headcount, Industry
from collab.notices import outbox
from collab.notices.models import Notice
from collab.notices.words import Language, language_of
from collab.organizations.models import OrganizationKind, OrganizationRow
from collab.requests.models import RequestRow
from collab.requests.parties import Reach
from collab.requests.states import State
from collab.requests.visible import visible
from collab.requests.words import Words

from .models import PolicyRequestRow, PolicyRow
from .rules import Facts, Rules
from .states import PolicyState
from .values import Beginning, Begun, Company, Content, Policy

BEGUN_MAX: Final = 50


class PolicyFilter(Struct, frozen=True, kw_only=True):
    """`state` None asks for every one; `open_on`: those that are not over on this day."""

    state: PolicyState | None = PolicyState.PUBLISHED
    search: str = ""
    open_on: date | None = None


class PolicyRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def listed(self, wanted: PolicyFilter, before: str, limit: int) -> list[Policy]:
        """Newest first.  One query."""
        query = select(PolicyRow).where(*_conditions(wanted))
        if before:
            query = query.where(PolicyRow.id < before)
        async with self._database.read() as session:
            rows = await session.scalars(query.order_by(PolicyRow.id.desc()).limit(limit))
            return [_value(row) for row in rows]

    async def get(self, policy_id: str) -> Policy | None:
        async with self._database.read() as session:
            row = await session.get(PolicyRow, policy_id)
        return _value(row) if row else None

    async def add(self, content: Content, by: tuple[str, str], at_ms: int) -> str:
        """`by`: (account, name).  A draft."""
        row = PolicyRow(
            id=new_id(at_ms),
            state=PolicyState.DRAFT,
            **_columns(content),
            revision=1,
            created_by=by[0],
            created_at_ms=at_ms,
            published_at_ms=0,
            changed_at_ms=at_ms,
            changed_by_name=by[1],
        )
        async with self._database.write() as session:
            session.add(row)
        return row.id

    async def write(
        self, policy_id: str, content: Content, revision: int, name: str, at_ms: int, news: Sequence[Notice] = ()
    ) -> bool:
        """False when somebody else has written or moved it since `revision`."""
        values = {**_columns(content), "revision": revision + 1, "changed_at_ms": at_ms, "changed_by_name": name}
        return await self._change(policy_id, revision, values, news, at_ms)

    async def move(self, policy: Policy, state: PolicyState, name: str, at_ms: int, news: Sequence[Notice]) -> bool:
        """False as above.  It keeps the moment of its first publication."""
        values: dict[str, object] = {
            "state": state,
            "revision": policy.revision + 1,
            "changed_at_ms": at_ms,
            "changed_by_name": name,
        }
        if state is PolicyState.PUBLISHED and not policy.published_at_ms:
            values["published_at_ms"] = at_ms
        return await self._change(policy.id, policy.revision, values, news, at_ms)

    async def _change(
        self, policy_id: str, revision: int, values: dict[str, object], news: Sequence[Notice], at_ms: int
    ) -> bool:
        async with self._database.write() as session:
            changed = await session.scalars(
                update(PolicyRow)
                .where(PolicyRow.id == policy_id, PolicyRow.revision == revision)
                .values(values)
                .returning(PolicyRow.id)
            )
            if not changed.all():
                return False
            for one in news:
                await outbox.put(session, one, at_ms)
        return True

    # ------------------------------------------------------------ companies

    async def companies(self, ids: Sequence[str] | None = None) -> list[Company]:
        """These, or all, by name; never the park itself.  One query."""
        query = (
            select(OrganizationRow, ProfileRow)
            .outerjoin(ProfileRow, ProfileRow.organization_id == OrganizationRow.id)
            .where(OrganizationRow.kind != OrganizationKind.PARK)
            .order_by(OrganizationRow.name)
        )
        if ids is not None:
            query = query.where(OrganizationRow.id.in_(ids))
        async with self._database.read() as session:
            rows = (await session.execute(query)).all()
        return [Company(row.id, row.name, _facts(row, profile)) for row, profile in rows]

    async def readers(self, organization_ids: Sequence[str]) -> dict[Language, tuple[str, ...]]:
        """Who leads these, by the language they read.  Two queries."""
        found: dict[Language, tuple[str, ...]] = {}
        async with self._database.read() as session:
            people = await leads_of(session, organization_ids)
            query = select(AccountRow.id, AccountRow.locale).where(AccountRow.id.in_(people)).order_by(AccountRow.id)
            rows = await session.execute(query)
            for account_id, locale in rows:
                language = language_of(locale)
                found[language] = (*found.get(language, ()), account_id)
        return found

    # ------------------------------------------------------------ requests that were begun from it

    async def begin(self, policy_id: str, request_id: str, kind: Beginning) -> None:
        """Nothing when it is known."""
        async with self._database.write() as session:
            await insert_once(session, PolicyRequestRow, request_id=request_id, policy_id=policy_id, kind=kind)

    async def begun(self, policy_id: str, reach: Reach) -> list[Begun]:
        """Those that the reach sees, newest first, BEGUN_MAX at most.  One query."""
        query = (
            select(PolicyRequestRow.kind, RequestRow, OrganizationRow.name)
            .join(RequestRow, RequestRow.id == PolicyRequestRow.request_id)
            .join(OrganizationRow, OrganizationRow.id == RequestRow.organization_id)
            .where(PolicyRequestRow.policy_id == policy_id, visible(reach))
            .order_by(PolicyRequestRow.request_id.desc())
            .limit(BEGUN_MAX)
        )
        async with self._database.read() as session:
            rows = (await session.execute(query)).all()
        return [
            Begun(
                id=row.id,
                kind=Beginning(kind),
                number=row.number,
                title=row.title,
                state=State(row.state),
                organization=organization,
                created_at_ms=row.created_at_ms,
            )
            for kind, row, organization in rows
        ]


def _conditions(wanted: PolicyFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.state is not None:
        conditions.append(PolicyRow.state == wanted.state)
    if wanted.search:
        columns = (
            PolicyRow.title_zh,
            PolicyRow.title_en,
            PolicyRow.summary_zh,
            PolicyRow.summary_en,
            PolicyRow.source,
            PolicyRow.number,
        )
        conditions.append(or_(*(column.icontains(wanted.search, autoescape=True) for column in columns)))
    if wanted.open_on is not None:
        conditions.append(or_(PolicyRow.apply_until.is_(None), PolicyRow.apply_until >= wanted.open_on))
    return conditions


def _columns(content: Content) -> dict[str, object]:
    return {
        "title_zh": content.title.zh,
        "title_en": content.title.en,
        "summary_zh": content.summary.zh,
        "summary_en": content.summary.en,
        "source": content.source,
        "number": content.number,
        "source_url": content.source_url,
        "issued_on": content.issued_on,
        "apply_from": content.apply_from,
        "apply_until": content.apply_until,
        "request_type": content.request_type,
        "rules": msgspec.to_builtins(content.rules),
    }


def _value(row: PolicyRow) -> Policy:
    content = Content(
        title=Words(row.title_zh, row.title_en),
        summary=Words(row.summary_zh, row.summary_en),
        source=row.source,
        number=row.number,
        source_url=row.source_url,
        issued_on=row.issued_on,
        apply_from=row.apply_from,
        apply_until=row.apply_until,
        request_type=row.request_type,
        rules=msgspec.convert(row.rules, Rules),
    )
    return Policy(
        id=row.id,
        state=PolicyState(row.state),
        content=content,
        revision=row.revision,
        created_at_ms=row.created_at_ms,
        published_at_ms=row.published_at_ms,
        changed_at_ms=row.changed_at_ms,
        changed_by_name=row.changed_by_name,
    )


def _facts(row: OrganizationRow, profile: ProfileRow | None) -> Facts:
    kind = OrganizationKind(row.kind)
    if profile is None:
        return Facts(kind)
    return Facts(
        kind=kind,
        industry=Industry(profile.industry) if profile.industry else None,
        headcount=Headcount(profile.headcount) if profile.headcount else None,
        founded_on=profile.founded_on,
        region=profile.region,
        address=profile.address,
    )
