"""Files by their digest: stored once, read back whole, gone when nobody refers to them."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Iterator
from pathlib import Path

import obstore
import pytest
from obstore.store import ObjectStore

from collab.assist.models import AssistDocumentRow
from collab.clock import new_id, now_ms
from collab.db.engine import Database
from collab.files.models import MediaType
from collab.files.store import CHUNK_BYTES, Files, open_store
from collab.problems import Refusal
from rooms.core.codes import Code
from tests.support.object_store import CREDENTIALS, ObjectStoreServer


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStoreServer]:
    server = ObjectStoreServer(tmp_path_factory.mktemp("s3"))
    yield server
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    """The same contract in a folder and in S3, under a prefix of the test's own."""
    if request.param == "folder":
        return open_store("", tmp_path / "files")
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    server: ObjectStoreServer = request.getfixturevalue("s3")
    return open_store(f"{server.url}/{new_id()}", tmp_path, server.endpoint)


@pytest.fixture
def files(database: Database, store: ObjectStore) -> Files:
    return Files(store, database)


async def lying_in(store: ObjectStore) -> list[str]:
    return [one["path"] async for batch in obstore.list(store) for one in batch]


async def refer(database: Database, sha256: str) -> None:
    async with database.write() as session:
        session.add(
            AssistDocumentRow(
                id=new_id(),
                machine_id=None,
                session_id=None,
                file_sha256=sha256,
                title="t",
                identity="i",
                name="n",
                stored_at_ms=1,
            )
        )


async def test_what_is_kept_comes_back_whole_and_in_pieces(files: Files, store: ObjectStore, tmp_path: Path) -> None:
    content = bytes(range(256)) * (2 * CHUNK_BYTES // 256 + 1)
    digest = hashlib.sha256(content).hexdigest()
    path = tmp_path / "upload"
    path.write_bytes(content)
    kept = await files.keep(content, MediaType.PDF)
    assert await files.keep_file(path, digest, len(content), MediaType.PDF) == kept
    assert (kept.sha256, kept.size_bytes, await files.get(digest)) == (digest, len(content), kept)
    assert await files.load(digest) == content
    assert b"".join([chunk async for chunk in files.stream(digest)]) == content
    assert b"".join([chunk async for chunk in files.stream(digest, 3, 9)]) == content[3:9]
    assert await lying_in(store) == [f"{digest[:2]}/{digest}"]


async def test_a_file_that_is_not_there_says_so(files: Files) -> None:
    assert await files.get("0" * 64) is None
    with pytest.raises(FileNotFoundError):
        await files.load("0" * 64)
    with pytest.raises(FileNotFoundError):
        await anext(files.stream("0" * 64))


async def test_only_old_files_that_nobody_refers_to_are_swept(files: Files, database: Database) -> None:
    held, loose = await files.keep(b"held", MediaType.PDF), await files.keep(b"loose", MediaType.PDF)
    await refer(database, held.sha256)
    for file in (held, loose):
        await files.keep_derived(file.sha256, b"small")
    assert await files.sweep(now_ms() - 1_000) == 0
    assert await files.sweep(now_ms() + 1_000) == 1
    assert await files.load(held.sha256) == b"held"
    assert [await files.derived(file.sha256) for file in (held, loose)] == [b"small", None]
    with pytest.raises(FileNotFoundError):
        await files.load(loose.sha256)
    assert await files.keep(b"loose", MediaType.PDF) == loose  # brought again, it is there again
    assert await files.load(loose.sha256) == b"loose"


async def test_a_store_that_is_away_is_told_as_such_and_nothing_is_noted_as_kept(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody listens there: the phone keeps what it has, and tries again."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with socket.socket() as taken:  # bound, so that nobody else gets it, and closed to everybody
        taken.bind(("127.0.0.1", 0))
        away = Files(open_store("s3://files", tmp_path, f"http://127.0.0.1:{taken.getsockname()[1]}"), database)
        digest = hashlib.sha256(b"still").hexdigest()
        for attempt in (away.keep(b"still", MediaType.JPEG), away.load(digest), anext(away.stream(digest))):
            with pytest.raises(Refusal) as refused:
                await attempt
            assert (refused.value.code, refused.value.retry_after_ms > 0) == (Code.UNAVAILABLE, True)
    assert await away.get(digest) is None


async def test_a_bucket_that_is_missing_is_a_store_that_is_away(
    database: Database, s3: ObjectStoreServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    nowhere = Files(open_store("s3://no-such-bucket", tmp_path, s3.endpoint), database)
    with pytest.raises(Refusal) as refused:
        await nowhere.keep(b"still", MediaType.JPEG)
    assert refused.value.code is Code.UNAVAILABLE
