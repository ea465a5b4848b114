"""The ways of a need and of the offers for it: one table each, and the functions that make the moves.  Pure.

need:   draft --publish--> open --accept--> matched --close--> closed
                            |  ^------reopen (its job was called off)
                            +--close--> closed --reopen--> open
offer:  invited --offer--> offered --accept--> accepted
           |                  | ^withdraw back to invited
           +----decline-------+---> declined;   lapsed: another was accepted, or the need was closed

A need is accepted once: whoever accepts moves it from open to matched, and only one of two can.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class NeedState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    MATCHED = "matched"
    CLOSED = "closed"


class OfferState(StrEnum):
    INVITED = "invited"
    OFFERED = "offered"
    DECLINED = "declined"
    ACCEPTED = "accepted"
    LAPSED = "lapsed"


class NeedAction(StrEnum):
    PUBLISH = "publish"
    CLOSE = "close"
    REOPEN = "reopen"


class OfferAction(StrEnum):
    OFFER = "offer"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    ACCEPT = "accept"


# Of events beside the actions.
CREATE = "create"
INVITE = "invite"

NEED_WAYS: dict[tuple[NeedState, NeedAction], NeedState] = {
    (NeedState.DRAFT, NeedAction.PUBLISH): NeedState.OPEN,
    (NeedState.OPEN, NeedAction.CLOSE): NeedState.CLOSED,
    (NeedState.MATCHED, NeedAction.CLOSE): NeedState.CLOSED,
    (NeedState.MATCHED, NeedAction.REOPEN): NeedState.OPEN,
    (NeedState.CLOSED, NeedAction.REOPEN): NeedState.OPEN,
}


class Side(Struct, frozen=True):
    """On which sides of an offer somebody stands."""

    factory: bool  # the company whose need it is, or the park's staff for it
    installer: bool


class OfferWay(Struct, frozen=True):
    former: OfferState
    action: OfferAction
    state: OfferState
    by_factory: bool = False


OFFER_WAYS: tuple[OfferWay, ...] = (
    OfferWay(OfferState.INVITED, OfferAction.OFFER, OfferState.OFFERED),
    OfferWay(OfferState.INVITED, OfferAction.DECLINE, OfferState.DECLINED),
    OfferWay(OfferState.OFFERED, OfferAction.WITHDRAW, OfferState.INVITED),
    OfferWay(OfferState.DECLINED, OfferAction.OFFER, OfferState.OFFERED),
    OfferWay(OfferState.OFFERED, OfferAction.ACCEPT, OfferState.ACCEPTED, by_factory=True),
    OfferWay(OfferState.OFFERED, OfferAction.DECLINE, OfferState.DECLINED, by_factory=True),
)


def need_actions(state: NeedState, *, factory: bool, job_called_off: bool) -> tuple[NeedAction, ...]:
    """What the factory's side can do; a matched need is opened again only when its job was called off."""
    if not factory:
        return ()
    return tuple(
        action
        for (former, action) in NEED_WAYS
        if former is state and (action is not NeedAction.REOPEN or former is NeedState.CLOSED or job_called_off)
    )


def offer_way(need: NeedState, former: OfferState, action: OfferAction, side: Side) -> OfferWay | None:
    """None: not possible now, or the other side's."""
    if need is not NeedState.OPEN:
        return None
    for way in OFFER_WAYS:
        if way.former is former and way.action is action and (side.factory if way.by_factory else side.installer):
            return way
    return None


def offer_actions(need: NeedState, former: OfferState, side: Side) -> tuple[OfferAction, ...]:
    return tuple(action for action in OfferAction if offer_way(need, former, action, side) is not None)
