import { Plus, X } from "lucide-react";
import { pastedRows } from "../../../state/requests/form";
import type { PeopleField, Person } from "../../../state/requests/shapes";
import { Button, IconButton } from "../../ui/button";
import styles from "./form.module.css";
import { PasteBox } from "./paste-box";
import { useFormWords } from "./words";

const LENGTHS = { name: 64, phone: 32, id_card: 32, from_place: 200 } as const;

/** A list of people, typed one by one or pasted from a spreadsheet. */
export function PeopleInput({
  field,
  people,
  onChange,
}: {
  field: PeopleField;
  people: readonly Person[];
  onChange: (people: readonly Person[]) => void;
}) {
  const words = useFormWords();
  const parts = ["name", ...(field.parts ?? ["phone"])] as const;
  const most = field.max_people ?? 200;
  const set = (index: number, change: Partial<Person>): void =>
    onChange(people.map((person, at) => (at === index ? { ...person, ...change } : person)));
  return (
    <div className={styles.rows}>
      {people.length > 0 ? (
        <ol className={styles.people} data-parts={parts.length}>
          {people.map((person, index) => (
            <li key={index} aria-label={words.person.number({ number: index + 1 })}>
              {parts.map((part) => (
                <label key={part} className={styles.part}>
                  <span>{words.person[part]}</span>
                  <input
                    className={styles.input}
                    value={person[part] ?? ""}
                    maxLength={LENGTHS[part]}
                    autoComplete="off"
                    inputMode={part === "phone" ? "tel" : "text"}
                    onChange={(event) => set(index, { [part]: event.target.value })}
                    data-testid={`person-${part}`}
                  />
                </label>
              ))}
              <IconButton
                name={words.person.remove({
                  name: person.name || words.person.unnamed({ number: index + 1 }),
                })}
                onPress={() => onChange(people.filter((_, at) => at !== index))}
              >
                <X size={16} aria-hidden />
              </IconButton>
            </li>
          ))}
        </ol>
      ) : null}
      <div className={styles.rowActions}>
        <Button
          onPress={() => onChange([...people, { name: "" }])}
          isDisabled={people.length >= most}
          testId="add-person"
        >
          <Plus size={16} aria-hidden />
          {words.person.add}
        </Button>
        <PasteBox
          columns={parts.map((part) => words.person[part])}
          onPaste={(text) => {
            const added = pastedRows(text)
              .map((cells) => Object.fromEntries(parts.map((part, at) => [part, cells[at] ?? ""])))
              .filter((person) => person["name"]) as unknown as readonly Person[];
            onChange([...people.filter((person) => person.name), ...added].slice(0, most));
          }}
        />
        {people.length > 1 ? (
          <span className={styles.hint}>{words.person.count({ count: people.length })}</span>
        ) : null}
      </div>
    </div>
  );
}
