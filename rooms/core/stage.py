"""The stage of a livestream: who is on it, how it looks, and when it is live.

    rehearsal --go live--> live --end, room ended, nobody in it for ABANDONED_MS--> ended --everybody left--> room ended

Hosts and co-hosts direct.  Who is on stage may show slides and turn their pages.
"""

from __future__ import annotations

from typing import Final, assert_never

from msgspec.structs import replace

from .codes import Code
from .commands import (
    StageBring,
    StageCountdown,
    StageEnd,
    StageGoLive,
    StageItem,
    StageLayout,
    StageName,
    StagePage,
    StageRun,
    StageSlides,
)
from .effects import ArrangeStage, Broadcast, ShowAudience
from .events import (
    StageArranged,
    StageCountdownSet,
    StageItemTaken,
    StageNamed,
    StagePhaseChanged,
    StagePlaced,
    StageRunChanged,
    StageSlidesChanged,
)
from .model import Phase
from .outcomes import DONE, Done, Refused
from .stage_audience import StageForAudience, for_audience
from .stage_model import (
    COUNTDOWN_MAX_S,
    LINE_MAX_CHARS,
    ON_STAGE_MAX,
    RUN_ITEMS_MAX,
    RUN_MINUTES_MAX,
    RUN_TEXT_MAX_CHARS,
    SLIDES_PAGES_MAX,
    SLIDES_TITLE_MAX_CHARS,
    VIDEO_MAX_MS,
    LowerThird,
    RunItem,
    Slides,
    SlidesKind,
    StagePhase,
    StageView,
    Staging,
    staging_of,
)
from .state import Seat
from .text import clean_name, is_token
from .turn import Turn

ABANDONED_MS: Final = 5 * 60_000  # long enough for a host whose line or machine has died to come back
RUN_ID_MAX_CHARS: Final = 32

StageCommand = (
    StageGoLive
    | StageEnd
    | StageBring
    | StageLayout
    | StageName
    | StageSlides
    | StagePage
    | StageRun
    | StageItem
    | StageCountdown
)


class StageTold:
    """What of a stage the world outside was told last.  It is told anew when the room comes to life somewhere."""

    def __init__(self) -> None:
        self._phase: StagePhase | None = None
        self._staging: Staging | None = None
        self._audience: StageForAudience | None = None

    def tell(self, turn: Turn) -> None:
        """After a command: what has changed, media first."""
        view = turn.state.view
        if (stage := view.stage) is None or (view.phase is Phase.ENDED and stage.phase is StagePhase.REHEARSAL):
            return
        if (staging := staging_of(stage)) != self._staging:
            self._staging = staging
            turn.effect(ArrangeStage(staging))
        if stage.phase is not self._phase:
            self._phase = stage.phase
            turn.effect(Broadcast(stage.livestream_id, stage.phase))
        if (audience := for_audience(view)) is not None and audience != self._audience:
            self._audience = audience
            turn.effect(ShowAudience(stage.livestream_id, audience))


def act(turn: Turn, seat: Seat | None, command: StageCommand) -> Done | Refused:
    stage = turn.state.view.stage
    if stage is None or stage.phase is StagePhase.ENDED:
        return Refused(Code.WRONG_STATE)
    match command:
        case StageGoLive(actor):
            return _go_live(turn, stage, actor)
        case StageEnd(actor):
            if stage.phase is not StagePhase.LIVE:
                return Refused(Code.WRONG_STATE)
            end(turn, actor)
        case StageBring():
            return _bring(turn, stage, command)
        case StageLayout(actor, layout, focus):
            if focus and focus not in stage.on_stage:
                return Refused(Code.NOT_FOUND)
            if (layout, focus) != (stage.layout, stage.focus):
                turn.emit(StageArranged(layout, focus, actor))
        case StageName():
            return _name(turn, stage, command)
        case StageSlides() | StagePage():
            return _slides(turn, stage, seat, command)
        case StageRun(actor, items):
            if not _is_run(items):
                return Refused(Code.INVALID)
            turn.emit(StageRunChanged(tuple(_clean(item) for item in items), actor))
            if stage.item_id and stage.item_id not in {item.id for item in items}:
                turn.emit(StageItemTaken("", 0, actor))
        case StageItem(actor, item_id):
            if item_id and item_id not in {item.id for item in stage.run}:
                return Refused(Code.NOT_FOUND)
            turn.emit(StageItemTaken(item_id, turn.now_ms if item_id else 0, actor))
        case StageCountdown(actor, seconds):
            if not 0 <= seconds <= COUNTDOWN_MAX_S:
                return Refused(Code.INVALID)
            turn.emit(StageCountdownSet(turn.now_ms + seconds * 1_000 if seconds else 0, actor))
        case _:
            assert_never(command)
    return DONE


def end(turn: Turn, by: str) -> None:
    """Also when the room ends.  Nothing happens to a stage that is not live."""
    stage = turn.state.view.stage
    if stage is not None and stage.phase is StagePhase.LIVE:
        turn.emit(StagePhaseChanged(StagePhase.ENDED, turn.now_ms, by))


def may_end_room(turn: Turn) -> bool:
    """A rehearsal is left, not ended: the livestream still needs its room."""
    stage = turn.state.view.stage
    return stage is None or stage.phase is not StagePhase.REHEARSAL


def expire(turn: Turn) -> bool:
    """A live stage that was left for good ends.  True: it is over and everybody has gone, so the room is to end too."""
    state = turn.state
    stage = state.view.stage
    if stage is None:
        return False
    if state.view.participants:
        state.stage_left_at_ms = 0
        return False
    state.stage_left_at_ms = state.stage_left_at_ms or turn.now_ms
    if turn.now_ms - state.stage_left_at_ms >= ABANDONED_MS:
        end(turn, "")
    return stage.phase is StagePhase.ENDED


def _go_live(turn: Turn, stage: StageView, actor: str) -> Done | Refused:
    if stage.phase is not StagePhase.REHEARSAL or not stage.on_stage:
        return Refused(Code.WRONG_STATE)
    if stage.countdown_ends_at_ms:
        turn.emit(StageCountdownSet(0, actor))
    turn.emit(StagePhaseChanged(StagePhase.LIVE, turn.now_ms, actor))
    return DONE


def _bring(turn: Turn, stage: StageView, command: StageBring) -> Done | Refused:
    person, on = command.participant_id, command.on
    if person not in turn.state.view.participants:
        return Refused(Code.NOT_FOUND)
    if on is (person in stage.on_stage):
        return DONE
    if on and len(stage.on_stage) >= ON_STAGE_MAX:
        return Refused(Code.TOO_MANY)
    others = tuple(each for each in stage.on_stage if each != person)
    turn.emit(StagePlaced((*others, person) if on else others, command.actor))
    return DONE


def _name(turn: Turn, stage: StageView, command: StageName) -> Done | Refused:
    if command.participant_id not in turn.state.view.participants:
        return Refused(Code.NOT_FOUND)
    name = clean_name(command.name)
    plate = LowerThird(name, clean_name(command.line, LINE_MAX_CHARS), command.shown) if name else None
    if plate != stage.names.get(command.participant_id):
        turn.emit(StageNamed(command.participant_id, plate, command.actor))
    return DONE


def _slides(turn: Turn, stage: StageView, seat: Seat | None, command: StageSlides | StagePage) -> Done | Refused:
    if seat is None:
        return Refused(Code.INVALID)
    directs = turn.state.role_of(seat).moderates
    if not directs and seat.id not in stage.on_stage:
        return Refused(Code.FORBIDDEN)
    now = stage.slides
    match command:
        case StagePage(actor, page):
            if now is None or now.kind is not SlidesKind.PAGES:
                return Refused(Code.WRONG_STATE)
            if not 1 <= page <= now.pages:
                return Refused(Code.INVALID)
            if page != now.page:
                turn.emit(StageSlidesChanged(replace(now, page=page, at_ms=turn.now_ms), actor))
        case StageSlides(actor, slides):
            if now is not None and now.by != actor and not directs:
                return Refused(Code.CONFLICT)
            if slides is not None and not _is_slides(slides):
                return Refused(Code.INVALID)
            shown = replace(slides, by=actor, at_ms=turn.now_ms, title=_title(slides)) if slides is not None else None
            if shown is not None or now is not None:
                turn.emit(StageSlidesChanged(shown, actor))
    return DONE


def _is_slides(slides: Slides) -> bool:
    return (
        1 <= slides.page <= slides.pages <= SLIDES_PAGES_MAX
        and 0 <= slides.position_ms <= VIDEO_MAX_MS
        and 0 <= slides.duration_ms <= VIDEO_MAX_MS
    )


def _title(slides: Slides) -> str:
    return clean_name(slides.title, SLIDES_TITLE_MAX_CHARS)


def _is_run(items: tuple[RunItem, ...]) -> bool:
    return (
        len(items) <= RUN_ITEMS_MAX
        and len({item.id for item in items}) == len(items)
        and all(is_token(item.id, RUN_ID_MAX_CHARS) and 0 <= item.minutes <= RUN_MINUTES_MAX for item in items)
    )


def _clean(item: RunItem) -> RunItem:
    return RunItem(
        item.id, clean_name(item.title, RUN_TEXT_MAX_CHARS), clean_name(item.who, RUN_TEXT_MAX_CHARS), item.minutes
    )
