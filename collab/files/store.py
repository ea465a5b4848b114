"""Where files lie: a folder of this machine, or S3; under their own digest, written once, never changed."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import obstore
import structlog
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, S3Store
from sqlalchemy import Select, select, union_all
from sqlalchemy import delete as sql_delete

from collab.clock import now_ms
from collab.db.base import Base
from collab.db.dialect import insert_once
from collab.db.engine import Database
from collab.problems import Refusal
from rooms.core.codes import Code

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Config

from .models import FileRow, MediaType, StoredFile

# Each is asked for by itself: whoever reads slowly holds no connection to the store, and no bound in time is theirs.
CHUNK_BYTES: Final = 1_048_576
STORE_TIMEOUT: Final = timedelta(seconds=60)  # of one request, with its body
STORE_CONNECT_TIMEOUT: Final = timedelta(seconds=5)
STORE_TRIES_TIMEOUT: Final = timedelta(seconds=8)  # after which no further try of a request begins
STORE_RETRIES: Final = 3
RETRY_MS: Final = 5_000
SWEPT_AFTER_MS: Final = 86_400_000  # what nobody refers to may still be on its way to its first reference
SWEEP_BATCH: Final = 200

log = structlog.get_logger("files")


def open_store(url: str, folder: Path, endpoint: str = "") -> ObjectStore:
    """`url` is s3://bucket/prefix, with credentials and region from the environment (AWS_...); "" means `folder`.

    `endpoint` is the address of a store that is not Amazon's.
    """
    if not url:
        return LocalStore(prefix=folder, mkdir=True)
    client: ClientConfig = {
        "timeout": STORE_TIMEOUT,
        "connect_timeout": STORE_CONNECT_TIMEOUT,
        "allow_http": endpoint.startswith("http://"),
    }
    retry: RetryConfig = {"max_retries": STORE_RETRIES, "retry_timeout": STORE_TRIES_TIMEOUT}
    config: S3Config = {"endpoint": endpoint} if endpoint else {}
    return S3Store.from_url(url, config=config, client_options=client, retry_config=retry)


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
        """The whole of it.  Raises FileNotFoundError; UNAVAILABLE while the store is away, as all methods do."""
        return b"".join([chunk async for chunk in self.stream(sha256)])

    async def stream(self, sha256: str, begin: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `begin` to before `end` (None: to the last one), in pieces of CHUNK_BYTES.

        Raises FileNotFoundError before the first.
        """
        async for piece in self._stream(_path(sha256), begin, end):
            yield piece

    async def _stream(self, path: str, begin: int, end: int | None) -> AsyncIterator[bytes]:
        with _at_store():
            size_bytes = (await obstore.head_async(self._store, path))["size"]
        end = size_bytes if end is None else min(end, size_bytes)
        for at in range(begin, end, CHUNK_BYTES):
            with _at_store():
                piece = await obstore.get_range_async(self._store, path, start=at, end=min(at + CHUNK_BYTES, end))
            yield bytes(piece)

    async def derived(self, sha256: str) -> bytes | None:
        """What was made of the file, and can be made again; None where nothing was."""
        try:
            with _at_store():
                return bytes(await (await obstore.get_async(self._store, _derived_path(sha256))).bytes_async())
        except FileNotFoundError:
            return None

    async def keep_derived(self, sha256: str, content: bytes) -> None:
        """Goes when the file goes."""
        await self._put(_derived_path(sha256), content)

    async def put_aside(self, name: str, path: Path) -> None:
        """What is only passing through: under a name of its owner's, who drops it again.  `path` is only read."""
        await self._put(_aside_path(name), path)

    def stream_aside(self, name: str) -> AsyncIterator[bytes]:
        """In pieces of CHUNK_BYTES.  Raises FileNotFoundError before the first."""
        return self._stream(_aside_path(name), 0, None)

    async def drop_aside(self, name: str) -> None:
        """Raises FileNotFoundError."""
        with _at_store():
            await obstore.delete_async(self._store, _aside_path(name))

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
        await self._put(path, content)
        async with self._database.write() as session:
            await insert_once(
                session,
                FileRow,
                sha256=sha256,
                size_bytes=size_bytes,
                media_type=media_type,
                created_at_ms=now_ms(),
            )
        await self._put(path, content)  # again where it was swept between looking and the row
        return StoredFile(sha256, size_bytes, media_type)

    async def _put(self, path: str, content: bytes | Path) -> None:
        """Unless it lies there already."""
        with _at_store():
            try:
                await obstore.head_async(self._store, path)
            except FileNotFoundError:
                pass
            else:
                return
            try:
                await obstore.put_async(self._store, path, content)
            except FileNotFoundError as error:  # what is missing then is the bucket
                raise Refusal(Code.UNAVAILABLE, f"no bucket: {error}", retry_after_ms=RETRY_MS) from error

    async def _delete(self, sha256: str) -> None:
        for path in (_derived_path(sha256), _path(sha256)):
            try:
                with _at_store():
                    await obstore.delete_async(self._store, path)
            except FileNotFoundError:
                if path == _path(sha256):
                    log.warning("file_was_gone", sha256=sha256)


@contextmanager
def _at_store() -> Iterator[None]:
    """A store that does not answer, or answers with an error of its own, is away: asking again later is worth it."""
    try:
        yield
    except BaseError as error:
        cause = f"the store of files: {str(error).partition(chr(10))[0][:300]}"
        log.warning("file_store_away", cause=cause)
        raise Refusal(Code.UNAVAILABLE, cause, retry_after_ms=RETRY_MS) from error


def _path(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"


def _aside_path(name: str) -> str:
    return f"aside/{name}"


def _derived_path(sha256: str) -> str:
    return f"derived/{sha256[:2]}/{sha256}"


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
