import { X } from "lucide-react";
import { useStore, useText } from "../context";
import { Button, IconButton } from "../ui/button";
import styles from "./meeting.module.css";
import { noticeText } from "./notice-text";
import { useMeeting } from "./room-context";

/** At most three, quiet.  Screen readers hear the same from Announcer. */
export function ToastStack() {
  const meeting = useMeeting();
  const text = useText();
  const toasts = useStore(meeting.toasts.list);
  return (
    <div className={styles.toasts}>
      {toasts.map((toast) => (
        <div key={toast.id} className={styles.toast} data-tone={toast.tone} data-testid="toast">
          <span>{noticeText(text, toast.message)}</span>
          {toast.action ? (
            <Button
              tone="quiet"
              onPress={() => {
                toast.action?.();
                meeting.toasts.dismiss(toast.id);
              }}
            >
              {toast.message.kind === "asks_to_enter" && !toast.message.doubt
                ? text.people.admit
                : text.notices.show}
            </Button>
          ) : toast.tone === "trouble" ? (
            <IconButton name={text.common.close} onPress={() => meeting.toasts.dismiss(toast.id)}>
              <X size={16} aria-hidden />
            </IconButton>
          ) : null}
        </div>
      ))}
    </div>
  );
}
