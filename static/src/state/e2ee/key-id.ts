import { framed, numberOf, utf8, type Bytes } from "./bytes";

/**
 * A key id (KID) of SFrame says whose key it is, so that a frame can be read on whatever line it arrives:
 *
 *     sender 32 bits | epoch 12 bits | step 8 bits
 *
 * A new epoch is a new random key (somebody left); a step is the next key of the same epoch, which those who have the
 * former can work out (somebody joined).
 */
export interface KeyId {
  readonly sender: number;
  readonly epoch: number;
  readonly step: number;
}

export const EPOCHS = 4096;
export const STEPS = 256;

export function toKid({ sender, epoch, step }: KeyId): number {
  return (sender * EPOCHS + epoch) * STEPS + step;
}

export function fromKid(kid: number): KeyId {
  const rest = Math.floor(kid / STEPS);
  return { sender: Math.floor(rest / EPOCHS), epoch: rest % EPOCHS, step: kid % STEPS };
}

/** The number by which a device is known in key ids: from its seat and its public key. */
export async function senderNumber(participantId: string, publicKey: Bytes): Promise<number> {
  const digest = await crypto.subtle.digest(
    "SHA-256",
    framed(utf8("tongxin sender"), utf8(participantId), publicKey),
  );
  return numberOf(new Uint8Array(digest, 0, 4));
}
