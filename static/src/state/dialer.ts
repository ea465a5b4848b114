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

/** A packet that was lost on the way out is sent again by the system only after a second: a new try is quicker. */
export const NEXT_TRY_MS = 1_000;
export const TRIES_MAX = 3;
/** With those that a change of the network adds. */
const TRIES_AT_ONCE_MAX = 6;
/** Tries that neither open nor fail. */
export const ROUND_MS = 6_000;

/**
 * Gets a socket: several tries beside each other, a second apart, and the first that opens is it.  Works while a former
 * socket still stands, which is then replaced: a line that seems dead costs no waiting until it is known to be.
 */
export class Dialer {
  #standing: Socket | null = null;
  readonly #tries = new Set<Socket>();
  #stopTimers: (() => void)[] = [];

  constructor(
    private readonly openSocket: OpenSocket,
    private readonly clock: Clock,
    private readonly handlers: DialerHandlers,
  ) {}

  get isOpen(): boolean {
    return this.#standing !== null;
  }

  get isDialing(): boolean {
    return this.#tries.size > 0;
  }

  /** Begins a round of tries, unless one is under way. */
  dial(): void {
    if (this.isDialing) return;
    let left = TRIES_MAX - 1;
    const again = (): void => {
      this.#try();
      left -= 1;
      if (left > 0) this.#stopTimers.push(this.clock.after(NEXT_TRY_MS, again));
    };
    this.#stopTimers.push(
      this.clock.after(NEXT_TRY_MS, again),
      this.clock.after(ROUND_MS, () => {
        this.cancel();
        this.handlers.failed();
      }),
    );
    this.#try();
  }

  /** The network is another than when the tries began: one more, at once. */
  hurry(): void {
    if (this.isDialing && this.#tries.size < TRIES_AT_ONCE_MAX) this.#try();
  }

  send(text: string): void {
    this.#standing?.send(text);
  }

  /** Gives the round up, without a word; a socket that stands is left alone. */
  cancel(): void {
    for (const stop of this.#stopTimers.splice(0)) stop();
    for (const socket of this.#tries) socket.close();
    this.#tries.clear();
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
    const socket: Socket = this.openSocket({
      open: () => this.#tries.has(socket) && this.#open(socket),
      message: (text) => this.#standing === socket && this.handlers.message(text),
      closed: () => this.#closed(socket),
    });
    this.#tries.add(socket);
  }

  #open(socket: Socket): void {
    this.#tries.delete(socket);
    const replaced = this.isOpen;
    this.drop();
    this.#standing = socket;
    this.handlers.opened(replaced);
  }

  #closed(socket: Socket): void {
    if (this.#standing === socket) {
      this.#standing = null;
      this.handlers.closed();
    } else if (this.#tries.delete(socket) && !this.isDialing) {
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
