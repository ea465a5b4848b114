"""How events of a stage move a view: the part of events_apply.py that knows it."""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from .events import (
    StageArranged,
    StageCountdownSet,
    StageItemTaken,
    StageNamed,
    StagePhaseChanged,
    StagePlaced,
    StageRunChanged,
    StageSlidesChanged,
)
from .model import RoomView
from .stage_model import StagePhase, StageView

StageEvent = (
    StagePhaseChanged
    | StagePlaced
    | StageArranged
    | StageNamed
    | StageSlidesChanged
    | StageRunChanged
    | StageItemTaken
    | StageCountdownSet
)


def apply(view: RoomView, event: StageEvent) -> None:
    if view.stage is not None:
        view.stage = _changed(view.stage, event)


def forget(view: RoomView, participant_id: str) -> None:
    """Somebody left: they are on stage no more, and what they showed is gone with them."""
    stage = view.stage
    if stage is None:
        return
    view.stage = replace(
        stage,
        on_stage=tuple(each for each in stage.on_stage if each != participant_id),
        focus="" if stage.focus == participant_id else stage.focus,
        names={person: plate for person, plate in stage.names.items() if person != participant_id},
        slides=None if stage.slides is not None and stage.slides.by == participant_id else stage.slides,
    )


def end(view: RoomView) -> None:
    """The room ended: nobody is there any more."""
    if view.stage is not None:
        view.stage = replace(view.stage, on_stage=(), focus="", names={}, slides=None)


def _changed(stage: StageView, event: StageEvent) -> StageView:
    match event:
        case StagePhaseChanged(phase, at_ms):
            if phase is StagePhase.ENDED:
                return replace(stage, phase=phase, ended_at_ms=at_ms, slides=None)
            return replace(stage, phase=phase, live_at_ms=at_ms)
        case StagePlaced(on_stage):
            return replace(stage, on_stage=on_stage, focus=stage.focus if stage.focus in on_stage else "")
        case StageArranged(layout, focus):
            return replace(stage, layout=layout, focus=focus)
        case StageNamed(participant_id, plate):
            others = {person: other for person, other in stage.names.items() if person != participant_id}
            return replace(stage, names=others | {participant_id: plate} if plate is not None else others)
        case StageSlidesChanged(slides):
            return replace(stage, slides=slides)
        case StageRunChanged(run):
            return replace(stage, run=run)
        case StageItemTaken(item_id, began_at_ms):
            return replace(stage, item_id=item_id, item_began_at_ms=began_at_ms)
        case StageCountdownSet(ends_at_ms):
            return replace(stage, countdown_ends_at_ms=ends_at_ms)
        case _:
            assert_never(event)
