"""Where everybody is in a composed picture: pure rules over who is in the room, what they show and who speaks.

Nobody moves without a reason: who is on the picture keeps the place until somebody who speaks needs it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from rooms.core.model import Participant, RoomView, Source, Track

from .wire import Scene, Tile

GAP: Final = 8
TILES_MAX: Final = 9  # without a shared screen
STRIP_MAX: Final = 4  # beside a shared screen
STRIP_SHARE: Final = 5  # the strip takes a fifth of the width


def compose_scene(
    view: RoomView, speakers: Sequence[str], before: Sequence[str], width: int, height: int
) -> tuple[Scene, tuple[str, ...]]:
    """The scene, and the ids of those on it, for `before` the next time.  `speakers` loudest first."""
    people = {id_: person for id_, person in view.participants.items() if person.tracks}
    screen = _newest_screen(people)
    places = STRIP_MAX if screen is not None else TILES_MAX
    shown = _chosen(people, speakers, before, places)
    tiles: list[Tile] = []
    if screen is not None:
        person, track = screen
        strip = even(width // STRIP_SHARE) if shown else 0
        tiles.append(
            Tile(track.id, person.name, 0, 0, even(width - strip - (GAP if strip else 0)), height, cover=False)
        )
        high = min(even(strip * 9 // 16), even((height - GAP * (STRIP_MAX - 1)) // STRIP_MAX))
        for index, id_ in enumerate(shown):
            top = even(index * (high + GAP))
            tiles.append(_tile(people[id_], width - strip, top, strip, high, speakers))
    else:
        tiles += _grid([people[id_] for id_ in shown], speakers, width, height)
    return Scene(tuple(tiles)), tuple(shown)


def heights_of(scene: Scene) -> Mapping[str, int]:
    """How high each picture is shown, by track."""
    return {tile.track_id: tile.height for tile in scene.tiles if tile.track_id}


def _newest_screen(people: Mapping[str, Participant]) -> tuple[Participant, Track] | None:
    screens = [
        (person, track) for person in people.values() for track in person.tracks if track.source is Source.SCREEN
    ]
    return screens[-1] if screens else None


def _chosen(
    people: Mapping[str, Participant], speakers: Sequence[str], before: Sequence[str], places: int
) -> list[str]:
    """Who was there stays; then who speaks, then who shows something, then the others as they came."""
    order = sorted(people, key=lambda id_: (not _camera(people[id_]), people[id_].joined_at_ms))
    shown = [id_ for id_ in before if id_ in people][:places]
    for id_ in order:
        if id_ not in shown and len(shown) < places:
            shown.append(id_)
    for id_ in speakers:
        if id_ in people and id_ not in shown:
            silent = [one for one in reversed(shown) if one not in speakers]
            if silent:
                shown[shown.index(silent[0])] = id_
    return shown


def _camera(person: Participant) -> str:
    return next((track.id for track in person.tracks if track.source is Source.CAMERA and not track.muted), "")


def _tile(person: Participant, x: int, y: int, width: int, height: int, speakers: Sequence[str]) -> Tile:
    return Tile(_camera(person), person.name, x, y, width, height, speaking=person.id in speakers)


def _grid(people: Sequence[Participant], speakers: Sequence[str], width: int, height: int) -> list[Tile]:
    boxes = grid_boxes(len(people), width, height)
    return [_tile(person, *box, speakers) for person, box in zip(people, boxes, strict=True)]


def grid_boxes(count: int, width: int, height: int) -> list[tuple[int, int, int, int]]:
    """(x, y, width, height) of each: as many columns as make them largest at 16:9; the last row is centred."""
    if not count:
        return []
    columns = max(range(1, count + 1), key=lambda n: _tile_width(n, math.ceil(count / n), width, height))
    rows = math.ceil(count / columns)
    wide = even(_tile_width(columns, rows, width, height))
    high = even(wide * 9 // 16)
    if count == 1:
        wide, high = width, height
    top = even((height - rows * high - (rows - 1) * GAP) // 2)
    boxes: list[tuple[int, int, int, int]] = []
    for row in range(rows):
        inside = min(columns, count - row * columns)
        left = even((width - inside * wide - (inside - 1) * GAP) // 2)
        boxes += [(left + index * (wide + GAP), top + row * (high + GAP), wide, high) for index in range(inside)]
    return boxes


def _tile_width(columns: int, rows: int, width: int, height: int) -> int:
    by_width = (width - (columns - 1) * GAP) // columns
    by_height = (height - (rows - 1) * GAP) // rows * 16 // 9
    return min(by_width, by_height)


def even(value: int) -> int:
    return value // 2 * 2
