import { useState } from "react";
import { Link } from "react-aria-components";
import { useApp, useText } from "../context";
import { Button } from "../ui/button";
import { Fault } from "../ui/dialog";
import { TextField } from "../ui/fields";
import { PageFrame } from "./page-frame";
import styles from "./page.module.css";
import { useRecoveryWords } from "./recovery";
import { fieldFault, useSubmit } from "./use-submit";

/** Asks for a link that sets a new password. Says the same whether or not the address has an account. */
export default function ForgotPage() {
  const { api } = useApp();
  const text = useText();
  const words = useRecoveryWords();
  const [email, setEmail] = useState("");
  const [sentTo, setSentTo] = useState("");
  const form = useSubmit(async () => {
    await api.forgotPassword(email.trim());
    setSentTo(email.trim());
  });
  const fault = fieldFault(text, "email", form.fields["email"]);
  return (
    <PageFrame title={words.title}>
      <div className={styles.narrow}>
        <h1>{sentTo ? words.sentTitle : words.title}</h1>
        {sentTo ? (
          <p role="status" data-testid="forgot-sent">
            {words.sent({ email: sentTo })}
          </p>
        ) : (
          <>
            <p className={styles.soft}>{words.lead}</p>
            <form className={styles.form} onSubmit={form.onSubmit}>
              <TextField
                label={text.fields.email}
                type="email"
                name="email"
                autoComplete="username"
                value={email}
                onChange={setEmail}
                fault={fault}
                autoFocus
                isRequired
              />
              {form.code && !fault ? <Fault>{text.errors[form.code]}</Fault> : null}
              <Button type="submit" tone="primary" large wide isPending={form.pending}>
                {words.submit}
              </Button>
            </form>
          </>
        )}
        <p className={styles.small}>
          <Link href="/sign-in">{words.back}</Link>
        </p>
      </div>
    </PageFrame>
  );
}
