import { Store } from "../store";

const PERIOD_MS = 66;
/** Root mean square, in dBFS, that the meter shows as empty and as full. */
const FLOOR_DB = -60;
const CEILING_DB = -12;

/** 0 (silence) to 1 (as loud as it should ever get), for samples in -1..1. */
export function levelOf(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const db = 10 * Math.log10(sum / Math.max(1, samples.length) + 1e-12);
  return Math.min(1, Math.max(0, (db - FLOOR_DB) / (CEILING_DB - FLOOR_DB)));
}

/**
 * How loud a microphone is, also while it is muted: it listens to a copy of the track.  Nothing of it leaves the page.
 */
export class LevelMeter {
  readonly level = new Store(0);
  #context: AudioContext | null = null;
  #copy: MediaStreamTrack | null = null;
  #source: MediaStreamAudioSourceNode | null = null;
  #timer: ReturnType<typeof setInterval> | null = null;

  constructor(private readonly createContext: () => AudioContext | null) {}

  /** Listens to this track from now on; null: to nothing. */
  follow(track: MediaStreamTrack | null): void {
    this.#detach();
    if (!track || track.readyState !== "live") return;
    this.#context ??= this.createContext();
    const context = this.#context;
    if (!context) return;
    this.#copy = track.clone();
    this.#copy.enabled = true;
    this.#source = context.createMediaStreamSource(new MediaStream([this.#copy]));
    const analyser = context.createAnalyser();
    analyser.fftSize = 1024;
    this.#source.connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.#timer = setInterval(() => {
      // Browsers hold a context until the first gesture.
      if (context.state === "suspended") void context.resume().catch(() => undefined);
      analyser.getFloatTimeDomainData(samples);
      // Falls slower than it rises, in steps that the eye does not see.
      const next = Math.max(levelOf(samples), this.level.get() * 0.8);
      this.level.set(next < 0.01 ? 0 : Math.round(next * 50) / 50);
    }, PERIOD_MS);
  }

  close(): void {
    this.#detach();
    void this.#context?.close().catch(() => undefined);
    this.#context = null;
  }

  #detach(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#source?.disconnect();
    this.#source = null;
    this.#copy?.stop();
    this.#copy = null;
    this.level.set(0);
  }
}
