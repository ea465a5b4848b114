"""What is said on the stage of a livestream and behind it.  rooms/core/stage.py carries it out."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from rooms.core.model import NAME_MAX_CHARS
from rooms.core.stage_model import (
    COUNTDOWN_MAX_S,
    LINE_MAX_CHARS,
    RUN_ITEMS_MAX,
    RUN_MINUTES_MAX,
    RUN_TEXT_MAX_CHARS,
    SLIDES_PAGES_MAX,
    SLIDES_TITLE_MAX_CHARS,
    VIDEO_MAX_MS,
    Layout,
    SlidesKind,
)

from .message_types import ClientMessage, ShortText

RunText = Annotated[str, Meta(max_length=RUN_TEXT_MAX_CHARS)]
Page = Annotated[int, Meta(ge=1, le=SLIDES_PAGES_MAX)]
Moment = Annotated[int, Meta(ge=0, le=VIDEO_MAX_MS)]


class StageGoLive(ClientMessage, frozen=True, tag="stage_go_live", kw_only=True):
    """Somebody has to be on stage."""


class StageEnd(ClientMessage, frozen=True, tag="stage_end", kw_only=True):
    """There is no way back to live."""


class StageBring(ClientMessage, frozen=True, tag="stage_bring", kw_only=True):
    participant_id: ShortText
    on: bool


class StageLayout(ClientMessage, frozen=True, tag="stage_layout", kw_only=True):
    layout: Layout
    focus: ShortText = ""  # participant id; "" = who is first on stage


class StageName(ClientMessage, frozen=True, tag="stage_name", kw_only=True):
    """A lower third; without a name there is none."""

    participant_id: ShortText
    name: Annotated[str, Meta(max_length=NAME_MAX_CHARS)] = ""
    line: Annotated[str, Meta(max_length=LINE_MAX_CHARS)] = ""
    shown: bool = False


class StageSlides(ClientMessage, frozen=True, tag="stage_slides", kw_only=True):
    """The sender's screen track shows this file from now on."""

    kind: SlidesKind
    title: Annotated[str, Meta(max_length=SLIDES_TITLE_MAX_CHARS)]
    page: Page = 1
    pages: Page = 1
    playing: bool = False
    position_ms: Moment = 0
    duration_ms: Moment = 0


class StageHideSlides(ClientMessage, frozen=True, tag="stage_hide_slides", kw_only=True):
    pass


class StagePage(ClientMessage, frozen=True, tag="stage_page", kw_only=True):
    page: Page


class PlannedItem(Struct, frozen=True, forbid_unknown_fields=True):
    id: Annotated[str, Meta(min_length=8, max_length=32, pattern="^[A-Za-z0-9_-]*$")]
    title: RunText
    who: RunText = ""
    minutes: Annotated[int, Meta(ge=0, le=RUN_MINUTES_MAX)] = 0


class StageRun(ClientMessage, frozen=True, tag="stage_run", kw_only=True):
    """The whole run list."""

    items: Annotated[tuple[PlannedItem, ...], Meta(max_length=RUN_ITEMS_MAX)]


class StageItem(ClientMessage, frozen=True, tag="stage_item", kw_only=True):
    item_id: ShortText = ""  # "" = nothing is on


class StageCountdown(ClientMessage, frozen=True, tag="stage_countdown", kw_only=True):
    seconds: Annotated[int, Meta(ge=0, le=COUNTDOWN_MAX_S)]  # 0 = none


AnyStageMessage = (
    StageGoLive
    | StageEnd
    | StageBring
    | StageLayout
    | StageName
    | StageSlides
    | StageHideSlides
    | StagePage
    | StageRun
    | StageItem
    | StageCountdown
)
