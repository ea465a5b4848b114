from __future__ import annotations

from pathlib import Path

import pytest

from collab.problems import StartFailure
from collab.sealing import Sealer, Unsealable


def test_what_was_sealed_is_read_after_a_restart_and_by_its_owner_only(tmp_path: Path) -> None:
    sealed = Sealer.read(tmp_path).seal("a platform's key", "target-1")
    assert "platform" not in sealed
    assert Sealer.read(tmp_path).open(sealed, "target-1") == "a platform's key"
    assert sealed != Sealer.read(tmp_path).seal("a platform's key", "target-1")
    (tmp_path / "other").mkdir()
    damaged = sealed[:-8] + ("AAAAAAAA" if sealed[-8:] != "AAAAAAAA" else "BBBBBBBB")
    for sealer, text, owner in (
        (Sealer.read(tmp_path), sealed, "target-2"),
        (Sealer.read(tmp_path / "other"), sealed, "target-1"),
        (Sealer.read(tmp_path), damaged, "target-1"),
        (Sealer.read(tmp_path), "no base64!", "target-1"),
        (Sealer.read(tmp_path), "", "target-1"),
    ):
        with pytest.raises(Unsealable):
            sealer.open(text, owner)


def test_a_key_that_others_can_read_or_that_is_none_stops_the_start(tmp_path: Path) -> None:
    Sealer.read(tmp_path)
    path = tmp_path / "sealing.key"
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    with pytest.raises(StartFailure):
        Sealer.read(tmp_path)
    path.chmod(0o600)
    path.write_bytes(b"short")
    with pytest.raises(StartFailure):
        Sealer.read(tmp_path)
