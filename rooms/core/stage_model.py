"""What is true on the stage of a livestream, as values, and who is seen and heard by whom.

The room is the green room; some of those in it are on stage.  The audience is outside: it gets what `positions` names,
and only while the stage is live.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import assert_never

from msgspec import Struct, field

ON_STAGE_MAX = 9
RUN_ITEMS_MAX = 100
RUN_TEXT_MAX_CHARS = 120  # an item's title, and who has it
RUN_MINUTES_MAX = 600
LINE_MAX_CHARS = 64  # below the name in a lower third
SLIDES_TITLE_MAX_CHARS = 120
SLIDES_PAGES_MAX = 2_000
VIDEO_MAX_MS = 24 * 3_600_000
COUNTDOWN_MAX_S = 24 * 3_600


class StagePhase(StrEnum):
    """rehearsal -> live -> ended."""

    REHEARSAL = "rehearsal"  # everybody in the room hears everybody; the audience gets nothing
    LIVE = "live"  # who is on stage is seen and heard by the audience, and does not hear who is behind it
    ENDED = "ended"  # the room is a green room again, until everybody has left


class Layout(StrEnum):
    SOLO = "solo"  # the one in focus
    SIDE_BY_SIDE = "side_by_side"
    PICTURE_IN_PICTURE = "picture_in_picture"  # a large picture and a small one
    SLIDES = "slides"  # slides or a screen, and the one in focus beside them


class LowerThird(Struct, frozen=True):
    """The plate with a name that is laid over a picture."""

    name: str
    line: str
    shown: bool


class SlidesKind(StrEnum):
    PAGES = "pages"
    VIDEO = "video"


class Slides(Struct, frozen=True):
    """What somebody shows from a file.  Its pictures are the screen track of `by`, whose page draws or plays it."""

    by: str  # participant id
    kind: SlidesKind
    title: str
    page: int  # from 1; 1 of a video
    pages: int
    playing: bool  # a video
    position_ms: int  # of a video, at `at_ms`
    duration_ms: int
    at_ms: int


class RunItem(Struct, frozen=True):
    """One line of the run list."""

    id: str
    title: str
    who: str
    minutes: int  # 0 = open


class StageView(Struct, frozen=True):
    livestream_id: str
    phase: StagePhase = StagePhase.REHEARSAL
    on_stage: tuple[str, ...] = ()  # participant ids, in order
    layout: Layout = Layout.SIDE_BY_SIDE
    focus: str = ""  # participant id; "" = who is first on stage
    names: dict[str, LowerThird] = field(default_factory=dict)  # by participant
    slides: Slides | None = None
    run: tuple[RunItem, ...] = ()
    item_id: str = ""  # what of the run list is on; "" = nothing
    item_began_at_ms: int = 0
    countdown_ends_at_ms: int = 0  # 0 = none
    live_at_ms: int = 0
    ended_at_ms: int = 0

    @property
    def item(self) -> RunItem | None:
        """What of the run list is on."""
        return next((item for item in self.run if item.id == self.item_id), None)


class Place(StrEnum):
    """What of a person a position shows."""

    CAMERA = "camera"
    SCREEN = "screen"


class Position(Struct, frozen=True):
    """One picture of the stage.  A camera and a screen of one person are two positions."""

    participant_id: str
    place: Place


class Staging(Struct, frozen=True):
    """What the media plane has to know of a stage."""

    live: bool
    on_stage: tuple[str, ...]
    layout: Layout
    focus: str
    slides_by: str  # whose screen is shown although they may not be on stage; "" = nobody's

    def shows(self, participant_id: str, screen: bool) -> bool:
        """Whether the audience may get this of a person while the stage is live.  `screen`: also its sound."""
        return participant_id in self.on_stage or (screen and participant_id == self.slides_by)

    def reaches(self, publisher_id: str, screen: bool, receiver_id: str) -> bool:
        """Whether who sits in the room is sent this of somebody else in it."""
        return not self.live or receiver_id not in self.on_stage or self.shows(publisher_id, screen)


def staging_of(stage: StageView) -> Staging:
    return Staging(
        live=stage.phase is StagePhase.LIVE,
        on_stage=stage.on_stage,
        layout=stage.layout,
        focus=stage.focus,
        slides_by=stage.slides.by if stage.slides is not None else "",
    )


def positions(staging: Staging, shares: Callable[[str], bool]) -> tuple[Position, ...]:
    """What the layout shows, best first, at most ON_STAGE_MAX.  `shares` tells whether somebody shares a screen."""
    people = staging.on_stage
    focus = staging.focus if staging.focus in people else next(iter(people), "")
    sharers = dict.fromkeys((staging.slides_by, *people) if staging.slides_by else people)
    screens = [Position(person, Place.SCREEN) for person in sharers if shares(person)]
    cameras = [Position(person, Place.CAMERA) for person in people]
    speaker = [camera for camera in cameras if camera.participant_id == focus]
    match staging.layout:
        case Layout.SOLO:
            shown = [screen for screen in screens if screen.participant_id == focus][:1] or speaker
        case Layout.SIDE_BY_SIDE:
            shown = [*screens, *cameras]
        case Layout.PICTURE_IN_PICTURE:
            others = [camera for camera in cameras if camera.participant_id != focus]
            shown = [*screens[:1], *speaker, *others][:2]
        case Layout.SLIDES:
            shown = [*screens[:1], *speaker]
        case _:
            assert_never(staging.layout)
    return tuple(shown[:ON_STAGE_MAX])
