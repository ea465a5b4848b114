"""What carries out messages about files: the room says who may, collab where the bytes are."""

from __future__ import annotations

from rooms.core import commands as room
from rooms.ports import Done, Refused

from .connection import Connection
from .file_messages import BringFile, FilePath, OpenFile, ShareFile


async def bring(connection: Connection, message: BringFile) -> FilePath | Refused:
    outcome = await connection.ask(room.BringFile)
    if isinstance(outcome, Refused):
        return outcome
    files, seat = connection.services.files, connection.seat
    path = await files.place(seat.room_id, connection.identity, message.key, message.name, message.size_bytes)
    return path if isinstance(path, Refused) else FilePath(id=message.id, path=path)


async def share(connection: Connection, message: ShareFile) -> Done | Refused:
    services = connection.services
    file = await services.files.brought(connection.seat.room_id, connection.identity.id, message.key)
    if isinstance(file, Refused):
        return file
    message_id = services.new_id()
    return await connection.ask(lambda actor: room.ShareFile(actor, file, message.nonce, message_id))


async def open_file(connection: Connection, message: OpenFile) -> FilePath | Refused:
    seat = connection.seat
    seen = any(one.file is not None and one.file.key == message.key for one in seat.room.view.chat)
    path = await connection.services.files.link(seat.room_id, connection.identity.id, message.key, seen=seen)
    return path if isinstance(path, Refused) else FilePath(id=message.id, path=path)
