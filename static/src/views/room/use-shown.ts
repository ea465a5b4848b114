import { useEffect, type RefObject } from "react";
import type { Wants } from "../../state/wants";

/** Tells the server, through `wants`, whether and how large this element shows the track. */
export function useShown(
  ref: RefObject<HTMLElement | null>,
  wants: Wants,
  trackId: string | undefined,
  pinned: boolean,
): void {
  useEffect(() => {
    const element = ref.current;
    if (!element || !trackId) return;
    let visible = true;
    const place = {};
    const report = (): void => {
      const { clientWidth, clientHeight } = element;
      const scale = window.devicePixelRatio;
      wants.report(place, trackId, {
        visible: visible && clientWidth > 0,
        width: clientWidth * scale,
        height: clientHeight * scale,
        pinned,
      });
    };
    const seen = new IntersectionObserver((entries) => {
      visible = entries.at(-1)?.isIntersecting ?? false;
      report();
    });
    const sized = new ResizeObserver(report);
    seen.observe(element);
    sized.observe(element);
    report();
    return () => {
      seen.disconnect();
      sized.disconnect();
      wants.report(place, trackId, null);
    };
  }, [ref, wants, trackId, pinned]);
}
