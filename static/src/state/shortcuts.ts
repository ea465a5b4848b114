export const SHORTCUTS = [
  "microphone",
  "push_to_talk",
  "camera",
  "share",
  "hand",
  "chat",
  "people",
  "layout",
  "previous_page",
  "next_page",
  "full_screen",
  "help",
] as const;
export type Shortcut = (typeof SHORTCUTS)[number];

export const SHORTCUT_KEYS: Readonly<Record<Shortcut, string>> = {
  microphone: "M",
  push_to_talk: "Space",
  camera: "V",
  share: "S",
  hand: "H",
  chat: "C",
  people: "P",
  layout: "G",
  previous_page: "PageUp",
  next_page: "PageDown",
  full_screen: "F",
  help: "?",
};

export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly repeat: boolean;
  /** The focus is where letters are typed. */
  readonly typing: boolean;
  /** The focus is where PageUp and PageDown scroll. */
  readonly scrolling: boolean;
  /** The focus is on something that Space or a letter operates (a button, a menu, a dialog). */
  readonly operating: boolean;
}

const BY_KEY = new Map<string, Shortcut>(
  SHORTCUTS.map((shortcut) => {
    const key = SHORTCUT_KEYS[shortcut];
    return [key === "Space" ? " " : key.toLowerCase(), shortcut];
  }),
);

/** Which shortcut a key press means, or null.  Never while typing, never with a modifier (those are the browser's). */
export function shortcutOf(press: KeyPress): Shortcut | null {
  if (press.ctrlKey || press.metaKey || press.altKey || press.typing) return null;
  const shortcut = BY_KEY.get(press.key.toLowerCase()) ?? null;
  if (shortcut === "push_to_talk") return press.operating ? null : shortcut;
  if (shortcut === "previous_page" || shortcut === "next_page") return press.scrolling ? null : shortcut;
  return press.repeat ? null : shortcut;
}
