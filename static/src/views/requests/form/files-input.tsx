import { FileText, FileUp, Image, RotateCw, X } from "lucide-react";
import { useRef, useState } from "react";
import type { RequestFile } from "../../../state/requests/shapes";
import type { FilePlace } from "../../../state/requests/requests";
import type { Upload, Uploads } from "../../../state/requests/uploads";
import { ACCEPTED } from "../../../state/upload-queue";
import { sizeText } from "../../../state/recordings";
import { useLocale, useStore } from "../../context";
import { Button, IconButton } from "../../ui/button";
import { classes } from "../../ui/classes";
import styles from "./form.module.css";
import { known } from "../words";
import { useFormWords, type FormWords } from "./words";

/** What files are brought with: those kept already, and those on their way. */
export interface FilesAtHand {
  readonly kept: readonly RequestFile[];
  readonly uploads: Uploads;
  readonly onRemove: (file: RequestFile) => void;
}

export function FilesInput({
  at,
  place,
  atMost,
  id,
  describedBy,
  label,
}: {
  at: FilesAtHand;
  place: FilePlace;
  atMost: number;
  id: string;
  describedBy?: string | undefined;
  /** Where no label is beside it. */
  label?: string;
}) {
  const words = useFormWords();
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const sending = useStore(at.uploads.list).filter((one) => samePlace(one.place, place));
  const kept = at.kept.filter(
    (one) => one.field_id === (place.field ?? "") && one.document_id === (place.document ?? ""),
  );
  const room = atMost - kept.length - sending.length;
  const add = (files: FileList | null): void => {
    if (files) at.uploads.add([...files].slice(0, Math.max(0, room)), place);
  };
  return (
    <div
      className={classes(styles.files, isOver && styles.filesOver)}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        add(event.dataTransfer.files);
      }}
    >
      {kept.length + sending.length > 0 ? (
        <ul className={styles.fileList}>
          {kept.map((file) => (
            <li key={file.key} data-testid="kept-file">
              <FileIcon type={file.media_type} />
              <a href={file.url} target="_blank" rel="noreferrer">
                {file.file_name}
              </a>
              <FileSize bytes={file.size_bytes} />
              {file.mine ? (
                <IconButton
                  name={words.removeFile({ name: file.file_name })}
                  onPress={() => at.onRemove(file)}
                >
                  <X size={16} aria-hidden />
                </IconButton>
              ) : null}
            </li>
          ))}
          {sending.map((upload) => (
            <SendingRow key={upload.key} upload={upload} uploads={at.uploads} />
          ))}
        </ul>
      ) : null}
      <div className={styles.rowActions}>
        <input
          ref={input}
          id={id}
          className="visually-hidden"
          type="file"
          accept={ACCEPTED}
          multiple={atMost > 1}
          {...(label ? { "aria-label": label } : {})}
          tabIndex={-1}
          disabled={room <= 0}
          {...(describedBy ? { "aria-describedby": describedBy } : {})}
          onChange={(event) => {
            add(event.target.files);
            event.target.value = "";
          }}
          data-testid={`file-${place.document ?? place.field ?? "attachment"}`}
        />
        <Button onPress={() => input.current?.click()} isDisabled={room <= 0}>
          <FileUp size={16} aria-hidden />
          {words.addFile}
        </Button>
        <span className={classes(styles.hint, styles.wideOnly)}>{words.dropHere}</span>
      </div>
    </div>
  );
}

function SendingRow({ upload, uploads }: { upload: Upload; uploads: Uploads }) {
  const words = useFormWords();
  const percent = Math.round(upload.share * 100);
  const said =
    upload.state === "sending"
      ? words.sending({ name: upload.name, percent })
      : upload.state === "waiting"
        ? words.waiting({ name: upload.name })
        : upload.name;
  return (
    <li data-testid="upload" data-state={upload.state}>
      <div className={styles.sending}>
        <span>{said}</span>
        {upload.state === "failed" ? (
          <span className={styles.fault} role="alert">
            {fileFault(words, upload.code)}
          </span>
        ) : (
          <progress value={upload.share} max={1} aria-label={upload.name} />
        )}
      </div>
      {upload.state === "failed" && uploads.canRetry(upload) ? (
        <Button onPress={() => uploads.retry(upload.key)}>
          <RotateCw size={16} aria-hidden />
          {words.retry}
        </Button>
      ) : null}
      {upload.state === "sending" ? null : (
        <IconButton name={words.dismiss({ name: upload.name })} onPress={() => uploads.dismiss(upload.key)}>
          <X size={16} aria-hidden />
        </IconButton>
      )}
    </li>
  );
}

export function FileIcon({ type }: { type: string }) {
  return type.startsWith("image/") ? <Image size={16} aria-hidden /> : <FileText size={16} aria-hidden />;
}

export function FileSize({ bytes }: { bytes: number }) {
  return <span className={classes(styles.hint, "tabular")}>{sizeText(bytes, useLocale())}</span>;
}

export const fileFault = (words: FormWords, code: string): string =>
  known(words.fileFaults, code) ?? words.fileFaults.other;

const samePlace = (one: FilePlace, other: FilePlace): boolean =>
  (one.field ?? "") === (other.field ?? "") && (one.document ?? "") === (other.document ?? "");
