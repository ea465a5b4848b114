import type { ReactNode } from "react";
import {
  Button as AriaButton,
  Link as AriaLink,
  ToggleButton as AriaToggleButton,
  Tooltip,
  TooltipTrigger,
} from "react-aria-components";
import styles from "./controls.module.css";
import { classes } from "./classes";

export type Tone = "primary" | "secondary" | "quiet" | "danger";

interface Look {
  readonly tone?: Tone;
  readonly large?: boolean;
  readonly wide?: boolean;
}

function look({ tone = "secondary", large, wide }: Look): string {
  return classes(styles.button, styles[tone], large && styles.large, wide && styles.wide);
}

export interface ButtonProps extends Look {
  readonly children: ReactNode;
  readonly onPress?: () => void;
  readonly type?: "button" | "submit";
  readonly isDisabled?: boolean;
  readonly isPending?: boolean;
  readonly autoFocus?: boolean;
  readonly label?: string;
  readonly testId?: string;
}

/**
 * A pending button keeps its focus and takes no press.  Not by react-aria's own `isPending`: that leaves a live region
 * behind which is labelled by the button, and the button is often gone by then.
 */
export function Button({
  children,
  onPress,
  type,
  isDisabled,
  isPending,
  autoFocus,
  label,
  testId,
  ...rest
}: ButtonProps) {
  return (
    <AriaButton
      className={look(rest)}
      type={isPending ? "button" : (type ?? "button")}
      isDisabled={isDisabled ?? false}
      {...(isPending ? { "data-pending": true } : {})}
      {...(autoFocus ? { autoFocus } : {})}
      {...(label ? { "aria-label": label } : {})}
      {...(testId ? { "data-testid": testId } : {})}
      {...(onPress && !isPending ? { onPress } : {})}
    >
      {children}
    </AriaButton>
  );
}

/** A link that looks like a button: it goes to another page. */
export function ButtonLink({ children, href, ...rest }: Look & { children: ReactNode; href: string }) {
  return (
    <AriaLink className={look(rest)} href={href}>
      {children}
    </AriaLink>
  );
}

export interface IconButtonProps {
  readonly name: string;
  readonly children: ReactNode;
  readonly onPress?: () => void;
  readonly isDisabled?: boolean;
  readonly shortcut?: string;
  readonly className?: string | undefined;
  readonly testId?: string;
}

/** An icon always has a name: for screen readers, and in a tooltip for everyone else. */
export function IconButton({
  name,
  children,
  onPress,
  isDisabled,
  shortcut,
  className,
  testId,
}: IconButtonProps) {
  return (
    <WithTooltip text={name} shortcut={shortcut}>
      <AriaButton
        className={className ?? styles.icon ?? ""}
        aria-label={name}
        isDisabled={isDisabled ?? false}
        {...(onPress ? { onPress } : {})}
        {...(testId ? { "data-testid": testId } : {})}
      >
        {children}
      </AriaButton>
    </WithTooltip>
  );
}

export function ToggleIconButton({
  name,
  children,
  isSelected,
  onChange,
  className,
  testId,
}: {
  name: string;
  children: ReactNode;
  isSelected: boolean;
  onChange: (selected: boolean) => void;
  className?: string | undefined;
  testId?: string;
}) {
  return (
    <WithTooltip text={name}>
      <AriaToggleButton
        className={className ?? styles.icon ?? ""}
        aria-label={name}
        isSelected={isSelected}
        onChange={onChange}
        {...(testId ? { "data-testid": testId } : {})}
      >
        {children}
      </AriaToggleButton>
    </WithTooltip>
  );
}

export function WithTooltip({
  text,
  shortcut,
  children,
}: {
  text: string;
  shortcut?: string | undefined;
  children: ReactNode;
}) {
  return (
    <TooltipTrigger delay={500} closeDelay={0}>
      {children}
      <Tooltip className={styles.tooltip ?? ""} offset={8}>
        {text}
        {shortcut ? <kbd>{shortcut}</kbd> : null}
      </Tooltip>
    </TooltipTrigger>
  );
}
