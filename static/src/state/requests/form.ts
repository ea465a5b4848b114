/** What a form asks, and what is still wrong with its answers: the rules of collab/requests/answers.py, said earlier. */
import type {
  Address,
  Answer,
  Answers,
  ChoiceField,
  Condition,
  Definition,
  Field,
  NumberField,
  Person,
  Phrase,
  RequiredDocument,
  TableField,
  TableRow,
} from "./shapes";

export type FaultKind = "required" | "invalid" | "too_long" | "too_low" | "too_high" | "not_whole";
export type Faults = Readonly<Record<string, FaultKind>>;

export const said = (phrase: Phrase | undefined, locale: string): string =>
  phrase === undefined ? "" : locale === "en" ? phrase.en || phrase.zh : phrase.zh || phrase.en;

export const isRequired = (one: { readonly required?: boolean }): boolean => one.required ?? true;

/** The choices made, by field: only of fields that are shown themselves. */
function choicesIn(fields: readonly Field[], answers: Answers): ReadonlyMap<string, readonly string[]> {
  const chosen = new Map<string, readonly string[]>();
  for (const field of fields) {
    if (field.kind !== "choice" || !holds(field.show_if, chosen)) continue;
    const picked = pickedIn(field, answers[field.id]);
    if (picked.length > 0) chosen.set(field.id, picked);
  }
  return chosen;
}

function holds(
  condition: Condition | null | undefined,
  chosen: ReadonlyMap<string, readonly string[]>,
): boolean {
  if (!condition) return true;
  return (chosen.get(condition.field) ?? []).some((one) => condition.is_any.includes(one));
}

/** An answer that is one value, as a text. */
export const textOf = (answer: Answer | undefined): string =>
  typeof answer === "string" || typeof answer === "number" ? String(answer) : "";

export function pickedIn(field: ChoiceField, answer: Answer | undefined): readonly string[] {
  const given = Array.isArray(answer) ? (answer as readonly string[]) : answer ? [textOf(answer)] : [];
  return given.filter((one) => field.choices.some((choice) => choice.id === one));
}

export function shownFields(definition: Definition, answers: Answers): readonly Field[] {
  const chosen = choicesIn(definition.fields, answers);
  return definition.fields.filter((field) => holds(field.show_if, chosen));
}

export function shownDocuments(definition: Definition, answers: Answers): readonly RequiredDocument[] {
  const chosen = choicesIn(definition.fields, answers);
  return (definition.documents ?? []).filter((document) => holds(document.show_if, chosen));
}

export function isEmpty(answer: Answer | undefined): boolean {
  if (answer === undefined || answer === null) return true;
  if (typeof answer === "string") return answer.trim() === "";
  if (typeof answer === "number") return false;
  if (Array.isArray(answer)) return answer.length === 0;
  const { region = "", detail = "" } = answer as Address;
  return region.trim() === "" && detail.trim() === "";
}

/** What the server would say of one answer; null when it is well, or empty. */
export function faultOf(field: Field, answer: Answer | undefined): FaultKind | null {
  if (isEmpty(answer)) return null;
  switch (field.kind) {
    case "text":
      return [...textOf(answer)].length > (field.max_chars ?? 200) ? "too_long" : null;
    case "number":
      return numberFault(field, answer);
    case "choice":
      return pickedIn(field, answer).length === 0 ? "invalid" : null;
    case "date":
      return (field.time ? /^\d{4}-\d\d-\d\dT\d\d:\d\d$/ : /^\d{4}-\d\d-\d\d$/).test(textOf(answer))
        ? null
        : "invalid";
    case "people": {
      const people = named(answer as readonly Person[]);
      if (people.length > (field.max_people ?? 200)) return "too_long";
      return people.some((person) => !person.name.trim()) ? "required" : null;
    }
    case "table":
      return tableFault(field, answer as readonly TableRow[]);
    case "address":
      return (answer as Address).detail?.trim() ? null : "required";
    case "file":
      return null;
  }
}

function numberFault(field: NumberField, answer: Answer | undefined): FaultKind | null {
  const value = typeof answer === "number" ? answer : Number(answer);
  if (!Number.isFinite(value)) return "invalid";
  if (field.whole && !Number.isInteger(value)) return "not_whole";
  if (field.low !== null && field.low !== undefined && value < field.low) return "too_low";
  if (field.high !== null && field.high !== undefined && value > field.high) return "too_high";
  return null;
}

function tableFault(field: TableField, rows: readonly TableRow[]): FaultKind | null {
  if (rows.length > (field.max_rows ?? 50)) return "too_long";
  for (const row of rows) {
    if (!filled(row)) continue;
    for (const column of field.columns) {
      const cell = (row[column.id] ?? "").trim();
      if (!cell && isRequired(column)) return "required";
      if (cell && column.kind === "number" && !Number.isFinite(Number(cell))) return "invalid";
      if (cell && column.kind === "date" && !/^\d{4}-\d\d-\d\d$/.test(cell)) return "invalid";
    }
  }
  return null;
}

/** How many files lie in each file field, and which lines of the checklist have one. */
export interface Brought {
  readonly fields: Readonly<Record<string, number>>;
  readonly documents: ReadonlySet<string>;
}

/** What keeps a form from being submitted, by field or document, in the order of the page. */
export function faultsOf(definition: Definition, answers: Answers, brought: Brought): Faults {
  const faults: Record<string, FaultKind> = {};
  for (const field of shownFields(definition, answers)) {
    const answer = answers[field.id];
    if (field.kind === "file") {
      if (isRequired(field) && !brought.fields[field.id]) faults[field.id] = "required";
      continue;
    }
    const fault = faultOf(field, answer) ?? (isRequired(field) && isBare(field, answer) ? "required" : null);
    if (fault) faults[field.id] = fault;
  }
  for (const document of shownDocuments(definition, answers))
    if (isRequired(document) && !brought.documents.has(document.id)) faults[document.id] = "required";
  return faults;
}

/** A row that was added and not filled in yet counts for nothing. */
const filled = (row: TableRow): boolean => Object.values(row).some((cell) => cell.trim() !== "");
const named = (people: readonly Person[]): readonly Person[] =>
  people.filter((person) => filled(person as unknown as TableRow));

/** Empty as the server sees it. */
function isBare(field: Field, answer: Answer | undefined): boolean {
  if (isEmpty(answer)) return true;
  if (field.kind === "table") return !(answer as readonly TableRow[]).some(filled);
  return field.kind === "people" && named(answer as readonly Person[]).length === 0;
}

/** As the server takes it. */
function packed(field: Field, answer: Answer): Answer {
  if (field.kind === "number") return Number(answer);
  if (field.kind === "people") return named(answer as readonly Person[]);
  return field.kind === "table" ? (answer as readonly TableRow[]).filter(filled) : answer;
}

/** The answers that a draft can keep: none that is empty, hidden or wrong, and what was left out as wrong. */
export function storable(
  definition: Definition,
  answers: Answers,
): { readonly answers: Answers; readonly left: readonly string[] } {
  const kept: Record<string, Answer> = {};
  const left: string[] = [];
  for (const field of shownFields(definition, answers)) {
    const answer = answers[field.id];
    if (field.kind === "file" || answer === undefined || isBare(field, answer)) continue;
    if (faultOf(field, answer)) left.push(field.id);
    else kept[field.id] = packed(field, answer);
  }
  return { answers: kept, left };
}

/** How far a form is: what is answered of what must be. */
export function progressOf(
  definition: Definition,
  answers: Answers,
  brought: Brought,
): { readonly done: number; readonly total: number } {
  const faults = faultsOf(definition, answers, brought);
  const needed = [
    ...shownFields(definition, answers).filter(isRequired),
    ...shownDocuments(definition, answers).filter(isRequired),
  ];
  return { done: needed.filter((one) => !(one.id in faults)).length, total: needed.length };
}

/** Rows as they were copied from a spreadsheet: cells between tabs, or between commas where there are no tabs. */
export function pastedRows(text: string): readonly (readonly string[])[] {
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line.trim() !== "");
  const between = lines.some((line) => line.includes("\t")) ? "\t" : /[,，;；]/;
  return lines.map((line) => line.split(between).map((cell) => cell.trim()));
}
