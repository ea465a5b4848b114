import { useState, type ReactNode } from "react";
import { EVENTS, type Webhook, type WebhookWish } from "../../state/webhooks";
import { useText } from "../context";
import { Choices } from "../directory/parts";
import { fieldFault, useSubmit } from "../pages/use-submit";
import { Button } from "../ui/button";
import { CopyField } from "../ui/copy-field";
import { Fault } from "../ui/dialog";
import { TextField } from "../ui/text-field";
import styles from "./administration.module.css";
import { useAdministrationWords, wordOf } from "./words";

/** Shown once: whoever leaves has to make another. */
export function Secret({ secret, onDone }: { secret: string; onDone: () => void }) {
  const words = useAdministrationWords();
  return (
    <div className={styles.form} role="status">
      <p>{words.tokens.made}</p>
      <CopyField label={words.webhooks.secret} value={secret} testId="webhook-secret" />
      <div>
        <Button tone="primary" onPress={onDone} testId="secret-copied">
          {words.tokens.copied}
        </Button>
      </div>
    </div>
  );
}

/** `before`: the webhook that is changed; null: a new one. */
export function WebhookForm({
  before,
  submit,
  onSubmit,
  children,
}: {
  before: Webhook | null;
  submit: string;
  onSubmit: (wish: WebhookWish) => Promise<void>;
  children?: ReactNode;
}) {
  const text = useText();
  const words = useAdministrationWords();
  const [name, setName] = useState(before?.name ?? "");
  const [url, setUrl] = useState(before?.url ?? "");
  const [events, setEvents] = useState<readonly string[]>(before?.events ?? []);
  const form = useSubmit(() => onSubmit({ name: name.trim(), url: url.trim(), events }));
  return (
    <form className={styles.form} onSubmit={form.onSubmit}>
      {children}
      <TextField
        label={words.tokens.name}
        value={name}
        onChange={setName}
        maxLength={64}
        fault={fieldFault(text, "name", form.fields["name"])}
        testId="webhook-name"
      />
      <TextField
        label={words.webhooks.url}
        value={url}
        onChange={setUrl}
        maxLength={500}
        placeholder="https://"
        fault={form.fields["url"] ? words.webhooks.badUrl : null}
        testId="webhook-url"
      />
      <Choices
        label={words.webhooks.when}
        names={Object.fromEntries(EVENTS.map((one) => [one, wordOf(words.webhooks.events, one)]))}
        chosen={events}
        onChange={setEvents}
      />
      {form.code && !form.fields["url"] && !form.fields["name"] ? (
        <Fault>{text.errors[form.code]}</Fault>
      ) : null}
      <div>
        <Button
          tone="primary"
          type="submit"
          isPending={form.pending}
          isDisabled={!name.trim() || !url.trim() || events.length === 0}
          testId="save-webhook"
        >
          {submit}
        </Button>
      </div>
    </form>
  );
}
