import { ChevronLeft, ChevronRight } from "lucide-react";
import { useEffect, useRef, type PointerEvent } from "react";
import { gridLayout } from "../../state/layout";
import { pageOf, type StageItem } from "../../state/stage";
import { useStore, useText } from "../context";
import { IconButton } from "../ui/button";
import { useMeeting } from "./room-context";
import styles from "./stage.module.css";
import { Tile } from "./tile";

const GAP = 8;
const PAGER_HEIGHT = 52;
const SWIPE_MIN_PX = 48;

/** Everybody alike, on as many pages as it takes; only the page that is shown is drawn and received. */
export function Grid({
  others,
  own,
  width,
  height,
  phone,
}: {
  others: readonly StageItem[];
  own: StageItem | null;
  width: number;
  height: number;
  phone: boolean;
}) {
  const { placement } = useMeeting();
  const text = useText();
  const wanted = useStore(placement.page);
  const swipe = useSwipe((by) => placement.turn(by));
  const count = others.length + (own ? 1 : 0);
  const request = {
    count,
    width,
    height,
    gap: GAP,
    // A single face may fill a phone held upright.
    minAspect: phone ? (count === 1 ? 0.45 : 0.72) : 1.2,
    maxAspect: 16 / 9,
    minTileWidth: phone ? 150 : 160,
    maxPerPage: phone ? 8 : 49,
  };
  const onePage = gridLayout(request);
  const grid = onePage.pages > 1 ? gridLayout({ ...request, height: height - PAGER_HEIGHT }) : onePage;
  const { pages, perPage } = grid;
  const firstPage = perPage - (own ? 1 : 0);
  useEffect(() => placement.setGrid(pages, firstPage), [placement, pages, firstPage]);
  useEffect(() => () => placement.setGrid(1, Number.POSITIVE_INFINITY), [placement]);
  const page = Math.min(wanted, pages - 1);
  const tile = { width: grid.tileWidth, height: grid.tileHeight };
  // Rows break where the layout has it, and not where one more tile would happen to fit.
  const paddingInline = Math.max(0, Math.floor((width - grid.columns * (tile.width + GAP) + GAP) / 2));
  return (
    <>
      <div
        className={styles.grid}
        style={{ paddingInline }}
        {...(pages > 1 ? { "data-paged": true, ...swipe } : {})}
      >
        {pageOf(others, own, perPage, page).map((entry) => (
          <Tile
            key={entry.key}
            participant={entry.participant}
            source={entry.source}
            isMe={entry === own}
            style={tile}
            canPin={count > 1}
          />
        ))}
      </div>
      {pages > 1 ? <Pager page={page} pages={pages} /> : null}
      <p className="visually-hidden" aria-live="polite">
        {pages > 1 ? text.stage.page({ page: page + 1, pages }) : ""}
      </p>
    </>
  );
}

function Pager({ page, pages }: { page: number; pages: number }) {
  const { placement } = useMeeting();
  const text = useText();
  const ref = useRef<HTMLElement>(null);
  const isFirst = page === 0;
  const isLast = page >= pages - 1;
  const turn = (by: 1 | -1) => (): void => {
    placement.turn(by);
    // The button that led to the end is of no more use: the focus goes to the way back instead of getting lost.
    const target = placement.page.get();
    if (target === 0 || target === pages - 1)
      ref.current?.querySelectorAll("button")[target === 0 ? 1 : 0]?.focus();
  };
  return (
    <nav ref={ref} className={styles.pager} aria-label={text.stage.pages} data-testid="pager">
      <IconButton name={text.stage.previousPage} testId="page-back" isDisabled={isFirst} onPress={turn(-1)}>
        <ChevronLeft size={20} aria-hidden />
      </IconButton>
      <span className="tabular" aria-hidden data-testid="page">
        {page + 1} / {pages}
      </span>
      <IconButton name={text.stage.nextPage} testId="page-on" isDisabled={isLast} onPress={turn(1)}>
        <ChevronRight size={20} aria-hidden />
      </IconButton>
    </nav>
  );
}

interface SwipeHandlers {
  readonly onPointerDown: (event: PointerEvent) => void;
  readonly onPointerUp: (event: PointerEvent) => void;
}

/** A finger that goes sideways turns the page.  Scrolling up and down stays the browser's (touch-action in the styles). */
function useSwipe(turn: (by: 1 | -1) => void): SwipeHandlers {
  const start = useRef<{ id: number; x: number; y: number } | null>(null);
  return {
    onPointerDown: ({ pointerType, pointerId, clientX, clientY }) => {
      start.current = pointerType === "touch" ? { id: pointerId, x: clientX, y: clientY } : null;
    },
    onPointerUp: ({ pointerId, clientX, clientY }) => {
      const from = start.current;
      start.current = null;
      if (from?.id !== pointerId) return;
      const [dx, dy] = [clientX - from.x, clientY - from.y];
      if (Math.abs(dx) >= SWIPE_MIN_PX && Math.abs(dx) > 2 * Math.abs(dy)) turn(dx < 0 ? 1 : -1);
    },
  };
}
