import workerUrl from "../../state/e2ee/worker?worker&url";
import type { EncryptionDeps } from "../../state/e2ee/encryption";
import { frameAccess } from "../../state/e2ee/frame-worker";

/** The name is in the page's policy (collab/edge/guard.py). */
const POLICY = "tongxin";

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): { createScriptURL(url: string): URL };
}

/** The one script of ours that is named by a URL: under Trusted Types no text becomes a script, whatever it says. */
let trusted: string | URL | null = null;

function trustedWorkerUrl(): string | URL {
  const types = (window as unknown as { trustedTypes?: TrustedTypes }).trustedTypes;
  trusted ??= types
    ? types.createPolicy(POLICY, { createScriptURL: () => workerUrl }).createScriptURL(workerUrl)
    : workerUrl;
  return trusted;
}

/** What this browser has for encrypted meetings. */
export const sealing: Pick<EncryptionDeps, "access" | "createWorker" | "capabilities"> = {
  access: frameAccess({
    isSecureContext: window.isSecureContext,
    hasScriptTransform: "RTCRtpScriptTransform" in window,
    hasEncodedStreams: "RTCRtpSender" in window && "createEncodedStreams" in RTCRtpSender.prototype,
  }),
  createWorker: () => new Worker(trustedWorkerUrl(), { type: "module" }),
  capabilities: (media) => RTCRtpSender.getCapabilities(media),
};
