"""One command being handled: what it emits moves the view at once and is collected for delivery."""

from __future__ import annotations

from msgspec import Struct

from .effects import AnyEffect
from .events import AnyEvent, Audience, LobbyAsked, LobbyLeft
from .events_apply import apply
from .model import Role
from .outcomes import RoomOutcome
from .state import RoomState


class Addressed(Struct, frozen=True):
    """An event with its number and those who get it: the audience, or the one seat named by `only`."""

    seq: int
    event: AnyEvent
    audience: Audience
    only: str = ""

    def reaches(self, seat_id: str, role: Role | None) -> bool:
        """Whether the seat gets it.  `role` None: the seat is gone since, its connection about to be closed."""
        if self.only:
            return seat_id == self.only
        return self.audience is Audience.ALL or (role is not None and role.moderates)


class Step(Struct, frozen=True):
    """What came of one command."""

    outcome: RoomOutcome
    events: tuple[Addressed, ...]
    effects: tuple[AnyEffect, ...]


class Turn:
    """Passed to every handler; the only way to move a view or to ask something of the world."""

    def __init__(self, state: RoomState) -> None:
        self.state = state
        self.now_ms = state.now_ms
        self._events: list[Addressed] = []
        self._effects: list[AnyEffect] = []

    def emit(self, event: AnyEvent) -> None:
        seq = self.state.view.seq + 1
        apply(self.state.view, seq, event)
        audience = Audience.MODERATORS if isinstance(event, LobbyAsked | LobbyLeft) else Audience.ALL
        self._events.append(Addressed(seq, event, audience))

    def emit_only_to(self, seat_id: str, event: AnyEvent) -> None:
        """For one seat whose copy must catch up with the view; the view itself stays, only its number moves."""
        self.state.view.seq += 1
        self._events.append(Addressed(self.state.view.seq, event, Audience.ALL, seat_id))

    def effect(self, effect: AnyEffect) -> None:
        self._effects.append(effect)

    def step(self, outcome: RoomOutcome) -> Step:
        return Step(outcome, tuple(self._events), tuple(self._effects))
