import { Paperclip } from "lucide-react";
import { ApiError } from "../../state/api";
import type { Attached } from "../../state/announcements";
import { useText } from "../context";
import pages from "../pages/page.module.css";
import { Button, ButtonLink } from "../ui/button";
import { LinkedText } from "../ui/linked-text";
import styles from "./announcements.module.css";
import { useAnnouncementWords } from "./words";

/** What stands where something could not be loaded. */
export function Failed({ cause, retry }: { cause: unknown; retry: () => void }) {
  const text = useText();
  const words = useAnnouncementWords();
  const code = cause instanceof ApiError ? cause.code : "internal";
  if (code === "not_found" || code === "forbidden") return <Gone />;
  return (
    <div className={pages.empty}>
      <h2>{words.failed}</h2>
      <p>{text.errors[code]}</p>
      <Button onPress={retry}>{text.common.retry}</Button>
      <ButtonLink href="/announcements">{words.back}</ButtonLink>
    </div>
  );
}

export function Gone() {
  const words = useAnnouncementWords();
  return (
    <div className={pages.empty}>
      <h2>{words.gone}</h2>
      <ButtonLink href="/announcements">{words.back}</ButtonLink>
    </div>
  );
}

/** The text with its lines, and its addresses as links. */
export function Body({ text }: { text: string }) {
  return (
    <div className={styles.body} data-testid="announcement-text">
      <LinkedText text={text} />
    </div>
  );
}

export function FileLinks({ files }: { files: readonly Attached[] }) {
  const words = useAnnouncementWords();
  return files.length === 0 ? null : (
    <section aria-label={words.files}>
      <ul className={styles.files}>
        {files.map((file) => (
          <li key={file.key}>
            <a className={styles.file} href={file.url} target="_blank" rel="noopener">
              <Paperclip size={16} aria-hidden />
              <span>{file.name}</span>
              <FileSize bytes={file.size_bytes} />
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function FileSize({ bytes }: { bytes: number }) {
  const shown =
    bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1_000))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
  return <span className={pages.small}>{shown}</span>;
}
