import { useState } from "react";
import { Input, TextField } from "react-aria-components";
import { MARK_TEXT_MAX_CHARS } from "../../../protocol.gen";
import type { Writing } from "../../../state/assist/expert-desk";
import { useStore } from "../../context";
import { Button } from "../../ui/button";
import { useDesk } from "./desk-context";
import styles from "./expert.module.css";
import { useExpertText } from "./words";

/** Asks for the words of a text or a measure, where it was drawn. */
export function WordsField() {
  const { desk } = useDesk();
  const writing = useStore(desk.writing);
  return writing ? <Field key={writing.markId} writing={writing} /> : null;
}

function Field({ writing }: { writing: Writing }) {
  const { desk, live } = useDesk();
  const text = useExpertText().stage;
  const [words, setWords] = useState("");
  const place = live.place();
  const ratio = window.devicePixelRatio;
  const [x = 0, y = 0] = writing.shape.points;
  const left = (place.x + (x / writing.frame.width) * place.width) / ratio;
  const top = (place.y + (y / writing.frame.height) * place.height) / ratio;
  const isMeasure = writing.shape.kind === "measure";
  return (
    <form
      className={styles.words}
      style={{ left: `max(8px, min(${left}px, 100% - 308px))`, top: `max(8px, min(${top}px, 100% - 110px))` }}
      onSubmit={(event) => {
        event.preventDefault();
        desk.write(words);
      }}
    >
      <TextField
        aria-label={isMeasure ? text.measure : text.write}
        value={words}
        onChange={setWords}
        maxLength={MARK_TEXT_MAX_CHARS}
        autoFocus
        onKeyDown={(event) => {
          if (event.key === "Escape") desk.cancelWriting();
        }}
      >
        <Input
          className={styles.wordsInput ?? ""}
          placeholder={isMeasure ? text.measure : text.write}
          data-testid="words"
        />
      </TextField>
      <div className={styles.wordsActions}>
        <Button onPress={() => desk.cancelWriting()}>{text.cancel}</Button>
        <Button tone="primary" type="submit">
          {text.done}
        </Button>
      </div>
    </form>
  );
}
