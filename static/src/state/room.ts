import {
  CHAT_HISTORY_MAX_MESSAGES,
  type AnyEvent,
  type Participant,
  type Role,
  type RoomView,
  type Source,
  type Track,
} from "../protocol.gen";
import { applyAssist, endAssistance, forgetAssistant } from "./assist/apply";
import { applyStage, endStage, forgetOnStage } from "./live/apply-stage";

/**
 * The next view after one event: the same law as rooms/core on the server, so that a snapshot followed by its events is
 * the next snapshot.  Events at or before `view.seq` are old news after a resume and change nothing.
 */
export function applyEvent(view: RoomView, seq: number, event: AnyEvent): RoomView {
  if (seq <= view.seq) return view;
  return { ...change(view, event), seq };
}

function change(view: RoomView, event: AnyEvent): RoomView {
  switch (event.event) {
    case "participant_joined":
      return {
        ...view,
        participants: { ...view.participants, [event.participant.id]: event.participant },
      };
    case "participant_left":
      return forgetOnStage(
        forgetAssistant(
          { ...view, participants: without(view.participants, event.participant_id) },
          event.participant_id,
        ),
        event.participant_id,
      );
    case "presence_changed":
      return withParticipant(view, event.participant_id, (p) => ({ ...p, presence: event.presence }));
    case "participant_renamed":
      return withParticipant(view, event.participant_id, (p) => ({ ...p, name: event.name }));
    case "role_changed":
      return withParticipant(view, event.participant_id, (p) => ({ ...p, role: event.role }));
    case "tracks_changed":
      return withParticipant(view, event.participant_id, (p) => ({ ...p, tracks: event.tracks }));
    case "track_muted":
      return withParticipant(view, event.participant_id, (p) => ({
        ...p,
        tracks: p.tracks.map((track) =>
          track.id === event.track_id ? { ...track, muted: event.muted } : track,
        ),
      }));
    case "hand_raised":
      return withParticipant(view, event.participant_id, (p) => ({
        ...p,
        hand_raised_at_ms: event.raised_at_ms,
      }));
    case "public_key_changed":
      return withParticipant(view, event.participant_id, (p) => ({ ...p, public_key: event.public_key }));
    case "assist_role_changed":
      return withParticipant(view, event.participant_id, (p) => ({ ...p, assist_role: event.assist_role }));
    case "reacted":
    case "keys_received":
    case "record_changed":
      return view;
    case "quality_changed":
      return withParticipant(view, event.participant_id, (p) => ({
        ...p,
        quality: event.quality,
        quality_cause: event.cause,
      }));
    case "chat_sent":
      return { ...view, chat: [...view.chat, event.message].slice(-CHAT_HISTORY_MAX_MESSAGES) };
    case "chat_deleted":
      return {
        ...view,
        chat: view.chat.map((message) =>
          message.id === event.message_id ? { ...message, text: "", deleted: true, file: null } : message,
        ),
      };
    case "recording_changed":
      return { ...view, recording: event.recording };
    case "file_sharing_changed":
      return { ...view, file_sharing: event.sharing };
    case "lock_changed":
      return { ...view, locked: event.locked };
    case "lobby_changed":
      return { ...view, lobby_enabled: event.enabled };
    case "lobby_asked":
      return { ...view, lobby: { ...view.lobby, [event.entry.id]: event.entry } };
    case "lobby_left":
      return { ...view, lobby: without(view.lobby, event.entry_id) };
    case "lobby_listed":
      return { ...view, lobby: Object.fromEntries(event.entries.map((entry) => [entry.id, entry])) };
    case "room_ended":
      return endStage(endAssistance({ ...view, phase: "ended", participants: {}, lobby: {} }));
    case "mark_placed":
    case "mark_changed":
    case "mark_linked":
    case "marks_removed":
    case "mark_state":
    case "mark_confirmed":
    case "mark_still":
    case "device_changed":
    case "device_asked":
    case "device_answered":
    case "document_shown":
      return applyAssist(view, event);
    case "stage_phase_changed":
    case "stage_placed":
    case "stage_arranged":
    case "stage_named":
    case "stage_slides_changed":
    case "stage_run_changed":
    case "stage_item_taken":
    case "stage_countdown_set":
      return applyStage(view, event);
  }
}

function without<V>(record: Readonly<Record<string, V>>, key: string): Readonly<Record<string, V>> {
  return Object.fromEntries(Object.entries(record).filter(([other]) => other !== key));
}

function withParticipant(
  view: RoomView,
  id: string,
  next: (participant: Participant) => Participant,
): RoomView {
  const participant = view.participants[id];
  if (!participant) return view;
  return { ...view, participants: { ...view.participants, [id]: next(participant) } };
}

export function moderates(role: Role | undefined): boolean {
  return role === "host" || role === "co_host";
}

export function trackOf(participant: Participant | undefined, source: Source): Track | undefined {
  return participant?.tracks.find((track) => track.source === source);
}

/** Whether something of this source can be heard or seen now. */
export function isLive(participant: Participant | undefined, source: Source): boolean {
  const track = trackOf(participant, source);
  return track !== undefined && !track.muted;
}

/** Everybody, in the order in which they came. */
export function inOrder(view: RoomView): readonly Participant[] {
  return Object.values(view.participants).sort(
    (a, b) => a.joined_at_ms - b.joined_at_ms || (a.id < b.id ? -1 : 1),
  );
}

/** Those with a raised hand, first come first. */
export function raisedHands(view: RoomView): readonly Participant[] {
  return Object.values(view.participants)
    .filter((participant) => participant.hand_raised_at_ms > 0)
    .sort((a, b) => a.hand_raised_at_ms - b.hand_raised_at_ms);
}

/** Whoever shares a screen, the latest first. */
export function sharers(view: RoomView): readonly Participant[] {
  return inOrder(view)
    .filter((participant) => isLive(participant, "screen"))
    .reverse();
}
