import { CHAT_TEXT_MAX_CHARS, type ChatMessage, type ChatPageMessage } from "../protocol.gen";
import type { Clock } from "./clock";
import { Refusal } from "./connection";
import { utf8 } from "./e2ee/bytes";
import { SEALED_TEXT_MAX_BYTES } from "./e2ee/chat-cipher";
import { Store } from "./store";

/** sending: on its way (or waiting for the line).  sent: the room has it.  failed: refused, can be sent again. */
export type Delivery = "sending" | "sent" | "failed";

/** clear: as it is.  opening: sealed, its key is on the way.  opened.  unreadable: written before this page had keys. */
export type Sealing = "clear" | "opening" | "opened" | "unreadable";

export interface ChatLine {
  readonly message: ChatMessage;
  readonly delivery: Delivery;
  readonly sealing: Sealing;
  /** Being deleted by us, can still be undone. */
  readonly vanishing: boolean;
}

export interface ChatState {
  readonly lines: readonly ChatLine[];
  readonly unread: number;
  readonly hasOlder: boolean;
  readonly loadingOlder: boolean;
}

export interface ChatPort {
  send(text: string, nonce: string): Promise<unknown>;
  remove(messageId: string): Promise<unknown>;
  older(beforeId: string, limit: number): Promise<ChatPageMessage>;
}

/** Of an encrypted room: what is sent and kept is sealed, and opened here. */
export interface ChatSeal {
  isOn(): boolean;
  open(message: ChatMessage): Promise<string | null>;
}

const IN_THE_CLEAR: ChatSeal = { isOn: () => false, open: ({ text }) => Promise.resolve(text) };

export const UNDO_MS = 5_000;
const PAGE = 50;
/** Of one saving: 10,000 messages. */
const PAGES_MAX = 200;
/** As many messages as a snapshot carries: there may be older ones. */
const FULL_SNAPSHOT = 200;

/**
 * What was said in writing.  A message carries a nonce: sent again after a lost line it is still one message, and the
 * room's copy takes the place of ours.
 */
export class Chat {
  readonly state = new Store<ChatState>({ lines: [], unread: 0, hasOlder: false, loadingOlder: false });
  #messages: ChatMessage[] = [];
  readonly #outbox = new Map<string, { message: ChatMessage; delivery: Delivery }>();
  readonly #vanishing = new Map<string, () => void>();
  #visible = false;
  #unread = 0;
  #hasOlder = false;
  #loadingOlder = false;
  #me = "";
  #started = false;
  /** Texts of sealed messages by id; null: unreadable. */
  readonly #opened = new Map<string, string | null>();

  constructor(
    private readonly port: ChatPort,
    private readonly clock: Clock,
    private readonly newNonce: () => string,
    private readonly seal: ChatSeal = IN_THE_CLEAR,
  ) {}

  /** The room's recent messages, at joining and after each resume. */
  restore(recent: readonly ChatMessage[], me: string): void {
    this.#me = me;
    const known = new Set(this.#messages.map((message) => message.id));
    const overlaps = recent.some((message) => known.has(message.id));
    const fresh = recent.filter((message) => !known.has(message.id));
    if (this.#started && overlaps) {
      // Messages that we have already may have been deleted meanwhile.
      const byId = new Map(recent.map((message) => [message.id, message]));
      this.#messages = [...this.#messages.map((message) => byId.get(message.id) ?? message), ...fresh];
    } else {
      this.#messages = [...recent];
      this.#hasOlder = recent.length >= FULL_SNAPSHOT;
    }
    if (this.#started && !this.#visible) this.#unread += fresh.filter((m) => !this.#isMine(m)).length;
    this.#started = true;
    for (const message of recent) this.#arrived(message);
    this.#resend();
    this.#show();
  }

  /** True when the message is news from somebody else. */
  onSent(message: ChatMessage): boolean {
    if (this.#messages.some((other) => other.id === message.id)) return false;
    this.#messages = [...this.#messages, message];
    this.#arrived(message);
    const foreign = !this.#isMine(message);
    if (foreign && !this.#visible) this.#unread += 1;
    this.#show();
    return foreign;
  }

  onDeleted(messageId: string): void {
    this.#messages = this.#messages.map((message) =>
      message.id === messageId ? { ...message, text: "", deleted: true, file: null } : message,
    );
    this.#vanishing.get(messageId)?.();
    this.#vanishing.delete(messageId);
    this.#show();
  }

  /** False when there is nothing to send or it is too long. */
  send(text: string): boolean {
    const trimmed = text.trim();
    if (trimmed === "" || this.surplus(text) > 0) return false;
    const nonce = this.newNonce();
    const message: ChatMessage = {
      id: `nonce:${nonce}`,
      sender_id: this.#me,
      sender_name: "",
      text: trimmed,
      sent_at_ms: this.clock.now(),
      nonce,
      deleted: false,
      file: null,
    };
    this.#outbox.set(nonce, { message, delivery: "sending" });
    this.#transmit(nonce);
    this.#show();
    return true;
  }

  /** Characters that are too many; those of a sealed message count by their bytes. */
  surplus(text: string): number {
    const characters = [...text.trim()];
    if (!this.seal.isOn()) return Math.max(0, characters.length - CHAT_TEXT_MAX_CHARS);
    let bytes = utf8(characters.join("")).length;
    let count = 0;
    for (; bytes > SEALED_TEXT_MAX_BYTES; count += 1) bytes -= utf8(characters.at(-1 - count) ?? "").length;
    return count;
  }

  retry(nonce: string): void {
    const entry = this.#outbox.get(nonce);
    if (!entry) return;
    this.#outbox.set(nonce, { ...entry, delivery: "sending" });
    this.#transmit(nonce);
    this.#show();
  }

  discard(nonce: string): void {
    this.#outbox.delete(nonce);
    this.#show();
  }

  /** Deletes in a few seconds unless `undoDelete` is called. */
  remove(messageId: string): void {
    if (this.#vanishing.has(messageId)) return;
    const cancel = this.clock.after(UNDO_MS, () => {
      this.port.remove(messageId).catch(() => {
        this.#vanishing.delete(messageId);
        this.#show();
      });
    });
    this.#vanishing.set(messageId, cancel);
    this.#show();
  }

  undoDelete(messageId: string): void {
    this.#vanishing.get(messageId)?.();
    this.#vanishing.delete(messageId);
    this.#show();
  }

  setVisible(visible: boolean): void {
    this.#visible = visible;
    if (visible) this.#unread = 0;
    this.#show();
  }

  async loadOlder(): Promise<void> {
    const oldest = this.#messages[0];
    if (!oldest || this.#loadingOlder) return;
    this.#loadingOlder = true;
    this.#show();
    try {
      const page = await this.port.older(oldest.id, PAGE);
      const known = new Set(this.#messages.map((message) => message.id));
      this.#messages = [...page.messages.filter((message) => !known.has(message.id)), ...this.#messages];
      this.#hasOlder = page.more;
      for (const message of page.messages) this.#arrived(message);
    } catch {
      // The button stays where it is.
    } finally {
      this.#loadingOlder = false;
      this.#show();
    }
  }

  /** Everything that was said, for keeping.  False when older messages did not come: the room is asked no faster. */
  async loadAll(): Promise<boolean> {
    for (let pages = 0; pages < PAGES_MAX; pages += 1) {
      if (!this.#hasOlder) return true;
      const before = this.#messages.length;
      await this.loadOlder();
      if (this.#messages.length === before) break;
    }
    return !this.#hasOlder;
  }

  // ------------------------------------------------------------ inside

  #isMine(message: ChatMessage): boolean {
    return message.sender_id === this.#me;
  }

  #arrived(message: ChatMessage): void {
    const written = this.#isMine(message) ? this.#outbox.get(message.nonce)?.message.text : undefined;
    if (message.nonce && this.#isMine(message)) this.#outbox.delete(message.nonce);
    if (!this.seal.isOn() || message.deleted || this.#opened.has(message.id)) return;
    if (written !== undefined) {
      this.#opened.set(message.id, written);
      return;
    }
    void this.seal.open(message).then((text) => {
      this.#opened.set(message.id, text);
      this.#show();
    });
  }

  #shown(message: ChatMessage): Pick<ChatLine, "message" | "sealing"> {
    if (!this.seal.isOn() || message.deleted) return { message, sealing: "clear" };
    const text = this.#opened.get(message.id);
    const sealing = text === undefined ? "opening" : text === null ? "unreadable" : "opened";
    return { message: { ...message, text: text ?? "" }, sealing };
  }

  #resend(): void {
    for (const [nonce, entry] of this.#outbox) if (entry.delivery === "sending") this.#transmit(nonce);
  }

  #transmit(nonce: string): void {
    const entry = this.#outbox.get(nonce);
    if (!entry) return;
    this.port.send(entry.message.text, nonce).catch((cause: unknown) => {
      // Without a line it waits for the next one; a refusal is for the person to see.
      if (cause instanceof Refusal && cause.code === "unavailable") return;
      const current = this.#outbox.get(nonce);
      if (!current) return;
      this.#outbox.set(nonce, { ...current, delivery: "failed" });
      this.#show();
    });
  }

  #show(): void {
    const lines: ChatLine[] = this.#messages.map((message) => ({
      ...this.#shown(message),
      delivery: "sent",
      vanishing: this.#vanishing.has(message.id),
    }));
    for (const { message, delivery } of this.#outbox.values())
      lines.push({ message, delivery, sealing: "clear", vanishing: false });
    this.state.set({
      lines,
      unread: this.#unread,
      hasOlder: this.#hasOlder,
      loadingOlder: this.#loadingOlder,
    });
  }
}
