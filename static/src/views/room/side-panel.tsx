import { X } from "lucide-react";
import { useEffect, useId, useRef, type ReactNode } from "react";
import { IconButton } from "../ui/button";
import styles from "./panel.module.css";
import { useMeeting } from "./room-context";

/** Slides in beside the stage, which makes room; on a phone it takes the screen. */
export function SidePanel({
  title,
  closeName,
  children,
  extra,
  testId,
}: {
  title: string;
  closeName: string;
  children: ReactNode;
  extra?: ReactNode;
  testId?: string;
}) {
  const meeting = useMeeting();
  const ref = useRef<HTMLElement>(null);
  const id = useId();
  useEffect(() => {
    const panel = ref.current;
    const opener = document.activeElement;
    // Where people type, they can type at once.
    (panel?.querySelector<HTMLElement>("[data-autofocus]") ?? panel)?.focus({ preventScroll: true });
    return () => {
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus({ preventScroll: true });
    };
  }, []);
  return (
    <aside ref={ref} className={styles.panel} aria-labelledby={id} tabIndex={-1} data-testid={testId}>
      <div className={styles.head}>
        <h2 id={id}>{title}</h2>
        {extra}
        <IconButton name={closeName} onPress={() => meeting.showPanel(null)}>
          <X size={18} aria-hidden />
        </IconButton>
      </div>
      {children}
    </aside>
  );
}
