import type { AnyEvent, Code, Recording, RoomView, Source } from "../../protocol.gen";
import type { MediaProblem } from "../media/local";
import { moderates } from "../room";

/** What a person is told about in passing: by a toast, to a screen reader, or both.  Texts are in the catalogue. */
export type Notice =
  | { readonly kind: "joined"; readonly name: string }
  | { readonly kind: "left"; readonly name: string }
  | { readonly kind: "hand_raised"; readonly name: string }
  | { readonly kind: "hand_lowered_by"; readonly name: string }
  | { readonly kind: "chat"; readonly name: string; readonly text: string }
  | {
      readonly kind: "asks_to_enter";
      readonly name: string;
      readonly entryId: string;
      readonly doubt: boolean;
    }
  | { readonly kind: "shares_screen"; readonly name: string }
  | { readonly kind: "muted_by"; readonly name: string; readonly source: Source }
  | { readonly kind: "role_is"; readonly role: "host" | "co_host" | "participant" | "guest" }
  | { readonly kind: "locked"; readonly locked: boolean }
  | { readonly kind: "lobby"; readonly enabled: boolean }
  | { readonly kind: "recording_is"; readonly recording: RecordingWord; readonly name: string }
  | { readonly kind: "removed_other"; readonly name: string }
  | { readonly kind: "device_lost"; readonly device: "microphone" | "camera" }
  | {
      readonly kind: "device_fails";
      readonly device: "microphone" | "camera" | "screen";
      readonly problem: MediaProblem;
    }
  | { readonly kind: "refused"; readonly code: Code }
  | { readonly kind: "video_is"; readonly paused: boolean }
  | { readonly kind: "copied" }
  | { readonly kind: "back" }
  | { readonly kind: "hand_is"; readonly raised: boolean };

/** What an event means to `me`, judged on the view before it; null when it needs no words. */
export function noticeOf(view: RoomView, event: AnyEvent, me: string): Notice | null {
  const nameOf = (id: string): string => view.participants[id]?.name ?? "";
  const mine = (id: string): boolean => id === me;
  switch (event.event) {
    case "participant_joined":
      return mine(event.participant.id) || view.participants[event.participant.id]
        ? null
        : { kind: "joined", name: event.participant.name };
    case "participant_left":
      if (mine(event.participant_id) || event.reason === "replaced" || event.reason === "ended") return null;
      return {
        kind: event.reason === "removed" ? "removed_other" : "left",
        name: nameOf(event.participant_id),
      };
    case "hand_raised":
      if (event.raised_at_ms > 0)
        return mine(event.participant_id)
          ? null
          : { kind: "hand_raised", name: nameOf(event.participant_id) };
      return mine(event.participant_id) && !mine(event.by) && event.by !== ""
        ? { kind: "hand_lowered_by", name: nameOf(event.by) }
        : null;
    case "chat_sent":
      return mine(event.message.sender_id)
        ? null
        : { kind: "chat", name: event.message.sender_name, text: event.message.text };
    case "lobby_asked":
      return moderates(view.participants[me]?.role)
        ? {
            kind: "asks_to_enter",
            name: event.entry.name,
            entryId: event.entry.id,
            doubt: event.entry.note !== "",
          }
        : null;
    case "tracks_changed": {
      const before = view.participants[event.participant_id];
      const shared = (tracks: readonly { source: Source }[]): boolean =>
        tracks.some((track) => track.source === "screen");
      return before && !mine(event.participant_id) && shared(event.tracks) && !shared(before.tracks)
        ? { kind: "shares_screen", name: before.name }
        : null;
    }
    case "track_muted": {
      if (!mine(event.participant_id) || mine(event.by) || !event.muted) return null;
      const track = view.participants[me]?.tracks.find((other) => other.id === event.track_id);
      return track && !track.muted
        ? { kind: "muted_by", name: nameOf(event.by), source: track.source }
        : null;
    }
    case "role_changed":
      return mine(event.participant_id) ? { kind: "role_is", role: event.role } : null;
    case "lock_changed":
      return mine(event.by) ? null : { kind: "locked", locked: event.locked };
    case "recording_changed": {
      const word = recordingWord(view.recording, event.recording);
      return word ? { kind: "recording_is", recording: word, name: nameOf(event.recording.by) } : null;
    }
    case "lobby_changed":
      return mine(event.by) ? null : { kind: "lobby", enabled: event.enabled };
    case "presence_changed":
    case "participant_renamed":
    case "reacted":
    case "quality_changed":
    case "public_key_changed":
    case "keys_received":
    case "chat_deleted":
    case "file_sharing_changed":
    case "lobby_left":
    case "lobby_listed":
    case "room_ended":
    case "assist_role_changed":
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
    case "record_changed":
    case "stage_phase_changed":
    case "stage_placed":
    case "stage_arranged":
    case "stage_named":
    case "stage_slides_changed":
    case "stage_run_changed":
    case "stage_item_taken":
    case "stage_countdown_set":
      return null; // what happens on a stage, its panel says
  }
}

/** What whoever comes in late is told of a recording that runs; null when none does. */
export function recordingAtJoin({ state, by }: Recording, name: (id: string) => string): Notice | null {
  if (state === "off") return null;
  return { kind: "recording_is", recording: state === "paused" ? "paused" : "running", name: name(by) };
}

/** What is worth saying of a recording: everybody is told that it begins, pauses, goes on and ends, and why. */
export type RecordingWord = "starting" | "running" | "paused" | "resumed" | "stopped" | "failed";

function recordingWord(before: Recording, now: Recording): RecordingWord | null {
  if (now.state === before.state) return null;
  switch (now.state) {
    case "starting":
      return before.state === "off" ? "starting" : null;
    case "paused":
      return "paused";
    case "on":
      return before.state === "paused" ? "resumed" : null;
    case "off":
      return now.end === "disk" || now.end === "fault" ? "failed" : "stopped";
  }
}
