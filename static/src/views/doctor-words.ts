import type { Catalogue } from "../i18n/catalogue";
import type { Finding } from "../state/doctor";

/** Puts values where {name} stands. */
export function fill(sentence: string, values: Readonly<Record<string, string | number | boolean>>): string {
  return sentence.replace(/\{(\w+)\}/g, (_, key: string) => String(values[key] ?? ""));
}

/** A finding in words; one of a newer server, which this page has no words for, by its name. */
export function sentenceOf(text: Catalogue, finding: Finding): string {
  const known = text.doctor.sentences[finding.sentence];
  return known
    ? fill(known, finding.values)
    : text.doctor.unknown({ name: text.doctor.names[finding.name.replace(/^server\./, "")] ?? finding.name });
}
