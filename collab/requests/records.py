"""What is kept with a request beside its moves, in SQL: files, comments, the checklist.  A method is a transaction."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Select, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from collab.db.dialect import insert_once
from collab.db.engine import Database
from collab.files.models import FileRow

from .models import RequestCheckRow, RequestCommentRow, RequestFileRow
from .values import Comment, DocumentCheck, RequestFile

_files: Select[RequestFileRow, int, str] = select(RequestFileRow, FileRow.size_bytes, FileRow.media_type).join(
    FileRow, FileRow.sha256 == RequestFileRow.sha256
)


class RecordRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    # ------------------------------------------------------------ files

    async def brought(self, request_id: str) -> tuple[dict[str, int], frozenset[str]]:
        """(how many files each field has, the lines of the checklist that something was brought for)."""
        async with self._database.read() as session:
            rows = (
                await session.execute(
                    select(RequestFileRow.field_id, RequestFileRow.document_id).where(
                        RequestFileRow.request_id == request_id
                    )
                )
            ).all()
        fields = Counter(row.field_id for row in rows if row.field_id)
        return dict(fields), frozenset(row.document_id for row in rows if row.document_id)

    async def files(self, request_id: str) -> list[RequestFile]:
        """Oldest first."""
        async with self._database.read() as session:
            rows = await session.execute(
                _files.where(RequestFileRow.request_id == request_id).order_by(
                    RequestFileRow.stored_at_ms, RequestFileRow.key
                )
            )
            return [_file(*row) for row in rows]

    async def file(self, request_id: str, key: str) -> RequestFile | None:
        async with self._database.read() as session:
            found = (
                await session.execute(_files.where(RequestFileRow.request_id == request_id, RequestFileRow.key == key))
            ).one_or_none()
        return _file(*found) if found else None

    async def add_file(self, request_id: str, file: RequestFile, at_most: int) -> bool | None:
        """Whether it was added (False: the key is there already); None when there are too many."""
        async with self._database.write() as session:
            count = await session.scalar(
                select(func.count()).select_from(RequestFileRow).where(RequestFileRow.request_id == request_id)
            )
            if (count or 0) >= at_most:
                return None
            return await insert_once(
                session,
                RequestFileRow,
                request_id=request_id,
                key=file.key,
                field_id=file.field_id,
                document_id=file.document_id,
                internal=file.internal,
                sha256=file.sha256,
                file_name=file.file_name,
                account_id=file.account_id,
                name=file.name,
                stored_at_ms=file.stored_at_ms,
            )

    async def remove_file(self, request_id: str, key: str) -> None:
        async with self._database.write() as session:
            await session.execute(
                delete(RequestFileRow).where(RequestFileRow.request_id == request_id, RequestFileRow.key == key)
            )

    # ------------------------------------------------------------ comments

    async def comments(self, request_id: str, *, internal: bool) -> list[Comment]:
        """Oldest first; those among the park's staff only if `internal`."""
        query = select(RequestCommentRow).where(RequestCommentRow.request_id == request_id)
        if not internal:
            query = query.where(RequestCommentRow.internal.is_(False))
        async with self._database.read() as session:
            rows = await session.scalars(query.order_by(RequestCommentRow.at_ms, RequestCommentRow.key))
            return [Comment(row.key, row.internal, row.text, row.name, row.account_id, row.at_ms) for row in rows]

    async def add_comment(self, session: AsyncSession, request_id: str, comment: Comment, at_most: int) -> bool | None:
        """As `add_file`."""
        count = await session.scalar(
            select(func.count()).select_from(RequestCommentRow).where(RequestCommentRow.request_id == request_id)
        )
        if (count or 0) >= at_most:
            return None
        return await insert_once(
            session,
            RequestCommentRow,
            request_id=request_id,
            key=comment.key,
            internal=comment.internal,
            text=comment.text,
            account_id=comment.account_id,
            name=comment.name,
            at_ms=comment.at_ms,
        )

    # ------------------------------------------------------------ the checklist

    async def checks(self, request_id: str) -> list[DocumentCheck]:
        async with self._database.read() as session:
            rows = await session.scalars(select(RequestCheckRow).where(RequestCheckRow.request_id == request_id))
            return [DocumentCheck(row.document_id, row.accepted, row.note, row.name, row.at_ms) for row in rows]

    async def set_check(self, request_id: str, check: DocumentCheck) -> None:
        async with self._database.write() as session:
            await session.merge(
                RequestCheckRow(
                    request_id=request_id,
                    document_id=check.document_id,
                    accepted=check.accepted,
                    note=check.note,
                    name=check.name,
                    at_ms=check.at_ms,
                )
            )


def _file(row: RequestFileRow, size_bytes: int, media_type: str) -> RequestFile:
    return RequestFile(
        key=row.key,
        field_id=row.field_id,
        document_id=row.document_id,
        internal=row.internal,
        sha256=row.sha256,
        size_bytes=size_bytes,
        media_type=media_type,
        file_name=row.file_name,
        name=row.name,
        account_id=row.account_id,
        stored_at_ms=row.stored_at_ms,
    )
