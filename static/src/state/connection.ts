import {
  PROTOCOL_VERSION,
  RESUMABLE,
  type AnyClientMessage,
  type AnyServerMessage,
  type BandwidthState,
  type ChatPageMessage,
  type Code,
  type EventMessage,
  type JoinedMessage,
  type JoinWaitingMessage,
  type OfferMessage,
  type ReplyTo,
} from "../protocol.gen";
import { backoffMs } from "./backoff";
import type { Clock } from "./clock";
import { Store } from "./store";

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

/**
 * idle: nothing wanted.  connecting: the first socket is on its way.  ready: known to the server, in no room.
 * joining: join was sent.  waiting: in the lobby.  joined.  lost: was in, is coming back.  closed: over, see `code`.
 */
export type LineState =
  "idle" | "connecting" | "ready" | "joining" | "waiting" | "joined" | "lost" | "closed";

export interface Line {
  readonly state: LineState;
  /** When this state began, local clock. */
  readonly sinceMs: number;
  /** Retries made since the line was lost. */
  readonly attempt: number;
  /** When the next try starts, local clock; 0 while a try is under way. */
  readonly nextTryAtMs: number;
  /** Why the line is closed. */
  readonly code: Code | null;
}

/** A request was refused with a closed code, or never reached the server (`unavailable`). */
export class Refusal extends Error {
  constructor(
    readonly code: Code,
    readonly retryAfterMs = 0,
  ) {
    super(code);
    this.name = "Refusal";
  }
}

export interface ConnectionHandlers {
  joined(message: JoinedMessage): void;
  waiting(message: JoinWaitingMessage): void;
  event(message: EventMessage): void;
  offer(message: OfferMessage): void;
  speakers(participantIds: readonly string[]): void;
  /** The seat or the door is closed for good. */
  closed(code: Code): void;
}

type WithoutId<M> = M extends { id: number } ? Omit<M, "id"> : never;
export type Request = WithoutId<AnyClientMessage>;
type Reply = ReplyTo[keyof ReplyTo];

interface Pending {
  readonly type: Request["type"];
  resolve(reply: Reply): void;
  reject(error: Refusal): void;
}

/** A ping at least this often while in a room, so that a dead line is noticed before people ask. */
const PING_PERIOD_MS = 4_000;
/** Silence after a ping that means the line is dead. */
const PONG_WAIT_MS = 3_500;
/** The same, when the network itself has just changed. */
const PROBE_WAIT_MS = 1_500;
/** A socket that neither opens nor fails. */
const OPEN_WAIT_MS = 6_000;

/**
 * The one WebSocket of a page: says hello, joins, answers requests by id, and comes back by itself with the resume token
 * after a loss.  Knows nothing of rooms beyond that.
 */
export class Connection {
  readonly line = new Store<Line>({ state: "idle", sinceMs: 0, attempt: 0, nextTryAtMs: 0, code: null });
  readonly roundTripMs = new Store<number | null>(null);
  /** What the server can send us; told on a change. */
  readonly bandwidth = new Store<BandwidthState>("full");
  /** Server clock minus local clock. */
  serverOffsetMs = 0;
  identity = "";

  #socket: Socket | null = null;
  #generation = 0;
  #token = "";
  #room: string | null = null;
  #resume = "";
  #lastId = 0;
  #joinId = 0;
  #opened = false;
  readonly #pending = new Map<number, Pending>();
  #unsent: string[] = [];
  #stopRetry: (() => void) | null = null;
  #stopHeartbeat: (() => void) | null = null;
  #stopPongWait: (() => void) | null = null;
  #stopOpenWait: (() => void) | null = null;

  constructor(
    private readonly openSocket: OpenSocket,
    private readonly clock: Clock,
    private readonly random: () => number,
    private readonly handlers: ConnectionHandlers,
  ) {}

  /** Opens the socket and says hello, so that a later join costs one flight.  `token` is "" for members. */
  prepare(token: string): void {
    if (this.#socket && token === this.#token && this.line.get().state !== "closed") return;
    this.#token = token;
    this.#drop();
    this.#open("connecting");
  }

  /** Enters the room, or takes the kept seat when `resume` is given.  Pipelined behind hello if that is under way. */
  join(room: string, resume = ""): void {
    this.#room = room;
    this.#resume = resume;
    if (!this.#socket) this.#open("connecting");
    if (this.#opened) this.#sendJoin();
    this.#move("joining");
  }

  /** Says so and closes; the seat is free at once. */
  leave(): void {
    if (this.#opened && this.#room !== null) this.#write({ type: "leave", id: this.#nextId() });
    this.#room = null;
    this.#resume = "";
    this.#drop();
    this.#move("idle");
  }

  /** Closes without leaving: the seat is kept for whoever has the resume token (a reload). */
  abandon(): void {
    this.#room = null;
    this.#drop();
    this.#move("idle");
  }

  /** Rejects with Refusal.  While the line is lost: at once, with `unavailable`. */
  request<R extends Request>(request: R): Promise<ReplyTo[R["type"]]> {
    if (!this.#socket || this.line.get().state === "lost") return Promise.reject(new Refusal("unavailable"));
    const id = this.#nextId();
    const promise = new Promise<Reply>((resolve, reject) => {
      this.#pending.set(id, { type: request.type, resolve, reject });
    });
    this.#write({ ...request, id });
    return promise as Promise<ReplyTo[R["type"]]>;
  }

  /** The network changed or the page came back to the front: find out now whether the line still stands. */
  probe(): void {
    const { state } = this.line.get();
    if (state === "lost" && this.#stopRetry) {
      this.#retryNow();
    } else if (this.#opened) {
      this.#ping(PROBE_WAIT_MS);
    }
  }

  // ------------------------------------------------------------ sockets

  #open(state: LineState): void {
    const generation = ++this.#generation;
    const mine = (): boolean => generation === this.#generation;
    this.#opened = false;
    this.#socket = this.openSocket({
      open: () => mine() && this.#onOpen(),
      message: (text) => mine() && this.#onMessage(text),
      closed: () => mine() && this.#onLost(0),
    });
    this.#stopOpenWait = this.clock.after(OPEN_WAIT_MS, () => mine() && this.#onLost(0));
    if (this.line.get().state !== "lost") this.#move(state);
  }

  #onOpen(): void {
    this.#stopOpenWait?.();
    this.#opened = true;
    const hello: AnyClientMessage = {
      type: "hello",
      id: this.#nextId(),
      protocol: PROTOCOL_VERSION,
      token: this.#token,
    };
    this.#socket?.send(JSON.stringify(hello));
    if (this.#room !== null) this.#sendJoin();
    const unsent = this.#unsent;
    this.#unsent = [];
    for (const text of unsent) this.#socket?.send(text);
    this.#heartbeat(PING_PERIOD_MS);
  }

  #sendJoin(): void {
    this.#joinId = this.#nextId();
    this.#socket?.send(
      JSON.stringify({ type: "join", id: this.#joinId, room: this.#room ?? "", resume: this.#resume }),
    );
  }

  /** Lets go of the socket without a word; requests under way fail. */
  #drop(): void {
    this.#generation += 1;
    this.#opened = false;
    this.#unsent = [];
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    for (const stop of [this.#stopRetry, this.#stopHeartbeat, this.#stopPongWait, this.#stopOpenWait])
      stop?.();
    this.#stopRetry = this.#stopHeartbeat = this.#stopPongWait = this.#stopOpenWait = null;
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const entry of pending) entry.reject(new Refusal("unavailable"));
  }

  #onLost(retryAfterMs: number): void {
    const before = this.line.get();
    this.#drop();
    if (this.#room === null) {
      this.#move("idle");
      return;
    }
    const attempt = before.state === "lost" ? before.attempt + 1 : 0;
    const delayMs = Math.max(retryAfterMs, attempt === 0 ? 0 : backoffMs(attempt - 1, this.random()));
    const now = this.clock.now();
    this.#stopRetry = this.clock.after(delayMs, () => this.#retryNow());
    this.line.set({
      state: "lost",
      sinceMs: before.state === "lost" ? before.sinceMs : now,
      attempt,
      nextTryAtMs: now + delayMs,
      code: null,
    });
  }

  #retryNow(): void {
    this.#stopRetry?.();
    this.#stopRetry = null;
    this.line.update((line) => ({ ...line, nextTryAtMs: 0 }));
    this.#open("connecting");
  }

  #close(code: Code): void {
    this.#room = null;
    this.#drop();
    this.line.set({ state: "closed", sinceMs: this.clock.now(), attempt: 0, nextTryAtMs: 0, code });
    this.handlers.closed(code);
  }

  // ------------------------------------------------------------ messages

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  #write(message: AnyClientMessage): void {
    const text = JSON.stringify(message);
    if (this.#opened) this.#socket?.send(text);
    else this.#unsent.push(text);
  }

  #onMessage(text: string): void {
    const message = JSON.parse(text) as AnyServerMessage;
    this.#stopPongWait?.();
    this.#stopPongWait = null;
    switch (message.type) {
      case "welcome":
        this.identity = message.identity;
        this.serverOffsetMs = message.server_time_ms - this.clock.now();
        this.#heartbeat(Math.min(PING_PERIOD_MS, message.ping_interval_ms));
        if (this.#room === null) this.#move("ready");
        return;
      case "waiting":
        this.#resume = message.resume;
        this.#move("waiting");
        this.handlers.waiting(message);
        return;
      case "joined":
        this.#resume = message.resume;
        // First the line: what is asked because of the snapshot must not find it lost.
        this.#move("joined");
        this.handlers.joined(message);
        return;
      case "event":
        this.handlers.event(message);
        return;
      case "offer":
        this.handlers.offer(message);
        return;
      case "speakers":
        this.handlers.speakers(message.participant_ids);
        return;
      case "bandwidth":
        this.bandwidth.set(message.state);
        return;
      case "closing":
        if (RESUMABLE.has(message.code)) this.#onLost(message.retry_after_ms);
        else this.#close(message.code);
        return;
      case "pong":
        this.roundTripMs.set(this.clock.now() - message.sent_at_ms);
        this.serverOffsetMs = message.server_time_ms - this.clock.now() + (this.roundTripMs.get() ?? 0) / 2;
        this.#pending.delete(message.id);
        return;
      case "error":
        this.#onError(message.id, message.code, message.retry_after_ms);
        return;
      case "ok":
      case "published":
      case "chat_page":
        this.#settle(message.id, message);
        return;
      default:
        message satisfies never;
    }
  }

  #settle(id: number, reply: Reply | ChatPageMessage): void {
    const entry = this.#pending.get(id);
    this.#pending.delete(id);
    entry?.resolve(reply);
  }

  #onError(id: number, code: Code, retryAfterMs: number): void {
    const entry = this.#pending.get(id);
    if (entry) {
      this.#pending.delete(id);
      entry.reject(new Refusal(code, retryAfterMs));
      return;
    }
    // hello or join was refused.  A door that is shut stays shut; one that is busy is tried again.
    const isJoin = id === this.#joinId;
    if (RESUMABLE.has(code)) this.#onLost(retryAfterMs || 1_000);
    else if (isJoin || this.line.get().state !== "joined") this.#close(code);
  }

  #heartbeat(periodMs: number): void {
    this.#stopHeartbeat?.();
    this.#stopHeartbeat = this.clock.every(periodMs, () => this.#ping(PONG_WAIT_MS));
  }

  #ping(waitMs: number): void {
    if (!this.#opened) return;
    this.#write({ type: "ping", id: this.#nextId(), sent_at_ms: this.clock.now() });
    this.#stopPongWait?.();
    const generation = this.#generation;
    this.#stopPongWait = this.clock.after(waitMs, () => {
      if (generation === this.#generation) this.#onLost(0);
    });
  }

  #move(state: LineState): void {
    const line = this.line.get();
    if (line.state === state) return;
    // "lost" lasts until the room is there again: coming back is one state, however many sockets it takes.
    if (line.state === "lost" && (state === "connecting" || state === "joining" || state === "ready")) return;
    this.line.set({ state, sinceMs: this.clock.now(), attempt: 0, nextTryAtMs: 0, code: null });
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
