import { useLayoutEffect, useState, type RefObject } from "react";

export interface Windowed {
  /** The rows to draw: from `first` up to, not including, `end`. */
  readonly first: number;
  readonly end: number;
}

/** Rows drawn above and below what is seen, so that scrolling and tabbing find them there. */
const AROUND = 6;

/**
 * Which rows of a long list can be seen.  `scroller` scrolls, `list` lies somewhere in it and has `count` rows of
 * `rowHeight` CSS pixels.
 */
export function useWindowed(
  scroller: RefObject<HTMLElement | null>,
  list: RefObject<HTMLElement | null>,
  count: number,
  rowHeight: number,
): Windowed {
  const [range, setRange] = useState<Windowed>({ first: 0, end: AROUND * 4 });
  useLayoutEffect(() => {
    const outer = scroller.current;
    const inner = list.current;
    if (!outer || !inner) return;
    const measure = (): void => {
      const above = outer.getBoundingClientRect().top - inner.getBoundingClientRect().top;
      const first = Math.max(0, Math.floor(above / rowHeight) - AROUND);
      const end = Math.ceil((above + outer.clientHeight) / rowHeight) + AROUND;
      setRange((before) => (before.first === first && before.end === end ? before : { first, end }));
    };
    measure();
    const sized = new ResizeObserver(measure);
    sized.observe(outer);
    sized.observe(inner);
    outer.addEventListener("scroll", measure, { passive: true });
    return () => {
      sized.disconnect();
      outer.removeEventListener("scroll", measure);
    };
  }, [scroller, list, count, rowHeight]);
  return { first: Math.min(range.first, count), end: Math.min(range.end, count) };
}
