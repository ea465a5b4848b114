import { isRequired, said, shownDocuments, shownFields } from "../../../state/requests/form";
import type { Answer, Answers, Definition } from "../../../state/requests/shapes";
import { useLocale } from "../../context";
import { FieldShell } from "./field-shell";
import { FieldView } from "./field-view";
import { FilesInput, type FilesAtHand } from "./files-input";
import styles from "./form.module.css";
import { faultWords, useFormWords } from "./words";

const DOCUMENT_FILES_MAX = 10;

/** The form that a definition describes.  Without `files` nothing can be brought: a preview. */
export function RequestForm({
  definition,
  answers,
  faults,
  onAnswer,
  files,
}: {
  definition: Definition;
  answers: Answers;
  faults: Readonly<Record<string, string>>;
  onAnswer: (fieldId: string, answer: Answer) => void;
  files: FilesAtHand | null;
}) {
  const words = useFormWords();
  const locale = useLocale();
  const documents = shownDocuments(definition, answers);
  return (
    <div className={styles.form}>
      {shownFields(definition, answers).map((field) =>
        field.kind === "file" ? (
          <FieldShell
            key={field.id}
            anchor={`field-${field.id}`}
            label={said(field.label, locale)}
            hint={[said(field.hint, locale), words.documentsText].filter(Boolean).join(" ")}
            fault={faults[field.id] ? faultWords(words, field, faults[field.id] ?? "") : undefined}
            isOptional={!isRequired(field)}
          >
            {(parts) =>
              files ? (
                <FilesInput
                  at={files}
                  place={{ field: field.id }}
                  atMost={field.max_files ?? 5}
                  id={parts.id}
                  describedBy={parts.describedBy}
                />
              ) : (
                <input id={parts.id} type="file" disabled className={styles.hint} />
              )
            }
          </FieldShell>
        ) : (
          <FieldView
            key={field.id}
            field={field}
            answer={answers[field.id]}
            fault={faults[field.id]}
            onChange={(answer) => onAnswer(field.id, answer)}
          />
        ),
      )}
      {documents.length > 0 ? (
        <section className={styles.documents} aria-labelledby="documents-title">
          <h2 id="documents-title">{words.documents}</h2>
          <p className={styles.hint}>{words.documentsText}</p>
          <div className={styles.checklist}>
            {documents.map((document) => (
              <FieldShell
                key={document.id}
                anchor={`field-${document.id}`}
                label={said(document.name, locale)}
                hint={said(document.hint, locale)}
                fault={faults[document.id] ? words.documentNeeded : undefined}
                isOptional={!isRequired(document)}
              >
                {(parts) =>
                  files ? (
                    <FilesInput
                      at={files}
                      place={{ document: document.id }}
                      atMost={DOCUMENT_FILES_MAX}
                      id={parts.id}
                      describedBy={parts.describedBy}
                    />
                  ) : (
                    <input id={parts.id} type="file" disabled className={styles.hint} />
                  )
                }
              </FieldShell>
            ))}
          </div>
        </section>
      ) : null}
    </div>
  );
}
