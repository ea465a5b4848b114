import { isEmpty, pickedIn, said, shownFields, textOf } from "../../state/requests/form";
import type {
  Address,
  Answer,
  Answers,
  Definition,
  Field,
  Person,
  RequestFile,
  TableRow,
} from "../../state/requests/shapes";
import { useLocale } from "../context";
import { FileIcon, FileSize } from "./form/files-input";
import { useFormWords } from "./form/words";
import styles from "./request.module.css";
import { useRequestWords } from "./words";

/** What was answered, as one reads it.  `only`: the answers of some fields, as they were before. */
export function AnswersView({
  definition,
  answers,
  files,
  only,
}: {
  definition: Definition;
  answers: Answers;
  files: readonly RequestFile[];
  only?: readonly string[];
}) {
  const words = useRequestWords();
  const locale = useLocale();
  const fields = only
    ? definition.fields.filter((field) => only.includes(field.id))
    : shownFields(definition, answers);
  const list = (
    <dl className={styles.answers}>
      {fields.map((field) => (
        <div key={field.id} className={styles.answer} data-kind={field.kind}>
          <dt>{said(field.label, locale)}</dt>
          <dd>
            <AnswerText
              field={field}
              answer={answers[field.id]}
              files={files.filter((file) => file.field_id === field.id)}
            />
          </dd>
        </div>
      ))}
    </dl>
  );
  if (only) return list;
  return (
    <section className={styles.card} data-testid="answers">
      <h2>{words.one.answers}</h2>
      {list}
    </section>
  );
}

function AnswerText({
  field,
  answer,
  files,
}: {
  field: Field;
  answer: Answer | undefined;
  files: readonly RequestFile[];
}) {
  const words = useRequestWords();
  const formWords = useFormWords();
  const locale = useLocale();
  if (field.kind === "file")
    return files.length > 0 ? (
      <FileLinks files={files} />
    ) : (
      <span className={styles.soft}>{words.one.none}</span>
    );
  if (answer === undefined || isEmpty(answer)) return <span className={styles.soft}>{words.one.none}</span>;
  switch (field.kind) {
    case "text":
      return <span className={styles.lines}>{textOf(answer)}</span>;
    case "number":
      return (
        <span className="tabular">
          {new Intl.NumberFormat(locale).format(Number(answer))} {said(field.unit, locale)}
        </span>
      );
    case "choice": {
      const names = pickedIn(field, answer).map((id) =>
        said(field.choices.find((choice) => choice.id === id)?.label, locale),
      );
      return <span>{names.join(locale === "en" ? ", " : "、")}</span>;
    }
    case "date":
      return <span className="tabular">{dateText(textOf(answer), locale)}</span>;
    case "address": {
      const { region = "", detail = "" } = answer as Address;
      return <span>{`${region} ${detail}`.trim()}</span>;
    }
    case "people": {
      const parts = ["name", ...(field.parts ?? ["phone"])] as const;
      return (
        <Grid
          heads={parts.map((part) => formWords.person[part])}
          rows={(answer as readonly Person[]).map((person) => parts.map((part) => person[part] ?? ""))}
        />
      );
    }
    case "table":
      return (
        <Grid
          heads={field.columns.map((column) => said(column.label, locale))}
          rows={(answer as readonly TableRow[]).map((row) =>
            field.columns.map((column) => row[column.id] ?? ""),
          )}
        />
      );
  }
}

function Grid({ heads, rows }: { heads: readonly string[]; rows: readonly (readonly string[])[] }) {
  return (
    <div className={styles.gridBox} tabIndex={0} role="group" aria-label={heads.join(", ")}>
      <table className={styles.grid}>
        <thead>
          <tr>
            {heads.map((head, at) => (
              <th key={at} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={at}>
              {row.map((cell, column) => (
                <td key={column}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function FileLinks({ files }: { files: readonly RequestFile[] }) {
  return (
    <ul className={styles.fileLinks}>
      {files.map((file) => (
        <li key={file.key}>
          <FileIcon type={file.media_type} />
          <a href={file.url} target="_blank" rel="noreferrer" data-testid="file">
            {file.file_name}
          </a>
          <FileSize bytes={file.size_bytes} />
        </li>
      ))}
    </ul>
  );
}

/** A local date of the park, whatever zone this browser is in. */
function dateText(value: string, locale: string): string {
  const moment = Date.parse(value.includes("T") ? `${value}:00Z` : `${value}T00:00:00Z`);
  if (Number.isNaN(moment)) return value;
  return new Intl.DateTimeFormat(locale, {
    dateStyle: "medium",
    ...(value.includes("T") ? { timeStyle: "short" as const } : {}),
    timeZone: "UTC",
  }).format(moment);
}
