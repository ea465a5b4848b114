"""The ways of a job: only those of the table, by the side whose they are; every job can come to its end."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from collab.assist.job_states import FINAL, WAYS, JobAction, actions, may_take, way
from collab.assist.models import JobState
from collab.assist.parties import JobSide

sides = st.builds(JobSide, enterprise=st.booleans(), installer=st.booleans())
NOBODY = JobSide(enterprise=False, installer=False)
EVERYBODY = JobSide(enterprise=True, installer=True)


def test_the_straight_way() -> None:
    state = JobState.REQUESTED
    for action in (JobAction.ACCEPT, JobAction.SCHEDULE, JobAction.START, JobAction.SIGN_OFF):
        taken = way(state, action)
        assert taken is not None
        state = taken.state
    assert state is JobState.SIGNED_OFF


@given(st.lists(st.tuples(st.sampled_from(JobAction), sides), max_size=40))
def test_whatever_is_tried_a_job_moves_by_the_table_only(tries: list[tuple[JobAction, JobSide]]) -> None:
    state = JobState.REQUESTED
    for action, side in tries:
        taken = way(state, action)
        possible = taken is not None and may_take(taken, side)
        assert possible == (action in actions(state, side))
        if taken is not None and possible:
            assert taken in WAYS
            state = taken.state
        if state in FINAL:
            assert actions(state, EVERYBODY) == ()


@given(st.sampled_from(JobState))
def test_whoever_is_on_neither_side_can_do_nothing(state: JobState) -> None:
    assert actions(state, NOBODY) == ()


def test_every_state_can_be_left_until_the_end_and_each_side_keeps_its_own() -> None:
    for state in JobState:
        assert bool(actions(state, EVERYBODY)) == (state not in FINAL)
    assert actions(JobState.REQUESTED, JobSide(enterprise=True, installer=False)) == (JobAction.CANCEL,)
    assert JobAction.SIGN_OFF not in actions(JobState.IN_PROGRESS, JobSide(enterprise=False, installer=True))
