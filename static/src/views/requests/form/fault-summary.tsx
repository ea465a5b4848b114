import { CircleAlert } from "lucide-react";
import { useEffect, useRef } from "react";
import { said, shownDocuments, shownFields } from "../../../state/requests/form";
import type { Answers, Definition } from "../../../state/requests/shapes";
import { useLocale } from "../../context";
import styles from "./form.module.css";
import { faultWords, useFormWords } from "./words";

/** Leads to the first thing that one can use in a field. */
export function goToField(id: string): void {
  const field = document.getElementById(`field-${id}`);
  if (!field) return;
  field.scrollIntoView({ block: "center" });
  field.querySelector<HTMLElement>("input:not([tabindex='-1']), textarea, select, button")?.focus();
}

/** All that keeps a form from being submitted, each a way to its place.  `round`: each submission takes the focus. */
export function FaultSummary({
  definition,
  answers,
  faults,
  round,
}: {
  definition: Definition;
  answers: Answers;
  faults: Readonly<Record<string, string>>;
  round: number;
}) {
  const words = useFormWords();
  const locale = useLocale();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (round === 0) return;
    box.current?.focus();
    box.current?.scrollIntoView({ block: "center" });
  }, [round]);
  const places = [
    ...shownFields(definition, answers).map((field) => ({
      id: field.id,
      name: said(field.label, locale),
      fault: faults[field.id] ? faultWords(words, field, faults[field.id] ?? "") : "",
    })),
    ...shownDocuments(definition, answers).map((document) => ({
      id: document.id,
      name: said(document.name, locale),
      fault: faults[document.id] ? words.documentNeeded : "",
    })),
  ].filter((place) => place.fault !== "");
  if (places.length === 0) return null;
  return (
    <div ref={box} className={styles.summary} role="alert" tabIndex={-1} data-testid="fault-summary">
      <h2>
        <CircleAlert size={18} aria-hidden />
        {words.summary({ count: places.length })}
      </h2>
      <ul>
        {places.map((place) => (
          <li key={place.id}>
            <a
              href={`#field-${place.id}`}
              onClick={(event) => {
                event.preventDefault();
                goToField(place.id);
              }}
            >
              {place.name}
            </a>
            <span>{place.fault}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
