/** Longest message, topic included, that the server passes on. */
export const DATA_MESSAGE_MAX_BYTES = 65_536;
/** What may wait in the browser before an unreliable message is dropped. */
const UNRELIABLE_BUFFER_MAX_BYTES = 262_144;

export type DataReliability = "reliable" | "unreliable";
export type DataListener = (payload: Uint8Array, senderId: string) => void;

/**
 * The two negotiated data channels of the publishing connection (0 reliable, 1 unreliable).  A message is
 * `topic NUL payload` on the way out (`topic@participant` for one person only) and `topic NUL sender NUL payload` on the
 * way in.
 */
export class DataChannels {
  readonly #listeners = new Map<string, Set<DataListener>>();
  /** Nothing of it is sealed: in an encrypted meeting it stays shut. */
  isShut = false;
  #channels: Readonly<Record<DataReliability, RTCDataChannel>> | null = null;

  open(peer: RTCPeerConnection): void {
    const reliable = peer.createDataChannel("reliable", { negotiated: true, id: 0 });
    const unreliable = peer.createDataChannel("unreliable", {
      negotiated: true,
      id: 1,
      ordered: false,
      maxRetransmits: 0,
    });
    for (const channel of [reliable, unreliable]) {
      channel.binaryType = "arraybuffer";
      channel.onmessage = (message: MessageEvent<unknown>) => this.receive(message.data);
    }
    this.#channels = { reliable, unreliable };
  }

  close(): void {
    this.#channels = null;
  }

  /** Of reliable messages, what has not left the browser yet; 0 without a connection. */
  get waitingBytes(): number {
    return this.#channels?.reliable.bufferedAmount ?? 0;
  }

  listen(topic: string, listener: DataListener): () => void {
    const listeners = this.#listeners.get(topic) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(topic, listeners);
    return () => listeners.delete(listener);
  }

  /** False when the channel is not open, the message too long, or too much waits already. */
  send(topic: string, payload: Uint8Array, reliability: DataReliability): boolean {
    const channel = this.isShut ? undefined : this.#channels?.[reliability];
    if (channel?.readyState !== "open") return false;
    if (reliability === "unreliable" && channel.bufferedAmount > UNRELIABLE_BUFFER_MAX_BYTES) return false;
    const message = frame(topic, payload);
    if (message.byteLength > DATA_MESSAGE_MAX_BYTES) return false;
    channel.send(message);
    return true;
  }

  receive(data: unknown): void {
    const bytes =
      data instanceof ArrayBuffer
        ? new Uint8Array(data)
        : typeof data === "string"
          ? new TextEncoder().encode(data)
          : null;
    if (this.isShut) return;
    const topicEnd = bytes?.indexOf(0) ?? -1;
    const senderEnd = topicEnd < 0 ? -1 : (bytes?.indexOf(0, topicEnd + 1) ?? -1);
    if (!bytes || senderEnd < 0) return;
    const text = new TextDecoder();
    const topic = text.decode(bytes.subarray(0, topicEnd));
    const senderId = text.decode(bytes.subarray(topicEnd + 1, senderEnd));
    for (const listener of this.#listeners.get(topic) ?? [])
      listener(bytes.subarray(senderEnd + 1), senderId);
  }
}

export function frame(topic: string, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = new TextEncoder().encode(topic);
  const message = new Uint8Array(head.length + 1 + payload.length);
  message.set(head, 0);
  message.set(payload, head.length + 1);
  return message;
}
