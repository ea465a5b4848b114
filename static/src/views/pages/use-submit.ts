import { useState, type SubmitEvent } from "react";
import type { Code } from "../../protocol.gen";
import { ApiError } from "../../state/api";
import type { Catalogue } from "../../i18n/catalogue";

export interface Submission {
  readonly pending: boolean;
  readonly code: Code | null;
  readonly fields: Readonly<Record<string, string>>;
  readonly onSubmit: (event: SubmitEvent) => void;
  readonly run: () => Promise<void>;
}

/** One form: sends once at a time and keeps what went wrong, for the fields and for the form as a whole. */
export function useSubmit(send: () => Promise<void>): Submission {
  const [pending, setPending] = useState(false);
  const [code, setCode] = useState<Code | null>(null);
  const [fields, setFields] = useState<Readonly<Record<string, string>>>({});
  const run = async (): Promise<void> => {
    if (pending) return;
    setPending(true);
    setCode(null);
    setFields({});
    try {
      await send();
    } catch (cause) {
      if (cause instanceof ApiError) {
        setCode(cause.code);
        setFields(cause.fields);
      } else {
        setCode("internal");
      }
    } finally {
      setPending(false);
    }
  };
  return {
    pending,
    code,
    fields,
    run,
    onSubmit: (event) => {
      event.preventDefault();
      void run();
    },
  };
}

/** The sentence for a field that the server refused. */
export function fieldFault(
  text: Catalogue,
  name: string,
  reason: string | undefined,
  passwordMin = 0,
): string | null {
  if (reason === undefined) return null;
  switch (reason) {
    case "required":
      return text.fields.missing;
    case "taken":
      return text.fields.taken;
    case "too_weak":
      return text.fields.weakPassword;
    case "too_long":
      return text.fields.tooLong;
    case "wrong":
      return text.fields.wrong;
  }
  if (name === "email") return text.fields.invalidEmail;
  if (name === "password" || name === "new_password")
    return text.fields.invalidPassword({ count: passwordMin });
  return text.fields.invalid;
}

/** The sentence when a page behind a one-time link is refused: mostly the link is used up. */
export function linkFault(code: Code, linkUsed: string, errors: Catalogue["errors"]): string {
  return code === "internal" || code === "unavailable" || code === "rate_limited" ? errors[code] : linkUsed;
}
