import type { ChatMessage } from "../../protocol.gen";
import type { KeySink } from "./agreement";
import { framed, fromBase64Url, textOf, toBase64Url, utf8, type Bytes } from "./bytes";
import { Keyring, OwnKey } from "./keyring";
import type { GivenKey } from "./sender-key";

/** UTF-8 bytes of one message: sealed and in base64url it must not be longer than a message may be. */
export const SEALED_TEXT_MAX_BYTES = 2_900;

/** missing: there is no key for it (yet).  unreadable: it will not be read. */
export type ReadText =
  | { readonly kind: "read"; readonly text: string }
  | { readonly kind: "missing"; readonly kid: number }
  | { readonly kind: "unreadable" };

/** Chat of an encrypted room: SFrame over the text, bound to room, sender and nonce. */
export class ChatCipher implements KeySink {
  readonly #own = new OwnKey("chat");
  readonly #others = new Keyring("chat");
  /** Whose key it is: what is sealed with it may be said in no other name. */
  readonly #seats = new Map<number, string>();

  constructor(
    private readonly roomId: string,
    private readonly me: string,
  ) {}

  own(sender: number, { epoch, step, baseKey }: GivenKey): void {
    this.#own.use(sender, epoch, step, baseKey);
  }

  add(sender: number, { epoch, step, baseKey }: GivenKey, participantId: string): void {
    this.#seats.set(sender, participantId);
    this.#others.add(sender, epoch, step, baseKey);
  }

  /** What they wrote before they left stays readable. */
  forget(): void {}

  /** null before there is a key. */
  async seal(text: string, nonce: string): Promise<string | null> {
    const sealed = await this.#own.seal(utf8(text), this.#metadata(this.me, nonce));
    return sealed && toBase64Url(sealed);
  }

  async open({ text, sender_id, nonce }: ChatMessage): Promise<ReadText> {
    const sealed = fromBase64Url(text);
    if (!sealed) return { kind: "unreadable" };
    const opened = await this.#others.open(sealed, this.#metadata(sender_id, nonce));
    if (opened.kind === "missing") return opened;
    const genuine = opened.kind === "opened" && this.#seats.get(opened.sender) === sender_id;
    const plain = genuine ? textOf(opened.plaintext) : null;
    return plain === null ? { kind: "unreadable" } : { kind: "read", text: plain };
  }

  #metadata(senderId: string, nonce: string): Bytes {
    return framed(utf8("chat"), utf8(this.roomId), utf8(senderId), utf8(nonce));
  }
}
