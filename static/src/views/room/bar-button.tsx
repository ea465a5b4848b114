import type { ReactNode } from "react";
import { Button as AriaButton } from "react-aria-components";
import { WithTooltip } from "../ui/button";
import styles from "./meeting.module.css";

/** A button of the bar: an icon with a word below it, and perhaps a count. */
export function BarButton({
  name,
  word,
  shortcut,
  children,
  onPress,
  count,
  ...state
}: {
  name: string;
  word: string;
  shortcut?: string;
  children: ReactNode;
  onPress?: () => void;
  count?: ReactNode;
  isPressed?: boolean;
  off?: boolean;
  active?: boolean;
  trouble?: boolean;
  leave?: boolean;
  testId?: string;
}) {
  return (
    <WithTooltip text={name} shortcut={shortcut}>
      <AriaButton
        className={`${styles.barButton ?? ""} ${state.leave ? (styles.leave ?? "") : ""}`}
        aria-label={name}
        {...(onPress ? { onPress } : {})}
        {...(state.isPressed === undefined ? {} : { "aria-pressed": state.isPressed })}
        {...(state.off ? { "data-off": true } : {})}
        {...(state.active ? { "data-active": true } : {})}
        {...(state.trouble ? { "data-trouble": true } : {})}
        {...(state.testId ? { "data-testid": state.testId } : {})}
      >
        {children}
        <span className={styles.word} aria-hidden>
          {`${word} `}
        </span>
        {count}
      </AriaButton>
    </WithTooltip>
  );
}
