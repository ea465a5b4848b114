"""Files by their digest: stored once, read back whole, gone when nobody refers to them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from collab.assist.models import AssistDocumentRow
from collab.clock import new_id, now_ms
from collab.db.engine import Database
from collab.files.models import MediaType
from collab.files.store import CHUNK_BYTES, Files, open_store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "files"


@pytest.fixture
def files(database: Database, folder: Path) -> Files:
    return Files(open_store("", folder), database)


def lying_in(folder: Path) -> list[Path]:
    return [one for one in folder.rglob("*") if one.is_file()]


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


async def test_what_is_kept_comes_back_whole_and_in_pieces(files: Files, folder: Path, tmp_path: Path) -> None:
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
    assert lying_in(folder) == [folder / digest[:2] / digest]


async def test_a_file_that_is_not_there_says_so(files: Files) -> None:
    assert await files.get("0" * 64) is None
    with pytest.raises(FileNotFoundError):
        await files.load("0" * 64)


async def test_only_old_files_that_nobody_refers_to_are_swept(files: Files, database: Database) -> None:
    held, loose = await files.keep(b"held", MediaType.PDF), await files.keep(b"loose", MediaType.PDF)
    await refer(database, held.sha256)
    assert await files.sweep(now_ms() - 1_000) == 0
    assert await files.sweep(now_ms() + 1_000) == 1
    assert await files.load(held.sha256) == b"held"
    with pytest.raises(FileNotFoundError):
        await files.load(loose.sha256)
    assert await files.keep(b"loose", MediaType.PDF) == loose  # brought again, it is there again
    assert await files.load(loose.sha256) == b"loose"
