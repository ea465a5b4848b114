import type { CustomField } from "./livestreams";

const KEYS_MAX_CHARS = 24;

/** One line for each field: `Company *` is required, `Lunch: Rice / Noodles` a choice. */
export function fieldsOf(text: string): readonly CustomField[] {
  return lines(text).map((line, index) => {
    const required = line.endsWith("*");
    const plain = line.replace(/\*$/, "").trim();
    const [label = "", choices = ""] = plain.split(/[:：](.*)/s);
    const options = choices
      .split("/")
      .map((one) => one.trim())
      .filter(Boolean);
    const spelled = label
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "_")
      .replace(/^[^a-z]+|_+$/g, "")
      .slice(0, KEYS_MAX_CHARS);
    return {
      key: `${spelled || "field"}_${index + 1}`,
      label: label.trim(),
      kind: options.length > 1 ? "choice" : "text",
      required,
      options: options.length > 1 ? options : [],
    };
  });
}

export function textOf(fields: readonly CustomField[]): string {
  return fields
    .map((one) => {
      const choices = one.options.length > 0 ? `: ${one.options.join(" / ")}` : "";
      return `${one.label}${choices}${one.required ? " *" : ""}`;
    })
    .join("\n");
}

/** What people typed, one thing a line. */
export function lines(text: string): readonly string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}

/** For an input of kind datetime-local, in the clock of this device. */
export function localInput(atMs: number): string {
  const at = new Date(atMs);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}
