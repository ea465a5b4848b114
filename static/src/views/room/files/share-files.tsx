import { Paperclip } from "lucide-react";
import { useRef, useState, type DragEvent, type ReactNode } from "react";
import { ACCEPTED } from "../../../state/upload-queue";
import { IconButton } from "../../ui/button";
import styles from "./files.module.css";
import { useFiles, useMayShare } from "./use-files";
import { useFileWords } from "./words";

/** The button beside the field of the chat; nothing for who may not. */
export function ShareButton() {
  const files = useFiles();
  const words = useFileWords();
  const input = useRef<HTMLInputElement>(null);
  if (useMayShare() !== "yes") return null;
  return (
    <>
      <input
        ref={input}
        className="visually-hidden"
        type="file"
        multiple
        accept={ACCEPTED}
        tabIndex={-1}
        aria-label={words.add}
        data-testid="share-file"
        onChange={(event) => {
          files.add([...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
      <IconButton name={`${words.add} (${words.kinds})`} onPress={() => input.current?.click()}>
        <Paperclip size={18} aria-hidden />
      </IconButton>
    </>
  );
}

/** Why there is no such button. */
export function SharingNote() {
  const words = useFileWords();
  const may = useMayShare();
  return may === "yes" ? null : (
    <p className={styles.note} data-testid="no-files">
      {words[may]}
    </p>
  );
}

/** Takes what is dropped on it. */
export function DropZone({ children }: { children: ReactNode }) {
  const files = useFiles();
  const words = useFileWords();
  const may = useMayShare() === "yes";
  const [isOver, setOver] = useState(false);
  const carries = (event: DragEvent): boolean => may && event.dataTransfer.types.includes("Files");
  return (
    <div
      className={styles.zone}
      data-testid="chat-zone"
      onDragOver={(event) => {
        if (!carries(event)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      }}
      onDrop={(event) => {
        setOver(false);
        if (!carries(event)) return;
        event.preventDefault();
        files.add([...event.dataTransfer.files]);
      }}
    >
      {children}
      {isOver ? <div className={styles.over}>{words.drop}</div> : null}
    </div>
  );
}
