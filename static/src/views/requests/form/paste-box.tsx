import { ClipboardPaste } from "lucide-react";
import { useState } from "react";
import { useText } from "../../context";
import { Button } from "../../ui/button";
import { Dialog, DialogActions, DialogText } from "../../ui/dialog";
import styles from "./form.module.css";
import { useFormWords } from "./words";

/** Takes rows that were copied elsewhere. */
export function PasteBox({
  columns,
  onPaste,
}: {
  columns: readonly string[];
  onPaste: (text: string) => void;
}) {
  const text = useText();
  const words = useFormWords();
  const [isOpen, setOpen] = useState(false);
  const [pasted, setPasted] = useState("");
  const close = (): void => {
    setOpen(false);
    setPasted("");
  };
  return (
    <>
      <Button tone="quiet" onPress={() => setOpen(true)}>
        <ClipboardPaste size={16} aria-hidden />
        {words.paste}
      </Button>
      <Dialog title={words.paste} isOpen={isOpen} onClose={close} wide>
        <DialogText>{words.pasteText({ columns: columns.join(" | ") })}</DialogText>
        <textarea
          className={styles.input}
          rows={8}
          aria-label={words.paste}
          value={pasted}
          onChange={(event) => setPasted(event.target.value)}
        />
        <DialogActions>
          <Button onPress={close}>{text.common.cancel}</Button>
          <Button
            tone="primary"
            isDisabled={pasted.trim() === ""}
            onPress={() => {
              onPaste(pasted);
              close();
            }}
          >
            {words.pasteAdd}
          </Button>
        </DialogActions>
      </Dialog>
    </>
  );
}
