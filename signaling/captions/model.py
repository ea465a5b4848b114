"""Models for captions, as operators get them: a folder with sherpa-onnx's files of a streaming model.

None is shipped, and nothing is fetched.  The engine (the package sherpa-onnx) is the optional extra `captions`.
"""

from __future__ import annotations

from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from msgspec import Struct

PACKAGE: Final = "sherpa_onnx"
FILES_MAX: Final = 200


class Kind(StrEnum):
    TRANSDUCER = "transducer"  # Zipformer, Conformer, LSTM
    PARAFORMER = "paraformer"
    CTC = "ctc"  # Zipformer2


class Lack(StrEnum):
    """Why there are no captions, where a model is wanted."""

    PACKAGE = "package"
    FOLDER = "folder"
    FILES = "files"


class Model(Struct, frozen=True):
    kind: Kind
    tokens: Path
    encoder: Path  # of CTC: all of it
    decoder: Path | None = None
    joiner: Path | None = None


def find_model(folder: Path) -> Model | Lack:
    """Of several sizes of the same part the one in 8 bits is taken: captions run beside a call's media."""
    if not folder.is_dir():
        return Lack.FOLDER
    names = sorted(path.name for path in folder.glob("*.onnx"))[:FILES_MAX]
    tokens = folder / "tokens.txt"
    encoder, decoder, joiner, whole = (_part(folder, names, part) for part in ("encoder", "decoder", "joiner", "model"))
    if not tokens.is_file():
        return Lack.FILES
    if encoder is not None and decoder is not None:
        kind = Kind.TRANSDUCER if joiner is not None else Kind.PARAFORMER
        return Model(kind, tokens, encoder, decoder, joiner)
    whole = whole or _part(folder, names, "ctc")
    return Model(Kind.CTC, tokens, whole) if whole is not None else Lack.FILES


def lacking(folder: Path) -> Lack | None:
    """What is missing for captions by the model in `folder`; None when they can be made."""
    if find_spec(PACKAGE) is None:
        return Lack.PACKAGE
    found = find_model(folder)
    return found if isinstance(found, Lack) else None


def _part(folder: Path, names: list[str], part: str) -> Path | None:
    found = [name for name in names if name.startswith(part)]
    small = [name for name in found if ".int8." in name]
    return folder / (small or found)[0] if found else None
