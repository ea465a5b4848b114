import { Store, type Readable } from "./store";
import { INCOMING_VIDEO, type IncomingVideo } from "./wants";

export type Locale = "zh-CN" | "en";
export type StageLayout = "grid" | "speaker";

/** What this browser remembers between visits. */
export interface PreferenceValues {
  readonly locale: Locale | null;
  readonly name: string;
  readonly microphoneOn: boolean;
  readonly cameraOn: boolean;
  readonly microphoneId: string;
  readonly cameraId: string;
  readonly speakerId: string;
  readonly noiseSuppression: boolean;
  readonly layout: StageLayout;
  readonly incomingVideo: IncomingVideo;
}

const DEFAULTS: PreferenceValues = {
  locale: null,
  name: "",
  microphoneOn: true,
  cameraOn: true,
  microphoneId: "",
  cameraId: "",
  speakerId: "",
  noiseSuppression: true,
  layout: "grid",
  incomingVideo: "all",
};

const KEY = "tongxin.preferences";

export type KeyValue = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** A storage that may be refused (private windows, embedded browsers): then nothing is remembered. */
export class Preferences implements Readable<PreferenceValues> {
  readonly #store: Store<PreferenceValues>;

  constructor(private readonly storage: KeyValue | null) {
    this.#store = new Store(read(storage));
  }

  get = (): PreferenceValues => this.#store.get();
  subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener);

  change(values: Partial<PreferenceValues>): void {
    this.#store.update((before) => ({ ...before, ...values }));
    try {
      this.storage?.setItem(KEY, JSON.stringify(this.#store.get()));
    } catch {
      // Full or forbidden: the value still holds for this page.
    }
  }
}

/** Each value is taken only when it has the type of its default: the text may come from another version. */
function read(storage: KeyValue | null): PreferenceValues {
  let saved: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse(storage?.getItem(KEY) ?? "{}");
    if (typeof parsed === "object" && parsed !== null) saved = parsed as Record<string, unknown>;
  } catch {
    // Not JSON, or no storage: defaults.
  }
  const text = (key: keyof PreferenceValues): string =>
    typeof saved[key] === "string" ? saved[key] : (DEFAULTS[key] as string);
  const flag = (key: keyof PreferenceValues): boolean =>
    typeof saved[key] === "boolean" ? saved[key] : (DEFAULTS[key] as boolean);
  return {
    locale: saved["locale"] === "en" || saved["locale"] === "zh-CN" ? saved["locale"] : null,
    name: text("name"),
    microphoneOn: flag("microphoneOn"),
    cameraOn: flag("cameraOn"),
    microphoneId: text("microphoneId"),
    cameraId: text("cameraId"),
    speakerId: text("speakerId"),
    noiseSuppression: flag("noiseSuppression"),
    layout: saved["layout"] === "speaker" ? "speaker" : "grid",
    incomingVideo: INCOMING_VIDEO.find((choice) => choice === saved["incomingVideo"]) ?? "all",
  };
}
