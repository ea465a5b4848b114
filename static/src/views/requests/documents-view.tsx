import { Check, CircleDashed, X } from "lucide-react";
import { useState } from "react";
import type { Code } from "../../protocol.gen";
import { ApiError } from "../../state/api";
import { isRequired, said, shownDocuments } from "../../state/requests/form";
import { isOpen } from "../../state/requests/clock";
import type { RequiredDocument } from "../../state/requests/shapes";
import { useLocale, useText } from "../context";
import { Button } from "../ui/button";
import { Dialog, DialogActions, Fault } from "../ui/dialog";
import { TextField } from "../ui/fields";
import { FileLinks } from "./answers-view";
import { FilesInput } from "./form/files-input";
import form from "./form/form.module.css";
import type { AtHand } from "./at-hand";
import styles from "./request.module.css";
import type { RequestFiles } from "./use-files";
import { useRequestWords } from "./words";

const NOTE_MAX_CHARS = 400;
const FILES_MAX = 10;

/** The checklist: what was brought for each line, and whether it will do. */
export function DocumentsView({ card, requests, onStale, files }: AtHand & { files: RequestFiles }) {
  const text = useText();
  const words = useRequestWords();
  const locale = useLocale();
  const [refusing, setRefusing] = useState<RequiredDocument | null>(null);
  const [note, setNote] = useState("");
  const [code, setCode] = useState<Code | null>(null);
  const documents = shownDocuments(card.definition, card.answers);
  if (documents.length === 0) return null;
  const mayCheck = card.request.internal && isOpen(card.request);
  const check = (document: RequiredDocument, accepted: boolean, why = ""): void => {
    setCode(null);
    requests.check(card.request.id, { document_id: document.id, accepted, note: why }).then(
      () => onStale(),
      (cause: unknown) => setCode(cause instanceof ApiError ? cause.code : "internal"),
    );
  };
  return (
    <section className={styles.card} data-testid="documents">
      <h2>{words.one.documents}</h2>
      {code ? <Fault>{text.errors[code]}</Fault> : null}
      <ul className={styles.checklist}>
        {documents.map((document) => {
          const brought = card.files.filter((file) => file.document_id === document.id);
          const checked = card.checks.find((one) => one.document_id === document.id);
          const canBring = files.canBring && !card.request.internal;
          const Icon = checked ? (checked.accepted ? Check : X) : CircleDashed;
          return (
            <li key={document.id} data-checked={checked?.accepted}>
              <Icon size={18} aria-hidden />
              <div className={styles.document}>
                <strong>
                  {said(document.name, locale)}
                  {isRequired(document) ? null : (
                    <span className={form.optional}>{words.one.documentOptional}</span>
                  )}
                </strong>
                {canBring ? (
                  <FilesInput
                    at={files.at}
                    place={{ document: document.id }}
                    atMost={FILES_MAX}
                    id={`bring-${document.id}`}
                    label={said(document.name, locale)}
                  />
                ) : brought.length > 0 ? (
                  <FileLinks files={brought} />
                ) : (
                  <span className={styles.soft}>{words.one.documentMissing}</span>
                )}
                {checked ? (
                  <span className={checked.accepted ? styles.soft : form.fault}>
                    {(checked.accepted ? words.one.accepted : words.one.refused)({ name: checked.name })}
                    {checked.note ? ` · ${checked.note}` : ""}
                  </span>
                ) : null}
              </div>
              {mayCheck && brought.length > 0 ? (
                <div className={styles.checkButtons}>
                  <Button
                    onPress={() => check(document, true)}
                    isDisabled={checked?.accepted === true}
                    label={`${words.one.accept}: ${said(document.name, locale)}`}
                  >
                    {words.one.accept}
                  </Button>
                  <Button
                    onPress={() => {
                      setNote("");
                      setRefusing(document);
                    }}
                    label={`${words.one.refuse}: ${said(document.name, locale)}`}
                  >
                    {words.one.refuse}
                  </Button>
                </div>
              ) : null}
            </li>
          );
        })}
      </ul>
      <Dialog
        title={said(refusing?.name, locale)}
        isOpen={refusing !== null}
        onClose={() => setRefusing(null)}
      >
        <TextField
          label={words.one.refuseWhy}
          value={note}
          onChange={setNote}
          maxLength={NOTE_MAX_CHARS}
          autoFocus
        />
        <DialogActions>
          <Button onPress={() => setRefusing(null)}>{text.common.cancel}</Button>
          <Button
            tone="primary"
            onPress={() => {
              if (refusing) check(refusing, false, note.trim());
              setRefusing(null);
            }}
          >
            {words.one.refuse}
          </Button>
        </DialogActions>
      </Dialog>
    </section>
  );
}
