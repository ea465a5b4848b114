"""What is forwarded in the bench: who sends what to whom, and for how long each is measured."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .load import AUDIO, VIDEO, Crowd, Shape
from .peer import Profile

# Large crowds get fewer bursts a second: what is measured is the cost of a packet, and the client needs its share too.
SLOW_VIDEO = replace(VIDEO, name="video, 5 bursts a second", interval_us=200_000)
SLOWER_VIDEO = replace(VIDEO, name="video, 2 bursts a second", interval_us=500_000)


HEARD_AT_ONCE = 5
VIEWERS_MAX = 1_000


@dataclass(frozen=True)
class Case:
    shape: Shape
    crowd: Crowd
    rounds: int = 1
    window_s: float = 4.0
    workers: int = 1  # of our media core; others have what threads they have

    @property
    def core_alone(self) -> bool:
        """In a room only the loudest are heard: that all are forwarded to all is asked of the media core itself.  So is
        what needs more viewers than a room has seats."""
        crowd = self.crowd
        return (crowd.kind == "audio" and crowd.publishers > HEARD_AT_ONCE) or crowd.receivers > VIEWERS_MAX

    @property
    def title(self) -> str:
        workers = f", {self.workers} workers" if self.workers > 1 else ""
        return f"{self.crowd} {self.shape.name}, {self.crowd.profile.name}{workers}"


def case(shape: Shape, publishers: int, receivers: int, profile: Profile = Profile.GCM, rounds: int = 1) -> Case:
    return Case(shape, Crowd(publishers, receivers, profile, shape.kind), rounds)


ALL = (
    case(VIDEO, 1, 40, rounds=3),
    case(VIDEO, 1, 40, Profile.SHA1, rounds=2),
    case(AUDIO, 1, 40, rounds=2),
    case(AUDIO, 1, 40, Profile.SHA1),
    case(VIDEO, 10, 10),
    case(AUDIO, 10, 10),
    case(SLOW_VIDEO, 1, 1_000),
    case(AUDIO, 1, 1_000),
    replace(case(SLOW_VIDEO, 1, 2_000), workers=2),
    case(SLOWER_VIDEO, 50, 50),
    case(AUDIO, 50, 50),
)

QUICK = tuple(replace(item, rounds=1, window_s=1.0) for item in (case(VIDEO, 1, 5, Profile.SHA1), case(AUDIO, 2, 3)))
