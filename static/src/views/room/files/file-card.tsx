import { Download, FileText } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button as AriaButton } from "react-aria-components";
import type { ChatFile } from "../../../protocol.gen";
import { sizeText } from "../../../state/recordings";
import { useLocale } from "../../context";
import { saveFrom } from "../../ui/save-from";
import styles from "./files.module.css";
import { useFiles } from "./use-files";
import { useFileWords } from "./words";

/** A file of the chat: pressed, it is saved. */
export function FileCard({ file }: { file: ChatFile }) {
  const files = useFiles();
  const words = useFileWords();
  const locale = useLocale();
  const [gone, setGone] = useState(false);
  const save = async (): Promise<void> => {
    try {
      saveFrom(await files.path(file.key), file.name);
      setGone(false);
    } catch {
      setGone(true);
    }
  };
  return (
    <div className={styles.card}>
      <AriaButton className={styles.file ?? ""} data-testid="chat-file" onPress={() => void save()}>
        {file.media_type.startsWith("image/") ? (
          <Picture file={file} />
        ) : (
          <FileText size={24} aria-hidden className={styles.icon} />
        )}
        <span className={styles.about}>
          <span className={styles.name}>{file.name}</span>
          <span className={styles.size}>{sizeText(file.size_bytes, locale)}</span>
        </span>
        <Download size={16} role="img" aria-label={words.save} className={styles.icon} />
      </AriaButton>
      {gone ? <p role="alert">{words.gone}</p> : null}
    </div>
  );
}

/** Asked for when it comes into view: what to ask with lives a minute. */
function Picture({ file }: { file: ChatFile }) {
  const files = useFiles();
  const frame = useRef<HTMLSpanElement>(null);
  const [path, setPath] = useState("");
  const { key } = file;
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const observer = new IntersectionObserver(([entry]) => {
      if (!entry?.isIntersecting) return;
      observer.disconnect();
      files.smallPath(key).then(setPath, () => undefined);
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [files, key]);
  return (
    <span ref={frame} className={styles.picture} data-testid="file-picture">
      {path ? <img src={path} alt="" /> : null}
    </span>
  );
}
