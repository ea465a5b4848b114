"""A tiny streaming transducer for sherpa-onnx, made here: it "understands" low tones as LOW and high ones as HIGH.

No language, but a real model of the engine's format (its LSTM transducer): encoder, decoder, joiner, metadata, tokens.
The encoder tells in which of the low and the high bands of the mel spectrum something begins: its state is what was
loud before.  The joiner says the word of the band that it is, and of two the louder one's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

BANDS = 80
FRAMES = 4  # of 10 ms: what the encoder takes at a time
KINDS = 2  # of bands: low, high
BLANK, UNKNOWN, LOW, HIGH = range(4)
TOKENS = ("<blk>", "<unk>", "▁LOW", "▁HIGH")
LOUD = -10.0  # mean log-mel energy above which a band is heard
STEEP = 10.0
NEVER = -1_000.0

Values = NDArray[np.float32] | NDArray[np.int64]


def build_model(folder: Path) -> Path:
    """Writes it; the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    bands = np.zeros((BANDS, KINDS), np.float32)
    bands[0:20, 0] = bands[50:70, 1] = 1 / 20  # up to about 550 Hz; about 3 to 5.5 kHz
    state: list[str | int] = [1, "N", KINDS]
    _save(
        folder / "encoder.onnx",
        [
            helper.make_node("ReduceMean", ["x"], ["mean"], axes=[1], keepdims=1),
            helper.make_node("MatMul", ["mean", "bands"], ["loudness"]),
            helper.make_node("Sub", ["loudness", "loud"], ["above"]),
            helper.make_node("Mul", ["above", "steep"], ["steeply"]),
            helper.make_node("Sigmoid", ["steeply"], ["on"]),
            helper.make_node("Transpose", ["h"], ["before"], perm=[1, 0, 2]),
            helper.make_node("Sub", ["on", "before"], ["begins"]),
            helper.make_node("Concat", ["begins", "loudness"], ["encoder_out"], axis=2),
            helper.make_node("Transpose", ["on"], ["next_h"], perm=[1, 0, 2]),
            helper.make_node("Identity", ["c"], ["next_c"]),
        ],
        {"x": ["N", FRAMES, BANDS], "h": state, "c": state},
        {"encoder_out": ["N", 1, 2 * KINDS], "next_h": state, "next_c": state},
        {"bands": bands, "loud": np.array([LOUD], np.float32), "steep": np.array([STEEP], np.float32)},
        {
            "model_type": "lstm",
            "num_encoder_layers": 1,
            "T": FRAMES,
            "decode_chunk_len": FRAMES,
            "rnn_hidden_size": KINDS,
            "d_model": KINDS,
        },
    )
    _save(
        folder / "decoder.onnx",
        [
            helper.make_node("Gather", ["each", "y"], ["picked"]),
            helper.make_node("ReduceSum", ["picked", "axis"], ["decoder_out"], keepdims=0),
        ],
        {"y": ["N", 1]},
        {"decoder_out": ["N", len(TOKENS)]},
        {"each": np.eye(len(TOKENS), dtype=np.float32), "axis": np.array([1], np.int64)},
        {"vocab_size": len(TOKENS), "context_size": 1},
    )
    words = np.zeros((2 * KINDS, len(TOKENS)), np.float32)
    words[0, LOW] = words[1, HIGH] = 1
    words[2:, LOW], words[2:, HIGH] = (0.01, -0.01), (-0.01, 0.01)
    context = np.zeros((len(TOKENS), len(TOKENS)), np.float32)  # what was said before does not matter
    _save(
        folder / "joiner.onnx",
        [
            helper.make_node("MatMul", ["encoder_out", "words"], ["said"]),
            helper.make_node("MatMul", ["decoder_out", "context"], ["by_context"]),
            helper.make_node("Add", ["said", "by_context"], ["sum"]),
            helper.make_node("Add", ["sum", "bias"], ["logit"]),
        ],
        {"encoder_out": ["N", 2 * KINDS], "decoder_out": ["N", len(TOKENS)]},
        {"logit": ["N", len(TOKENS)]},
        {"words": words, "context": context, "bias": np.array([0.5, NEVER, 0, 0], np.float32)},
        {"joiner_dim": 2 * KINDS},
    )
    (folder / "tokens.txt").write_text("".join(f"{token} {number}\n" for number, token in enumerate(TOKENS)))
    return folder


def _save(
    path: Path,
    nodes: Sequence[onnx.NodeProto],
    inputs: Mapping[str, Sequence[str | int]],
    outputs: Mapping[str, Sequence[str | int]],
    constants: Mapping[str, Values],
    about: Mapping[str, object],
) -> None:
    def described(shapes: Mapping[str, Sequence[str | int]]) -> list[onnx.ValueInfoProto]:
        kinds = {name: TensorProto.INT64 if name == "y" else TensorProto.FLOAT for name in shapes}
        return [helper.make_tensor_value_info(name, kinds[name], list(shape)) for name, shape in shapes.items()]

    initial = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, path.stem, described(inputs), described(outputs), initial)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    helper.set_model_props(model, {name: str(value) for name, value in about.items()})
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
