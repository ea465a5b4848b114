from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from collab.instructions.steps import (
    STEPS_MAX,
    Answer,
    AnswerState,
    Step,
    StepKind,
    check_answer,
    check_steps,
    expected_text,
    is_within,
    newer,
    value_text,
)
from collab.problems import FieldFault, Refusal
from rooms.core.codes import Code

TORQUE = Step("torque-01", "Tighten", StepKind.TORQUE, target=25.0, low=23.0, high=27.0)


def answer(state: AnswerState = AnswerState.DONE, /, **fields: object) -> Answer:
    return replace(Answer(state, 1_000), **fields)


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (TORQUE, "25 ± 2 N·m"),
        (replace(TORQUE, kind=StepKind.VALUE, unit="℃", low=20.0, target=22.0, high=35.0), "20 … 35 ℃"),
        (replace(TORQUE, low=None, target=None), "≤ 27 N·m"),
        (replace(TORQUE, high=None, target=None), "≥ 23 N·m"),
        (replace(TORQUE, low=None, high=None), "25 N·m"),
        (replace(TORQUE, low=None, high=None, target=None), ""),
        (replace(TORQUE, target=0.3, low=0.2, high=0.4), "0.3 ± 0.1 N·m"),
    ],
)
def test_what_is_expected_is_said_as_on_a_drawing(step: Step, text: str) -> None:
    assert expected_text(step) == text


def test_a_value_out_of_tolerance_is_kept_as_a_failure() -> None:
    for number, state in ((23.0, AnswerState.DONE), (27.0, AnswerState.DONE), (27.01, AnswerState.FAILED)):
        checked = check_answer(TORQUE, answer(number=number))
        assert (checked.state, checked.number) == (state, number)
        assert is_within(TORQUE, checked) is (state is AnswerState.DONE)
    assert value_text(TORQUE, answer(number=25.3)) == "25.3 N·m"


@pytest.mark.parametrize(
    ("kind", "field", "good"),
    [
        (StepKind.VALUE, "number", {"number": 1.0}),
        (StepKind.YES_NO, "yes", {"yes": True}),
        (StepKind.TEXT, "text", {"text": "x"}),
        (StepKind.PHOTO, "still_ids", {"still_ids": ("still-001",)}),
        (StepKind.SIGNATURE, "strokes", {"strokes": ((0.1, 0.1),)}),
    ],
)
def test_what_a_step_asks_for_must_be_there(kind: StepKind, field: str, good: dict[str, object]) -> None:
    step = Step("step-0001", "Do it", kind)
    with pytest.raises(Refusal) as refused:
        check_answer(step, answer())
    assert refused.value.fields == {field: FieldFault.REQUIRED}
    assert check_answer(step, answer(AnswerState.DONE, **good)).state is AnswerState.DONE
    assert check_answer(step, answer(AnswerState.FAILED)).state is AnswerState.FAILED


def test_no_is_a_failure_and_a_photo_may_be_asked_for_beside() -> None:
    step = Step("step-0001", "Tight?", StepKind.YES_NO, photo=True)
    with pytest.raises(Refusal):
        check_answer(step, answer(yes=False))
    assert check_answer(step, answer(yes=False, still_ids=("still-001",))).state is AnswerState.FAILED


def test_what_is_required_is_skipped_only_with_a_reason() -> None:
    with pytest.raises(Refusal) as refused:
        check_answer(TORQUE, answer(AnswerState.SKIPPED, note="  "))
    assert refused.value.fields == {"note": FieldFault.REQUIRED}
    assert check_answer(TORQUE, answer(AnswerState.SKIPPED, note="no wrench")).state is AnswerState.SKIPPED
    assert check_answer(replace(TORQUE, required=False), answer(AnswerState.SKIPPED)).state is AnswerState.SKIPPED


def test_an_answer_keeps_only_what_its_step_asks_for() -> None:
    everything = answer(number=25.0, yes=True, text="t", strokes=((0.1, 0.2),), note="n")
    assert check_answer(TORQUE, everything) == answer(number=25.0, note="n")
    assert check_answer(TORQUE, replace(everything, state=AnswerState.OPEN)) == answer(AnswerState.OPEN, note="n")


@pytest.mark.parametrize(
    "steps",
    [
        (),
        (TORQUE, TORQUE),
        (replace(TORQUE, title=" \u200b "),),
        (replace(TORQUE, low=28.0),),
        (replace(TORQUE, target=float("nan")),),
        (replace(TORQUE, kind=StepKind.CHECK),),
    ],
)
def test_a_template_that_makes_no_sense_is_refused(steps: tuple[Step, ...]) -> None:
    with pytest.raises(Refusal) as refused:
        check_steps(steps)
    assert refused.value.code is Code.INVALID


def test_there_is_an_end_to_a_template() -> None:
    many = tuple(replace(TORQUE, id=f"step-{number:04}") for number in range(STEPS_MAX + 1))
    assert len(check_steps(many[:-1])) == STEPS_MAX
    with pytest.raises(Refusal) as refused:
        check_steps(many)
    assert refused.value.code is Code.TOO_MANY


def test_the_later_answer_holds_whatever_comes_first() -> None:
    first, second = answer(text="1"), replace(answer(text="2"), at_ms=2_000)
    assert newer(None, first)
    assert newer(first, second)
    assert not newer(second, first)
    assert not newer(first, first)


ANSWERS = st.builds(
    Answer,
    state=st.sampled_from(AnswerState),
    at_ms=st.integers(0, 2**53),
    number=st.none() | st.floats(-1e12, 1e12),
    yes=st.none() | st.booleans(),
    text=st.text(max_size=20),
    note=st.text(max_size=20),
    still_ids=st.sampled_from([(), ("still-001",)]),
    strokes=st.sampled_from([(), ((0.1, 0.2),)]),
)


@given(ANSWERS, st.sampled_from(StepKind))
def test_a_checked_answer_is_stored_read_and_the_same(given_answer: Answer, kind: StepKind) -> None:
    step = Step("step-0001", "Do", kind)
    try:
        checked = check_answer(step, given_answer)
    except Refusal:  # something it asks for is missing
        assert given_answer.state in (AnswerState.DONE, AnswerState.SKIPPED)
        return
    packed = msgspec.json.encode(checked)
    assert check_answer(step, msgspec.json.decode(packed, type=Answer)) == checked
