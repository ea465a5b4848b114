import type { Clock } from "../clock";
import { Store } from "../store";

/** How a peer connection stands.  interrupted: it was connected and nothing arrives; see `sinceMs`. */
export type PeerState = "absent" | "connecting" | "connected" | "interrupted";

export interface PeerLine {
  readonly state: PeerState;
  readonly sinceMs: number;
}

export type CreatePeer = (configuration: RTCConfiguration) => RTCPeerConnection;

/** Browsers call a connection disconnected only after seconds of silence: what has not healed by then is restarted soon. */
export const INTERRUPTION_TOLERATED_MS = 500;
/** A connection that says that it stands proves it by a packet within this time. */
export const PROOF_MS = 400;
/** Between one repair and the look whether it helped, at least. */
const REPAIR_MS = 2_000;
/** The ways that are being tried get this long before a restart tries further ones too, such as a relay. */
export const FIRST_WAYS_MS = 1_500;
/** Waits between restarts; the last repeats. */
const RESTART_WAITS_MS = [0, 2_000, 4_000, 8_000] as const;
/** ICE restarts before the whole connection is made anew. */
const RESTARTS_BEFORE_REBUILD = 2;

export type Repair = "restart" | "rebuild";

/**
 * Watches one peer connection and asks for repairs: an ICE restart first, then a connection made anew, with growing
 * waits, for as long as it is not connected.  Repairs are asked for only while `canRepair` (the line to the server).
 */
export class PeerWatch {
  readonly line: Store<PeerLine>;
  #peer: RTCPeerConnection | null = null;
  #repairs = 0;
  #cancel: (() => void) | null = null;
  #isDoubted = false;

  constructor(
    private readonly clock: Clock,
    private readonly canRepair: () => boolean,
    private readonly repair: (kind: Repair) => void,
  ) {
    this.line = new Store<PeerLine>({ state: "absent", sinceMs: clock.now() });
  }

  follow(peer: RTCPeerConnection): void {
    this.#peer = peer;
    this.#isDoubted = false;
    // A new connection in the place of a broken one: the interruption goes on until this one stands.
    if (this.line.get().state !== "interrupted") this.#move("connecting");
    peer.addEventListener("connectionstatechange", () => this.#peer === peer && this.#look());
    this.#look();
  }

  forget(): void {
    this.#peer = null;
    this.#stop();
    this.#repairs = 0;
    this.#move("absent");
  }

  /**
   * The line to the server is back, or the network changed: do not wait any longer if something is wrong.  It takes a
   * browser five seconds and more to see that a connection over an address that is gone does not stand any more.
   */
  check(): void {
    const peer = this.#peer;
    if (!peer || peer.connectionState === "new") return;
    if (peer.connectionState === "connected" && this.#isDoubted && this.canRepair()) {
      this.#isDoubted = false;
      this.repair("restart");
      return;
    }
    if (peer.connectionState === "connected") {
      this.#askForProof(peer).catch(() => undefined); // statistics of a connection that was closed meanwhile
      return;
    }
    this.#stop();
    this.#plan(0);
  }

  /** Whether its packets have stopped coming, whatever it says itself: then the next check repairs it without a proof. */
  doubt(isDoubted: boolean): void {
    this.#isDoubted = isDoubted;
  }

  /** Restarts a connection that is well, over whatever ways there are now; packets go on by the former until then. */
  renew(): void {
    if (this.#peer?.connectionState === "connected" && this.canRepair()) this.repair("restart");
  }

  /** Ways that the connection was not begun with are known now: unless it stands soon, it is restarted with them. */
  moreWays(): void {
    const state = this.#peer?.connectionState;
    if (state === "new" || state === "connecting") this.#plan(FIRST_WAYS_MS);
  }

  #look(): void {
    const peer = this.#peer;
    if (!peer) return;
    switch (peer.connectionState) {
      case "connected":
        this.#stop();
        this.#repairs = 0;
        this.#move("connected");
        return;
      case "disconnected":
        this.#plan(INTERRUPTION_TOLERATED_MS);
        if (this.line.get().state === "connected") this.#move("interrupted");
        return;
      case "failed":
        this.#move("interrupted");
        this.#stop();
        this.#plan(0);
        return;
      case "new":
      case "connecting":
      case "closed":
        return;
    }
  }

  #plan(leastMs: number): void {
    if (this.#cancel) return;
    const waits = RESTART_WAITS_MS;
    const wait = waits[Math.min(this.#repairs, waits.length - 1)] ?? 0;
    this.#cancel = this.clock.after(Math.max(leastMs, wait), () => {
      this.#cancel = null;
      const state = this.#peer?.connectionState;
      if (!this.#peer || state === "connected") return;
      if (this.canRepair()) {
        const kind = this.#repairs < RESTARTS_BEFORE_REBUILD ? "restart" : "rebuild";
        this.#repairs += 1;
        this.repair(kind);
      }
      this.#plan(REPAIR_MS);
    });
  }

  async #askForProof(peer: RTCPeerConnection): Promise<void> {
    const before = await bytesReceived(peer);
    await new Promise<void>((resolve) => this.clock.after(PROOF_MS, resolve));
    if (this.#peer !== peer || peer.connectionState !== "connected") return;
    if ((await bytesReceived(peer)) > before || this.#peer !== peer || !this.canRepair()) return;
    // In a room where nobody sends this may be one restart for nothing, which nobody notices.
    this.repair("restart");
  }

  #stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #move(state: PeerState): void {
    if (this.line.get().state !== state) this.line.set({ state, sinceMs: this.clock.now() });
  }
}

async function bytesReceived(peer: RTCPeerConnection): Promise<number> {
  let bytes = 0;
  (await peer.getStats()).forEach((entry: { type: string; bytesReceived?: number }) => {
    if (entry.type === "candidate-pair") bytes += entry.bytesReceived ?? 0;
  });
  return bytes;
}
