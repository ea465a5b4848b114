import { Plus, X } from "lucide-react";
import { isRequired, pastedRows, said } from "../../../state/requests/form";
import type { TableField, TableRow } from "../../../state/requests/shapes";
import { useLocale } from "../../context";
import { Button, IconButton } from "../../ui/button";
import styles from "./form.module.css";
import { PasteBox } from "./paste-box";
import { useFormWords } from "./words";

const CELL_MAX_CHARS = 400;

/** Rows of a small table; on a phone each row is a card. */
export function TableInput({
  field,
  rows,
  onChange,
}: {
  field: TableField;
  rows: readonly TableRow[];
  onChange: (rows: readonly TableRow[]) => void;
}) {
  const words = useFormWords();
  const locale = useLocale();
  const most = field.max_rows ?? 50;
  return (
    <div className={styles.rows}>
      {rows.length > 0 ? (
        <ol className={styles.people} data-parts={field.columns.length}>
          {rows.map((row, index) => (
            <li key={index} aria-label={words.table.row({ number: index + 1 })}>
              {field.columns.map((column) => (
                <label key={column.id} className={styles.part}>
                  <span>
                    {said(column.label, locale)}
                    {isRequired(column) ? null : <span className={styles.optional}>{words.optional}</span>}
                  </span>
                  <input
                    className={styles.input}
                    type={column.kind === "date" ? "date" : "text"}
                    inputMode={column.kind === "number" ? "decimal" : "text"}
                    value={row[column.id] ?? ""}
                    maxLength={CELL_MAX_CHARS}
                    autoComplete="off"
                    onChange={(event) =>
                      onChange(
                        rows.map((one, at) =>
                          at === index ? { ...one, [column.id]: event.target.value } : one,
                        ),
                      )
                    }
                  />
                </label>
              ))}
              <IconButton
                name={words.table.remove({ number: index + 1 })}
                onPress={() => onChange(rows.filter((_, at) => at !== index))}
              >
                <X size={16} aria-hidden />
              </IconButton>
            </li>
          ))}
        </ol>
      ) : null}
      <div className={styles.rowActions}>
        <Button onPress={() => onChange([...rows, {}])} isDisabled={rows.length >= most} testId="add-row">
          <Plus size={16} aria-hidden />
          {words.table.add}
        </Button>
        <PasteBox
          columns={field.columns.map((column) => said(column.label, locale))}
          onPaste={(text) => {
            const added = pastedRows(text).map((cells) =>
              Object.fromEntries(field.columns.map((column, at) => [column.id, cells[at] ?? ""])),
            );
            onChange([...rows, ...added].slice(0, most));
          }}
        />
      </div>
    </div>
  );
}
