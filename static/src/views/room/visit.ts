import type { RoomView } from "../../protocol.gen";
import type { Api } from "../../state/api";
import { systemClock } from "../../state/clock";
import { webSocketOpener } from "../../state/dialer";
import { Entrance } from "../../state/entrance";
import { plainHooks, type MediaHooks } from "../../state/media/hooks";
import { LevelMeter } from "../../state/media/level";
import { LocalMedia } from "../../state/media/local";
import { Meeting } from "../../state/meeting/meeting";
import type { KeyValue, Preferences } from "../../state/preferences";
import { Seats } from "../../state/seats";
import { sealing } from "./sealing";

/** Moments of a visit, performance.now(); null until they come. */
export interface Marks {
  readonly joinClickedAt: number | null;
  /** The room is there. */
  readonly joinedAt: number | null;
  readonly firstRemoteFrameAt: number | null;
}

/**
 * For tests and for whoever looks into a meeting from the browser's console; read-only, documented in static/README.md.
 */
export interface Inspection {
  readonly pub: RTCPeerConnection | null;
  readonly sub: RTCPeerConnection | null;
  /** The room's state as this page has it. */
  readonly room: RoomView | null;
  readonly participantId: string;
  readonly phase: string;
  readonly line: string;
  /** The phrase of an encrypted meeting; null until it is known, and elsewhere. */
  readonly phrase: readonly string[] | null;
  readonly marks: Marks;
}

declare global {
  interface Window {
    __tongxin?: Inspection;
  }
}

/** Everything that one visit to a room needs of this browser. */
export interface Visit {
  readonly entrance: Entrance;
  readonly meeting: Meeting;
  /** A picture of somebody else is on the screen. */
  remoteFrame(): void;
  inspection(): Inspection;
  close(): void;
}

/** How a visit to a room of assistance differs. */
export interface VisitOptions {
  readonly facing?: "environment";
  readonly around?: (hooks: MediaHooks) => MediaHooks;
}

export function openVisit(
  code: string,
  api: Api,
  preferences: Preferences,
  sessionStorage: KeyValue | null,
  { facing, around }: VisitOptions = {},
): Visit {
  const seats = new Seats(sessionStorage);
  const local = new LocalMedia(
    {
      // Absent outside secure contexts, whatever the type says.
      mediaDevices: navigator.mediaDevices,
      permissions: navigator.permissions,
      isSecureContext: window.isSecureContext,
    },
    preferences,
    systemClock,
  );
  if (facing) local.facing = facing;
  const hooks = plainHooks(
    (kind) => RTCRtpSender.getCapabilities(kind)?.codecs ?? [],
    navigator.hardwareConcurrency,
  );
  const meter = new LevelMeter(() => ("AudioContext" in window ? new AudioContext() : null));
  const meeting = new Meeting({
    code,
    openSocket: webSocketOpener(window.location, "/ws"),
    createPeer: (configuration) => new RTCPeerConnection(configuration),
    sealing,
    hooks: around ? around(hooks) : hooks,
    local,
    meter,
    preferences,
    seats,
    clock: systemClock,
    random: Math.random,
    newNonce: () => Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join(""),
    log: (what, cause) => console.warn(`tongxin: ${what}`, cause),
  });
  const entrance = new Entrance(meeting, api, preferences, seats, systemClock, () => performance.now());
  let firstRemoteFrameAt: number | null = null;
  let joinedAt: number | null = null;
  meeting.phase.subscribe(() => {
    if (meeting.phase.get().kind === "inside") joinedAt ??= performance.now();
  });

  const onHide = (): void => meeting.leaveBehind();
  const onNetwork = (): void => meeting.networkChanged();
  const onFront = (): void => {
    const isFront = document.visibilityState === "visible";
    meeting.wants.setFront(isFront);
    if (isFront) meeting.networkChanged();
  };
  window.addEventListener("pagehide", onHide);
  window.addEventListener("online", onNetwork);
  window.addEventListener("offline", onNetwork);
  document.addEventListener("visibilitychange", onFront);
  // Chromium tells of a change between networks even when it is online all the time.
  const network = "connection" in navigator ? (navigator.connection as EventTarget | undefined) : undefined;
  network?.addEventListener("change", onNetwork);

  return {
    entrance,
    meeting,
    remoteFrame: () => {
      firstRemoteFrameAt ??= performance.now();
    },
    inspection: () => ({
      get pub() {
        return meeting.media.publisher.peer;
      },
      get sub() {
        return meeting.media.subscriber.peer;
      },
      get room() {
        return meeting.view.get();
      },
      get participantId() {
        return meeting.me.get();
      },
      get phase() {
        return meeting.phase.get().kind;
      },
      get line() {
        return meeting.connection.line.get().state;
      },
      get phrase() {
        return meeting.encryption.status.get().phrase;
      },
      get marks() {
        return { joinClickedAt: entrance.joinClickedAt, joinedAt, firstRemoteFrameAt };
      },
    }),
    close: () => {
      window.removeEventListener("pagehide", onHide);
      window.removeEventListener("online", onNetwork);
      window.removeEventListener("offline", onNetwork);
      document.removeEventListener("visibilitychange", onFront);
      network?.removeEventListener("change", onNetwork);
      // Going to another page of the app is leaving the meeting.
      const { kind } = meeting.phase.get();
      if (kind === "away") {
        meeting.connection.abandon();
        meeting.media.stop();
        local.stop();
      } else if (kind !== "over") {
        meeting.leave();
      }
      meter.close();
    },
  };
}
