import type { Code } from "../../protocol.gen";
import type { Notice } from "./notices";

/** away: not entered.  entering, waiting (lobby), inside.  over: `end` says why. */
export type MeetingPhase =
  | { readonly kind: "away" }
  | { readonly kind: "entering" }
  | { readonly kind: "waiting"; readonly sinceMs: number }
  | { readonly kind: "inside" }
  | { readonly kind: "over"; readonly end: "left" | Code };

export type Panel = "chat" | "people" | "details" | "symposium" | null;

export interface ShownReaction {
  readonly id: number;
  readonly participantId: string;
  readonly reaction: string;
}

export interface Announcement {
  readonly id: number;
  readonly notice: Notice;
}
