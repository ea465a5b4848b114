"""How events of assistance move a view: the part of events_apply.py that knows marks, the phone and documents."""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from .assist_model import Device, Mark, MarkState
from .events import (
    DeviceAnswered,
    DeviceAsked,
    DeviceChanged,
    DocumentShown,
    MarkChanged,
    MarkConfirmed,
    MarkLinked,
    MarkPlaced,
    MarksRemoved,
    MarkStateChanged,
    MarkStill,
)
from .model import RoomView

AboutMark = MarkChanged | MarkLinked | MarkStateChanged | MarkConfirmed | MarkStill
AboutDevice = DeviceChanged | DeviceAsked | DeviceAnswered
AssistEvent = MarkPlaced | MarksRemoved | AboutMark | AboutDevice | DocumentShown


def apply(view: RoomView, event: AssistEvent) -> None:
    match event:
        case MarkPlaced(mark):
            view.marks[mark.id] = mark
        case MarksRemoved(mark_ids):
            for mark_id in mark_ids:
                view.marks.pop(mark_id, None)
        case MarkChanged() | MarkLinked() | MarkStateChanged() | MarkConfirmed() | MarkStill():
            mark_before = view.marks.get(event.mark_id)
            if mark_before is not None:
                view.marks[event.mark_id] = _changed(mark_before, event)
        case DeviceChanged(device):
            former, now = view.device.participant_id, device.participant_id
            if former and now and former != now:  # another phone looks for them
                for mark in list(view.marks.values()):
                    view.marks[mark.id] = replace(mark, state=MarkState.PLACING)
            view.device = device
        case DeviceAsked(ask):
            view.asks[ask.id] = ask
        case DeviceAnswered(ask_id):
            view.asks.pop(ask_id, None)
        case DocumentShown(document):
            view.document = document
        case _:
            assert_never(event)


def forget(view: RoomView, participant_id: str) -> None:
    """Somebody left: what they have told of their phone holds no more, and nobody waits for what they asked."""
    if view.device.participant_id == participant_id:
        view.device = Device()
    for ask in [ask for ask in view.asks.values() if ask.by == participant_id]:
        del view.asks[ask.id]


def end(view: RoomView) -> None:
    view.device = Device()
    view.asks.clear()
    view.document = None


def _changed(mark: Mark, event: AboutMark) -> Mark:
    match event:
        case MarkChanged(_, text, color, number):
            return replace(mark, text=text, color=color, number=number)
        case MarkLinked(_, region):
            return replace(mark, region=region)
        case MarkStateChanged(_, state):
            return replace(mark, state=state)
        case MarkConfirmed(_, confirmed_at_ms):
            return replace(mark, confirmed_at_ms=confirmed_at_ms)
        case MarkStill(_, still_id):
            return replace(mark, still_id=still_id)
        case _:
            assert_never(event)
