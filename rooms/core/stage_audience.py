"""The stage as its audience is told of it: no ids, nobody who is not on it, nothing of the rehearsal but the countdown.

Position n here is what video section n of a WHEP viewer carries, and what the film shows.
"""

from __future__ import annotations

from msgspec import Struct

from .model import Participant, RoomView, Source
from .stage_model import Layout, Place, Position, SlidesKind, StagePhase, StageView, positions, staging_of


class StagePosition(Struct, frozen=True):
    name: str
    line: str
    name_shown: bool  # the lower third lies over the picture
    has_video: bool
    has_audio: bool
    screen: bool


class AudienceSlides(Struct, frozen=True):
    kind: SlidesKind
    title: str
    page: int
    pages: int


class AudienceItem(Struct, frozen=True):
    title: str
    who: str
    minutes: int
    began_at_ms: int


class StageForAudience(Struct, frozen=True):
    phase: StagePhase
    layout: Layout
    positions: tuple[StagePosition, ...] = ()
    slides: AudienceSlides | None = None
    item: AudienceItem | None = None
    countdown_ends_at_ms: int = 0
    live_at_ms: int = 0
    ended_at_ms: int = 0


def shown_positions(view: RoomView, stage: StageView) -> tuple[Position, ...]:
    """Whatever the phase: what the layout shows of those on stage now."""
    return positions(staging_of(stage), lambda person: _sends(view.participants.get(person), Source.SCREEN))


def for_audience(view: RoomView) -> StageForAudience | None:
    """None for a room that is no stage."""
    stage = view.stage
    if stage is None:
        return None
    if stage.phase is not StagePhase.LIVE:
        return StageForAudience(
            stage.phase,
            stage.layout,
            countdown_ends_at_ms=stage.countdown_ends_at_ms,
            live_at_ms=stage.live_at_ms,
            ended_at_ms=stage.ended_at_ms,
        )
    slides = stage.slides
    item = stage.item
    return StageForAudience(
        stage.phase,
        stage.layout,
        tuple(_position(view, stage, position) for position in shown_positions(view, stage)),
        AudienceSlides(slides.kind, slides.title, slides.page, slides.pages) if slides is not None else None,
        AudienceItem(item.title, item.who, item.minutes, stage.item_began_at_ms) if item is not None else None,
        stage.countdown_ends_at_ms,
        stage.live_at_ms,
    )


def _position(view: RoomView, stage: StageView, position: Position) -> StagePosition:
    person = view.participants.get(position.participant_id)
    plate = stage.names.get(position.participant_id)
    screen = position.place is Place.SCREEN
    picture, sound = (Source.SCREEN, Source.SCREEN_AUDIO) if screen else (Source.CAMERA, Source.MICROPHONE)
    return StagePosition(
        name=plate.name if plate is not None else person.name if person is not None else "",
        line=plate.line if plate is not None else person.organization if person is not None else "",
        name_shown=plate is not None and plate.shown and not screen,
        has_video=_sends(person, picture),
        has_audio=_sends(person, sound),
        screen=screen,
    )


def _sends(person: Participant | None, source: Source) -> bool:
    return person is not None and any(track.source is source and not track.muted for track in person.tracks)
