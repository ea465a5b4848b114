"""THE table: every message of a client, what carries it out, in which states, with which permission, at what cost.

A message type without a row does not start: importing this module fails.  PROTOCOL.md's table and the role x message x
state matrix in the tests are made from it.

A handler returns the reply, or Refused, or Done for a plain `ok`, or None when it has seen to the reply itself.  It
runs in its row's lane (session.py); an exception becomes `internal` for this one request and nothing else.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TypeVar, get_args

from rooms.core import commands as room
from rooms.core.codes import Code
from rooms.core.model import Envelope
from rooms.core.permissions import Permission
from rooms.ports import Done, OwnedElsewhere, Refused

from . import assist_commands as assist
from . import assist_messages, file_commands, file_messages, messages, stage_messages
from . import stage_commands as stage
from .connection import Connection, Reply, Row
from .ports import Admission
from .session import Lane, State

Message = TypeVar("Message", bound=messages.ClientMessage)
Handler = Callable[[Connection, Message], Awaitable[Reply]]

Kind = type[messages.ClientMessage]

DONE = Done()
IDENTIFIED = frozenset({State.AUTHENTICATED, State.WAITING, State.JOINED})
IN_ROOM = frozenset({State.JOINED})


def row(
    kind: type[Message],
    handler: Handler[Message],
    *,
    states: frozenset[State] = IN_ROOM,
    permission: Permission | None,
    cost: int = 1,
    lane: Lane = Lane.ORDER,
    barrier: bool = False,
) -> tuple[Kind, Row]:
    return kind, Row(states, permission, cost, lane, barrier, handler=handler)


# ---------------------------------------------------------------- the way in and out


async def hello(connection: Connection, message: messages.Hello) -> Reply:
    """The doorkeeper has identified the client already: that is how this connection came to be."""
    connection.authenticated()
    return messages.Welcome(
        id=message.id,
        protocol=messages.PROTOCOL_VERSION,
        identity=connection.identity.id,
        name=connection.identity.name,
        node=connection.services.rooms.node,
        ping_interval_ms=connection.ping_interval_ms,
        server_time_ms=connection.services.clock_ms(),
    )


async def ping(connection: Connection, message: messages.Ping) -> Reply:
    return messages.Pong(id=message.id, sent_at_ms=message.sent_at_ms, server_time_ms=connection.services.clock_ms())


async def join(connection: Connection, message: messages.Join) -> Reply:
    services = connection.services
    admission = connection.admission or await admit_to(connection, message)
    if isinstance(admission, Refused):
        return admission
    if message.room not in (admission.record.code, admission.record.id):
        return Refused(Code.ROOM_NOT_FOUND)
    try:
        live = await services.rooms.open(admission.record)
    except OwnedElsewhere as elsewhere:
        return await connection.relay_to(elsewhere.node, admission, message)
    return await connection.enter(live, admission.grant, message)


async def admit_to(connection: Connection, message: messages.Join) -> Admission | Refused:
    """Whether this identity may ask for this room at all; the room itself decides on lobby, lock and ban."""
    services, identity = connection.services, connection.identity
    retry_after_ms = await services.limits.join_retry_ms(identity.address)
    if retry_after_ms:
        return Refused(Code.RATE_LIMITED, retry_after_ms)
    record = await services.doorkeeper.find_room(message.room)
    if isinstance(record, Refused):
        return record
    if identity.room_id not in ("", record.id):
        return Refused(Code.FORBIDDEN)
    if record.ended:
        return Refused(Code.ROOM_ENDED)
    grant = await services.doorkeeper.grant(identity, record)
    return grant if isinstance(grant, Refused) else Admission(record, grant)


async def leave(connection: Connection, message: messages.Leave) -> Reply:
    outcome = await connection.ask(room.Leave)
    if isinstance(outcome, Refused):
        return outcome
    connection.left(messages.Ok(id=message.id))
    return None


# ---------------------------------------------------------------- media


async def publish(connection: Connection, message: messages.Publish) -> Reply:
    seat = connection.seat
    mids = {media.mid for media in message.media}
    if len(mids) != len(message.media):
        return Refused(Code.INVALID)
    if any(media.source not in seat.grant.publish for media in message.media):
        return Refused(Code.FORBIDDEN)
    media = connection.services.media
    result = await media.publish(seat.room_id, seat.participant_id, message.sdp, message.media)
    tracks = tuple(track for _, track in result.tracks)
    known = False
    try:
        outcome = await connection.ask(lambda actor: room.SetTracks(actor, tracks))
        known = isinstance(outcome, Done)
    finally:
        if not known:
            media.tracks_refused(seat.room_id, seat.participant_id)
    if isinstance(outcome, Refused):
        return outcome
    media.tracks_known(seat.room_id, seat.participant_id)
    return messages.Published(
        id=message.id,
        sdp=result.sdp,
        tracks=tuple(messages.PublishedTrack(mid=mid, track_id=track.id) for mid, track in result.tracks),
    )


async def answer(connection: Connection, message: messages.Answer) -> Reply:
    seat = connection.seat
    await connection.services.media.answer(seat.room_id, seat.participant_id, message.revision, message.sdp)
    return DONE


async def restart_subscription(connection: Connection, message: messages.RestartSubscription) -> Reply:
    seat = connection.seat
    await connection.services.media.restart_subscription(seat.room_id, seat.participant_id, message.fresh)
    return DONE


async def subscribe(connection: Connection, message: messages.Subscribe) -> Reply:
    if len({want.track_id for want in message.wants}) != len(message.wants):
        return Refused(Code.INVALID)
    seat = connection.seat
    connection.services.media.subscribe(seat.room_id, seat.participant_id, message.wants)
    return DONE


# ---------------------------------------------------------------- chat


async def send_chat(connection: Connection, message: messages.SendChat) -> Reply:
    message_id = connection.services.new_id()
    return await connection.ask(lambda actor: room.SendChat(actor, message.text, message.nonce, message_id))


async def read_chat(connection: Connection, message: messages.ReadChat) -> Reply:
    found, more = await connection.services.doorkeeper.older_chat(
        connection.seat.room_id, message.before_id, message.limit
    )
    return messages.ChatPage(id=message.id, messages=tuple(found), more=more)


# ---------------------------------------------------------------- keys of an encrypted room


async def send_keys(connection: Connection, message: messages.SendKeys) -> Reply:
    envelopes = tuple(Envelope(envelope.to, envelope.sealed) for envelope in message.envelopes)
    return await connection.ask(lambda actor: room.SendKeys(actor, envelopes))


# ---------------------------------------------------------------- being recorded


async def start_recording(connection: Connection, message: messages.StartRecording) -> Reply:
    recording_id = connection.services.new_id()
    return await connection.ask(lambda actor: room.StartRecording(actor, recording_id, message.tracks))


# ---------------------------------------------------------------- assistance


async def ask_device(connection: Connection, message: assist_messages.AskDevice) -> Reply:
    ask_id = connection.services.new_id()
    return await connection.ask(lambda actor: room.AskDevice(actor, ask_id, message.ask, message.value))


# ---------------------------------------------------------------- what goes to the room as it is


def room_row(
    kind: type[Message],
    make: Callable[[str, Message], room.AnyCommand],
    permission: Permission,
    cost: int = 1,
) -> tuple[Kind, Row]:
    """A row whose handler asks the room and passes its outcome on.  `make` gets the actor and the message."""

    async def ask(connection: Connection, message: Message) -> Reply:
        return await connection.ask(lambda actor: make(actor, message))

    return row(kind, ask, permission=permission, cost=cost)


FILE_ROWS = (
    row(file_messages.BringFile, file_commands.bring, permission=Permission.SHARE_FILES, cost=6),
    row(file_messages.ShareFile, file_commands.share, permission=Permission.SHARE_FILES, cost=6),
    row(file_messages.OpenFile, file_commands.open_file, permission=Permission.READ_CHAT, cost=2, lane=Lane.HISTORY),
    room_row(
        file_messages.SetFileSharing,
        lambda actor, m: room.SetFileSharing(actor, m.sharing),
        Permission.MANAGE_FILES,
        cost=3,
    ),
)

ASSIST_ROWS = (
    room_row(assist_messages.PlaceMark, assist.place, Permission.ANNOTATE, cost=2),
    room_row(assist_messages.ChangeMark, assist.change, Permission.ANNOTATE),
    room_row(assist_messages.LinkMark, assist.link, Permission.ANNOTATE),
    room_row(assist_messages.RemoveMark, lambda actor, m: room.RemoveMark(actor, m.mark_id), Permission.ANNOTATE),
    room_row(assist_messages.RemoveMarks, lambda actor, m: room.RemoveMarks(actor, m.everyones), Permission.ANNOTATE),
    room_row(
        assist_messages.ReportMark,
        lambda actor, m: room.ReportMark(actor, m.mark_id, m.state),
        Permission.TRACK_MARKS,
    ),
    room_row(
        assist_messages.ConfirmMark,
        lambda actor, m: room.ConfirmMark(actor, m.mark_id, m.confirmed),
        Permission.TRACK_MARKS,
    ),
    room_row(
        assist_messages.SetStill,
        lambda actor, m: room.SetStill(actor, m.mark_id, m.still_id),
        Permission.TRACK_MARKS,
    ),
    room_row(assist_messages.SetDevice, assist.set_device, Permission.HOLD_DEVICE, cost=2),
    room_row(
        assist_messages.LeadCamera,
        lambda actor, m: room.LeadCamera(actor, m.participant_id),
        Permission.LEAD_CAMERA,
        cost=6,
    ),
    row(assist_messages.AskDevice, ask_device, permission=Permission.ASK_DEVICE, cost=6),
    room_row(
        assist_messages.AnswerDevice,
        lambda actor, m: room.AnswerDevice(actor, m.ask_id, m.accepted),
        Permission.HOLD_DEVICE,
    ),
    room_row(assist_messages.ShowDocument, assist.show_document, Permission.SHOW_DOCUMENT, cost=2),
    room_row(
        assist_messages.HideDocument,
        lambda actor, _: room.ShowDocument(actor, None),
        Permission.SHOW_DOCUMENT,
    ),
)

STAGE_ROWS = (
    room_row(stage_messages.StageGoLive, lambda actor, _: room.StageGoLive(actor), Permission.DIRECT_STAGE, cost=6),
    room_row(stage_messages.StageEnd, lambda actor, _: room.StageEnd(actor), Permission.DIRECT_STAGE, cost=6),
    room_row(
        stage_messages.StageBring,
        lambda actor, m: room.StageBring(actor, m.participant_id, m.on),
        Permission.DIRECT_STAGE,
    ),
    room_row(
        stage_messages.StageLayout, lambda actor, m: room.StageLayout(actor, m.layout, m.focus), Permission.DIRECT_STAGE
    ),
    room_row(stage_messages.StageName, stage.name, Permission.DIRECT_STAGE),
    room_row(stage_messages.StageSlides, stage.show_slides, Permission.PRESENT, cost=2),
    room_row(stage_messages.StageHideSlides, lambda actor, _: room.StageSlides(actor, None), Permission.PRESENT),
    room_row(stage_messages.StagePage, lambda actor, m: room.StagePage(actor, m.page), Permission.PRESENT),
    room_row(stage_messages.StageRun, stage.set_run, Permission.DIRECT_STAGE, cost=3),
    room_row(stage_messages.StageItem, lambda actor, m: room.StageItem(actor, m.item_id), Permission.DIRECT_STAGE),
    room_row(
        stage_messages.StageCountdown, lambda actor, m: room.StageCountdown(actor, m.seconds), Permission.DIRECT_STAGE
    ),
)

ROWS = (
    row(messages.Hello, hello, states=frozenset({State.CONNECTED}), permission=None, cost=2, barrier=True),
    row(messages.Ping, ping, states=IDENTIFIED, permission=None, lane=Lane.PROBE),
    row(messages.Join, join, states=frozenset({State.AUTHENTICATED}), permission=None, cost=5, barrier=True),
    row(messages.Leave, leave, states=frozenset({State.WAITING, State.JOINED}), permission=None, barrier=True),
    row(messages.Publish, publish, permission=Permission.PUBLISH, cost=5, lane=Lane.MEDIA),
    row(messages.Answer, answer, permission=Permission.SUBSCRIBE, cost=3, lane=Lane.MEDIA),
    row(
        messages.RestartSubscription,
        restart_subscription,
        permission=Permission.SUBSCRIBE,
        cost=5,
        lane=Lane.MEDIA,
    ),
    row(messages.Subscribe, subscribe, permission=Permission.SUBSCRIBE, cost=2, lane=Lane.MEDIA),
    room_row(messages.SetMuted, lambda actor, m: room.SetMuted(actor, m.track_id, m.muted), Permission.PUBLISH),
    room_row(messages.RaiseHand, lambda actor, m: room.RaiseHand(actor, m.raised), Permission.RAISE_HAND),
    room_row(messages.React, lambda actor, m: room.React(actor, m.reaction), Permission.REACT, cost=3),
    room_row(messages.Rename, lambda actor, m: room.Rename(actor, m.name), Permission.RENAME_SELF, cost=6),
    room_row(
        messages.ReportQuality,
        lambda actor, m: room.SetQuality(actor, m.quality, m.cause.value),
        Permission.REPORT_QUALITY,
    ),
    row(messages.SendChat, send_chat, permission=Permission.SEND_CHAT, cost=6),
    room_row(messages.DeleteChat, lambda actor, m: room.DeleteChat(actor, m.message_id), Permission.READ_CHAT, cost=2),
    row(messages.ReadChat, read_chat, permission=Permission.READ_CHAT, cost=6, lane=Lane.HISTORY),
    room_row(messages.ShowKey, lambda actor, m: room.ShowKey(actor, m.public_key), Permission.EXCHANGE_KEYS, cost=12),
    row(messages.SendKeys, send_keys, permission=Permission.EXCHANGE_KEYS, cost=4),
    room_row(
        messages.MuteParticipant,
        lambda actor, m: room.MuteParticipant(actor, m.participant_id, m.source),
        Permission.MUTE_OTHERS,
    ),
    room_row(messages.MuteAll, lambda actor, _: room.MuteAll(actor), Permission.MUTE_OTHERS, cost=3),
    room_row(messages.LowerHand, lambda actor, m: room.LowerHand(actor, m.participant_id), Permission.LOWER_HANDS),
    room_row(messages.Remove, lambda actor, m: room.Remove(actor, m.participant_id), Permission.REMOVE),
    room_row(messages.SetRole, lambda actor, m: room.SetRole(actor, m.participant_id, m.role), Permission.CHANGE_ROLES),
    room_row(messages.SetLocked, lambda actor, m: room.SetLocked(actor, m.locked), Permission.LOCK),
    room_row(messages.SetLobby, lambda actor, m: room.SetLobby(actor, m.enabled), Permission.MANAGE_LOBBY),
    room_row(messages.Admit, lambda actor, m: room.Admit(actor, m.entry_id), Permission.MANAGE_LOBBY),
    room_row(messages.Deny, lambda actor, m: room.Deny(actor, m.entry_id), Permission.MANAGE_LOBBY),
    row(messages.StartRecording, start_recording, permission=Permission.RECORD, cost=6),
    room_row(
        messages.PauseRecording,
        lambda actor, m: room.PauseRecording(actor, m.paused),
        Permission.RECORD,
        cost=3,
    ),
    room_row(messages.StopRecording, lambda actor, _: room.StopRecording(actor), Permission.RECORD, cost=3),
    room_row(messages.End, lambda actor, _: room.End(actor), Permission.END),
    *FILE_ROWS,
    *ASSIST_ROWS,
    *STAGE_ROWS,
)


def checked(rows: Iterable[tuple[Kind, Row]]) -> Mapping[Kind, Row]:
    """The table, if every client message has exactly one row; else the server does not start."""
    table: dict[Kind, Row] = {}
    for kind, entry in rows:
        if kind in table:
            raise ValueError(f"{kind.__name__} has two rows")
        if entry.permission is None and entry.states == IN_ROOM:
            raise ValueError(f"{kind.__name__} is for seats but names no permission")
        table[kind] = entry
    missing = [kind.__name__ for kind in get_args(messages.AnyClientMessage) if kind not in table]
    if missing:
        raise ValueError(f"no row for {', '.join(missing)}")
    return table


TABLE = checked(ROWS)
