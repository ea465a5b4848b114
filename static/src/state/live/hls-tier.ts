import type Hls from "hls.js";
import { TierLack, type Tier, type TierSample } from "./tier";

const START_WITHIN_MS = 20_000;
const CATCH_UP_RATE = 1.08;
const BACK_BUFFER_S = 30;

/** The stage by HLS: hls.js where there are Media Source Extensions, else the browser's own player (older iPhones). */
export class HlsTier implements Tier {
  readonly video: HTMLVideoElement;
  #player: Hls | null = null;
  #failed: ((error: TierLack) => void) | null = null;
  #closed = false;
  #before = 0;

  /** `nowMs`: the server's clock. */
  constructor(
    private readonly url: string,
    private readonly nowMs: () => number,
  ) {
    this.video = document.createElement("video");
    this.video.playsInline = true;
    this.video.muted = true; // until the player says otherwise: it starts without anybody's touch
  }

  start = async (): Promise<void> => {
    try {
      await Promise.race([
        this.#play(),
        new Promise<never>((_resolve, reject) => {
          this.#failed = reject;
          setTimeout(() => reject(new TierLack("unreachable", "nothing came in time")), START_WITHIN_MS);
        }),
      ]);
    } catch (error) {
      this.close();
      throw error instanceof TierLack ? error : new TierLack("unreachable", String(error));
    } finally {
      this.#failed = null;
    }
  };

  // eslint-disable-next-line @typescript-eslint/require-await -- the interface: another tier has to wait
  sample = async (): Promise<TierSample> => {
    const at = this.video.currentTime;
    const advanced = at > this.#before;
    this.#before = at;
    const shown = this.#player?.playingDate?.getTime() ?? startDateMs(this.video);
    return { advanced, lost: 0, delayMs: shown === null ? null : Math.max(0, this.nowMs() - shown) };
  };

  close = (): void => {
    this.#closed = true;
    this.#player?.destroy();
    this.#player = null;
    this.video.removeAttribute("src");
    this.video.load();
  };

  async #play(): Promise<void> {
    const { default: Library, Events } = await import("hls.js/light");
    if (this.#closed) return;
    if (Library.isSupported()) {
      const player = new Library({
        enableWorker: false, // there is nothing to repack, and our policy lets no worker be made of text
        lowLatencyMode: true,
        maxLiveSyncPlaybackRate: CATCH_UP_RATE,
        backBufferLength: BACK_BUFFER_S,
        // Nothing here reads what comes beside the film, and its tracks are made of text, which our policy lets none be.
        enableDateRangeMetadataCues: false,
        enableEmsgMetadataCues: false,
        enableID3MetadataCues: false,
      });
      this.#player = player;
      player.on(Events.ERROR, (_event, data) => {
        if (!data.fatal) return;
        if (this.#failed) this.#failed(new TierLack("unreachable", data.details));
        else if (data.type === Library.ErrorTypes.MEDIA_ERROR) player.recoverMediaError();
        else player.startLoad();
      });
      player.loadSource(this.url);
      player.attachMedia(this.video);
    } else if (this.video.canPlayType("application/vnd.apple.mpegurl")) {
      this.video.src = this.url;
    } else {
      throw new TierLack("unsupported", "neither Media Source Extensions nor HLS");
    }
    await playing(this.video);
  }
}

function playing(video: HTMLVideoElement): Promise<void> {
  return new Promise((resolve) => {
    video.addEventListener("timeupdate", () => resolve(), { once: true });
    video.addEventListener("canplay", () => void video.play().catch(() => undefined), { once: true });
  });
}

/** Safari's own player knows the date of the stream's beginning. */
function startDateMs(video: HTMLVideoElement & { getStartDate?: () => Date }): number | null {
  const began = video.getStartDate?.().getTime();
  return began === undefined || Number.isNaN(began) ? null : began + video.currentTime * 1_000;
}
