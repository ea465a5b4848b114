import workerUrl from "../../state/e2ee/worker?worker&url";
import type { EncryptionDeps } from "../../state/e2ee/encryption";
import { frameAccess } from "../../state/e2ee/frame-worker";
import { workerOf } from "./worker-of";

/** What this browser has for encrypted meetings. */
export const sealing: Pick<EncryptionDeps, "access" | "createWorker" | "capabilities"> = {
  access: frameAccess({
    isSecureContext: window.isSecureContext,
    hasScriptTransform: "RTCRtpScriptTransform" in window,
    hasEncodedStreams: "RTCRtpSender" in window && "createEncodedStreams" in RTCRtpSender.prototype,
  }),
  createWorker: () => workerOf(workerUrl),
  capabilities: (media) => RTCRtpSender.getCapabilities(media),
};
