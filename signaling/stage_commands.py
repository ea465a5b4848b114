"""What a message of the stage asks of the room."""

from __future__ import annotations

from rooms.core import commands as room
from rooms.core.stage_model import RunItem, Slides

from . import stage_messages as messages


def name(actor: str, message: messages.StageName) -> room.StageName:
    return room.StageName(actor, message.participant_id, message.name, message.line, message.shown)


def show_slides(actor: str, message: messages.StageSlides) -> room.StageSlides:
    slides = Slides(
        by=actor,
        kind=message.kind,
        title=message.title,
        page=message.page,
        pages=message.pages,
        playing=message.playing,
        position_ms=message.position_ms,
        duration_ms=message.duration_ms,
        at_ms=0,
    )
    return room.StageSlides(actor, slides)


def set_run(actor: str, message: messages.StageRun) -> room.StageRun:
    return room.StageRun(actor, tuple(RunItem(item.id, item.title, item.who, item.minutes) for item in message.items))
