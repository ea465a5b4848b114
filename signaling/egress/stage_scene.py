"""Where the pictures of a stage are in its film: the layout that the host has chosen, as every tier shows it."""

from __future__ import annotations

from typing import Final

from rooms.core.model import Participant, RoomView, Source
from rooms.core.stage_audience import shown_positions
from rooms.core.stage_model import Layout, Place, StageView

from .scene import GAP, even, grid_boxes
from .wire import Scene, Tile

SMALL_SHARE: Final = 4  # the small picture is a quarter of the width
STRIP_SHARE: Final = 5  # who speaks beside slides has a fifth of the width
EDGE: Final = 16

Box = tuple[int, int, int, int]  # x, y, width, height


def stage_scene(view: RoomView, stage: StageView, width: int, height: int) -> Scene:
    shown = shown_positions(view, stage)
    boxes = _boxes(stage.layout, len(shown), width, height)
    tiles: list[Tile] = []
    for position, (x, y, wide, high) in zip(shown, boxes, strict=False):
        person = view.participants.get(position.participant_id)
        screen = position.place is Place.SCREEN
        track = _track(person, Source.SCREEN if screen else Source.CAMERA)
        name = _plate(stage, position.participant_id, person, alone=not track) if not screen else ""
        tiles.append(Tile(track, name, x, y, wide, high, cover=not screen))
    return Scene(tuple(tiles))


def _boxes(layout: Layout, count: int, width: int, height: int) -> list[Box]:
    whole = (0, 0, width, height)
    match layout:
        case Layout.SOLO:
            return [whole]
        case Layout.SIDE_BY_SIDE:
            return grid_boxes(count, width, height)
        case Layout.PICTURE_IN_PICTURE:
            wide, high = even(width // SMALL_SHARE), even(height // SMALL_SHARE)
            return [whole, (even(width - wide - EDGE), even(height - high - EDGE), wide, high)]
        case Layout.SLIDES:
            if count < 2:
                return [whole]
            wide = even(width // STRIP_SHARE)
            high = even(wide * 9 // 16)
            return [(0, 0, even(width - wide - GAP), height), (width - wide, 0, wide, high)]


def _track(person: Participant | None, source: Source) -> str:
    if person is None:
        return ""
    return next((track.id for track in person.tracks if track.source is source and not track.muted), "")


def _plate(stage: StageView, participant_id: str, person: Participant | None, *, alone: bool) -> str:
    """The lower third when it is shown; whoever shows no picture has a name at least."""
    plate = stage.names.get(participant_id)
    if plate is not None and plate.shown:
        return f"{plate.name} · {plate.line}" if plate.line else plate.name
    if alone and person is not None:
        return plate.name if plate is not None else person.name
    return ""
