"""The one function that moves a view: the server's own and every copy of it.

static/src/state does the same in TypeScript.
"""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from . import assist_apply, stage_apply
from .events import (
    AnyEvent,
    AssistRoleChanged,
    ChatDeleted,
    ChatSent,
    DeviceAnswered,
    DeviceAsked,
    DeviceChanged,
    DocumentShown,
    FileSharingChanged,
    HandRaised,
    KeysReceived,
    LobbyAsked,
    LobbyChanged,
    LobbyLeft,
    LobbyListed,
    LockChanged,
    MarkChanged,
    MarkConfirmed,
    MarkLinked,
    MarkPlaced,
    MarksRemoved,
    MarkStateChanged,
    MarkStill,
    ParticipantJoined,
    ParticipantLeft,
    ParticipantRenamed,
    PresenceChanged,
    PublicKeyChanged,
    QualityChanged,
    Reacted,
    RecordChanged,
    RecordingChanged,
    RoleChanged,
    RoomEnded,
    StageArranged,
    StageCountdownSet,
    StageItemTaken,
    StageNamed,
    StagePhaseChanged,
    StagePlaced,
    StageRunChanged,
    StageSlidesChanged,
    TrackMuted,
    TracksChanged,
)
from .model import CHAT_HISTORY_MAX_MESSAGES, ChatMessage, Participant, Phase, RoomView, Track


def apply(view: RoomView, seq: int, event: AnyEvent) -> None:
    """Move `view` by one event.  An event about somebody that the view does not know changes nothing but `seq`."""
    view.seq = seq
    match event:
        case ParticipantJoined(participant):
            view.participants[participant.id] = participant
        case ParticipantLeft(participant_id):
            view.participants.pop(participant_id, None)
            assist_apply.forget(view, participant_id)
            stage_apply.forget(view, participant_id)
        case PresenceChanged() | ParticipantRenamed() | RoleChanged() | TracksChanged() | TrackMuted():
            _apply_to_participant(view, event)
        case HandRaised() | QualityChanged() | PublicKeyChanged() | AssistRoleChanged():
            _apply_to_participant(view, event)
        case Reacted() | KeysReceived() | RecordChanged():
            pass
        case ChatSent(message):
            view.chat.append(message)
            del view.chat[:-CHAT_HISTORY_MAX_MESSAGES]
        case ChatDeleted(message_id):
            view.chat[:] = [_without_text(message, message_id) for message in view.chat]
        case FileSharingChanged(sharing):
            view.file_sharing = sharing
        case RecordingChanged(recording):
            view.recording = recording
        case LockChanged(locked):
            view.locked = locked
        case LobbyChanged(enabled):
            view.lobby_enabled = enabled
        case LobbyAsked(entry):
            view.lobby[entry.id] = entry
        case LobbyLeft(entry_id):
            view.lobby.pop(entry_id, None)
        case LobbyListed(entries):
            view.lobby = {entry.id: entry for entry in entries}
        case RoomEnded():
            view.phase = Phase.ENDED
            view.participants.clear()
            view.lobby.clear()
            assist_apply.end(view)
            stage_apply.end(view)
        case StagePhaseChanged() | StagePlaced() | StageArranged() | StageNamed():
            stage_apply.apply(view, event)
        case StageSlidesChanged() | StageRunChanged() | StageItemTaken() | StageCountdownSet():
            stage_apply.apply(view, event)
        case MarkPlaced() | MarkChanged() | MarkLinked() | MarksRemoved():
            assist_apply.apply(view, event)
        case MarkStateChanged() | MarkConfirmed() | MarkStill():
            assist_apply.apply(view, event)
        case DeviceChanged() | DeviceAsked() | DeviceAnswered() | DocumentShown():
            assist_apply.apply(view, event)
        case _:
            assert_never(event)


AboutParticipant = (
    PresenceChanged
    | ParticipantRenamed
    | RoleChanged
    | TracksChanged
    | TrackMuted
    | HandRaised
    | QualityChanged
    | PublicKeyChanged
    | AssistRoleChanged
)


def _apply_to_participant(view: RoomView, event: AboutParticipant) -> None:
    participant = view.participants.get(event.participant_id)
    if participant is not None:
        view.participants[participant.id] = _changed(participant, event)


def _changed(participant: Participant, event: AboutParticipant) -> Participant:
    match event:
        case PresenceChanged(_, presence):
            return replace(participant, presence=presence)
        case ParticipantRenamed(_, name):
            return replace(participant, name=name)
        case RoleChanged(_, role):
            return replace(participant, role=role)
        case TracksChanged(_, tracks):
            return replace(participant, tracks=tracks)
        case TrackMuted(_, track_id, muted):
            return replace(participant, tracks=_muted(participant.tracks, track_id, muted))
        case HandRaised(_, raised_at_ms):
            return replace(participant, hand_raised_at_ms=raised_at_ms)
        case QualityChanged(_, quality, cause):
            return replace(participant, quality=quality, quality_cause=cause)
        case PublicKeyChanged(_, public_key):
            return replace(participant, public_key=public_key)
        case AssistRoleChanged(_, assist_role):
            return replace(participant, assist_role=assist_role)
        case _:
            assert_never(event)


def _without_text(message: ChatMessage, message_id: str) -> ChatMessage:
    return replace(message, text="", deleted=True, file=None) if message.id == message_id else message


def _muted(tracks: tuple[Track, ...], track_id: str, muted: bool) -> tuple[Track, ...]:
    return tuple(replace(track, muted=muted) if track.id == track_id else track for track in tracks)
