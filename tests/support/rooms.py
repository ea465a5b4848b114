"""A room with people in it, for tests that read given / when / then."""

from __future__ import annotations

import msgspec

from rooms.core.commands import AnyCommand, Join
from rooms.core.effects import AnyEffect
from rooms.core.events import AnyEvent
from rooms.core.model import Grant, Role, RoomView
from rooms.core.outcomes import DONE, RoomOutcome
from rooms.core.room import Room
from rooms.core.stage_model import StageView
from rooms.core.turn import Step

NOW_MS = 1_795_000_000_000


class Sitting:
    """A pure room and its clock.  Seats are named after people: `seat("ann")` joins with id "ann"."""

    def __init__(
        self, lobby_enabled: bool = False, *, encrypted: bool = False, assist: bool = False, livestream_id: str = ""
    ) -> None:
        self.now_ms = NOW_MS
        view = RoomView(
            "room",
            "abc-defg-hij",
            "Weekly",
            lobby_enabled=lobby_enabled,
            encrypted=encrypted,
            assist=assist,
            stage=StageView(livestream_id) if livestream_id else None,
        )
        self.room = Room.new(view, self.now_ms)
        self.last = Step(outcome=DONE, events=(), effects=())

    @property
    def view(self) -> RoomView:
        return self.room.view

    @property
    def events(self) -> list[AnyEvent]:
        """Of the last command."""
        return [addressed.event for addressed in self.last.events]

    @property
    def effects(self) -> list[AnyEffect]:
        """Of the last command."""
        return list(self.last.effects)

    @property
    def quiet(self) -> bool:
        """Nothing came of the last command."""
        return not self.last.events and not self.last.effects

    def do(self, command: AnyCommand) -> RoomOutcome:
        self.last = self.room.handle(command, self.now_ms)
        return self.last.outcome

    def join(self, name: str, role: Role = Role.PARTICIPANT, resume: str = "", **grant: object) -> RoomOutcome:
        """Ask to come in as `name`: identity "id-NAME", new seat "NAME", resume token "token-NAME"."""
        fields = {"identity": f"id-{name}", "name": name, "role": role, **grant}
        return self.do(Join("", msgspec.convert(fields, Grant), name, f"token-{name}", resume))

    def pass_time(self, ms: int) -> None:
        self.now_ms += ms
