import {
  PROTOCOL_VERSION,
  type AnyServerMessage,
  type RingMessage,
  type RingOverMessage,
} from "../../protocol.gen";
import { backoffMs } from "../backoff";
import type { Clock } from "../clock";
import type { OpenSocket, Socket } from "../dialer";
import { Store } from "../store";

const PING_MS = 25_000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * What a member's page hears outside of any room: the inbox's count, and calls. One socket for all pages that are shown
 * one after the other; it comes back by itself, and what it missed is asked for then (`again`).
 */
export class DeskLine {
  /** null: not known yet. */
  readonly unread = new Store<number | null>(null);
  readonly newest = new Store("");
  readonly ring = new Store<RingMessage | null>(null);
  readonly over = new Store<RingOverMessage | null>(null);
  #socket: Socket | null = null;
  #attempt = 0;
  #id = 0;
  #stopPing: (() => void) | null = null;
  #stopPause: (() => void) | null = null;
  #isClosed = false;

  constructor(
    private readonly openSocket: OpenSocket,
    private readonly clock: Clock,
    /** The line stands, for the first time or again: what may have been missed. */
    private readonly again: () => void,
    private readonly random: () => number = Math.random,
  ) {
    this.#dial();
  }

  close(): void {
    this.#isClosed = true;
    this.#stopPing?.();
    this.#stopPause?.();
    this.#socket?.close();
    this.#socket = null;
  }

  #dial(): void {
    this.#socket = this.openSocket({
      open: () => this.#say({ type: "hello", protocol: PROTOCOL_VERSION, token: "" }),
      message: (text) => this.#hear(JSON.parse(text) as AnyServerMessage),
      closed: () => this.#lost(),
    });
  }

  #say(message: object): void {
    this.#id += 1;
    this.#socket?.send(JSON.stringify({ ...message, id: this.#id }));
  }

  #hear(message: AnyServerMessage): void {
    switch (message.type) {
      case "welcome":
        this.#attempt = 0;
        this.#stopPing?.();
        this.#stopPing = this.clock.every(PING_MS, () =>
          this.#say({ type: "ping", sent_at_ms: this.clock.now() }),
        );
        this.again();
        return;
      case "inbox":
        this.unread.set(message.unread);
        this.newest.set(message.newest);
        return;
      case "ring":
        this.ring.set(message);
        return;
      case "ring_over":
        if (this.ring.get()?.call_id === message.call_id) this.ring.set(null);
        this.over.set(message);
        return;
      case "closing":
        // Signed out, or the account's password changed: the page learns it from what it asks next.
        if (message.code === "unauthenticated" || message.code === "expired") this.close();
        return;
      default:
        return; // what only rooms have
    }
  }

  #lost(): void {
    this.#stopPing?.();
    this.#stopPing = null;
    this.#socket = null;
    if (this.#isClosed) return;
    const pause = backoffMs(this.#attempt, this.random(), LONGEST_PAUSE_MS);
    this.#attempt += 1;
    this.#stopPause = this.clock.after(pause, () => this.#dial());
  }
}
