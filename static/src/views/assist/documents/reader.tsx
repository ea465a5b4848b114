import {
  BookmarkPlus,
  ChevronLeft,
  ChevronRight,
  Expand,
  EyeOff,
  Layers,
  MoveHorizontal,
  PanelRight,
  SquareDashedMousePointer,
  ZoomIn,
  ZoomOut,
} from "lucide-react";
import { useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { Button as AriaButton, Input, NumberField } from "react-aria-components";
import type { DocumentRegion, Mark, PageRegion, Placement, ShownDocument } from "../../../protocol.gen";
import {
  isWhole,
  regionOf,
  type Documents,
  type KeptDocument,
  type Part,
} from "../../../state/assist/documents";
import { Button, IconButton, ToggleIconButton } from "../../ui/button";
import { Menu, MenuItem } from "../../ui/menu";
import { useExpertText } from "../expert/words";
import { DocumentPage, useSize, type Zoom } from "./document-page";
import styles from "./documents.module.css";
import type { FaultKind, OpenDocument } from "./document";
import { useGone, useOpened } from "./use-documents";
import { useDocumentWords } from "./words";

const ZOOM_STEP = 1.25;
const ZOOM_MIN = 0.5;
const ZOOM_MAX = 5;

export interface ReaderProps {
  readonly documents: Documents;
  readonly documentId: string;
  readonly kept: KeptDocument | undefined;
  readonly shown: ShownDocument | null;
  readonly isShowing: boolean;
  readonly marks: readonly Mark[];
  readonly start: DocumentRegion | null;
  readonly mayShow: boolean;
  readonly onShow: (region: PageRegion | null, placement: Placement) => void;
  readonly onLink: (mark: Mark, region: PageRegion) => void;
}

/** One document, for oneself. Whoever shows it to all takes them along when turning the page. */
export function Reader(props: ReaderProps) {
  const text = useDocumentWords();
  const opening = useOpened(props.documents, props.kept);
  const isGone = useGone(props.documents, props.documentId, props.kept);
  const [fault, setFault] = useState<FaultKind | null>(null);
  if (isGone)
    return (
      <p className={styles.note} role="status">
        {text.gone}
      </p>
    );
  if (opening.kind === "open" && fault === null)
    return <Pages {...props} document={opening.document} onFault={setFault} />;
  if (opening.kind === "opening")
    return (
      <p className={styles.note} role="status">
        {text.opening}…
      </p>
    );
  const why = fault ?? (opening.kind === "fault" ? opening.fault : "broken");
  return (
    <div className={styles.note} role="alert" data-testid="unreadable" data-fault={why}>
      <p>{text.unreadable[why]}</p>
      {why === "away" && opening.kind === "fault" ? (
        <Button onPress={opening.again}>{text.again}</Button>
      ) : null}
    </div>
  );
}

function Pages({
  document,
  documentId,
  kept,
  shown,
  isShowing,
  marks,
  start,
  mayShow,
  onShow,
  onLink,
  onFault,
}: ReaderProps & { document: OpenDocument; onFault: (fault: FaultKind) => void }) {
  const text = useDocumentWords();
  const { pages } = document;
  const [page, setPage] = useState(Math.max(1, Math.min(start?.page ?? kept?.page ?? 1, pages)));
  const [part, setPart] = useState<Part | null>(start && !isWhole(start) ? start : null);
  const [choosing, setChoosing] = useState(false);
  const [zoom, setZoom] = useState<Zoom>(1);
  const [linked, setLinked] = useState("");
  const scroll = useRef<HTMLDivElement>(null);
  const room = useSize(scroll);
  const isOnShow = isShowing && shown?.region.document_id === documentId;
  const placement = isOnShow ? shown.placement : null;
  const show = (page: number, part: Part | null): void => {
    if (placement) onShow(regionOf(documentId, page, part), placement);
  };
  const turn = (to: number): void => {
    const next = Math.min(pages, Math.max(1, to));
    if (next === page) return;
    setPage(next);
    setPart(null);
    setLinked("");
    show(next, null);
    scroll.current?.scrollTo({ top: 0 });
  };
  const zoomBy = (factor: number): void =>
    setZoom((zoom) => Math.min(ZOOM_MAX, Math.max(ZOOM_MIN, (zoom === "page" ? 1 : zoom) * factor)));
  const onKeyDown = (event: KeyboardEvent): void => {
    const act = KEYS[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.target instanceof HTMLInputElement) return;
    event.preventDefault();
    // Not also for the tools beside it.
    event.stopPropagation();
    if (typeof act === "number") turn(page + act);
    else zoomBy(act === "in" ? ZOOM_STEP : 1 / ZOOM_STEP);
  };
  const label = `${kept?.title ?? ""}, ${text.page({ page, pages })}`;
  return (
    <div className={styles.reader} onKeyDown={onKeyDown}>
      <div className={styles.tools} role="toolbar" aria-label={text.title}>
        <IconButton name={text.previous} isDisabled={page <= 1} onPress={() => turn(page - 1)}>
          <ChevronLeft size={18} aria-hidden />
        </IconButton>
        <NumberField
          className={styles.number ?? ""}
          aria-label={text.pageNumber}
          minValue={1}
          maxValue={pages}
          value={page}
          onChange={(to) => {
            if (Number.isFinite(to)) turn(Math.round(to));
          }}
        >
          <Input className={styles.numberInput ?? ""} data-testid="page-number" />
        </NumberField>
        <span className="tabular">{text.of({ pages })}</span>
        <IconButton
          name={text.next}
          isDisabled={page >= pages}
          onPress={() => turn(page + 1)}
          testId="next-page"
        >
          <ChevronRight size={18} aria-hidden />
        </IconButton>
        <span className={styles.spring} />
        <IconButton name={text.zoomOut} onPress={() => zoomBy(1 / ZOOM_STEP)}>
          <ZoomOut size={18} aria-hidden />
        </IconButton>
        <IconButton name={text.zoomIn} onPress={() => zoomBy(ZOOM_STEP)} testId="page-larger">
          <ZoomIn size={18} aria-hidden />
        </IconButton>
        <IconButton
          name={zoom === "page" ? text.fitWidth : text.fitPage}
          onPress={() => setZoom(zoom === "page" ? 1 : "page")}
        >
          {zoom === "page" ? <MoveHorizontal size={18} aria-hidden /> : <Expand size={18} aria-hidden />}
        </IconButton>
        {mayShow ? (
          <ToggleIconButton
            name={text.choose}
            isSelected={choosing}
            onChange={setChoosing}
            className={styles.toggle}
          >
            <SquareDashedMousePointer size={18} aria-hidden />
          </ToggleIconButton>
        ) : null}
      </div>
      {choosing && !part ? <p className={styles.hint}>{text.chooseHint}</p> : null}
      <div ref={scroll} className={styles.paperScroll} tabIndex={0} role="region" aria-label={label}>
        {room ? (
          <DocumentPage
            document={document}
            page={page}
            room={room}
            zoom={zoom}
            part={part}
            onPart={choosing ? setPart : undefined}
            onFault={onFault}
            label={label}
          />
        ) : null}
      </div>
      {mayShow ? (
        <div className={styles.actions}>
          <Toggle
            isOn={placement === "beside"}
            testId="show-beside"
            onPress={() => onShow(regionOf(documentId, page, part), "beside")}
          >
            <PanelRight size={16} aria-hidden />
            {text.beside}
          </Toggle>
          <Toggle
            isOn={placement === "over"}
            testId="show-over"
            onPress={() => onShow(regionOf(documentId, page, part), "over")}
          >
            <Layers size={16} aria-hidden />
            {text.over}
          </Toggle>
          {shown ? (
            <Button onPress={() => onShow(null, "beside")} testId="hide-document">
              <EyeOff size={16} aria-hidden />
              {text.hide}
            </Button>
          ) : null}
          <LinkMenu
            marks={marks}
            onLink={(mark, name) => {
              onLink(mark, regionOf(documentId, page, part));
              setLinked(name);
            }}
          />
          <p className={styles.hint} role="status">
            {[placement ? text.allSee : "", linked ? text.linkedTo({ mark: linked }) : ""]
              .filter(Boolean)
              .join(" · ")}
          </p>
        </div>
      ) : null}
    </div>
  );
}

const KEYS: Readonly<Record<string, number | "in" | "out">> = {
  PageDown: 1,
  ArrowRight: 1,
  PageUp: -1,
  ArrowLeft: -1,
  "+": "in",
  "=": "in",
  "-": "out",
};

function Toggle({
  isOn,
  testId,
  onPress,
  children,
}: {
  isOn: boolean;
  testId: string;
  onPress: () => void;
  children: ReactNode;
}) {
  return (
    <AriaButton className={styles.show ?? ""} aria-pressed={isOn} data-testid={testId} onPress={onPress}>
      {children}
    </AriaButton>
  );
}

function LinkMenu({ marks, onLink }: { marks: readonly Mark[]; onLink: (mark: Mark, name: string) => void }) {
  const text = useDocumentWords();
  const { marks: words } = useExpertText();
  if (marks.length === 0) return null;
  return (
    <Menu
      label={text.link}
      placement="top end"
      trigger={
        <AriaButton className={styles.show ?? ""} data-testid="link-mark">
          <BookmarkPlus size={16} aria-hidden />
          {text.link}
        </AriaButton>
      }
    >
      {marks.map((mark) => {
        const title = [mark.number > 0 ? String(mark.number) : "", mark.text].filter(Boolean).join(" · ");
        const name = title || words.kinds[mark.kind];
        return (
          <MenuItem
            key={mark.id}
            icon={<span className={styles.colorDot} data-color={mark.color} aria-hidden />}
            testId={`link-${mark.id}`}
            onAction={() => onLink(mark, name)}
          >
            {name}
          </MenuItem>
        );
      })}
    </Menu>
  );
}
