/** Building a type of request: what each change of its definition takes with it.  Pure. */
import type { ChoiceField, Condition, Definition, Field, FieldKind, Phrase } from "./shapes";

export const NO_PHRASE: Phrase = { zh: "", en: "" };
export const FIELD_KINDS: readonly FieldKind[] = [
  "text",
  "number",
  "choice",
  "date",
  "people",
  "table",
  "file",
  "address",
];

/** What a new type begins with; it may be published as soon as it has words. */
export function emptyDefinition(): Definition {
  return {
    name: NO_PHRASE,
    summary: NO_PHRASE,
    code: "NEW",
    asked: { kind: "officers" },
    clock: { kind: "working_days", days: 2 },
    fields: [newField("text", [])],
    steps: [{ id: "review", name: { zh: "审批", en: "Review" }, by: { kind: "owner" } }],
  };
}

/** An id that nothing else has: `text`, `text_2`, ... */
export function freeId(base: string, taken: readonly string[]): string {
  const short = base.slice(0, 28);
  if (!taken.includes(short)) return short;
  for (let number = 2; ; number += 1) {
    const id = `${short}_${number}`;
    if (!taken.includes(id)) return id;
  }
}

export function newField(kind: FieldKind, taken: readonly string[]): Field {
  const base = { id: freeId(kind, taken), label: NO_PHRASE };
  switch (kind) {
    case "choice":
      return { ...base, kind, choices: [{ id: "choice", label: NO_PHRASE }] };
    case "table":
      return { ...base, kind, columns: [{ id: "column", label: NO_PHRASE }] };
    default:
      return { ...base, kind };
  }
}

export function moved<T>(list: readonly T[], from: number, to: number): readonly T[] {
  if (from === to || from < 0 || to < 0 || from >= list.length || to >= list.length) return list;
  const next = [...list];
  const [one] = next.splice(from, 1);
  if (one !== undefined) next.splice(to, 0, one);
  return next;
}

export function replaced<T>(list: readonly T[], at: number, value: T): readonly T[] {
  return list.map((one, index) => (index === at ? value : one));
}

export function without<T>(list: readonly T[], at: number): readonly T[] {
  return list.filter((_, index) => index !== at);
}

/** With other fields: conditions that look at what is gone, or at what now stands behind them, are dropped. */
export function withFields(definition: Definition, fields: readonly Field[]): Definition {
  const before = new Map<string, readonly string[]>();
  const kept: Field[] = [];
  for (const field of fields) {
    kept.push({ ...field, ...condition(field.show_if, before) });
    if (field.kind === "choice") before.set(field.id, choiceIds(field));
  }
  const documents = (definition.documents ?? []).map((one) => ({
    ...one,
    ...condition(one.show_if, before),
  }));
  const titles = kept.filter((field) => field.kind === "text" || field.kind === "choice");
  return {
    ...definition,
    fields: kept,
    documents,
    title_field: titles.some((field) => field.id === definition.title_field)
      ? (definition.title_field ?? "")
      : "",
  };
}

function condition(
  asked: Condition | null | undefined,
  before: ReadonlyMap<string, readonly string[]>,
): { readonly show_if: Condition | null } {
  const choices = asked ? before.get(asked.field) : undefined;
  if (!asked || !choices) return { show_if: null };
  const left = asked.is_any.filter((id) => choices.includes(id));
  return { show_if: left.length > 0 ? { field: asked.field, is_any: left } : null };
}

const choiceIds = (field: ChoiceField): readonly string[] => field.choices.map((one) => one.id);

/** The choices that a condition of the field at `at` may look at; of a document: behind all fields. */
export function sourcesFor(definition: Definition, at: number): readonly ChoiceField[] {
  return definition.fields.slice(0, at).filter((field): field is ChoiceField => field.kind === "choice");
}

/** What the server would not even keep as a draft, by path; the rest it says itself (preview). */
export function draftFaults(definition: Definition): Readonly<Record<string, string>> {
  const faults: Record<string, string> = {};
  if (!/^[A-Z]{2,4}$/.test(definition.code)) faults["code"] = "invalid";
  const { clock } = definition;
  if (clock.kind === "minutes" && !within(clock.minutes, 1, 86_400)) faults["clock"] = "invalid";
  if (clock.kind === "working_days" && !within(clock.days, 1, 250)) faults["clock"] = "invalid";
  if (!within(definition.keep_days ?? 1_095, 1, 10_950)) faults["keep_days"] = "invalid";
  if ((definition.outcomes ?? ["approved"]).length === 0) faults["outcomes"] = "required";
  definition.fields.forEach((field, at) => {
    const wrong = (name: string): void => {
      faults[`fields.${at}.${name}`] = "invalid";
    };
    if (field.kind === "text" && !within(field.max_chars ?? 200, 1, 4_000)) wrong("max_chars");
    if (field.kind === "people" && !within(field.max_people ?? 200, 1, 200)) wrong("max_people");
    if (field.kind === "table" && !within(field.max_rows ?? 50, 1, 200)) wrong("max_rows");
    if (field.kind === "file" && !within(field.max_files ?? 5, 1, 20)) wrong("max_files");
  });
  (definition.escalations ?? []).forEach((one, at) => {
    if (!within(one.after_minutes, 0, 60_000)) faults[`escalations.${at}.after_minutes`] = "invalid";
  });
  return faults;
}

const within = (value: number, low: number, high: number): boolean =>
  Number.isInteger(value) && value >= low && value <= high;

/** The faults of one place and of what lies in it. */
export function faultsUnder(
  faults: Readonly<Record<string, string>>,
  path: string,
): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [name, fault] of Object.entries(faults))
    if (name === path) found[""] = fault;
    else if (name.startsWith(`${path}.`)) found[name.slice(path.length + 1)] = fault;
  return found;
}
