"""Who was heard when, so that words get the name of whoever said them: pure.

The media plane says who is the loudest a little after it was so; a short sound of somebody else takes nobody's words.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

from .wire import Heard

LATE_MS: Final = 200  # after the sound the loudest is known
KEPT: Final = 2_000  # changes
HELD_MS: Final = 400  # somebody who was the loudest for less did not take the floor
SHORT_PIECES: Final = 2  # fewer pieces than these are not worth a line of their own


class Speakers:
    def __init__(self) -> None:
        self._changes: deque[tuple[float, str]] = deque(maxlen=KEPT)  # from when on who

    def note(self, unix_ms: float, name: str) -> None:
        """`name` is the loudest now, "" nobody is.  To be called ten times a second or so."""
        if self._changes and self._changes[-1][1] == name:
            return
        if len(self._changes) > 1 and unix_ms - self._changes[-1][0] < HELD_MS:
            self._changes.pop()
            if self._changes[-1][1] == name:
                return
        self._changes.append((unix_ms, name))

    def at(self, unix_ms: float) -> str:
        """Who spoke at that time: the loudest then, or the last one before; "" when nobody is known."""
        earlier = ""
        for since_ms, name in self._changes:
            if since_ms > unix_ms + LATE_MS:
                return earlier or name  # the first one just began
            earlier = name or earlier
        return earlier

    def split(self, heard: Heard) -> list[tuple[str, str, float, float]]:
        """(speaker, text, begins, ends) of each who spoke in an utterance, in order."""
        runs: list[tuple[str, list[int]]] = []
        for index, piece in enumerate(heard.pieces):
            name = self.at(piece.at_ms)
            if runs and runs[-1][0] == name:
                runs[-1][1].append(index)
            else:
                runs.append((name, [index]))
        long_enough = [run for run in runs if len(run[1]) >= SHORT_PIECES]
        if len(long_enough) < 2:
            return [(self.at((heard.begins_ms + heard.ends_ms) / 2), heard.text, heard.begins_ms, heard.ends_ms)]
        return _joined(heard, long_enough)


def _joined(heard: Heard, runs: Sequence[tuple[str, list[int]]]) -> list[tuple[str, str, float, float]]:
    """Each run takes the pieces up to the next one's first."""
    lines: list[tuple[str, str, float, float]] = []
    for number, (name, own) in enumerate(runs):
        first = 0 if number == 0 else own[0]
        last = len(heard.pieces) if number + 1 == len(runs) else runs[number + 1][1][0]
        text = "".join(piece.text for piece in heard.pieces[first:last]).strip()
        ends_ms = heard.ends_ms if last == len(heard.pieces) else heard.pieces[last].at_ms
        lines.append((name, text, heard.pieces[first].at_ms, ends_ms))
    return lines
