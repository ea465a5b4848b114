/** Which rows of a list are chosen.  Pure: each function gives a new selection. */
export interface Selection {
  readonly ids: ReadonlySet<string>;
  /** From where a shift-click reaches. */
  readonly anchor: string;
}

export const NOTHING: Selection = { ids: new Set(), anchor: "" };

/** One row, or with `reach` all rows from the last one chosen: they become what the clicked one becomes. */
export function toggled(
  now: Selection,
  id: string,
  reach: boolean,
  rows: readonly string[],
  atMost: number,
): Selection {
  const isChosen = !now.ids.has(id);
  const from = rows.indexOf(now.anchor);
  const to = rows.indexOf(id);
  const range = reach && from >= 0 && to >= 0 ? rows.slice(Math.min(from, to), Math.max(from, to) + 1) : [id];
  const ids = new Set(now.ids);
  for (const one of range)
    if (isChosen) {
      if (ids.size < atMost) ids.add(one);
    } else ids.delete(one);
  return { ids, anchor: id };
}

export function all(rows: readonly string[], atMost: number): Selection {
  return { ids: new Set(rows.slice(0, atMost)), anchor: rows[0] ?? "" };
}

/** Only what is still to be seen stays chosen. */
export function within(now: Selection, rows: readonly string[]): Selection {
  const there = new Set(rows);
  const ids = new Set([...now.ids].filter((id) => there.has(id)));
  return ids.size === now.ids.size ? now : { ids, anchor: now.anchor };
}
