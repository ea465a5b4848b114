import { NAME_MAX_CHARS, type Code } from "../protocol.gen";
import { ApiError, type Api, type RoomInfo } from "./api";
import type { Clock } from "./clock";
import type { Meeting } from "./meeting/meeting";
import type { Preferences } from "./preferences";
import type { Seats } from "./seats";
import { Store } from "./store";

/** looking: asking what the link leads to.  open: the door can be tried.  shut: it cannot, and `code` says why. */
export type Door =
  | { readonly kind: "looking" }
  | { readonly kind: "open"; readonly info: RoomInfo }
  | { readonly kind: "shut"; readonly code: Code; readonly info: RoomInfo | null };

const NAME_SETTLED_MS = 700;

/**
 * The way into a meeting: what the link leads to, under which name, and a line to the server that is ready before the
 * button is pressed, so that joining costs one flight.
 */
export class Entrance {
  readonly door = new Store<Door>({ kind: "looking" });
  readonly name: Store<string>;
  readonly busy = new Store(false);
  /** Why the last try did not work. */
  readonly problem = new Store<Code | null>(null);
  /** performance.now() of the click. */
  joinClickedAt: number | null = null;

  #pass: { name: string; token: string } | null = null;
  #passUnderWay: Promise<string> | null = null;
  #cancelPrepare: (() => void) | null = null;

  constructor(
    readonly meeting: Meeting,
    private readonly api: Api,
    private readonly preferences: Preferences,
    private readonly seats: Seats,
    private readonly clock: Clock,
    private readonly monotonic: () => number,
  ) {
    this.name = new Store(preferences.get().name);
  }

  /** Looks up the link.  True when a seat that this tab left behind was taken at once. */
  async open(): Promise<boolean> {
    if (this.resume()) {
      void this.meeting.local.startPreview();
      void this.look();
      return true;
    }
    await this.look();
    return false;
  }

  /** Takes the seat that this tab left behind; false when there is none. */
  resume(): boolean {
    const seat = this.seats.take(this.meeting.code, this.clock.now());
    if (!seat) return false;
    this.name.set(seat.name);
    this.joinClickedAt = this.monotonic();
    this.meeting.enter({ token: seat.token, name: seat.name, resume: seat.resume, early: false });
    return true;
  }

  async look(): Promise<void> {
    try {
      const info = await this.api.room(this.meeting.code);
      if (info.you.signed_in || this.name.get() === "") this.name.set(info.you.name);
      const shut: Code | null =
        info.phase === "ended"
          ? "room_ended"
          : !info.guests_allowed && !info.you.signed_in
            ? "sign_in_required"
            : null;
      this.door.set(shut ? { kind: "shut", code: shut, info } : { kind: "open", info });
      this.meeting.attendanceKept.set(info.attendance === true);
      this.meeting.symposium.set(info.symposium_id ?? "");
      if (info.encrypted) this.meeting.encryption.require();
      if (!shut && this.meeting.phase.get().kind === "away") {
        this.#prepareSoon();
        this.meeting.media.prepare();
      }
    } catch (cause) {
      const code = cause instanceof ApiError ? cause.code : "unavailable";
      this.door.set({ kind: "shut", code: code === "not_found" ? "room_not_found" : code, info: null });
    }
  }

  setName(name: string): void {
    this.name.set([...name].slice(0, NAME_MAX_CHARS).join(""));
    this.#prepareSoon();
  }

  get info(): RoomInfo | null {
    const door = this.door.get();
    return door.kind === "looking" ? null : door.info;
  }

  get canEnter(): boolean {
    if (this.meeting.encryption.status.get().state === "impossible") return false;
    return this.info?.you.signed_in === true || this.name.get().trim() !== "";
  }

  async enter(): Promise<void> {
    if (this.busy.get() || !this.canEnter) return;
    this.joinClickedAt = this.monotonic();
    this.busy.set(true);
    this.problem.set(null);
    const { info } = this;
    const name = this.name.get().trim();
    if (!info?.you.signed_in) this.preferences.change({ name });
    try {
      const token = info?.you.signed_in ? "" : await this.#guestToken(name);
      // Behind a lobby the offer would only be refused.
      const early = !info?.lobby_enabled || info.you.role === "host";
      this.meeting.enter({ token, name, early });
    } catch (cause) {
      this.problem.set(cause instanceof ApiError ? cause.code : "internal");
    } finally {
      this.busy.set(false);
    }
  }

  // ------------------------------------------------------------ inside

  #prepareSoon(): void {
    this.#cancelPrepare?.();
    const { info } = this;
    if (info?.you.signed_in) {
      this.meeting.connection.prepare("");
      return;
    }
    const name = this.name.get().trim();
    if (name === "" || !info) return;
    this.#cancelPrepare = this.clock.after(NAME_SETTLED_MS, () => {
      // Only a head start: what goes wrong here is told when the button is pressed.
      this.#guestToken(name).then(
        (token) => {
          if (this.meeting.phase.get().kind === "away") this.meeting.connection.prepare(token);
        },
        () => undefined,
      );
    });
  }

  async #guestToken(name: string): Promise<string> {
    this.#cancelPrepare?.();
    await this.#passUnderWay?.catch(() => undefined);
    if (this.#pass?.name === name) return this.#pass.token;
    this.#passUnderWay = this.api.becomeGuest(this.meeting.code, name).then(({ token }) => {
      this.#pass = { name, token };
      return token;
    });
    return this.#passUnderWay;
  }
}
