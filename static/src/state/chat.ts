import { CHAT_TEXT_MAX_CHARS, type ChatMessage, type ChatPageMessage } from "../protocol.gen";
import type { Clock } from "./clock";
import { Refusal } from "./connection";
import { Store } from "./store";

/** sending: on its way (or waiting for the line).  sent: the room has it.  failed: refused, can be sent again. */
export type Delivery = "sending" | "sent" | "failed";

export interface ChatLine {
  readonly message: ChatMessage;
  readonly delivery: Delivery;
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

export const UNDO_MS = 5_000;
const PAGE = 50;
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

  constructor(
    private readonly port: ChatPort,
    private readonly clock: Clock,
    private readonly newNonce: () => string,
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
    for (const message of recent) this.#arrivedMine(message);
    this.#resend();
    this.#show();
  }

  /** True when the message is news from somebody else. */
  onSent(message: ChatMessage): boolean {
    if (this.#messages.some((other) => other.id === message.id)) return false;
    this.#messages = [...this.#messages, message];
    this.#arrivedMine(message);
    const foreign = !this.#isMine(message);
    if (foreign && !this.#visible) this.#unread += 1;
    this.#show();
    return foreign;
  }

  onDeleted(messageId: string): void {
    this.#messages = this.#messages.map((message) =>
      message.id === messageId ? { ...message, text: "", deleted: true } : message,
    );
    this.#vanishing.get(messageId)?.();
    this.#vanishing.delete(messageId);
    this.#show();
  }

  /** False when there is nothing to send or it is too long. */
  send(text: string): boolean {
    const trimmed = text.trim();
    if (trimmed === "" || [...trimmed].length > CHAT_TEXT_MAX_CHARS) return false;
    const nonce = this.newNonce();
    const message: ChatMessage = {
      id: `nonce:${nonce}`,
      sender_id: this.#me,
      sender_name: "",
      text: trimmed,
      sent_at_ms: this.clock.now(),
      nonce,
      deleted: false,
    };
    this.#outbox.set(nonce, { message, delivery: "sending" });
    this.#transmit(nonce);
    this.#show();
    return true;
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
    } catch {
      // The button stays where it is.
    } finally {
      this.#loadingOlder = false;
      this.#show();
    }
  }

  // ------------------------------------------------------------ inside

  #isMine(message: ChatMessage): boolean {
    return message.sender_id === this.#me;
  }

  #arrivedMine(message: ChatMessage): void {
    if (message.nonce && this.#isMine(message)) this.#outbox.delete(message.nonce);
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
      message,
      delivery: "sent",
      vanishing: this.#vanishing.has(message.id),
    }));
    for (const { message, delivery } of this.#outbox.values())
      lines.push({ message, delivery, vanishing: false });
    this.state.set({
      lines,
      unread: this.#unread,
      hasOlder: this.#hasOlder,
      loadingOlder: this.#loadingOlder,
    });
  }
}
