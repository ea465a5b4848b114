import type { MarkColor } from "../../protocol.gen";
import type { KeyPress } from "../shortcuts";
import type { Tool } from "./drawing";

/** What a key does on the expert's page. */
export type ExpertAct =
  | { readonly kind: "tool"; readonly tool: Tool }
  | { readonly kind: "color"; readonly color: MarkColor }
  | { readonly kind: "undo" | "redo" | "freeze" | "remove" | "still" | "torch" | "microphone" | "help" }
  | { readonly kind: "zoom"; readonly factor: number };

export const TOOL_KEYS: Readonly<Record<Tool, string>> = {
  pointer: "V",
  arrow: "A",
  circle: "C",
  rectangle: "R",
  freehand: "P",
  text: "T",
  number: "N",
  measure: "E",
  laser: "L",
};

export const COLOR_KEYS: Readonly<Record<MarkColor, string>> = {
  red: "1",
  amber: "2",
  green: "3",
  blue: "4",
  white: "5",
};

export const ACT_KEYS = {
  freeze: "F",
  still: "S",
  torch: "O",
  microphone: "M",
  help: "?",
} as const;

const PLAIN = new Map<string, ExpertAct>([
  ...Object.entries(TOOL_KEYS).map(
    ([tool, key]) => [key.toLowerCase(), { kind: "tool", tool: tool as Tool }] as const,
  ),
  ...Object.entries(COLOR_KEYS).map(
    ([color, key]) => [key, { kind: "color", color: color as MarkColor }] as const,
  ),
  ...Object.entries(ACT_KEYS).map(([kind, key]) => [key.toLowerCase(), { kind } as ExpertAct] as const),
  ["delete", { kind: "remove" }],
  ["backspace", { kind: "remove" }],
  ["+", { kind: "zoom", factor: 1.25 }],
  ["=", { kind: "zoom", factor: 1.25 }],
  ["-", { kind: "zoom", factor: 0.8 }],
]);

/** Ctrl or Cmd with Z and Y are undo and redo; all else is a plain key, and never while typing. */
export function expertActOf(
  press: Pick<KeyPress, "key" | "ctrlKey" | "metaKey" | "altKey" | "repeat" | "typing"> & {
    readonly shiftKey: boolean;
  },
): ExpertAct | null {
  if (press.typing || press.altKey) return null;
  const key = press.key.toLowerCase();
  if (press.ctrlKey || press.metaKey) {
    if (key === "z") return { kind: press.shiftKey ? "redo" : "undo" };
    return key === "y" ? { kind: "redo" } : null;
  }
  const act = PLAIN.get(key) ?? null;
  return press.repeat && act?.kind !== "zoom" ? null : act;
}
