import type { PhoneState } from "../../../state/assist/pace";

interface Battery extends EventTarget {
  readonly level: number;
  readonly charging: boolean;
}

interface Pressure {
  observe(source: "cpu", options: { sampleInterval: number }): Promise<void>;
  disconnect(): void;
}

type PressureObserver = new (told: (records: readonly { readonly state: string }[]) => void) => Pressure;

const SAMPLE_MS = 2_000;

/** Tells of battery and heat, where the browser does. The returned function ends it. */
export function watchPhone(tell: (phone: PhoneState) => void): () => void {
  let battery: Battery | null = null;
  let warm = false;
  let gone = false;
  const say = (): void => {
    if (!gone) tell({ battery: battery?.level ?? null, charging: battery?.charging ?? false, warm });
  };
  const { getBattery } = navigator as unknown as { getBattery?: () => Promise<Battery> };
  // Refused where the page is not secure: then nothing is known of it.
  void getBattery?.call(navigator).then(
    (found) => {
      battery = found;
      for (const name of ["levelchange", "chargingchange"]) found.addEventListener(name, say);
      say();
    },
    () => undefined,
  );
  const { PressureObserver: Observer } = window as unknown as { PressureObserver?: PressureObserver };
  const pressure = Observer
    ? new Observer((records) => {
        const state = records.at(-1)?.state;
        warm = state === "critical" || (warm && state === "serious");
        say();
      })
    : null;
  pressure?.observe("cpu", { sampleInterval: SAMPLE_MS }).catch(() => undefined);
  return () => {
    gone = true;
    pressure?.disconnect();
    for (const name of ["levelchange", "chargingchange"]) battery?.removeEventListener(name, say);
  };
}
