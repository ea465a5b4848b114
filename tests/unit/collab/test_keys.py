"""The data folder is ours alone, and so are the secrets in it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from collab.keys import check_secret_file, prepare_data_folder, write_secret_file
from collab.problems import StartFailure


def test_the_folder_is_made_for_us_alone(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "data"
    prepare_data_folder(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    prepare_data_folder(folder)


def test_a_secret_is_written_whole_and_for_us_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.key"
    write_secret_file(path, b"first")
    write_secret_file(path, b"second")
    assert path.read_bytes() == b"second"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666, 0o620])
def test_the_start_is_refused_when_others_can_get_at_a_secret(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "self-signed.key"
    write_secret_file(path, b"secret")
    path.chmod(mode)
    with pytest.raises(StartFailure, match="chmod 600"):
        check_secret_file(path)
    with pytest.raises(StartFailure, match="chmod 600"):
        prepare_data_folder(tmp_path)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StartFailure, match="TONGXIN_DATA_DIR"):
        prepare_data_folder(tmp_path / "file" / "data")
