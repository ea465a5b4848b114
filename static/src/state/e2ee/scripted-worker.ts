import type { EncryptionDeps } from "./encryption";

/** For unit tests: a browser that could seal frames, if there were any. */
export const scriptedSealing: Pick<EncryptionDeps, "access" | "createWorker" | "capabilities"> = {
  access: "script_transform",
  createWorker: () => ({ postMessage: () => undefined, terminate: () => undefined, onmessage: null }),
  capabilities: () => null,
};
