/** Somebody on the stage, as the order needs them. */
export interface Placed {
  readonly id: string;
  /** A live picture. */
  readonly camera: boolean;
}

/** Whoever has spoken this lately keeps their place on the first page. */
const SPOKE_LATELY_MS = 20_000;

/**
 * The order of the tiles when they take several pages.  Nobody moves without a reason, and then two tiles change places
 * and all others stay: whoever speaks comes onto the first page in the place of whoever has been silent there the
 * longest; a picture takes the place of a tile without one on an earlier page.  On a single page nobody ever moves.
 */
export class StageOrder {
  #order: string[] = [];
  readonly #spokeAtMs = new Map<string, number>();

  get ids(): readonly string[] {
    return this.#order;
  }

  /** `people` in the order in which they came; `speakers` loudest first; `perPage` tiles that the first page has. */
  next(
    people: readonly Placed[],
    speakers: readonly string[],
    perPage: number,
    nowMs: number,
  ): readonly string[] {
    const byId = new Map(people.map((person) => [person.id, person]));
    const kept = this.#order.filter((id) => byId.has(id));
    const known = new Set(kept);
    const order = [...kept, ...people.filter(({ id }) => !known.has(id)).map(({ id }) => id)];
    for (const id of this.#spokeAtMs.keys()) if (!byId.has(id)) this.#spokeAtMs.delete(id);
    for (const id of speakers) if (byId.has(id)) this.#spokeAtMs.set(id, nowMs);
    if (order.length > perPage) {
      this.#bringPicturesForward(order, byId, perPage, nowMs);
      for (const id of speakers) this.#bringSpeaker(order, id, byId, perPage, nowMs);
    }
    if (!sameIds(order, this.#order)) this.#order = order;
    return this.#order;
  }

  /** A tile without a picture gives its place to the next picture on a later page. */
  #bringPicturesForward(
    order: string[],
    byId: ReadonlyMap<string, Placed>,
    perPage: number,
    nowMs: number,
  ): void {
    const hasPicture = (index: number): boolean => byId.get(order[index] ?? "")?.camera ?? false;
    let next = 0;
    for (let index = 0; index < order.length; index += 1) {
      if (hasPicture(index) || this.#spokeLately(order[index] ?? "", nowMs)) continue;
      const nextPage = (Math.floor(index / perPage) + 1) * perPage;
      next = Math.max(next, nextPage);
      while (next < order.length && !hasPicture(next)) next += 1;
      if (next >= order.length) return;
      swap(order, index, next);
    }
  }

  #bringSpeaker(
    order: string[],
    id: string,
    byId: ReadonlyMap<string, Placed>,
    perPage: number,
    nowMs: number,
  ): void {
    const from = order.indexOf(id);
    if (from < perPage) return;
    let victim = -1;
    for (let index = 0; index < perPage; index += 1) {
      const other = order[index] ?? "";
      if (this.#spokeLately(other, nowMs)) continue;
      if (victim < 0 || this.#rank(other, byId) <= this.#rank(order[victim] ?? "", byId)) victim = index;
    }
    if (victim >= 0) swap(order, victim, from);
  }

  /** Whoever is missed least has the lowest rank: without a picture, silent for the longest. */
  #rank(id: string, byId: ReadonlyMap<string, Placed>): number {
    return (byId.get(id)?.camera ? Number.MAX_SAFE_INTEGER / 2 : 0) + (this.#spokeAtMs.get(id) ?? 0);
  }

  #spokeLately(id: string, nowMs: number): boolean {
    const at = this.#spokeAtMs.get(id);
    return at !== undefined && nowMs - at < SPOKE_LATELY_MS;
  }
}

function swap(order: string[], a: number, b: number): void {
  const first = order[a];
  const second = order[b];
  if (first === undefined || second === undefined) return;
  order[a] = second;
  order[b] = first;
}

function sameIds(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id, index) => id === b[index]);
}
