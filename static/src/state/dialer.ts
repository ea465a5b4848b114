import type { Clock } from "./clock";

/** The part of a WebSocket that a connection needs. */
export interface Socket {
  send(text: string): void;
  close(): void;
}

export interface SocketHandlers {
  open(): void;
  message(text: string): void;
  closed(): void;
}

export type OpenSocket = (handlers: SocketHandlers) => Socket;

export interface DialerHandlers {
  /** A socket stands; `replaced` if a former one stood until now. */
  opened(replaced: boolean): void;
  message(text: string): void;
  /** The socket that stood is gone. */
  closed(): void;
  /** No try of this round has led to a socket. */
  failed(): void;
}

/** A try that hangs may have set out by a way that is gone: on a line of known speed a new one is quicker than waiting. */
export const PATIENCE_MS = 700;
/** The first try on a line that nothing is known of. */
export const FIRST_PATIENCE_MS = 3_000;
/** A socket takes three to four round trips. */
const PATIENCE_ROUND_TRIPS = 5;
/** The later the try, the more patience, in case the line has become slow. */
const PATIENCE_TIMES = [1, 1, 1, 2, 4] as const;
/** A change of the network ends a try that has had this long. */
const HURRY_AFTER_MS = 250;
/** Tries that neither open nor fail. */
export const ROUND_MS = 6_000;

/**
 * Gets a socket: one try after the other, for browsers let only one at a time connect to a host (RFC 6455 4.1) and keep
 * further ones waiting behind one that hangs.  Works while a former socket still stands, which is then replaced: a line
 * that seems dead costs no waiting until it is known to be.
 */
export class Dialer {
  #standing: Socket | null = null;
  #trying: Socket | null = null;
  #triedAtMs = 0;
  #tries = 0;
  #stopPatience: (() => void) | null = null;
  #stopRound: (() => void) | null = null;

  constructor(
    private readonly openSocket: OpenSocket,
    private readonly clock: Clock,
    private readonly handlers: DialerHandlers,
    /** As it was last; null while nothing is known. */
    private readonly roundTripMs: () => number | null = () => null,
  ) {}

  get isOpen(): boolean {
    return this.#standing !== null;
  }

  get isDialing(): boolean {
    return this.#trying !== null;
  }

  /** Begins a round of tries, unless one is under way. */
  dial(): void {
    if (this.isDialing) return;
    this.#tries = 0;
    this.#stopRound = this.clock.after(ROUND_MS, () => {
      this.cancel();
      this.handlers.failed();
    });
    this.#try();
  }

  /** The network is another than when the try began: a new one, at once. */
  hurry(): void {
    if (this.isDialing && this.clock.now() - this.#triedAtMs >= HURRY_AFTER_MS) this.#try();
  }

  send(text: string): void {
    this.#standing?.send(text);
  }

  /** Gives the round up, without a word; a socket that stands is left alone. */
  cancel(): void {
    this.#stopPatience?.();
    this.#stopRound?.();
    this.#stopPatience = this.#stopRound = null;
    const trying = this.#trying;
    this.#trying = null;
    trying?.close();
  }

  /** Closes everything, without a word. */
  drop(): void {
    this.cancel();
    this.hangUp();
  }

  /** Closes the socket that stands, without a word; tries go on. */
  hangUp(): void {
    const standing = this.#standing;
    this.#standing = null;
    standing?.close();
  }

  #try(): void {
    this.#stopPatience?.();
    this.#trying?.close();
    const socket: Socket = this.openSocket({
      open: () => this.#trying === socket && this.#open(socket),
      message: (text) => this.#standing === socket && this.handlers.message(text),
      closed: () => this.#closed(socket),
    });
    this.#trying = socket;
    this.#triedAtMs = this.clock.now();
    this.#stopPatience = this.clock.after(this.#patienceMs(), () => this.#try());
    this.#tries += 1;
  }

  #patienceMs(): number {
    const roundTripMs = this.roundTripMs();
    if (roundTripMs === null) return FIRST_PATIENCE_MS;
    const times = PATIENCE_TIMES[Math.min(this.#tries, PATIENCE_TIMES.length - 1)] ?? 1;
    const leastMs = Math.max(PATIENCE_MS, PATIENCE_ROUND_TRIPS * roundTripMs);
    return times * Math.min(leastMs, FIRST_PATIENCE_MS);
  }

  #open(socket: Socket): void {
    this.#trying = null;
    const replaced = this.isOpen;
    this.drop();
    this.#standing = socket;
    this.handlers.opened(replaced);
  }

  #closed(socket: Socket): void {
    if (this.#standing === socket) {
      this.#standing = null;
      this.handlers.closed();
    } else if (this.#trying === socket) {
      this.#trying = null;
      this.cancel();
      this.handlers.failed();
    }
  }
}

/** A socket to `path` of the server that the page came from. */
export function webSocketOpener(location: { protocol: string; host: string }, path: string): OpenSocket {
  const url = `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}${path}`;
  return (handlers) => {
    const socket = new WebSocket(url);
    socket.onopen = () => handlers.open();
    socket.onmessage = (message) => handlers.message(String(message.data));
    socket.onclose = () => handlers.closed();
    return {
      send: (text) => socket.send(text),
      close: () => {
        socket.onopen = socket.onmessage = socket.onclose = null;
        socket.close();
      },
    };
  };
}
