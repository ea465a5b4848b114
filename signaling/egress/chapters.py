"""Where a film's chapters begin: with each item of a stage's run list, and in a meeting with whoever takes the floor.

Somebody has the floor who was the loudest for HELD_S, short silences and interjections aside.  Chapters of a meeting
last MINIMUM_S at least: a lively talk is one chapter, not fifty.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from rooms.core.model import RoomView

HELD_S: Final = 8.0
INTERJECTION_S: Final = 3.0
MINIMUM_S: Final = 45.0
BEFORE_S: Final = (
    60.0  # what was on before the film began is its first chapter, however late the film is noticed to run
)


class Begun(Struct, frozen=True):
    title: str
    ago_s: float  # it began so long before it was noticed


class Chapters:
    def __init__(self) -> None:
        self._item: str | None = None  # nobody has looked yet
        self._title = ""
        self._last_s = -MINIMUM_S
        self._floor = ""  # a participant id
        self._since_s = 0.0
        self._heard_s = -INTERJECTION_S - 1  # before anybody spoke

    def look(self, view: RoomView, speakers: Sequence[str], now_s: float) -> Begun | None:
        """To be called a few times a second; `speakers` are ids, loudest first."""
        if view.stage is not None:
            before, item = self._item, view.stage.item
            self._item = item.id if item is not None else ""
            if item is None or item.id == before:
                return None
            return Begun(item.title, BEFORE_S if before is None else 0.0)
        loudest = speakers[0] if speakers else ""
        if loudest == self._floor:
            if loudest:
                self._heard_s = now_s
        elif loudest and now_s - self._heard_s > INTERJECTION_S:
            self._floor, self._since_s, self._heard_s = loudest, now_s, now_s
        return self._by_floor(view, now_s)

    def _by_floor(self, view: RoomView, now_s: float) -> Begun | None:
        person = view.participants.get(self._floor)
        if person is None or person.name == self._title or self._heard_s - self._since_s < HELD_S:
            return None
        if self._since_s - self._last_s < MINIMUM_S:
            return None
        self._title, self._last_s = person.name, self._since_s
        return Begun(person.name, now_s - self._since_s)
