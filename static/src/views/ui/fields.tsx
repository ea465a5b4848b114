import { Check, ChevronDown } from "lucide-react";
import type { HTMLInputAutoCompleteAttribute, ReactNode } from "react";
import {
  Button,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select as AriaSelect,
  SelectValue,
  SwitchButton,
  SwitchField,
  Text,
  TextField as AriaTextField,
} from "react-aria-components";
import styles from "./controls.module.css";

export interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly name?: string;
  readonly type?: "text" | "email" | "password" | "search";
  readonly hint?: string | undefined;
  readonly fault?: string | null | undefined;
  readonly placeholder?: string;
  readonly autoComplete?: HTMLInputAutoCompleteAttribute;
  readonly autoFocus?: boolean;
  readonly maxLength?: number;
  readonly isRequired?: boolean;
  readonly isReadOnly?: boolean;
  readonly hideLabel?: boolean;
  readonly testId?: string;
}

export function TextField(props: TextFieldProps) {
  const { label, hint, fault, placeholder, hideLabel, autoComplete, maxLength, name, autoFocus } = props;
  return (
    <AriaTextField
      className={styles.field ?? ""}
      value={props.value}
      onChange={props.onChange}
      type={props.type ?? "text"}
      isInvalid={Boolean(fault)}
      isRequired={props.isRequired ?? false}
      isReadOnly={props.isReadOnly ?? false}
      validationBehavior="aria"
      {...(name ? { name } : {})}
      {...(autoComplete ? { autoComplete } : {})}
      {...(maxLength ? { maxLength } : {})}
      {...(autoFocus ? { autoFocus } : {})}
      {...(hideLabel ? { "aria-label": label } : {})}
    >
      {hideLabel ? null : <Label className={styles.label}>{label}</Label>}
      <Input
        className={styles.input ?? ""}
        {...(placeholder ? { placeholder } : {})}
        {...(props.testId ? { "data-testid": props.testId } : {})}
      />
      {hint && !fault ? (
        <Text slot="description" className={styles.hint}>
          {hint}
        </Text>
      ) : null}
      <FieldError className={styles.fault ?? ""}>{fault}</FieldError>
    </AriaTextField>
  );
}

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
