import { backoffMs } from "../backoff";
import type { Clock } from "../clock";
import { Store } from "../store";
import type { StageLayout } from "./boxes";
import type { LifeState } from "./livestreams";

export type HandState = "raised" | "invited" | "on_stage" | "down";
export type ReactionKind = "like" | "heart" | "clap" | "laugh" | "wow";

export interface HubMessage {
  readonly id: string;
  readonly room: string;
  readonly viewer_id: string;
  readonly name: string;
  readonly role: string;
  readonly text: string;
  readonly at_ms: number;
  readonly state?: "shown" | "held" | "gone";
}

export interface HubQuestion {
  readonly id: string;
  readonly room: string;
  readonly viewer_id: string;
  readonly name: string;
  readonly text: string;
  readonly at_ms: number;
  readonly state?: "held" | "open" | "answered" | "gone";
  readonly answer?: string;
  readonly votes?: number;
}

export interface HubPoll {
  readonly id: string;
  readonly question: string;
  readonly options: readonly string[];
  readonly multiple: boolean;
  readonly state: "draft" | "open" | "closed";
  readonly at_ms: number;
  readonly counts?: readonly number[];
  readonly voters?: number;
}

export interface HubHand {
  readonly viewer_id: string;
  readonly name: string;
  readonly state: HandState;
  readonly at_ms: number;
  /** In the stage room, once they have a ticket. */
  readonly identity?: string;
}

export interface HubBanned {
  readonly viewer_id: string;
  readonly name: string;
  /** Absent: yes. */
  readonly on?: boolean;
}

export interface StageForAudience {
  readonly phase: string;
  readonly layout: StageLayout;
  readonly positions: readonly {
    readonly name: string;
    readonly line: string;
    readonly name_shown: boolean;
    readonly has_video: boolean;
    readonly has_audio: boolean;
    readonly screen: boolean;
  }[];
  readonly slides: { readonly title: string; readonly page: number; readonly pages: number } | null;
  readonly item: { readonly title: string; readonly who: string } | null;
  readonly countdown_ends_at_ms: number;
  readonly live_at_ms: number;
  readonly ended_at_ms: number;
}

/** What somebody on the stage said, as the captions' engine has understood it so far. */
export interface SpokenLine {
  readonly id: string;
  /** Absent: unknown. */
  readonly speaker?: string;
  readonly text: string;
  /** Unix time by the server's clock. */
  readonly begins_ms: number;
  readonly ends_ms: number;
  readonly final?: boolean;
}

export interface HubRules {
  readonly enabled: boolean;
  readonly questions: boolean;
  readonly slow_s: number;
  readonly held: boolean;
}

export interface HubYou {
  readonly viewer_id: string;
  readonly hand?: HandState;
  readonly votes?: readonly string[];
  readonly answers?: Readonly<Record<string, readonly number[]>>;
}

/** One batch; every entry replaces what was known under its id (collab/livestream/PROTOCOL.md). */
export interface HubBatch {
  readonly type: "batch";
  readonly whole?: boolean;
  readonly messages?: readonly HubMessage[];
  readonly gone?: readonly string[];
  readonly pinned?: readonly { readonly room: string; readonly message: HubMessage | null }[];
  readonly questions?: readonly HubQuestion[];
  readonly polls?: readonly HubPoll[];
  readonly hands?: readonly HubHand[];
  readonly banned?: readonly HubBanned[];
  readonly reactions?: Readonly<Partial<Record<ReactionKind, number>>>;
  readonly viewers?: number;
  readonly phase?: LifeState;
  readonly stage?: StageForAudience;
  readonly spoken?: readonly SpokenLine[];
  readonly rules?: HubRules;
  readonly you?: HubYou;
}

export interface HubView {
  readonly messages: readonly HubMessage[];
  readonly questions: readonly HubQuestion[];
  readonly polls: readonly HubPoll[];
  readonly hands: readonly HubHand[];
  readonly banned: readonly HubBanned[];
  readonly pinned: Readonly<Record<string, HubMessage | null>>;
  readonly viewers: number;
  /** "" until the hub has said it. */
  readonly phase: LifeState | "";
  readonly stage: StageForAudience | null;
  /** In the order in which they were said. */
  readonly spoken: readonly SpokenLine[];
  readonly rules: HubRules;
  readonly you: HubYou | null;
}

export const EMPTY: HubView = {
  messages: [],
  questions: [],
  polls: [],
  hands: [],
  banned: [],
  pinned: {},
  viewers: 0,
  phase: "",
  stage: null,
  spoken: [],
  rules: { enabled: true, questions: true, slow_s: 0, held: false },
  you: null,
};

const MESSAGES_MAX = 400;
/** Who watches by HLS is some seconds behind. */
const SPOKEN_MAX = 20;

function put<T extends { readonly id: string }>(
  known: readonly T[],
  news: readonly T[] | undefined,
  gone: ReadonlySet<string>,
): readonly T[] {
  if (!news?.length && !known.some((one) => gone.has(one.id))) return known;
  const all = new Map(known.map((one) => [one.id, one]));
  for (const one of news ?? []) all.set(one.id, one);
  for (const id of gone) all.delete(id);
  return [...all.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function putSpoken(
  known: readonly SpokenLine[],
  news: readonly SpokenLine[] | undefined,
): readonly SpokenLine[] {
  if (!news?.length) return known;
  const all = new Map([...known, ...news].map((one) => [one.id, one]));
  return [...all.values()].sort((a, b) => a.begins_ms - b.begins_ms).slice(-SPOKEN_MAX);
}

/** The view after a batch; hearing the same one twice changes nothing. */
export function applyBatch(before: HubView, batch: HubBatch): HubView {
  const view = batch.whole ? { ...EMPTY, you: before.you, stage: before.stage } : before;
  const gone = new Set(batch.gone);
  const hands = new Map(view.hands.map((hand) => [hand.viewer_id, hand]));
  for (const hand of batch.hands ?? [])
    if (hand.state === "down") hands.delete(hand.viewer_id);
    else hands.set(hand.viewer_id, hand);
  const banned = new Map(view.banned.map((one) => [one.viewer_id, one]));
  for (const one of batch.banned ?? [])
    if (one.on === false) banned.delete(one.viewer_id);
    else banned.set(one.viewer_id, one);
  return {
    messages: put(view.messages, batch.messages, gone).slice(-MESSAGES_MAX),
    questions: put(view.questions, batch.questions, gone),
    polls: put(view.polls, batch.polls, gone),
    hands: batch.hands ? [...hands.values()].sort((a, b) => a.at_ms - b.at_ms) : view.hands,
    banned: batch.banned ? [...banned.values()] : view.banned,
    pinned: batch.pinned
      ? { ...view.pinned, ...Object.fromEntries(batch.pinned.map((one) => [one.room, one.message])) }
      : view.pinned,
    viewers: batch.viewers ?? view.viewers,
    phase: batch.phase ?? view.phase,
    stage: batch.stage ?? view.stage,
    spoken: putSpoken(view.spoken, batch.spoken),
    rules: batch.rules ?? view.rules,
    you: batch.you ?? view.you,
  };
}

/** connecting: also after the line was lost.  closed: over, see `code`; a new token may open it again. */
export type HubLine =
  | { readonly state: "connecting" }
  | { readonly state: "open" }
  | { readonly state: "closed"; readonly code: string };

export interface HubSocket {
  send(text: string): void;
  close(): void;
  addEventListener(type: "open" | "close", listener: () => void): void;
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
}

export class HubRefused extends Error {
  constructor(
    readonly code: string,
    readonly retryAfterMs: number,
  ) {
    super(code);
    this.name = "HubRefused";
  }
}

interface Waiting {
  readonly done: (held: boolean) => void;
  readonly failed: (cause: HubRefused) => void;
}

const REACT_EVERY_MS = 500;
const REACTIONS_AT_ONCE = 20;

/** The audience's socket: comes back by itself, with a token that `token` gives anew each time. */
export class HubClient {
  readonly view = new Store<HubView>(EMPTY);
  readonly line = new Store<HubLine>({ state: "connecting" });
  /** The sums of the last second. */
  readonly reactions = new Store<Readonly<Partial<Record<ReactionKind, number>>>>({});
  #socket: HubSocket | null = null;
  #attempt = 0;
  #next = 1;
  #waiting = new Map<number, Waiting>();
  #takeBack: (() => void) | null = null;
  #left = false;
  #taps = new Map<ReactionKind, number>();
  #tapping: (() => void) | null = null;

  constructor(
    private readonly open: () => HubSocket,
    private readonly token: () => Promise<string>,
    private readonly clock: Clock,
    private readonly random: () => number = Math.random,
  ) {}

  connect(): void {
    this.#left = false;
    this.line.set({ state: "connecting" });
    this.token().then(
      (token) => this.#dial(token),
      () => this.#later(),
    );
  }

  leave(): void {
    this.#left = true;
    this.#takeBack?.();
    this.#tapping?.();
    this.#drop();
  }

  /** Resolves with whether a moderator looks at it first. */
  ask(type: string, fields: object = {}): Promise<boolean> {
    const socket = this.#socket;
    if (!socket || this.line.get().state !== "open")
      return Promise.reject(new HubRefused("unavailable", 1_000));
    const id = this.#next++;
    return new Promise((done, failed) => {
      this.#waiting.set(id, { done, failed });
      socket.send(JSON.stringify({ type, id, ...fields }));
    });
  }

  /** Taps are summed up before they travel. */
  react(kind: ReactionKind): void {
    this.#taps.set(kind, Math.min(REACTIONS_AT_ONCE, (this.#taps.get(kind) ?? 0) + 1));
    this.#tapping ??= this.clock.after(REACT_EVERY_MS, () => {
      this.#tapping = null;
      if (this.line.get().state === "open")
        for (const [tapped, count] of this.#taps)
          this.#socket?.send(JSON.stringify({ type: "react", id: 0, kind: tapped, count }));
      this.#taps.clear();
    });
  }

  /** A newer token of the same person, before the old one runs out or when they have chosen a name. */
  renew(token: string): Promise<boolean> {
    return this.ask("renew", { token });
  }

  #dial(token: string): void {
    if (this.#left) return;
    const socket = this.open();
    this.#socket = socket;
    socket.addEventListener("open", () => socket.send(JSON.stringify({ type: "hello", id: 0, token })));
    socket.addEventListener("message", (event) => this.#hear(socket, String(event.data)));
    socket.addEventListener("close", () => {
      if (this.#socket !== socket) return;
      this.#drop();
      if (this.line.get().state !== "closed") this.#later();
    });
  }

  #hear(socket: HubSocket, text: string): void {
    if (this.#socket !== socket) return;
    const message = JSON.parse(text) as
      | HubBatch
      | { type: "ok"; id: number; held?: boolean }
      | { type: "error"; id: number; code: string; retry_after_ms?: number }
      | { type: "closing"; code: string; retry_after_ms?: number };
    switch (message.type) {
      case "batch":
        if (message.whole) {
          this.#attempt = 0;
          this.line.set({ state: "open" });
        }
        this.view.update((view) => applyBatch(view, message));
        if (message.reactions) this.reactions.set(message.reactions);
        return;
      case "ok":
        this.#take(message.id)?.done(message.held ?? false);
        return;
      case "error":
        this.#take(message.id)?.failed(new HubRefused(message.code, message.retry_after_ms ?? 0));
        return;
      case "closing":
        // A new token helps against the first two; the others are for good.
        if (["expired", "unauthenticated", "moved", "unavailable", "idle"].includes(message.code)) return;
        this.line.set({ state: "closed", code: message.code });
        return;
    }
  }

  #take(id: number): Waiting | undefined {
    const found = this.#waiting.get(id);
    this.#waiting.delete(id);
    return found;
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    for (const one of this.#waiting.values()) one.failed(new HubRefused("unavailable", 1_000));
    this.#waiting.clear();
  }

  #later(): void {
    if (this.#left) return;
    this.line.set({ state: "connecting" });
    this.#takeBack = this.clock.after(backoffMs(this.#attempt++, this.random()), () => this.connect());
  }
}
