/** What views may see of a value that changes: the shape that React's useSyncExternalStore wants. */
export interface Readable<T> {
  readonly get: () => T;
  readonly subscribe: (listener: () => void) => () => void;
}

/** One value and those who want to know of its changes.  Values are immutable: a change is a new value. */
export class Store<T> implements Readable<T> {
  #value: T;
  readonly #listeners = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get = (): T => this.#value;

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of [...this.#listeners]) listener();
  }

  update(change: (value: T) => T): void {
    this.set(change(this.#value));
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

/** Resolves as soon as the store's value satisfies `test`, at once if it does already. */
export function when<T>(store: Readable<T>, test: (value: T) => boolean): Promise<T> {
  return new Promise((resolve) => {
    if (test(store.get())) {
      resolve(store.get());
      return;
    }
    const stop = store.subscribe(() => {
      if (!test(store.get())) return;
      stop();
      resolve(store.get());
    });
  });
}
