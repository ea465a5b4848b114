import { useEffect, useRef, useState, type PointerEvent, type RefObject } from "react";
import { isWhole, partBetween, type Part } from "../../../state/assist/documents";
import styles from "./documents.module.css";
import { DocumentFault, type FaultKind, type OpenDocument } from "./document";

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** CSS pixels inside of an element, as they change. */
export function useSize(element: RefObject<HTMLElement | null>): Size | null {
  const [size, setSize] = useState<Size | null>(null);
  useEffect(() => {
    const { current } = element;
    if (!current) return;
    const sized = new ResizeObserver(() => {
      const [width, height] = [current.clientWidth, current.clientHeight];
      setSize((before) => (before?.width === width && before.height === height ? before : { width, height }));
    });
    sized.observe(current);
    return () => sized.disconnect();
  }, [element]);
  return size;
}

/** "page": as large as the whole of it fits in; else so many times the width that there is. */
export type Zoom = "page" | number;

export interface DocumentPageProps {
  readonly document: OpenDocument;
  readonly page: number;
  readonly room: Size;
  readonly zoom: Zoom;
  /** Framed on the page. */
  readonly part: Part | null;
  /** Given: dragging over the page chooses a part of it. */
  readonly onPart?: ((part: Part | null) => void) | undefined;
  readonly onFault: (fault: FaultKind) => void;
  readonly onRatio?: (heightToWidth: number) => void;
  /** More pixels than the screen has for it now: it will be enlarged. */
  readonly sharpness?: number;
  readonly label: string;
}

/** One page. The one before stays until it is drawn. */
export function DocumentPage({
  document,
  page,
  room,
  zoom,
  part,
  onPart,
  onFault,
  onRatio,
  sharpness = 1,
  label,
}: DocumentPageProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [ratio, setRatio] = useState<number | null>(null);
  const [drawn, setDrawn] = useState(0);
  const fitting = zoom === "page" ? Math.min(room.width, room.height / (ratio ?? 1)) : room.width * zoom;
  const width = Math.max(1, Math.round(fitting));
  const pixels = Math.round(width * sharpness * window.devicePixelRatio);
  const tell = useRef({ onFault, onRatio });
  useEffect(() => {
    tell.current = { onFault, onRatio };
  });
  useEffect(() => {
    const stop = new AbortController();
    document.draw(page, pixels, stop.signal).then(
      (picture) => {
        const shown = canvas.current;
        if (!shown || stop.signal.aborted) return;
        [shown.width, shown.height] = [picture.width, picture.height];
        shown.getContext("2d")?.drawImage(picture, 0, 0);
        const heightToWidth = picture.height / picture.width;
        setRatio(heightToWidth);
        setDrawn(page);
        tell.current.onRatio?.(heightToWidth);
      },
      (cause: unknown) => {
        if (stop.signal.aborted) return;
        tell.current.onFault(cause instanceof DocumentFault ? cause.kind : "broken");
      },
    );
    return () => stop.abort();
  }, [document, page, pixels]);
  return (
    <div className={styles.page} style={{ width }} data-choosable={onPart !== undefined} {...usePart(onPart)}>
      <canvas
        ref={canvas}
        className={styles.paper}
        role="img"
        aria-label={label}
        aria-busy={drawn !== page}
        data-page={drawn}
        data-testid="paper"
      />
      {part && !isWhole(part) && drawn === page ? <PartFrame part={part} /> : null}
    </div>
  );
}

function PartFrame({ part }: { part: Part }) {
  const percent = (share: number): string => `${share * 100}%`;
  const style = {
    left: percent(part.x),
    top: percent(part.y),
    width: percent(part.width),
    height: percent(part.height),
  };
  return <span className={styles.part} style={style} data-testid="part" />;
}

function usePart(onPart: DocumentPageProps["onPart"]) {
  const [from, setFrom] = useState<readonly [number, number] | null>(null);
  const at = (event: PointerEvent<HTMLDivElement>): readonly [number, number] => {
    const bounds = event.currentTarget.getBoundingClientRect();
    return [(event.clientX - bounds.left) / bounds.width, (event.clientY - bounds.top) / bounds.height];
  };
  return {
    onPointerDown: (event: PointerEvent<HTMLDivElement>): void => {
      if (!onPart || event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      setFrom(at(event));
    },
    onPointerMove: (event: PointerEvent<HTMLDivElement>): void => {
      if (from) onPart?.(partBetween(from, at(event)));
    },
    onPointerUp: (event: PointerEvent<HTMLDivElement>): void => {
      if (from) onPart?.(partBetween(from, at(event)));
      setFrom(null);
    },
    onPointerCancel: (): void => setFrom(null),
  };
}
