import { BookOpen, EyeOff } from "lucide-react";
import { useRef, useState } from "react";
import { Slider, SliderThumb, SliderTrack } from "react-aria-components";
import type { ShownDocument } from "../../../protocol.gen";
import { type Documents } from "../../../state/assist/documents";
import { Button, IconButton } from "../../ui/button";
import { DocumentPage, useSize } from "./document-page";
import styles from "./documents.module.css";
import type { FaultKind } from "./document";
import { useKept, useOpened } from "./use-documents";
import { useDocumentWords } from "./words";

const OPACITY_PERCENT = 85;

export interface ShownPageProps {
  readonly documents: Documents;
  readonly shown: ShownDocument;
  /** Name of who shows it. */
  readonly by: string;
  readonly onRead: () => void;
  /** Null for who may not. */
  readonly onHide: (() => void) | null;
}

/** What somebody shows to all, over the picture or beside it. Over it, one still draws on the picture. */
export function ShownPage({ documents, shown, by, onRead, onHide }: ShownPageProps) {
  const text = useDocumentWords();
  const { region, placement } = shown;
  const kept = useKept(documents, region.document_id);
  const opening = useOpened(documents, kept);
  const [fault, setFault] = useState<FaultKind | null>(null);
  const [percent, setPercent] = useState(OPACITY_PERCENT);
  const box = useRef<HTMLDivElement>(null);
  const room = useSize(box);
  const isOver = placement === "over";
  const why = opening.kind === "fault" ? opening.fault : fault;
  const pages = opening.kind === "open" ? opening.document.pages : region.page;
  const page = Math.min(region.page, pages);
  const label = `${kept?.title ?? ""}, ${text.page({ page, pages })}`;
  return (
    <figure className={isOver ? styles.over : styles.beside} data-testid="shown-document">
      <div ref={box} className={styles.shownPaper} style={isOver ? { opacity: percent / 100 } : {}}>
        {why ? (
          <p className={styles.note} role="status">
            {text.unreadable[why]}
          </p>
        ) : opening.kind === "open" && room ? (
          <DocumentPage
            document={opening.document}
            page={page}
            room={room}
            zoom="page"
            part={region}
            onFault={setFault}
            label={label}
          />
        ) : (
          <p className={styles.note} role="status">
            {text.opening}…
          </p>
        )}
      </div>
      <figcaption className={styles.caption}>
        <span className={styles.captionText}>
          {[
            kept?.title,
            opening.kind === "open" ? text.page({ page, pages }) : "",
            text.shownBy({ name: by }),
          ]
            .filter(Boolean)
            .join(" · ")}
        </span>
        {isOver ? (
          <Slider
            className={styles.opacity ?? ""}
            aria-label={text.opacity}
            minValue={20}
            maxValue={100}
            step={5}
            value={percent}
            onChange={(value: number | number[]) => setPercent([value].flat()[0] ?? OPACITY_PERCENT)}
          >
            <SliderTrack className={styles.opacityTrack ?? ""}>
              <SliderThumb className={styles.opacityThumb ?? ""} />
            </SliderTrack>
          </Slider>
        ) : null}
        <IconButton name={text.read} onPress={onRead} testId="read-shown">
          <BookOpen size={16} aria-hidden />
        </IconButton>
        {onHide ? (
          <Button tone="quiet" onPress={onHide} testId="hide-shown">
            <EyeOff size={16} aria-hidden />
            {text.hide}
          </Button>
        ) : null}
      </figcaption>
    </figure>
  );
}
