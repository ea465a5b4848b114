import { useState } from "react";
import { FileIcon, FileSize, FilesInput } from "./form/files-input";
import type { AtHand } from "./at-hand";
import styles from "./request.module.css";
import type { RequestFiles } from "./use-files";
import { useRequestWords } from "./words";

const FILES_MAX = 80;

/** What came with the request and belongs to no line of it. */
export function AttachmentsView({ card, files }: AtHand & { files: RequestFiles }) {
  const words = useRequestWords();
  const [isInternal, setInternal] = useState(true);
  const loose = card.files.filter((file) => !file.field_id && !file.document_id);
  if (loose.length === 0 && !files.canBring) return null;
  const { internal } = card.request;
  return (
    <section className={styles.card} data-testid="attachments">
      <h2>{words.one.attachments}</h2>
      {loose.length === 0 ? <p className={styles.soft}>{words.one.noAttachments}</p> : null}
      {loose.length > 0 && (!files.canBring || internal) ? (
        <ul className={styles.fileLinks}>
          {loose.map((file) => (
            <li key={file.key}>
              <FileIcon type={file.media_type} />
              <a href={file.url} target="_blank" rel="noreferrer">
                {file.file_name}
              </a>
              <FileSize bytes={file.size_bytes} />
              {file.internal ? <span className={styles.internal}>{words.one.internal}</span> : null}
            </li>
          ))}
        </ul>
      ) : null}
      {files.canBring ? (
        <>
          {internal ? (
            <label className={styles.tick}>
              <input
                type="checkbox"
                checked={isInternal}
                onChange={(event) => setInternal(event.target.checked)}
              />
              {words.one.internalNote}
            </label>
          ) : null}
          <FilesInput
            at={internal ? { ...files.at, kept: [] } : files.at}
            place={internal && isInternal ? { internal: true } : {}}
            atMost={FILES_MAX}
            id="attach"
            label={words.one.attach}
          />
        </>
      ) : null}
    </section>
  );
}
