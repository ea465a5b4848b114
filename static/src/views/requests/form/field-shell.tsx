import { useId, type ReactNode } from "react";
import { classes } from "../../ui/classes";
import styles from "./form.module.css";
import { useFormWords } from "./words";

export interface Parts {
  /** Of the input that the label names. */
  readonly id: string;
  readonly describedBy: string | undefined;
  readonly isInvalid: boolean;
}

/** The label, hint and fault around an input; as a group around several. */
export function FieldShell({
  anchor,
  label,
  hint,
  fault,
  isOptional,
  isGroup,
  children,
}: {
  /** Where the list of faults leads to. */
  anchor: string;
  label: string;
  hint?: string | undefined;
  fault?: string | undefined;
  isOptional: boolean;
  isGroup?: boolean;
  children: (parts: Parts) => ReactNode;
}) {
  const words = useFormWords();
  const id = useId();
  const describedBy = classes(hint && `${id}-hint`, fault && `${id}-fault`) || undefined;
  const name = (
    <>
      {label}
      {isOptional ? <span className={styles.optional}>{words.optional}</span> : null}
    </>
  );
  const notes = (
    <>
      {hint ? (
        <p id={`${id}-hint`} className={styles.hint}>
          {hint}
        </p>
      ) : null}
      {fault ? (
        <p id={`${id}-fault`} className={styles.fault} data-testid="field-fault">
          {fault}
        </p>
      ) : null}
    </>
  );
  const parts = { id, describedBy, isInvalid: Boolean(fault) };
  return isGroup ? (
    <fieldset
      id={anchor}
      className={styles.group}
      data-testid={anchor}
      data-invalid={fault ? true : undefined}
      {...(describedBy ? { "aria-describedby": describedBy } : {})}
    >
      <legend>{name}</legend>
      {children(parts)}
      {notes}
    </fieldset>
  ) : (
    <div id={anchor} className={styles.field} data-testid={anchor} data-invalid={fault ? true : undefined}>
      <label htmlFor={id}>{name}</label>
      {children(parts)}
      {notes}
    </div>
  );
}
