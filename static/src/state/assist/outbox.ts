import type { Clock } from "../clock";
import { Store } from "../store";

/** What is to reach the server sooner or later; its id was made here, so sending it twice is sending it once. */
export interface Parcel {
  readonly id: string;
  readonly kind: "still" | "keyframe";
  readonly room: string;
  readonly madeAtMs: number;
  readonly body: Blob;
  readonly about: Readonly<Record<string, unknown>>;
}

/** done: it is there. later: no line. refused: it never will be. */
export type Delivery = "done" | "later" | "refused";

/** Where parcels survive a reload; memory where the browser refuses a place. */
export interface Shelf {
  all(): Promise<Parcel[]>;
  put(parcel: Parcel): Promise<void>;
  remove(id: string): Promise<void>;
}

const RETRY_MS = 15_000;
const PARCELS_MAX = 200;

/** Keeps stills and marks on the phone until the server has them, one after the other, the oldest first. */
export class Outbox {
  readonly waiting = new Store(0);
  #parcels: Parcel[] = [];
  #isSending = false;
  #stop: (() => void) | null = null;

  constructor(
    private readonly shelf: Shelf,
    private readonly deliver: (parcel: Parcel) => Promise<Delivery>,
    private readonly clock: Clock,
    private readonly refused: (parcel: Parcel) => void,
  ) {}

  /** Takes up what an earlier visit left. */
  async open(): Promise<void> {
    const kept = await this.shelf.all().catch(() => []);
    const known = new Set(this.#parcels.map(({ id }) => id));
    this.#parcels = [...kept.filter(({ id }) => !known.has(id)), ...this.#parcels];
    this.#stop ??= this.clock.every(RETRY_MS, () => void this.flush());
    this.waiting.set(this.#parcels.length);
    await this.flush();
  }

  /** A parcel of the same id is replaced. When too many wait the oldest keyframe goes: stills are what was asked for. */
  async put(parcel: Parcel): Promise<void> {
    this.#parcels = [...this.#parcels.filter(({ id }) => id !== parcel.id), parcel];
    if (this.#parcels.length > PARCELS_MAX) {
      const out = this.#parcels.find(({ kind }) => kind === "keyframe") ?? this.#parcels[0];
      if (out) await this.#drop(out);
    }
    this.waiting.set(this.#parcels.length);
    await this.shelf.put(parcel).catch(() => undefined);
    await this.flush();
  }

  async flush(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      for (let next = this.#parcels[0]; next; next = this.#parcels[0]) {
        const delivery = await this.deliver(next).catch((): Delivery => "later");
        if (delivery === "later") return;
        if (delivery === "refused") this.refused(next);
        await this.#drop(next);
      }
    } finally {
      this.#isSending = false;
    }
  }

  close(): void {
    this.#stop?.();
    this.#stop = null;
  }

  async #drop(parcel: Parcel): Promise<void> {
    this.#parcels = this.#parcels.filter((other) => other !== parcel);
    this.waiting.set(this.#parcels.length);
    // Put again meanwhile with other contents: that one stays.
    if (!this.#parcels.some(({ id }) => id === parcel.id))
      await this.shelf.remove(parcel.id).catch(() => undefined);
  }
}

/** For browsers that refuse a place, and for tests. */
export class MemoryShelf implements Shelf {
  readonly parcels = new Map<string, Parcel>();

  all = async (): Promise<Parcel[]> => Promise.resolve([...this.parcels.values()]);

  put = async (parcel: Parcel): Promise<void> => {
    this.parcels.set(parcel.id, parcel);
    return Promise.resolve();
  };

  remove = async (id: string): Promise<void> => {
    this.parcels.delete(id);
    return Promise.resolve();
  };
}

const DATABASE = "tongxin-assist";
const STORE = "parcels";

/** IndexedDB. */
export class BrowserShelf implements Shelf {
  #database: Promise<IDBDatabase> | null = null;

  constructor(private readonly factory: IDBFactory) {}

  async all(): Promise<Parcel[]> {
    const found = await this.#run<Parcel[]>("readonly", (store) => store.getAll() as IDBRequest<Parcel[]>);
    return found.sort((a, b) => a.madeAtMs - b.madeAtMs);
  }

  async put(parcel: Parcel): Promise<void> {
    await this.#run("readwrite", (store) => store.put(parcel));
  }

  async remove(id: string): Promise<void> {
    await this.#run("readwrite", (store) => store.delete(id));
  }

  async #run<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    this.#database ??= new Promise((resolve, reject) => {
      const opening = this.factory.open(DATABASE, 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: "id" });
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(new Error("IndexedDB is refused", { cause: opening.error }));
    });
    const database = await this.#database;
    return new Promise((resolve, reject) => {
      const request = work(database.transaction(STORE, mode).objectStore(STORE));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(new Error("IndexedDB failed", { cause: request.error }));
    });
  }
}
