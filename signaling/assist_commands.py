"""From what is said in a room of assistance to what is asked of the room."""

from __future__ import annotations

from rooms.core import assist_model as model
from rooms.core import commands as room

from . import assist_messages as messages


def place(actor: str, message: messages.PlaceMark) -> room.PlaceMark:
    seen, found = message.frame, message.earlier
    return room.PlaceMark(
        actor,
        mark_id=message.mark_id,
        kind=message.kind,
        color=message.color,
        width=message.width,
        points=message.points,
        text=message.text,
        number=message.number,
        frame=model.FrameRef(seen.rtp_timestamp, seen.width, seen.height),
        earlier=model.Earlier(found.author_name, found.at_ms) if found else None,
    )


def change(actor: str, message: messages.ChangeMark) -> room.ChangeMark:
    return room.ChangeMark(actor, message.mark_id, message.text, message.color, message.number)


def link(actor: str, message: messages.LinkMark) -> room.LinkMark:
    return room.LinkMark(actor, message.mark_id, None if message.region is None else _region(message.region))


def set_device(actor: str, message: messages.SetDevice) -> room.SetDevice:
    device = model.Device(
        mode=message.mode,
        torch=message.torch,
        has_torch=message.has_torch,
        zoom=message.zoom,
        zoom_min=message.zoom_min,
        zoom_max=message.zoom_max,
        frozen=message.frozen,
        battery_percent=message.battery_percent,
        warm=message.warm,
    )
    return room.SetDevice(actor, device)


def show_document(actor: str, message: messages.ShowDocument) -> room.ShowDocument:
    return room.ShowDocument(actor, model.ShownDocument(_region(message.region), message.placement, actor))


def _region(region: messages.PageRegion) -> model.DocumentRegion:
    return model.DocumentRegion(region.document_id, region.page, region.x, region.y, region.width, region.height)
