"""The real engine with a model of the test's own: times, utterances, rests, gaps."""

from __future__ import annotations

import numpy as np
import pytest

from signaling.captions.model import Model, find_model
from signaling.captions.recognizer import Mono, Recognizer
from signaling.captions.wire import Heard
from signaling.egress.sound import RATE
from tests.support.speech_model import build_model

BLOCK_MS = 100
BEGINS_MS = 1_700_000_000_000.0


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    found = find_model(build_model(tmp_path_factory.mktemp("model")))
    assert isinstance(found, Model)
    return found


def tone(hz: float, seconds: float) -> Mono:
    return (0.3 * np.sin(2 * np.pi * hz * np.arange(int(RATE * seconds)) / RATE)).astype(np.float32)


def quiet(seconds: float) -> Mono:
    return np.zeros(int(RATE * seconds), np.float32)


def feed(recognizer: Recognizer, sound: Mono, begins_ms: float) -> list[Heard]:
    size = RATE * BLOCK_MS // 1_000
    heard: list[Heard] = []
    for at in range(0, len(sound), size):
        heard += recognizer.feed(sound[at : at + size], begins_ms + at * 1_000 / RATE)
    return heard


def test_utterances_are_told_as_they_grow_and_say_when_they_were_spoken(model: Model) -> None:
    sound = np.concatenate([quiet(1), tone(400, 0.6), tone(3_500, 0.6), quiet(1.5), tone(3_500, 0.6), quiet(1.5)])
    heard = feed(Recognizer(model), sound, BEGINS_MS)
    assert [(one.number, one.text, one.final) for one in heard] == [
        (0, "LOW", False),
        (0, "LOW HIGH", False),
        (0, "LOW HIGH", True),
        (1, "HIGH", False),
        (1, "HIGH", True),
    ]
    first, second = heard[2], heard[4]
    assert first.begins_ms - BEGINS_MS == pytest.approx(1_000, abs=100)
    assert [piece.at_ms - BEGINS_MS for piece in first.pieces] == pytest.approx([1_000, 1_600], abs=100)
    assert "".join(piece.text for piece in first.pieces).strip() == first.text
    assert second.begins_ms - BEGINS_MS == pytest.approx(3_700, abs=100)
    assert first.begins_ms < first.ends_ms <= second.begins_ms


def test_the_engine_rests_while_nobody_speaks_and_time_stays_right(model: Model) -> None:
    recognizer = Recognizer(model)
    assert feed(recognizer, quiet(60), BEGINS_MS) == []
    spoken = feed(recognizer, np.concatenate([tone(400, 0.5), quiet(5)]), BEGINS_MS + 60_000)
    assert [one.text for one in spoken if one.final] == ["LOW"]
    assert feed(recognizer, quiet(60), BEGINS_MS + 65_500) == []
    again = feed(recognizer, tone(400, 0.5), BEGINS_MS + 125_500)
    assert again[0].begins_ms - BEGINS_MS == pytest.approx(125_500, abs=150)


def test_a_gap_ends_the_utterance_and_the_end_too(model: Model) -> None:
    recognizer = Recognizer(model)
    before = feed(recognizer, tone(400, 0.5), BEGINS_MS)
    after = feed(recognizer, tone(3_500, 0.5), BEGINS_MS + 9_000)
    assert [(one.text, one.final) for one in before + after] == [("LOW", False), ("LOW", True), ("HIGH", False)]
    assert after[1].begins_ms - BEGINS_MS == pytest.approx(9_000, abs=150)
    assert [(one.text, one.final) for one in recognizer.rest()] == [("HIGH", True)]
    assert recognizer.rest() == []
