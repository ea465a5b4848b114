import { ASSIST_ROLES, type AssistRole } from "../../protocol.gen";
import type { KeyValue } from "../preferences";

/** What opening a link gave this tab: the way into one session without an account. */
export interface AssistPass {
  readonly code: string;
  readonly token: string;
  readonly name: string;
  readonly role: AssistRole;
  readonly sessionId: string;
}

const KEY = "tongxin.assist.";

export function keepPass(storage: KeyValue | null, pass: AssistPass): void {
  try {
    storage?.setItem(KEY + pass.code, JSON.stringify(pass));
  } catch {
    // Storage is refused here: after a reload the link has to be opened again.
  }
}

export function readPass(storage: KeyValue | null, code: string): AssistPass | null {
  try {
    const value = JSON.parse(storage?.getItem(KEY + code) ?? "null") as Partial<AssistPass> | null;
    const { token, name, sessionId } = value ?? {};
    const role = ASSIST_ROLES.find((known) => known === value?.role);
    if (typeof token !== "string" || typeof name !== "string" || typeof sessionId !== "string" || !role)
      return null;
    return { code, token, name, role, sessionId };
  } catch {
    return null;
  }
}
