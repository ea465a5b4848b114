import { ArrowLeft, X } from "lucide-react";
import { useState } from "react";
import type { DocumentRegion, Mark, PageRegion, Placement, ShownDocument } from "../../../protocol.gen";
import type { Documents } from "../../../state/assist/documents";
import { IconButton } from "../../ui/button";
import { DocumentList } from "./document-list";
import styles from "./documents.module.css";
import { Reader } from "./reader";
import { useKept } from "./use-documents";
import { useDocumentWords } from "./words";

export interface DocumentsPaneProps {
  readonly documents: Documents;
  /** What all see now, and whether it is oneself who shows it. */
  readonly shown: ShownDocument | null;
  readonly isShowing: boolean;
  /** Those that a part of a page can be linked to, the likeliest first. */
  readonly marks: readonly Mark[];
  /** Opens here. */
  readonly start: DocumentRegion | null;
  readonly mayShow: boolean;
  readonly onShow: (region: PageRegion | null, placement: Placement) => void;
  readonly onLink: (mark: Mark, region: PageRegion) => void;
  readonly onClose: () => void;
}

/** The session's documents: one is opened, turned over, shown to all, or a part of it linked to a mark. */
export function DocumentsPane(props: DocumentsPaneProps) {
  const { documents, start, shown, mayShow, onShow, onClose } = props;
  const text = useDocumentWords();
  const [chosen, setChosen] = useState(start?.document_id);
  const kept = useKept(documents, chosen);
  return (
    <aside className={styles.pane} aria-label={text.title} data-testid="documents">
      <header className={styles.head}>
        {chosen ? (
          <IconButton name={text.back} onPress={() => setChosen(undefined)} testId="all-documents">
            <ArrowLeft size={18} aria-hidden />
          </IconButton>
        ) : null}
        <h2>{kept?.title ?? text.title}</h2>
        <IconButton name={text.close} onPress={onClose} testId="close-documents">
          <X size={18} aria-hidden />
        </IconButton>
      </header>
      {chosen ? (
        <Reader
          {...props}
          key={chosen}
          documentId={chosen}
          kept={kept}
          start={start?.document_id === chosen ? start : null}
        />
      ) : (
        <DocumentList
          documents={documents}
          mayAdd={mayShow}
          onChoose={setChosen}
          onRemove={(id) => {
            if (shown?.region.document_id === id) onShow(null, shown.placement);
          }}
        />
      )}
    </aside>
  );
}
