import { useState } from "react";
import { useApp, usePasswordMin, useText } from "../context";
import { Button } from "../ui/button";
import { Fault } from "../ui/dialog";
import { TextField } from "../ui/fields";
import { PageFrame } from "./page-frame";
import styles from "./page.module.css";
import { ForgotLink } from "./recovery";
import { fieldFault, linkFault, useSubmit } from "./use-submit";

/** Behind a one-time link from an administrator: a new password. */
export default function ResetPage({ token }: { token: string }) {
  const { api, account, router } = useApp();
  const text = useText();
  const passwordMin = usePasswordMin();
  const [password, setPassword] = useState("");
  const form = useSubmit(async () => {
    account.know(await api.resetPassword({ token, password }));
    router.replace("/home");
  });
  const fault = fieldFault(text, "password", form.fields["password"], passwordMin);
  return (
    <PageFrame title={text.reset.title}>
      <div className={styles.narrow}>
        <h1>{text.reset.title}</h1>
        <form className={styles.form} onSubmit={form.onSubmit}>
          <TextField
            label={text.fields.newPassword}
            type="password"
            name="password"
            autoComplete="new-password"
            value={password}
            onChange={setPassword}
            hint={text.fields.passwordHint({ count: passwordMin })}
            fault={fault}
            isRequired
          />
          {form.code && !fault ? (
            <Fault>{linkFault(form.code, text.reset.linkUsed, text.errors)}</Fault>
          ) : null}
          <Button type="submit" tone="primary" large wide isPending={form.pending}>
            {text.reset.submit}
          </Button>
        </form>
        {form.code === "not_found" ? <ForgotLink again /> : null}
      </div>
    </PageFrame>
  );
}
