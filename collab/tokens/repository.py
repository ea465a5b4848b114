"""API tokens in SQL.  Every method is one transaction."""

from __future__ import annotations

from sqlalchemy import func, select, update

from collab.accounts.models import AccountRow
from collab.audit.models import AuditAction, Subject, SubjectKind
from collab.audit.repository import record
from collab.clock import new_id
from collab.db.engine import Database

from .models import TOKENS_MAX, ApiToken, ApiTokenRow
from .scopes import ApiScope


class TokenRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, account_id: str) -> list[ApiToken]:
        """Newest first, without those that were revoked."""
        query = select(ApiTokenRow).where(ApiTokenRow.account_id == account_id, ApiTokenRow.revoked_at_ms == 0)
        async with self._database.read() as session:
            return [_value(row) for row in await session.scalars(query.order_by(ApiTokenRow.id.desc()))]

    async def valid(self, token_hash: str, at_ms: int) -> ApiToken | None:
        async with self._database.read() as session:
            row = await session.scalar(
                select(ApiTokenRow).where(
                    ApiTokenRow.token_hash == token_hash,
                    ApiTokenRow.expires_at_ms > at_ms,
                    ApiTokenRow.revoked_at_ms == 0,
                )
            )
        return _value(row) if row else None

    async def add(
        self, account_id: str, name: str, token_hash: str, scopes: frozenset[ApiScope], at_ms: int, expires_at_ms: int
    ) -> ApiToken | None:
        """None when the account has as many as it may."""
        async with self._database.write() as session:
            # One row that everyone who makes a token for this account locks.
            await session.execute(select(AccountRow.id).where(AccountRow.id == account_id).with_for_update())
            held = await session.scalar(
                select(func.count())
                .select_from(ApiTokenRow)
                .where(
                    ApiTokenRow.account_id == account_id,
                    ApiTokenRow.expires_at_ms > at_ms,
                    ApiTokenRow.revoked_at_ms == 0,
                )
            )
            if (held or 0) >= TOKENS_MAX:
                return None
            row = ApiTokenRow(
                id=new_id(at_ms),
                account_id=account_id,
                name=name,
                token_hash=token_hash,
                scopes=sorted(scopes),
                created_at_ms=at_ms,
                expires_at_ms=expires_at_ms,
                used_at_ms=0,
                used_from="",
                revoked_at_ms=0,
            )
            session.add(row)
            made = Subject(SubjectKind.API_TOKEN, row.id, name)
            record(session, AuditAction.TOKEN_MADE, made, scopes=", ".join(sorted(scopes)))
        return _value(row)

    async def used(self, token_id: str, at_ms: int, address: str) -> None:
        async with self._database.write() as session:
            await session.execute(
                update(ApiTokenRow).where(ApiTokenRow.id == token_id).values(used_at_ms=at_ms, used_from=address[:45])
            )

    async def revoke(self, token_id: str, account_id: str | None, at_ms: int) -> bool:
        """Of this account, None: of any.  False when there is no such token, or it was revoked before."""
        mine = [ApiTokenRow.id == token_id, ApiTokenRow.revoked_at_ms == 0]
        if account_id is not None:
            mine.append(ApiTokenRow.account_id == account_id)
        async with self._database.write() as session:
            name = await session.scalar(
                update(ApiTokenRow).where(*mine).values(revoked_at_ms=at_ms).returning(ApiTokenRow.name)
            )
            if name is None:
                return False
            record(session, AuditAction.TOKEN_REVOKED, Subject(SubjectKind.API_TOKEN, token_id, name))
        return True


def _value(row: ApiTokenRow) -> ApiToken:
    return ApiToken(
        id=row.id,
        account_id=row.account_id,
        name=row.name,
        scopes=frozenset(ApiScope(one) for one in row.scopes if one in list(ApiScope)),
        created_at_ms=row.created_at_ms,
        expires_at_ms=row.expires_at_ms,
        used_at_ms=row.used_at_ms,
        used_from=row.used_from,
        revoked_at_ms=row.revoked_at_ms,
    )
