"""Which codec a published picture is sent in, and whether a second stream in another goes beside it (pure).

A source is best sent once, in a codec that all who are present can decode.  A change costs every receiver a keyframe,
so it is made only when somebody who watches sees nothing, and not again soon after: meanwhile, and where no codec suits
all, a small second stream (the backup) serves exactly those who cannot decode the first.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from msgspec import Struct

from signaling.webrtc.codecs import Codec

TURNS_APART_MS: Final = 30_000  # one source changes its codec no more often; until then a backup serves
BACKUP_LINGER_MS: Final = 5_000  # a backup that nobody needs any more is sent for so long: they may come back
RETURN_MS: Final = 60_000  # all can decode the better codec that was given up: it is taken again after so long
# Layers inside one stream make these cheaper for everybody than what a change would lead to, so a few who cannot decode
# them get a backup instead: up to one in so many of those who watch.
SCALABLE: Final = (Codec.VP9, Codec.AV1)
FEW: Final = 4

Abilities = frozenset[Codec]  # of the codecs that the source can be sent in, those that one receiver decodes


class Decision(Struct, frozen=True):
    codec: Codec
    backup: Codec | None = None


class SourceCodecs:
    """Of one published picture.  `codecs` are those it may be asked for, best first; it begins with the first.

    `backs_up`: its publisher can send a second stream.
    """

    def __init__(self, codecs: Sequence[Codec], backs_up: bool) -> None:
        self.codecs = tuple(codecs)
        self._backs_up = backs_up and len(self.codecs) > 1
        self.begun = self.decision = Decision(self.codecs[0])
        self._turned_ms: int | None = None
        self._unneeded_ms: int | None = None  # since when nobody needs the backup
        self._welcome_ms: int | None = None  # since when all can decode the best codec again

    def decide(self, watching: Collection[Abilities], present: Collection[Abilities], now_ms: int) -> Decision:
        """`watching`: who is to be sent it now.  `present`: who is in the room, and may be next."""
        codec, backup = self.decision.codec, self.decision.backup
        needy = [abilities for abilities in watching if codec not in abilities]
        common = [one for one in self.codecs if all(one in abilities for abilities in present)]
        if needy and common and self._may_turn(now_ms) and not self._spared(codec, needy, watching):
            codec = common[0]
            self._turned_ms, self._welcome_ms = now_ms, None
            needy = []
        elif not needy and self._may_return(codec, common, now_ms):
            codec = self.codecs[0]
            self._turned_ms, self._welcome_ms = now_ms, None
        self.decision = Decision(codec, self._backup(codec, backup, needy, now_ms))
        return self.decision

    def serves(self, abilities: Abilities) -> bool:
        """Whether such a receiver is sent anything that it can decode."""
        return self.decision.codec in abilities or self.decision.backup in abilities

    def next_ms(self, now_ms: int) -> int | None:
        """When to decide again though nothing has happened; None: not before something does."""
        due = [
            since_ms + wait_ms
            for since_ms, wait_ms in (
                (self._turned_ms, TURNS_APART_MS),
                (self._unneeded_ms, BACKUP_LINGER_MS),
                (self._welcome_ms, RETURN_MS),
            )
            if since_ms is not None and since_ms + wait_ms > now_ms
        ]
        return min(due, default=None)

    def _may_turn(self, now_ms: int) -> bool:
        return self._turned_ms is None or now_ms - self._turned_ms >= TURNS_APART_MS

    def _spared(self, codec: Codec, needy: Collection[Abilities], watching: Collection[Abilities]) -> bool:
        """Better a second stream for a few than a lesser first one for all."""
        can_be_helped = self._backs_up and all(abilities - {codec} for abilities in needy)
        return codec in SCALABLE and can_be_helped and len(needy) * FEW <= len(watching)

    def _may_return(self, codec: Codec, common: Sequence[Codec], now_ms: int) -> bool:
        """Only to what is better for its layers: VP8 and H.264 are as good as each other."""
        best = self.codecs[0]
        if codec is best or best not in SCALABLE or best not in common:
            self._welcome_ms = None
            return False
        if self._welcome_ms is None:
            self._welcome_ms = now_ms
        return now_ms - self._welcome_ms >= RETURN_MS

    def _backup(self, codec: Codec, backup: Codec | None, needy: Sequence[Abilities], now_ms: int) -> Codec | None:
        helped = {one: sum(one in abilities for abilities in needy) for one in self.codecs if one is not codec}
        if self._backs_up and any(helped.values()):
            self._unneeded_ms = None
            # One that is being sent stays as long as another would not reach more.
            return max(helped, key=lambda one: (helped[one], one is backup, -self.codecs.index(one)))
        if backup is None or backup is codec:
            self._unneeded_ms = None
            return None
        if self._unneeded_ms is None:
            self._unneeded_ms = now_ms
        if now_ms - self._unneeded_ms < BACKUP_LINGER_MS:
            return backup
        self._unneeded_ms = None
        return None
