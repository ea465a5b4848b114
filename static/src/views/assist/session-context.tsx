import { createContext, useContext } from "react";
import type { AssistRole } from "../../protocol.gen";
import type { ShownFrame } from "../../state/assist/phone";
import type { MarkPose } from "../../state/assist/poses";
import type { Tracking } from "../../state/assist/tracking";

/** What tests read of the phone's tracker, beside `__tongxin`. */
export interface AssistInspection {
  readonly poses: () => readonly MarkPose[];
  readonly frame: () => ShownFrame | null;
}

declare global {
  interface Window {
    __tongxinAssist?: AssistInspection;
  }
}

/** The session that the live page belongs to, and one's own part in it. */
export interface Session {
  readonly id: string;
  readonly role: AssistRole;
  readonly name: string;
  /** Of an opened link; "" for an account. */
  readonly token: string;
  /** On site only. */
  readonly tracking: Tracking | null;
}

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const value = useContext(SessionContext);
  if (!value) throw new Error("SessionContext is missing");
  return value;
}
