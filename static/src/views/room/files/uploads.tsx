import { RotateCw, X } from "lucide-react";
import { CODES } from "../../../protocol.gen";
import type { Upload } from "../../../state/upload-queue";
import { useStore, useText } from "../../context";
import { IconButton } from "../../ui/button";
import styles from "./files.module.css";
import { useFiles } from "./use-files";
import { useFileWords } from "./words";

/** What is on its way into the chat. */
export function Uploads() {
  const list = useStore(useFiles().list);
  if (list.length === 0) return null;
  return (
    <ul className={styles.uploads} data-testid="uploads">
      {list.map((upload) => (
        <Row key={upload.key} upload={upload} />
      ))}
    </ul>
  );
}

function Row({ upload }: { upload: Upload }) {
  const files = useFiles();
  const words = useFileWords();
  const text = useText();
  const { name, state } = upload;
  const percent = Math.round(upload.share * 100);
  const code = CODES.find((known) => known === upload.code) ?? "internal";
  return (
    <li data-state={state}>
      <div className={styles.sending}>
        <span className={styles.name}>{name}</span>
        {state === "failed" ? (
          <span className={styles.fault} role="alert">
            {text.errors[code]}
          </span>
        ) : (
          <span
            className={styles.bar}
            role="progressbar"
            aria-label={state === "sending" ? words.sending({ name, percent }) : words.waiting({ name })}
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={percent}
          >
            <span style={{ width: `${percent}%` }} />
          </span>
        )}
      </div>
      {state === "failed" && files.canRetry(upload) ? (
        <IconButton name={words.retry({ name })} onPress={() => files.retry(upload.key)}>
          <RotateCw size={16} aria-hidden />
        </IconButton>
      ) : null}
      <IconButton
        name={state === "failed" ? words.dismiss({ name }) : words.cancel({ name })}
        testId="cancel-upload"
        onPress={() => files.dismiss(upload.key)}
      >
        <X size={16} aria-hidden />
      </IconButton>
    </li>
  );
}
