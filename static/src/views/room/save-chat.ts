import { chatExport as english } from "../../i18n/en-chat-export";
import { chatExport as chinese } from "../../i18n/zh-chat-export";
import { exported, momentText, type ChatForm } from "../../state/chat-export";
import type { Meeting } from "../../state/meeting/meeting";

const FORGET_MS = 60_000; // the browser may still be reading it
const TYPES: Record<ChatForm, string> = { text: "text/plain;charset=utf-8", csv: "text/csv;charset=utf-8" };

/** Saves what this page can read of the chat, sealed messages too.  False when older ones did not come. */
export async function saveChat(meeting: Meeting, form: ChatForm, locale: string): Promise<boolean> {
  const whole = await meeting.chat.loadAll();
  const id = meeting.me.get();
  const me = { id, name: meeting.view.get()?.participants[id]?.name ?? "" };
  const words = locale === "en" ? english : chinese;
  const text = exported(meeting.chat.state.get().lines, form, words, me);
  const address = URL.createObjectURL(new Blob([text], { type: TYPES[form] }));
  const link = document.createElement("a");
  link.href = address;
  link.download = `chat-${momentText(Date.now()).replace(/[ :]/g, "-")}.${form === "csv" ? "csv" : "txt"}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), FORGET_MS);
  return whole;
}
