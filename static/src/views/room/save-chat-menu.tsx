import { Download } from "lucide-react";
import { useState } from "react";
import type { ChatForm } from "../../state/chat-export";
import { useLocale } from "../context";
import { IconButton } from "../ui/button";
import { Menu, MenuItem } from "../ui/menu";
import { useFileWords } from "./files/words";
import styles from "./panel.module.css";
import { useMeeting } from "./room-context";

/** For everybody inside: the chat as a file of their own. */
export function useSaveChat() {
  const meeting = useMeeting();
  const locale = useLocale();
  const words = useFileWords().chat;
  const [state, setState] = useState<"idle" | "saving" | "failed">("idle");
  const save = (form: ChatForm) => (): void => {
    setState("saving");
    void import("./save-chat")
      .then(({ saveChat }) => saveChat(meeting, form, locale))
      .then(
        (whole) => setState(whole ? "idle" : "failed"),
        () => setState("failed"),
      );
  };
  return {
    menu: (
      <Menu
        label={words.save}
        trigger={
          <IconButton name={words.save} isDisabled={state === "saving"} testId="save-chat">
            <Download size={18} aria-hidden />
          </IconButton>
        }
      >
        <MenuItem onAction={save("text")} testId="save-chat-text">
          {words.text}
        </MenuItem>
        <MenuItem onAction={save("csv")} testId="save-chat-csv">
          {words.table}
        </MenuItem>
      </Menu>
    ),
    note:
      state === "failed" ? (
        <p className={styles.failed} role="alert">
          {words.failed}
        </p>
      ) : null,
  };
}
