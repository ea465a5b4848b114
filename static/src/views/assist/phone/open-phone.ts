import type { Mark } from "../../../protocol.gen";
import { ApiError, type Api } from "../../../state/api";
import { systemClock } from "../../../state/clock";
import { CameraControls, type StillPort } from "../../../state/assist/camera-controls";
import { BrowserShelf, MemoryShelf, Outbox, type Delivery, type Parcel } from "../../../state/assist/outbox";
import { OnSite } from "../../../state/assist/phone";
import stampsUrl from "../../../state/assist/stamps-worker?worker&url";
import trackingUrl from "../../../state/assist/tracking-worker?worker&url";
import { Tracking, type FrameAccess } from "../../../state/assist/tracking";
import type { Meeting } from "../../../state/meeting/meeting";
import { workerOf } from "../../room/worker-of";

const log = (what: string, cause: unknown): void => console.warn(`tongxin: ${what}`, cause);

function frameAccess(): FrameAccess {
  if ("MediaStreamTrackProcessor" in window) return "page_processor";
  // Safari has it in workers only, and gives tracks to them.
  const isWebKit = "webkitAudioContext" in window && !("chrome" in window);
  return isWebKit && "VideoFrame" in window ? "worker_processor" : "canvas";
}

export function openTracking(): Tracking {
  return new Tracking({
    access: frameAccess(),
    createWorker: () => workerOf(trackingUrl),
    createStampsWorker: "RTCRtpScriptTransform" in window ? () => workerOf(stampsUrl) : null,
    clock: systemClock,
    log,
  });
}

interface Photographer {
  takePhoto(): Promise<Blob>;
}

const stills: StillPort = {
  takePhoto: (track) => {
    const { ImageCapture } = window as unknown as {
      ImageCapture?: new (track: MediaStreamTrack) => Photographer;
    };
    return ImageCapture ? new ImageCapture(track).takePhoto() : null;
  },
  grab: async (track, sideMax, quality) => {
    const video = document.createElement("video");
    video.muted = true;
    video.playsInline = true;
    video.srcObject = new MediaStream([track]);
    try {
      await video.play();
      const scale = Math.min(1, sideMax / Math.max(video.videoWidth, video.videoHeight));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(video.videoWidth * scale);
      canvas.height = Math.round(video.videoHeight * scale);
      canvas.getContext("2d")?.drawImage(video, 0, 0, canvas.width, canvas.height);
      return await jpegOf(canvas, quality);
    } finally {
      video.srcObject = null;
    }
  },
  copy: ({ picture, size }, sideMax) => {
    if (!picture) return null;
    const longest = Math.min(sideMax, Math.max(picture.displayWidth, picture.displayHeight));
    const scale = longest / Math.max(size.width, size.height);
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(size.width * scale);
    canvas.height = Math.round(size.height * scale);
    canvas.getContext("2d", { alpha: false })?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    return { encode: (quality) => jpegOf(canvas, quality) };
  },
};

function jpegOf(canvas: HTMLCanvasElement, quality: number): Promise<Blob> {
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/jpeg", quality),
  );
}

/** Everything that the phone on site does in one visit. */
export function openPhone(
  meeting: Meeting,
  tracking: Tracking,
  api: Api,
  sessionId: string,
  token: string,
): OnSite {
  const camera = new CameraControls(meeting.local, stills, systemClock, log);
  const shelf = "indexedDB" in window ? new BrowserShelf(window.indexedDB) : new MemoryShelf();
  const outbox = new Outbox(
    shelf,
    (parcel) => deliver(api, sessionId, token, meeting.code, parcel),
    systemClock,
    (parcel) => log("refused", parcel.id),
  );
  void outbox.open();
  return new OnSite({
    archive: {
      marks: async () => (await api.keptMarks(sessionId, token)).marks,
      keyframe: (keyframeId) => api.keptKeyframe(keyframeId, token),
    },
    meeting,
    tracking,
    camera,
    outbox,
    clock: systemClock,
    newId: () => crypto.randomUUID().replaceAll("-", "").slice(0, 24),
    log,
  });
}

async function deliver(
  api: Api,
  sessionId: string,
  token: string,
  room: string,
  parcel: Parcel,
): Promise<Delivery> {
  // What is left of another session waits for that one to be opened again.
  if (sessionId === "" || parcel.room !== room) return "later";
  const base = `/api/assist/sessions/${sessionId}`;
  try {
    if (parcel.kind === "still") {
      const query = new URLSearchParams({
        rtp_timestamp: String(Number(parcel.about["rtp_timestamp"])),
        taken_at_ms: String(parcel.madeAtMs),
      });
      await api.put(`${base}/stills/${parcel.id}?${query.toString()}`, parcel.body, token);
      const marks = parcel.about["marks"];
      if (Array.isArray(marks) && marks.length > 0)
        await api.put(`${base}/stills/${parcel.id}/marks`, { marks: marks as unknown[] }, token);
    } else {
      await api.put(`${base}/keyframes/${parcel.id}`, parcel.body, token);
      for (const mark of parcel.about["marks"] as readonly Mark[])
        await api.put(`${base}/marks/${mark.id}`, { mark, keyframe_id: parcel.id }, token);
    }
    return "done";
  } catch (cause) {
    if (!(cause instanceof ApiError)) throw cause;
    const isLater = cause.status === 0 || cause.status === 404 || cause.status === 429 || cause.status >= 500;
    return isLater ? "later" : "refused";
  }
}
