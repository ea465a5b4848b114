import { Check } from "lucide-react";
import type { ReactNode } from "react";
import {
  Header,
  Menu as AriaMenu,
  MenuItem as AriaMenuItem,
  MenuSection as AriaMenuSection,
  MenuTrigger,
  Popover,
  Separator,
  type MenuTriggerProps,
} from "react-aria-components";
import styles from "./controls.module.css";

/** A button (first child of `trigger`) that opens a list of actions. */
export function Menu({
  trigger,
  label,
  children,
  placement,
  ...rest
}: {
  trigger: ReactNode;
  label: string;
  children: ReactNode;
  placement?: "top" | "bottom" | "bottom end" | "top end";
} & Pick<MenuTriggerProps, "isOpen" | "onOpenChange">) {
  return (
    <MenuTrigger {...rest}>
      {trigger}
      <Popover className={styles.popover ?? ""} placement={placement ?? "bottom end"} offset={6}>
        <AriaMenu className={styles.list ?? ""} aria-label={label}>
          {children}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}

export function MenuItem({
  icon,
  children,
  onAction,
  danger,
  isChecked,
  shortcut,
  href,
  testId,
}: {
  icon?: ReactNode;
  children: string;
  onAction?: () => void;
  danger?: boolean;
  /** For choices: whether this one is in force. */
  isChecked?: boolean;
  shortcut?: string;
  href?: string;
  testId?: string;
}) {
  return (
    <AriaMenuItem
      className={styles.item ?? ""}
      textValue={children}
      {...(onAction ? { onAction } : {})}
      {...(href ? { href } : {})}
      {...(danger ? { "data-danger": true } : {})}
      {...(testId ? { "data-testid": testId } : {})}
      {...(isChecked === undefined ? {} : { "aria-current": isChecked })}
    >
      {icon}
      <span className={styles.itemText}>{children}</span>
      {isChecked === undefined ? null : (
        <span className={styles.itemCheck}>{isChecked ? <Check size={16} aria-hidden /> : null}</span>
      )}
      {shortcut ? <kbd aria-hidden>{shortcut}</kbd> : null}
    </AriaMenuItem>
  );
}

export function MenuSection({ title, children }: { title: string; children: ReactNode }) {
  return (
    <AriaMenuSection>
      <Header className={styles.sectionTitle}>{title}</Header>
      {children}
    </AriaMenuSection>
  );
}

export function MenuSeparator() {
  return <Separator className={styles.separator ?? ""} />;
}
