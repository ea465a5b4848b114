"""The data folder and its secrets: made at the first start, 0700 and 0600, and refused when others can read them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from .problems import StartFailure

FOLDER_MODE = 0o700
FILE_MODE = 0o600
SECRET_SUFFIXES = (".pem", ".key")


def prepare_data_folder(folder: Path) -> None:
    """Make it, or check that it is ours alone.  Raises StartFailure."""
    try:
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    except OSError as error:
        raise StartFailure(
            f"TONGXIN_DATA_DIR is {str(folder)!r}, which cannot be made ({error.strerror}): "
            "choose a folder that this user may write."
        ) from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StartFailure(
            f"TONGXIN_DATA_DIR is {str(folder)!r}, which this user may not write: chown it, or choose another."
        )
    for path in sorted(folder.iterdir()):
        if path.suffix in SECRET_SUFFIXES:
            check_secret_file(path)


def check_secret_file(path: Path) -> None:
    """Raises StartFailure when the group or others can read or write it."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise StartFailure(f"{path} holds a secret, but others can read it (mode {mode:04o}): run `chmod 600 {path}`.")


def write_secret_file(path: Path, content: bytes) -> None:
    """All or nothing, never readable by others, not even for a moment."""
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
