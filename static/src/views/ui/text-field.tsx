import type { HTMLInputAutoCompleteAttribute } from "react";
import { FieldError, Input, Label, Text, TextField as AriaTextField } from "react-aria-components";
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
