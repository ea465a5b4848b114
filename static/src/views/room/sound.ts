/** Chrome and Edge, and Safari from 18.4: the page may choose the speaker. */
export const canChooseSpeaker =
  typeof HTMLMediaElement !== "undefined" && typeof HTMLMediaElement.prototype.setSinkId === "function";

const TEST_NOTES_HZ = [523.25, 659.25, 783.99] as const;
const KNOCK_NOTES_HZ = [783.99, 659.25] as const;
const NOTE_S = 0.16;

/** Three soft notes through the chosen speaker. */
export const playTestSound = (speakerId: string): Promise<void> => play(TEST_NOTES_HZ, speakerId);

/** Two: somebody is at the door. */
export const playKnock = (speakerId: string): Promise<void> => play(KNOCK_NOTES_HZ, speakerId);

async function play(notes: readonly number[], speakerId: string): Promise<void> {
  if (!("AudioContext" in window)) return;
  const context = new AudioContext();
  try {
    const sink = context as AudioContext & { setSinkId?: (id: string) => Promise<void> };
    if (speakerId && sink.setSinkId) await sink.setSinkId(speakerId);
  } catch {
    // The chosen speaker is gone: the default one plays.
  }
  notes.forEach((frequency, index) => {
    const start = context.currentTime + index * NOTE_S;
    const note = context.createOscillator();
    const volume = context.createGain();
    note.frequency.value = frequency;
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(0.2, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, start + NOTE_S * 2);
    note.connect(volume).connect(context.destination);
    note.start(start);
    note.stop(start + NOTE_S * 2);
    if (index === notes.length - 1) note.onended = () => void context.close();
  });
}
