import {
  type EncodingsMessage,
  type PreferredCodecMessage,
  PROTOCOL_VERSION,
  RESUMABLE,
  type AnyClientMessage,
  type AnyServerMessage,
  type BandwidthState,
  type ChatPageMessage,
  type FilePathMessage,
  type Code,
  type EventMessage,
  type IceServer,
  type JoinedMessage,
  type JoinWaitingMessage,
  type OfferMessage,
  type ReplyTo,
} from "../protocol.gen";
import { backoffMs } from "./backoff";
import type { Clock } from "./clock";
import { Dialer, type OpenSocket } from "./dialer";
import { Store } from "./store";

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
  encodings(message: EncodingsMessage): void;
  codec(message: PreferredCodecMessage): void;
  /** Relay credentials that last longer than those before. */
  iceServers(servers: readonly IceServer[]): void;
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
/** Silence after a ping that means the line is dead, and silence after which another one is tried beside it. */
const PONG_WAIT = { deadMs: 3_500, doubtMs: 1_000 } as const;
/** The same, when the network itself has just changed, or media have stopped coming. */
const PROBE_WAIT = { deadMs: 1_500, doubtMs: 300 } as const;
/** A probe is doubted after so many of the last round trips, if that is sooner, but not before the least. */
const DOUBT_ROUND_TRIPS = 2;
const DOUBT_LEAST_MS = 100;
/** While the seat is kept, it is worth trying often, and more so at first.  Chromium slows down who tries much more often. */
const SEAT_KEPT_MS = 60_000;
const SEAT_RETRY_MS = 1_000;
const SOON_MS = 10_000;
const SOON_RETRY_MS = 500;
const SEARCH_AGAIN_MS = 300;

/**
 * The one WebSocket of a page: says hello, joins, answers requests by id, and comes back by itself with the resume token
 * after a loss.  Knows nothing of rooms beyond that.
 */
export class Connection {
  readonly line = new Store<Line>({ state: "idle", sinceMs: 0, attempt: 0, nextTryAtMs: 0, code: null });
  readonly roundTripMs = new Store<number | null>(null);
  /** What the server can send us; told on a change. */
  readonly bandwidth = new Store<BandwidthState>("full");
  /** Ids of wanted pictures that come in no codec that this browser has. */
  readonly undecodable = new Store<ReadonlySet<string>>(new Set());
  /** Server clock minus local clock. */
  serverOffsetMs = 0;
  identity = "";

  readonly #dialer: Dialer;
  #token = "";
  #room: string | null = null;
  #resume = "";
  #lastId = 0;
  #joinId = 0;
  readonly #pending = new Map<number, Pending>();
  #unsent: string[] = [];
  #stopRetry: (() => void) | null = null;
  #stopHeartbeat: (() => void) | null = null;
  #stopPongWait: (() => void) | null = null;
  #onAlive: (() => void) | null = null;

  constructor(
    openSocket: OpenSocket,
    private readonly clock: Clock,
    private readonly random: () => number,
    private readonly handlers: ConnectionHandlers,
  ) {
    this.#dialer = new Dialer(
      openSocket,
      clock,
      {
        opened: (replaced) => this.#onOpen(replaced),
        message: (text) => this.#onMessage(text),
        closed: () => this.#onLost(0),
        failed: () => this.#onNoWay(),
      },
      () => this.roundTripMs.get(),
    );
  }

  /** Opens the socket and says hello, so that a later join costs one flight.  `token` is "" for members. */
  prepare(token: string): void {
    if (this.#hasSocket && token === this.#token && this.line.get().state !== "closed") return;
    this.#token = token;
    this.#drop();
    this.#open("connecting");
  }

  /** Enters the room, or takes the kept seat when `resume` is given.  Pipelined behind hello if that is under way. */
  join(room: string, resume = ""): void {
    this.#room = room;
    this.#resume = resume;
    if (!this.#hasSocket) this.#open("connecting");
    if (this.#dialer.isOpen) this.#sendJoin();
    this.#move("joining");
  }

  /** Says so and closes; the seat is free at once. */
  leave(): void {
    if (this.#dialer.isOpen && this.#room !== null) this.#write({ type: "leave", id: this.#nextId() });
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
    if (!this.#hasSocket || this.line.get().state === "lost")
      return Promise.reject(new Refusal("unavailable"));
    const id = this.#nextId();
    const promise = new Promise<Reply>((resolve, reject) => {
      this.#pending.set(id, { type: request.type, resolve, reject });
    });
    this.#write({ ...request, id });
    return promise as Promise<ReplyTo[R["type"]]>;
  }

  /**
   * The network changed, media stopped or the page came back to the front: find out now whether the line still stands.
   * `onAlive` is called if it turns out that it does.
   */
  probe(onAlive: (() => void) | null = null): void {
    const { state } = this.line.get();
    if (state === "lost" && this.#stopRetry) {
      this.#retryNow();
    } else if (state === "lost" && !this.#dialer.isOpen) {
      this.#dialer.hurry();
    } else if (this.#dialer.isOpen) {
      this.#onAlive = onAlive;
      const roundTripMs = this.roundTripMs.get() ?? PROBE_WAIT.doubtMs;
      const doubtMs = Math.max(DOUBT_LEAST_MS, DOUBT_ROUND_TRIPS * roundTripMs);
      this.#ping({ ...PROBE_WAIT, doubtMs: Math.min(doubtMs, PROBE_WAIT.doubtMs) });
    }
  }

  // ------------------------------------------------------------ sockets

  get #hasSocket(): boolean {
    return this.#dialer.isOpen || this.#dialer.isDialing;
  }

  #open(state: LineState): void {
    this.#dialer.dial();
    if (this.line.get().state !== "lost") this.#move(state);
  }

  /** A socket stands.  One that `replaced` another was tried beside it because that one seemed dead. */
  #onOpen(replaced: boolean): void {
    this.#letGo();
    if (replaced) {
      this.#rejectPending();
      this.#moveToLost(0, 0);
    }
    const hello: AnyClientMessage = {
      type: "hello",
      id: this.#nextId(),
      protocol: PROTOCOL_VERSION,
      token: this.#token,
    };
    this.#dialer.send(JSON.stringify(hello));
    if (this.#room !== null) this.#sendJoin();
    const unsent = this.#unsent;
    this.#unsent = [];
    for (const text of unsent) this.#dialer.send(text);
    this.#heartbeat(PING_PERIOD_MS);
  }

  #sendJoin(): void {
    this.#joinId = this.#nextId();
    this.#dialer.send(
      JSON.stringify({ type: "join", id: this.#joinId, room: this.#room ?? "", resume: this.#resume }),
    );
  }

  /** Lets go of the socket without a word; requests under way fail. */
  #drop(): void {
    this.#unsent = [];
    this.#dialer.drop();
    this.#letGo();
    this.#rejectPending();
  }

  #rejectPending(): void {
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const entry of pending) entry.reject(new Refusal("unavailable"));
  }

  #letGo(): void {
    for (const stop of [this.#stopRetry, this.#stopHeartbeat, this.#stopPongWait]) stop?.();
    this.#stopRetry = this.#stopHeartbeat = this.#stopPongWait = this.#onAlive = null;
  }

  /** Nothing was heard for a while: look for another way beside this one, for what is said here may be lost. */
  #doubt(): void {
    if (this.#room !== null) this.#dialer.dial();
  }

  /** No way was found.  While a socket stands, its own silence decides; as long as that lasts, the search goes on. */
  #onNoWay(): void {
    if (!this.#dialer.isOpen) {
      this.#onLost(0);
    } else if (this.#stopPongWait) {
      const stopWait = this.#stopPongWait;
      const stopSearch = this.clock.after(SEARCH_AGAIN_MS, () => this.#doubt());
      this.#stopPongWait = () => {
        stopWait();
        stopSearch();
      };
    }
  }

  #onLost(retryAfterMs: number): void {
    const before = this.line.get();
    if (this.#room !== null && this.#dialer.isDialing && retryAfterMs === 0) {
      // Another socket is being tried already.
      this.#dialer.hangUp();
      this.#letGo();
      this.#rejectPending();
      this.#moveToLost(before.state === "lost" ? before.attempt : 0, 0);
      return;
    }
    this.#drop();
    if (this.#room === null) {
      this.#move("idle");
      return;
    }
    const attempt = before.state === "lost" ? before.attempt + 1 : 0;
    const now = this.clock.now();
    const isSeatKept = before.state !== "lost" || now - before.sinceMs < SEAT_KEPT_MS;
    const isSoon = before.state !== "lost" || now - before.sinceMs < SOON_MS;
    const longestMs = isSoon ? SOON_RETRY_MS : isSeatKept ? SEAT_RETRY_MS : undefined;
    const pauseMs = attempt === 0 ? 0 : backoffMs(attempt - 1, this.random(), longestMs);
    const delayMs = Math.max(retryAfterMs, pauseMs);
    this.#stopRetry = this.clock.after(delayMs, () => this.#retryNow());
    this.#moveToLost(attempt, now + delayMs);
  }

  #moveToLost(attempt: number, nextTryAtMs: number): void {
    const { state, sinceMs } = this.line.get();
    this.line.set({
      state: "lost",
      sinceMs: state === "lost" ? sinceMs : this.clock.now(),
      attempt,
      nextTryAtMs,
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
    if (this.#dialer.isOpen) this.#dialer.send(text);
    else this.#unsent.push(text);
  }

  #onMessage(text: string): void {
    const message = JSON.parse(text) as AnyServerMessage;
    this.#stopPongWait?.();
    this.#stopPongWait = null;
    this.#dialer.cancel();
    const onAlive = this.#onAlive;
    this.#onAlive = null;
    onAlive?.();
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
      case "ice_servers":
        this.handlers.iceServers(message.ice_servers);
        return;
      case "speakers":
        this.handlers.speakers(message.participant_ids);
        return;
      case "encodings":
        this.handlers.encodings(message);
        return;
      case "codec":
        this.handlers.codec(message);
        return;
      case "undecodable":
        this.undecodable.set(new Set(message.track_ids));
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
      case "inbox":
      case "ring":
      case "ring_over":
        return; // to all pages of this person: those of the desk show them
      case "ok":
      case "published":
      case "chat_page":
      case "file_path":
        this.#settle(message.id, message);
        return;
      default:
        message satisfies never;
    }
  }

  #settle(id: number, reply: Reply | ChatPageMessage | FilePathMessage): void {
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
    this.#stopHeartbeat = this.clock.every(periodMs, () => this.#ping(PONG_WAIT));
  }

  #ping(wait: { readonly deadMs: number; readonly doubtMs: number }): void {
    if (!this.#dialer.isOpen) return;
    this.#write({ type: "ping", id: this.#nextId(), sent_at_ms: this.clock.now() });
    this.#stopPongWait?.();
    const stopDoubt = this.clock.after(wait.doubtMs, () => this.#doubt());
    const stopDead = this.clock.after(wait.deadMs, () => this.#onLost(0));
    this.#stopPongWait = () => {
      stopDoubt();
      stopDead();
    };
  }

  #move(state: LineState): void {
    const line = this.line.get();
    if (line.state === state) return;
    // "lost" lasts until the room is there again: coming back is one state, however many sockets it takes.
    if (line.state === "lost" && (state === "connecting" || state === "joining" || state === "ready")) return;
    this.line.set({ state, sinceMs: this.clock.now(), attempt: 0, nextTryAtMs: 0, code: null });
  }
}
