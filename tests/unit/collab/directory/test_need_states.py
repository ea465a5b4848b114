"""The ways of needs and offers: whatever is tried in whatever order, one offer at most is accepted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from collab.directory.need_states import (
    NEED_WAYS,
    NeedAction,
    NeedState,
    OfferAction,
    OfferState,
    Side,
    need_actions,
    offer_actions,
    offer_way,
)

FACTORY, INSTALLER, LOOKER = Side(True, False), Side(False, True), Side(False, False)


def test_each_side_has_its_own_steps() -> None:
    assert offer_actions(NeedState.OPEN, OfferState.INVITED, INSTALLER) == (OfferAction.OFFER, OfferAction.DECLINE)
    assert offer_actions(NeedState.OPEN, OfferState.INVITED, FACTORY) == ()
    assert offer_actions(NeedState.OPEN, OfferState.OFFERED, FACTORY) == (OfferAction.DECLINE, OfferAction.ACCEPT)
    assert offer_actions(NeedState.OPEN, OfferState.OFFERED, INSTALLER) == (OfferAction.WITHDRAW,)
    assert all(offer_actions(NeedState.OPEN, one, LOOKER) == () for one in OfferState)


def test_nothing_moves_an_offer_of_a_need_that_is_not_open() -> None:
    both = Side(True, True)
    for need in (NeedState.DRAFT, NeedState.MATCHED, NeedState.CLOSED):
        assert all(offer_actions(need, one, both) == () for one in OfferState)


def test_a_matched_need_opens_again_only_when_its_job_was_called_off() -> None:
    assert need_actions(NeedState.MATCHED, factory=True, job_called_off=False) == (NeedAction.CLOSE,)
    assert NeedAction.REOPEN in need_actions(NeedState.MATCHED, factory=True, job_called_off=True)
    assert need_actions(NeedState.OPEN, factory=False, job_called_off=False) == ()


steps = st.lists(
    st.tuples(
        st.integers(0, 2), st.sampled_from([*OfferAction, *NeedAction]), st.sampled_from([FACTORY, INSTALLER, LOOKER])
    ),
    max_size=40,
)


@given(steps)
def test_one_offer_at_most_is_accepted(tried: list[tuple[int, OfferAction | NeedAction, Side]]) -> None:
    need, offers = NeedState.OPEN, [OfferState.INVITED] * 3
    for place, action, side in tried:
        if isinstance(action, NeedAction):
            if action in need_actions(need, factory=side.factory, job_called_off=False):
                need = NEED_WAYS[need, action]
                if need is not NeedState.OPEN:
                    offers = [one if one is OfferState.ACCEPTED else OfferState.LAPSED for one in offers]
            continue
        way = offer_way(need, offers[place], action, side)
        if way is None:
            continue
        offers[place] = way.state
        if way.state is OfferState.ACCEPTED:
            need = NeedState.MATCHED
    assert offers.count(OfferState.ACCEPTED) <= 1
    if need is NeedState.MATCHED:
        assert offers.count(OfferState.ACCEPTED) == 1
