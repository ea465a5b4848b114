import { lazy, Suspense, useState, type ComponentType } from "react";
import { backoffMs } from "../../state/backoff";
import { systemClock } from "../../state/clock";

/** Until it is there: whoever asks for a part of the page while the line is gone gets it when it is back. */
async function fetched<T>(load: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await load();
    } catch {
      await new Promise<void>((resolve) => systemClock.after(backoffMs(attempt, Math.random()), resolve));
    }
  }
}

/** A part of a page whose code is no part of the page's first load. Nothing stands in its place meanwhile. */
export function later<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  const Part = lazy(async () => ({ default: await fetched(load) }));
  return function Later(props: P) {
    return (
      <Suspense>
        <Part {...props} />
      </Suspense>
    );
  };
}

/** The same for a dialog: its code comes when it opens first, and from then on it stays, so that it can fade out. */
export function laterDialog<P extends { readonly isOpen: boolean }>(
  load: () => Promise<ComponentType<P>>,
): ComponentType<P> {
  const Dialog = later(load);
  return function LaterDialog(props: P) {
    const [opened, setOpened] = useState(props.isOpen);
    if (props.isOpen && !opened) setOpened(true);
    return opened ? <Dialog {...props} /> : null;
  };
}
