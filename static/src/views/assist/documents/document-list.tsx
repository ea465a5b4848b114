import { FileText, Image as ImageIcon, RotateCw, Trash2, X } from "lucide-react";
import { useState } from "react";
import { Button as AriaButton, FileTrigger, ProgressBar } from "react-aria-components";
import { KINDS, type Adding, type Documents, type KeptDocument } from "../../../state/assist/documents";
import { useLocale, useStore } from "../../context";
import { Button, IconButton } from "../../ui/button";
import { Confirm, Fault, type Question } from "../../ui/dialog";
import styles from "./documents.module.css";
import { useDocumentWords, type DocumentWords } from "./words";

/** What there is to read, and the way to bring more. */
export function DocumentList({
  documents,
  mayAdd,
  onChoose,
  onRemove,
}: {
  documents: Documents;
  mayAdd: boolean;
  onChoose: (id: string) => void;
  /** Before it is taken away. */
  onRemove: (id: string) => void;
}) {
  const text = useDocumentWords();
  const size = useSizeText();
  const list = useStore(documents.list);
  const adding = useStore(documents.adding);
  const [question, setQuestion] = useState<Question | null>(null);
  const [fault, setFault] = useState("");
  const remove = (kept: KeptDocument): void => {
    setFault("");
    onRemove(kept.id);
    void documents.remove(kept.id).then((isGone) => setFault(isGone ? "" : text.notRemoved(kept)));
  };
  const isSending = adding?.fault === null;
  const opening = (kept: { readonly id: string } | null): void => {
    if (kept) onChoose(kept.id);
  };
  return (
    <div className={styles.scroll}>
      {list?.length === 0 ? (
        <div className={styles.empty}>
          <FileText size={28} aria-hidden />
          <h3>{text.emptyTitle}</h3>
          <p>{mayAdd ? text.emptyText : text.emptyWatching}</p>
        </div>
      ) : (
        <ul className={styles.list}>
          {list?.map((document) => (
            <li key={document.id} className={styles.entry}>
              <AriaButton
                className={styles.row ?? ""}
                data-testid="document"
                onPress={() => onChoose(document.id)}
              >
                {document.media_type.startsWith("image/") ? (
                  <ImageIcon size={20} aria-hidden />
                ) : (
                  <FileText size={20} aria-hidden />
                )}
                <span className={styles.rowText}>
                  <span>{document.title}</span>
                  <span className={styles.soft}>
                    {text.broughtBy({ name: document.name, size: size(document.size_bytes) })}
                  </span>
                </span>
              </AriaButton>
              {document.may_remove ? (
                <IconButton
                  name={text.remove(document)}
                  testId="remove-document"
                  onPress={() =>
                    setQuestion({
                      title: text.removeTitle,
                      text: text.removeText(document),
                      action: text.removeAction,
                      run: () => remove(document),
                    })
                  }
                >
                  <Trash2 size={16} aria-hidden />
                </IconButton>
              ) : null}
            </li>
          ))}
        </ul>
      )}
      {fault ? <Fault>{fault}</Fault> : null}
      <Confirm question={question} onClose={() => setQuestion(null)} />
      {mayAdd ? (
        <div className={styles.add}>
          {adding ? (
            <AddingLine
              adding={adding}
              size={size}
              onAgain={() => void documents.again().then(opening)}
              onDismiss={() => documents.dismiss()}
            />
          ) : null}
          <FileTrigger
            acceptedFileTypes={KINDS}
            onSelect={(files) => {
              const file = files?.[0];
              if (file) void documents.add(file).then(opening);
            }}
          >
            <Button
              isPending={isSending}
              tone={list?.length === 0 ? "primary" : "secondary"}
              testId="add-document"
            >
              {text.add}
            </Button>
          </FileTrigger>
        </div>
      ) : null}
    </div>
  );
}

function AddingLine({
  adding,
  size,
  onAgain,
  onDismiss,
}: {
  adding: Adding;
  size: (bytes: number) => string;
  onAgain: () => void;
  onDismiss: () => void;
}) {
  const text = useDocumentWords();
  const { name, sizeBytes, sent, fault } = adding;
  if (fault === null) {
    const percent = Math.floor(sent * 100);
    const label = text.sending({ name, percent });
    return (
      <ProgressBar className={styles.progress ?? ""} value={percent} aria-label={label} data-testid="sending">
        <span>{label}</span>
        <span className={styles.track}>
          <span className={styles.bar} style={{ width: `${percent}%` }} />
        </span>
      </ProgressBar>
    );
  }
  const mayGetThrough = isPassing(fault);
  return (
    <div className={styles.fault} role="alert" data-testid="not-added">
      <p>{faultText(text, adding, size(sizeBytes))}</p>
      {mayGetThrough ? (
        <Button onPress={onAgain} testId="add-again">
          <RotateCw size={16} aria-hidden />
          {text.again}
        </Button>
      ) : null}
      <IconButton name={text.dismiss} onPress={onDismiss}>
        <X size={16} aria-hidden />
      </IconButton>
    </div>
  );
}

/** The same file may be taken a moment later. */
function isPassing(fault: Adding["fault"]): boolean {
  return fault === "unavailable" || fault === "idle" || fault === "rate_limited" || fault === "internal";
}

function faultText({ faults }: DocumentWords, { name, fault }: Adding, size: string): string {
  switch (fault) {
    case "too_large":
    case "pdf_too_large":
      return faults.pdf_too_large({ name, size });
    case "picture_too_large":
      return faults.picture_too_large({ name, size });
    case "wrong_kind":
      return faults.wrong_kind({ name });
    case "bad_file":
      return faults.bad_file({ name });
    case "too_many":
      return faults.too_many({ name });
    default:
      return isPassing(fault) ? faults.away({ name }) : faults.refused({ name });
  }
}

const STEP = 1_000;

/** As the limits are said: in powers of ten. */
function useSizeText(): (bytes: number) => string {
  const locale = useLocale();
  return (bytes) => {
    const isMega = bytes >= STEP * STEP;
    const value = bytes / (isMega ? STEP * STEP : STEP);
    const digits = value < 10 ? 1 : 0;
    return `${value.toLocaleString(locale, { maximumFractionDigits: digits })} ${isMega ? "MB" : "kB"}`;
  };
}
