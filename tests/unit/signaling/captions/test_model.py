"""Which files of a folder are the model."""

from __future__ import annotations

from pathlib import Path

import pytest

from signaling.captions.model import Kind, Lack, Model, find_model


def made(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).touch()
    return folder


@pytest.mark.parametrize(
    ("names", "lack"),
    [
        ((), Lack.FILES),
        (("tokens.txt",), Lack.FILES),
        (("encoder.onnx", "decoder.onnx", "joiner.onnx"), Lack.FILES),
        (("tokens.txt", "encoder.onnx", "joiner.onnx"), Lack.FILES),
    ],
)
def test_what_is_no_model(tmp_path: Path, names: tuple[str, ...], lack: Lack) -> None:
    assert find_model(made(tmp_path, *names)) is lack
    assert find_model(tmp_path / "elsewhere") is Lack.FOLDER


def test_the_small_one_of_two_sizes_is_taken(tmp_path: Path) -> None:
    names = [f"{part}-epoch-99-avg-1{size}.onnx" for part in ("encoder", "decoder", "joiner") for size in ("", ".int8")]
    found = find_model(made(tmp_path, "tokens.txt", *names))
    assert isinstance(found, Model)
    assert (found.kind, found.encoder.name) == (Kind.TRANSDUCER, "encoder-epoch-99-avg-1.int8.onnx")


def test_models_of_other_kinds(tmp_path: Path) -> None:
    paraformer, ctc = tmp_path / "paraformer", tmp_path / "ctc"
    paraformer.mkdir()
    ctc.mkdir()
    one = find_model(made(paraformer, "tokens.txt", "encoder.int8.onnx", "decoder.int8.onnx"))
    assert isinstance(one, Model)
    assert one.kind is Kind.PARAFORMER
    other = find_model(made(ctc, "tokens.txt", "model.int8.onnx"))
    assert other == Model(Kind.CTC, ctc / "tokens.txt", ctc / "model.int8.onnx")
