"""The engine: sound in, what is understood of it out.  Only the captions process imports this.

Time is that of the sound: utterances say when they were spoken, however long the engine took.  Where nobody speaks for
REST_MS the engine rests until somebody does, and so costs nothing.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import sherpa_onnx
from numpy.typing import NDArray

from signaling.egress.sound import RATE

from .model import Kind, Model
from .wire import PIECES_MAX, TEXT_MAX_CHARS, Heard, Piece

REST_MS: Final = 3_000.0
SLACK_MS: Final = 20.0  # a greater step between two blocks is a gap
QUIET: Final = 1e-4  # of full scale: less is silence
AFTER_WORD_MS: Final = 400.0  # how long the last piece of an utterance is taken to last
# When an utterance is over: silence where nothing was understood, silence after words, its length.
ENDS: Final = {
    "enable_endpoint_detection": True,
    "rule1_min_trailing_silence": 2.4,
    "rule2_min_trailing_silence": 0.8,
    "rule3_min_utterance_length": 12.0,
}

Mono = NDArray[np.float32]


def load(model: Model) -> Any:  # noqa: ANN401 -- the package has no types
    """Raises RuntimeError or ValueError for files that are no model, where the engine does not end the process."""
    common: dict[str, Any] = {"tokens": str(model.tokens), "num_threads": 1, **ENDS}
    make = sherpa_onnx.OnlineRecognizer
    match model.kind:
        case Kind.TRANSDUCER:
            return make.from_transducer(
                encoder=str(model.encoder), decoder=str(model.decoder), joiner=str(model.joiner), **common
            )
        case Kind.PARAFORMER:
            return make.from_paraformer(encoder=str(model.encoder), decoder=str(model.decoder), **common)
        case Kind.CTC:
            return make.from_zipformer2_ctc(model=str(model.encoder), **common)


class Recognizer:
    def __init__(self, model: Model) -> None:
        self._engine = load(model)
        self._stream: Any = None
        self._anchor_ms = 0.0  # Unix time of the stream's first sample
        self._next_ms = 0.0
        self._quiet_ms = 0.0
        self._number = 0
        self._said = ""

    def feed(self, sound: Mono, begins_ms: float) -> list[Heard]:
        """`sound` at RATE.  Blocks."""
        heard: list[Heard] = []
        lasts_ms = len(sound) * 1_000 / RATE
        silent = not bool(np.any(np.abs(sound) > QUIET))
        self._quiet_ms = self._quiet_ms + lasts_ms if silent else 0.0
        if self._stream is not None and (self._quiet_ms > REST_MS or abs(begins_ms - self._next_ms) > SLACK_MS):
            heard += self.rest()
        if self._stream is None:
            if silent:
                return heard
            self._stream, self._anchor_ms = self._engine.create_stream(), begins_ms
        self._next_ms = begins_ms + lasts_ms
        self._stream.accept_waveform(RATE, sound)
        while self._engine.is_ready(self._stream):
            self._engine.decode_stream(self._stream)
            if self._engine.is_endpoint(self._stream):
                heard += self._tell(final=True)
                self._engine.reset(self._stream)
        return heard + self._tell(final=False)

    def rest(self) -> list[Heard]:
        """The utterance is over, wherever it is."""
        heard = self._tell(final=True) if self._stream is not None else []
        self._stream = None
        return heard

    def _tell(self, *, final: bool) -> list[Heard]:
        """What is new; nothing where nothing is."""
        result = self._engine.get_result_all(self._stream)
        text = result.text.strip()[:TEXT_MAX_CHARS]
        if not text or (text == self._said and not final):
            return []
        begins_ms = self._anchor_ms + result.start_time * 1_000
        times = [begins_ms + at_s * 1_000 for at_s in result.timestamps]
        tokens = list(result.tokens)
        whole = "".join(tokens).strip() == text and len(times) == len(tokens) <= PIECES_MAX
        pieces = tuple(map(Piece, times, tokens)) if whole else ()
        first, last = (times[0], times[-1]) if times else (begins_ms, self._next_ms)
        ends_ms = max(min(last + AFTER_WORD_MS, self._next_ms), first)
        told = Heard(self._number, text, first, ends_ms, final, pieces)
        self._said = "" if final else text
        self._number += final
        return [told]
