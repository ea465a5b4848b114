import type { ChatLine } from "./chat";

/** What stands for what cannot be read. */
export interface ChatExportWords {
  readonly time: string;
  readonly name: string;
  readonly message: string;
  readonly deleted: string;
  readonly unreadable: string;
  file(p: { readonly name: string }): string;
}

export type ChatForm = "text" | "csv";

const BYTE_ORDER_MARK = "\ufeff"; // by which spreadsheets and editors know UTF-8
const LINES = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/;
/** What a spreadsheet takes for a formula begins like this. */
const FORMULA = /^[=+\-@\t\r\n]/;

/** The chat as a file: what the room has, in the order in which it was said.  `me`: how we are called. */
export function exported(
  lines: readonly ChatLine[],
  form: ChatForm,
  words: ChatExportWords,
  me: { readonly id: string; readonly name: string },
): string {
  const rows = lines
    .filter((line) => line.delivery === "sent")
    .map((line) => {
      const { sender_id, sender_name, sent_at_ms } = line.message;
      return [momentText(sent_at_ms), sender_name || (sender_id === me.id ? me.name : ""), said(line, words)];
    });
  if (form === "csv")
    return BYTE_ORDER_MARK + [[words.time, words.name, words.message], ...rows].map(csvLine).join("");
  // Further lines are set in: nobody's words can look like another's head.
  const texts = rows.map(([time = "", name = "", text = ""]) => {
    const [first = "", ...further] = text.split(LINES);
    return [`${time}  ${name}: ${first}`, ...further.map((one) => `    ${one}`), ""].join("\r\n");
  });
  return BYTE_ORDER_MARK + texts.join("");
}

function said({ message, sealing }: ChatLine, words: ChatExportWords): string {
  if (message.deleted) return words.deleted;
  if (message.file) return words.file({ name: message.file.name });
  return sealing === "clear" || sealing === "opened" ? message.text : words.unreadable;
}

function csvLine(cells: readonly string[]): string {
  const safe = cells.map((cell) => (FORMULA.test(cell) ? `'${cell}` : cell));
  return `${safe.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(",")}\r\n`;
}

/** "2026-11-24 12:00:00", on this computer's clock. */
export function momentText(atMs: number): string {
  const at = new Date(atMs);
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
