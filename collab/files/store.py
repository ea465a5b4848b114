"""Where files lie: a folder of this machine, or S3; under their own digest, written once, never changed."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import obstore
import structlog
from obstore.store import LocalStore, ObjectStore, from_url
from sqlalchemy import Select, select, union_all
from sqlalchemy import delete as sql_delete

from collab.clock import now_ms
from collab.db.base import Base
from collab.db.dialect import insert_once
from collab.db.engine import Database

from .models import FileRow, MediaType, StoredFile

CHUNK_BYTES: Final = 262_144
SWEPT_AFTER_MS: Final = 86_400_000  # what nobody refers to may still be on its way to its first reference
SWEEP_BATCH: Final = 200

log = structlog.get_logger("files")


def open_store(url: str, folder: Path) -> ObjectStore:
    """`url` is s3://bucket/prefix, with address and credentials from the environment (AWS_...); "" means `folder`."""
    return from_url(url) if url else LocalStore(prefix=folder, mkdir=True)


class Files:
    def __init__(self, store: ObjectStore, database: Database) -> None:
        self._store = store
        self._database = database

    async def keep(self, content: bytes, media_type: MediaType) -> StoredFile:
        """Stored once, however often it is brought."""
        return await self._keep(content, hashlib.sha256(content).hexdigest(), len(content), media_type)

    async def keep_file(self, path: Path, sha256: str, size_bytes: int, media_type: MediaType) -> StoredFile:
        """`path` is only read."""
        return await self._keep(path, sha256, size_bytes, media_type)

    async def get(self, sha256: str) -> StoredFile | None:
        async with self._database.read() as session:
            row = await session.get(FileRow, sha256)
        return row.value() if row else None

    async def load(self, sha256: str) -> bytes:
        """The whole of it.  Raises FileNotFoundError."""
        return bytes(await (await obstore.get_async(self._store, _path(sha256))).bytes_async())

    async def stream(self, sha256: str, begin: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `begin` to before `end` (None: to the last one), in pieces of about CHUNK_BYTES.

        Raises FileNotFoundError before the first.
        """
        found = await obstore.get_async(
            self._store, _path(sha256), options=None if end is None else {"range": (begin, end)}
        )
        async for chunk in found.stream(min_chunk_size=CHUNK_BYTES):
            yield bytes(chunk)

    async def sweep(self, before_ms: int) -> int:
        """Delete files from before `before_ms` that no table refers to; how many went."""
        async with self._database.write() as session:
            candidates = (
                select(FileRow.sha256)
                .where(FileRow.created_at_ms < before_ms, FileRow.sha256.not_in(_references()))
                .limit(SWEEP_BATCH)
            )
            gone = list(
                await session.scalars(
                    sql_delete(FileRow).where(FileRow.sha256.in_(candidates)).returning(FileRow.sha256)
                )
            )
            # Inside the transaction: who brings the same file meanwhile waits for it, and looks again (see _keep).
            for sha256 in gone:
                await self._delete(sha256)
        return len(gone)

    async def _keep(self, content: bytes | Path, sha256: str, size_bytes: int, media_type: MediaType) -> StoredFile:
        path = _path(sha256)
        if not await self._has(path):
            await obstore.put_async(self._store, path, content)
        async with self._database.write() as session:
            await insert_once(
                session,
                FileRow,
                sha256=sha256,
                size_bytes=size_bytes,
                media_type=media_type,
                created_at_ms=now_ms(),
            )
        if not await self._has(path):  # swept between looking and the row
            await obstore.put_async(self._store, path, content)
        return StoredFile(sha256, size_bytes, media_type)

    async def _has(self, path: str) -> bool:
        try:
            await obstore.head_async(self._store, path)
        except FileNotFoundError:
            return False
        return True

    async def _delete(self, sha256: str) -> None:
        try:
            await obstore.delete_async(self._store, _path(sha256))
        except FileNotFoundError:
            log.warning("file_was_gone", sha256=sha256)


def _path(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"


def _references() -> Select[str]:
    """The digests that any table's foreign key holds."""
    columns = [
        key.parent
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.column is FileRow.__table__.c.sha256
    ]
    held = union_all(*(select(column.label("sha256")).where(column.is_not(None)) for column in columns)).subquery()
    return select(held.c.sha256)
