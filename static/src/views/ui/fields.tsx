import { Check, ChevronDown } from "lucide-react";
import type { ReactNode } from "react";
import {
  Button,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select as AriaSelect,
  SelectValue,
  SwitchButton,
  SwitchField,
  Text,
} from "react-aria-components";
import styles from "./controls.module.css";

// By itself: the page before a meeting has a field for a name, and neither lists nor switches.
export { TextField, type TextFieldProps } from "./text-field";

export interface Option {
  readonly id: string;
  readonly label: string;
}

export function Select({
  label,
  options,
  selected,
  onChange,
  isDisabled,
  hideLabel,
}: {
  label: string;
  options: readonly Option[];
  selected: string;
  onChange: (id: string) => void;
  isDisabled?: boolean;
  hideLabel?: boolean;
}) {
  return (
    <AriaSelect
      className={styles.field ?? ""}
      value={selected}
      onChange={(key) => onChange(String(key))}
      isDisabled={isDisabled ?? false}
      {...(hideLabel ? { "aria-label": label } : {})}
    >
      {hideLabel ? null : <Label className={styles.label}>{label}</Label>}
      <Button className={styles.select ?? ""}>
        <SelectValue className={styles.selectValue ?? ""} />
        <ChevronDown size={16} aria-hidden />
      </Button>
      <Popover className={styles.popover ?? ""}>
        <ListBox className={styles.list ?? ""} items={options}>
          {(option) => (
            <ListBoxItem className={styles.item ?? ""} id={option.id} textValue={option.label}>
              {({ isSelected }) => (
                <>
                  <span className={styles.itemText}>{option.label}</span>
                  <span className={styles.itemCheck}>
                    {isSelected ? <Check size={16} aria-hidden /> : null}
                  </span>
                </>
              )}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}

export function Switch({
  children,
  note,
  isSelected,
  onChange,
  isDisabled,
  testId,
}: {
  testId?: string;
  children: ReactNode;
  note?: string;
  isSelected: boolean;
  onChange: (selected: boolean) => void;
  isDisabled?: boolean;
}) {
  return (
    <SwitchField isSelected={isSelected} onChange={onChange} isDisabled={isDisabled ?? false}>
      <SwitchButton className={styles.switch ?? ""} {...(testId ? { "data-testid": testId } : {})}>
        <span className={styles.switchText}>{children}</span>
        <span className={styles.switchTrack} aria-hidden />
      </SwitchButton>
      {note ? (
        <Text slot="description" className={styles.hint}>
          {note}
        </Text>
      ) : null}
    </SwitchField>
  );
}
