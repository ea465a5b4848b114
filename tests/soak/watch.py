"""Judges what arrives: every live subscription advances, or is paused for a reason that everybody knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from .person import Person

SETTLE_S: Final = 8.0  # so long nothing may change before something is expected
SILENCE_MAX_S: Final = 6.0
FROZEN_MAX_S: Final = 6.0
VOICE: Final = "voice-"
LAG_MAX_S: Final = 1.0  # a watcher that was not run itself judges nobody


@dataclass
class Watch:
    """`look` is to be called about once a second."""

    fault: Callable[[str], None]
    excused: Callable[[], bool]
    counts: Counter[str] = field(default_factory=Counter)
    lag_max_s: float = 0.0
    _looked_at: float = 0.0
    _expected: dict[tuple[int, str], float] = field(default_factory=dict)  # person, track -> since
    _told: set[tuple[int, str]] = field(default_factory=set)

    def look(self, people: Sequence[Person], now: float) -> None:
        lag = now - self._looked_at - 1.0 if self._looked_at else 0.0
        self._looked_at = now
        self.lag_max_s = max(self.lag_max_s, lag)
        if self.excused() or lag > LAG_MAX_S:
            self._expected.clear()
            return
        owners = {
            track_id: person for person in people if person.here for track_id in person.sending.track_ids.values()
        }
        expected: dict[tuple[int, str], float] = {}
        for person in people:
            if not person.here or not person.receiving.secure:
                continue
            self.counts[f"bandwidth {person.bandwidth}"] += 1
            for track_id in person.visible:
                owner = owners.get(track_id)
                if owner is not None and owner.room == person.room and self._is_due(person, owner, track_id, now):
                    key = (person.number, track_id)
                    expected[key] = self._expected.get(key, now)
                    if now - expected[key] > SETTLE_S:
                        self._judge(person, owner, track_id, now)
        self._told &= set(expected)
        self._expected = expected

    def _is_due(self, person: Person, owner: Person, track_id: str, now: float) -> bool:
        if not owner.sends(track_id) or now - max(owner.moved_at, person.moved_at) < 1.0:
            return False
        if owner.is_camera(track_id):
            return person.bandwidth == "full"
        return owner.sending.loud  # of those who are silent only the loudest are sent

    def _judge(self, person: Person, owner: Person, track_id: str, now: float) -> None:
        self.counts["judged"] += 1
        streams = person.receiving.incoming.values()
        stream = next((one for one in streams if one.track_id == track_id), None)
        if stream is None and not owner.is_camera(track_id):  # in a crowd the loudest come on a few voices
            voices = [one for one in streams if one.track_id.startswith(VOICE)]
            stream = max(voices, key=lambda one: one.at, default=None)
        if stream is None and now - person.receiving.offered_at < SETTLE_S:
            return  # it was another room, with or without voices, a moment ago
        if stream is None:
            what = "was not offered"
        elif stream.silent_s(now) > SILENCE_MAX_S:
            what = "does not advance"
        elif stream.frozen_since and now - stream.frozen_since > FROZEN_MAX_S:
            what = "is frozen"
        else:
            return
        self.counts[what] += 1
        key = (person.number, track_id)
        if key not in self._told:
            self._told.add(key)
            source = "camera" if owner.is_camera(track_id) else "microphone"
            self.fault(
                f"stuck: the {source} {track_id} of person {owner.number} {what} at person {person.number}\n"
                f"    now {now:.2f}, wanted since {person.visible[track_id]:.2f}, last packet "
                f"{stream.at if stream else 0:.2f}, {stream.packets if stream else 0} packets, "
                f"{person.receiving.unknown} of unknown streams, line answered at "
                f"{person.receiving.line.answered_at if person.receiving.line else 0:.2f}\n"
                f"    {person.number}: {'; '.join(person.history)}\n    {owner.number}: {'; '.join(owner.history)}"
            )
