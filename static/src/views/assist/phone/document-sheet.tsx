import { BookOpen, ChevronLeft, ChevronRight, RotateCw, X } from "lucide-react";
import { useEffect, useRef, useState, type PointerEvent } from "react";
import { Button } from "react-aria-components";
import type { DocumentRegion } from "../../../protocol.gen";
import { isWhole, WHOLE, type Documents } from "../../../state/assist/documents";
import {
  doubleTapped,
  fittingPage,
  keptInside,
  pinched,
  viewOnPart,
  type PageView,
} from "../../../state/assist/page-zoom";
import { DocumentPage, useSize, type Size } from "../documents/document-page";
import type { FaultKind, OpenDocument } from "../documents/document";
import { RegionName } from "../documents/region-name";
import { useKept, useOpened } from "../documents/use-documents";
import { useDocumentWords } from "../documents/words";
import styles from "./document-sheet.module.css";

const DOUBLE_TAP_MS = 320;
const DOUBLE_TAP_PX = 32;
/** Of the screen's pixels, at most: what is enlarged further is drawn no sharper. */
const SHARPNESS_MAX = 3;

/** Reopens what was closed. */
export function DocumentChip({
  documents,
  region,
  onOpen,
}: {
  documents: Documents;
  region: DocumentRegion;
  onOpen: () => void;
}) {
  return (
    <Button className={styles.chip ?? ""} data-testid="document-chip" onPress={onOpen}>
      <BookOpen size={20} aria-hidden />
      <RegionName documents={documents} region={region} />
    </Button>
  );
}

/** The page that the expert shows, over the camera; it can be turned and enlarged, and put away. */
export function DocumentSheet({
  documents,
  region,
  onClose,
}: {
  documents: Documents;
  region: DocumentRegion;
  onClose: () => void;
}) {
  const text = useDocumentWords();
  const kept = useKept(documents, region.document_id);
  const opening = useOpened(documents, kept);
  const [fault, setFault] = useState<FaultKind | null>(null);
  const why = opening.kind === "fault" ? opening.fault : fault;
  return (
    <section className={styles.sheet} aria-label={kept?.title ?? text.title} data-testid="document-sheet">
      <header className={styles.head}>
        <h2>{kept?.title ?? text.title}</h2>
        <Button
          className={styles.button ?? ""}
          aria-label={text.close}
          data-testid="close-document"
          onPress={onClose}
        >
          <X size={28} aria-hidden />
        </Button>
      </header>
      {why ? (
        <div className={styles.note} role="alert">
          <p>{text.unreadable[why]}</p>
          {why === "away" && opening.kind === "fault" ? (
            <Button className={styles.button ?? ""} onPress={opening.again}>
              <RotateCw size={24} aria-hidden />
              {text.again}
            </Button>
          ) : null}
        </div>
      ) : opening.kind === "open" ? (
        <Pages
          // What the expert turns to is what is seen, wherever one has turned oneself.
          key={JSON.stringify(region)}
          document={opening.document}
          title={kept?.title ?? ""}
          region={region}
          onFault={setFault}
        />
      ) : (
        <p className={styles.note} role="status">
          {text.opening}…
        </p>
      )}
    </section>
  );
}

function Pages({
  document,
  title,
  region,
  onFault,
}: {
  document: OpenDocument;
  title: string;
  region: DocumentRegion;
  onFault: (fault: FaultKind) => void;
}) {
  const text = useDocumentWords();
  const { pages } = document;
  const shownPage = Math.min(region.page, pages);
  const [page, setPage] = useState(shownPage);
  const box = useRef<HTMLDivElement>(null);
  const room = useSize(box);
  const part = page === shownPage && !isWhole(region) ? region : null;
  return (
    <>
      <div ref={box} className={styles.room}>
        {room ? (
          <Movable
            key={page}
            document={document}
            page={page}
            room={room}
            part={part}
            onFault={onFault}
            label={`${title}, ${text.page({ page, pages })}`}
          />
        ) : null}
      </div>
      <footer className={styles.turn}>
        <Button
          className={styles.button ?? ""}
          aria-label={text.previous}
          data-testid="page-back"
          isDisabled={page <= 1}
          onPress={() => setPage(page - 1)}
        >
          <ChevronLeft size={32} aria-hidden />
        </Button>
        {page === shownPage ? (
          <span className={styles.count} role="status" aria-label={text.page({ page, pages })}>
            {page} / {pages}
          </span>
        ) : (
          <Button className={styles.button ?? ""} onPress={() => setPage(shownPage)}>
            {text.expertsPage({ page: shownPage })}
          </Button>
        )}
        <Button
          className={styles.button ?? ""}
          aria-label={text.next}
          data-testid="page-on"
          isDisabled={page >= pages}
          onPress={() => setPage(page + 1)}
        >
          <ChevronRight size={32} aria-hidden />
        </Button>
      </footer>
    </>
  );
}

function Movable({
  document,
  page,
  room,
  part,
  onFault,
  label,
}: {
  document: OpenDocument;
  page: number;
  room: Size;
  part: DocumentRegion | null;
  onFault: (fault: FaultKind) => void;
  label: string;
}) {
  const [ratio, setRatio] = useState<number | null>(null);
  const [view, setView] = useState<PageView | null>(null);
  const [sharpness, setSharpness] = useState(1);
  const size = fittingPage(room, ratio ?? room.height / room.width);
  const place = keptInside(view ?? viewOnPart(part ?? WHOLE, room, size), room, size);
  const { scale } = place;
  const touch = useTouch(room, size, place, setView);
  // Sharp once the fingers rest.
  useEffect(() => {
    if (touch.isDown) return;
    setSharpness(Math.min(SHARPNESS_MAX, Math.max(1, Math.ceil(scale))));
  }, [scale, touch.isDown]);
  return (
    <div className={styles.touch} {...touch.handlers} data-testid="page-touch" data-scale={scale.toFixed(2)}>
      <div
        className={styles.movable}
        style={{ transform: `translate(${place.x}px, ${place.y}px) scale(${scale})` }}
      >
        <DocumentPage
          document={document}
          page={page}
          room={room}
          zoom="page"
          part={part}
          sharpness={sharpness}
          onFault={onFault}
          onRatio={setRatio}
          label={label}
        />
      </div>
    </div>
  );
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** One finger moves, two pinch, two taps enlarge or show the whole. */
function useTouch(room: Size, page: Size, place: PageView, setView: (view: PageView) => void) {
  const fingers = useRef(new Map<number, Point>());
  const lastTap = useRef<{ readonly at: Point; readonly timeMs: number } | null>(null);
  const [isDown, setDown] = useState(false);
  const pointOf = (event: PointerEvent<HTMLDivElement>): Point => {
    const bounds = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - bounds.left, y: event.clientY - bounds.top };
  };
  const isNear = (a: Point, b: Point): boolean => Math.hypot(a.x - b.x, a.y - b.y) < DOUBLE_TAP_PX;
  const onPointerDown = (event: PointerEvent<HTMLDivElement>): void => {
    const at = pointOf(event);
    event.currentTarget.setPointerCapture(event.pointerId);
    fingers.current.set(event.pointerId, at);
    setDown(true);
    const before = lastTap.current;
    const isSecond =
      before !== null && event.timeStamp - before.timeMs < DOUBLE_TAP_MS && isNear(before.at, at);
    lastTap.current = isSecond || fingers.current.size > 1 ? null : { at, timeMs: event.timeStamp };
    if (isSecond) setView(doubleTapped(place, at, room, page));
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>): void => {
    const before = fingers.current.get(event.pointerId);
    if (!before) return;
    const at = pointOf(event);
    if (lastTap.current && !isNear(lastTap.current.at, at)) lastTap.current = null;
    const [other] = [...fingers.current].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
    setView(
      other
        ? pinched(place, [before, other], [at, other], room, page)
        : keptInside({ ...place, x: place.x + at.x - before.x, y: place.y + at.y - before.y }, room, page),
    );
    fingers.current.set(event.pointerId, at);
  };
  const onPointerUp = (event: PointerEvent<HTMLDivElement>): void => {
    fingers.current.delete(event.pointerId);
    if (fingers.current.size === 0) setDown(false);
  };
  return { isDown, handlers: { onPointerDown, onPointerMove, onPointerUp, onPointerCancel: onPointerUp } };
}
