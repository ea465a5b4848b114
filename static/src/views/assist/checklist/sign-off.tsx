import { useState } from "react";
import type { Checklist } from "../../../state/assist/checklist";
import type { Signature, Stroke } from "../../../state/assist/checklist-rules";
import { useLocale } from "../../context";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { TextField } from "../../ui/fields";
import styles from "./checklist.module.css";
import { SignaturePad, SignaturePicture } from "./signature-pad";
import { useChecklistWords } from "./words";

/** Who has signed, and the way to sign for one's own side. */
export function SignOff({
  checklist,
  signatures,
  openSteps,
  role,
  name,
}: {
  checklist: Checklist;
  signatures: readonly Signature[];
  openSteps: number;
  role: "on_site" | "expert" | "observer";
  name: string;
}) {
  const words = useChecklistWords();
  const locale = useLocale();
  const [isOpen, setOpen] = useState(false);
  const isWhole = signatures.length > 1;
  return (
    <section className={styles.signOff} aria-label={words.sign}>
      {isWhole ? <p className={styles.well}>{words.signedAll}</p> : null}
      {signatures.map((signature) => (
        <figure key={signature.part} className={styles.signature} data-testid="signature">
          <SignaturePicture label={signature.name} strokes={signature.strokes} />
          <figcaption>
            <strong>{words.parts[signature.part]}</strong>{" "}
            {words.signedBy({
              name: signature.name,
              time: new Date(signature.signed_at_ms).toLocaleString(locale, {
                dateStyle: "medium",
                timeStyle: "short",
              }),
            })}
          </figcaption>
        </figure>
      ))}
      {isWhole || role === "observer" ? null : (
        <Button large wide onPress={() => setOpen(true)} testId="sign-off">
          {words.sign}
        </Button>
      )}
      <Dialog title={words.signTitle} isOpen={isOpen} onClose={() => setOpen(false)}>
        <SignForm checklist={checklist} openSteps={openSteps} name={name} close={() => setOpen(false)} />
      </Dialog>
    </section>
  );
}

function SignForm({
  checklist,
  openSteps,
  name: known,
  close,
}: {
  checklist: Checklist;
  openSteps: number;
  name: string;
  close: () => void;
}) {
  const words = useChecklistWords();
  const [name, setName] = useState(known);
  const [company, setCompany] = useState("");
  const [strokes, setStrokes] = useState<readonly Stroke[]>([]);
  const [isPending, setPending] = useState(false);
  const [fault, setFault] = useState("");
  const sign = () => {
    if (strokes.length === 0) {
      setFault(words.missing.strokes);
      return;
    }
    setPending(true);
    setFault("");
    checklist
      .sign(name, company, strokes)
      .then(close, () => setFault(words.failed))
      .finally(() => setPending(false));
  };
  return (
    <div className={styles.form}>
      <p className={styles.soft}>{words.signHint}</p>
      {openSteps > 0 ? <p className={styles.weak}>{words.openSteps({ count: openSteps })}</p> : null}
      <TextField label={words.name} value={name} onChange={setName} isRequired maxLength={64} />
      <TextField label={words.company} value={company} onChange={setCompany} maxLength={120} />
      <SignaturePad label={words.signHere} strokes={strokes} onChange={setStrokes} />
      <p className={styles.soft}>{words.signHere}</p>
      {fault ? (
        <p className={styles.bad} role="alert">
          {fault}
        </p>
      ) : null}
      <div className={styles.actions}>
        <Button tone="primary" large isPending={isPending} onPress={sign} testId="sign">
          {words.sign}
        </Button>
        <Button large tone="quiet" onPress={() => setStrokes([])}>
          {words.clear}
        </Button>
      </div>
    </div>
  );
}
