import { useState } from "react";
import { useApp, useText } from "../context";
import { Button } from "../ui/button";
import { Fault } from "../ui/dialog";
import { TextField } from "../ui/fields";
import { PageFrame } from "./page-frame";
import styles from "./page.module.css";
import { fieldFault, useSubmit } from "./use-submit";

export default function InvitationPage({ token }: { token: string }) {
  const { api, account, router } = useApp();
  const text = useText();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const form = useSubmit(async () => {
    account.know(
      await api.acceptInvitation({ token, password, ...(name.trim() ? { name: name.trim() } : {}) }),
    );
    router.replace("/meetings");
  });
  const fault = (field: string): string | null => fieldFault(text, field, form.fields[field]);
  const hasFields = Object.keys(form.fields).some((field) => field !== "token");
  return (
    <PageFrame title={text.invitation.title}>
      <div className={styles.narrow}>
        <h1>{text.invitation.title}</h1>
        <p className={styles.soft}>{text.invitation.text}</p>
        <form className={styles.form} onSubmit={form.onSubmit}>
          <TextField
            label={`${text.fields.name} (${text.common.optional})`}
            name="name"
            autoComplete="name"
            value={name}
            onChange={setName}
            fault={fault("name")}
          />
          <TextField
            label={text.fields.newPassword}
            type="password"
            name="password"
            autoComplete="new-password"
            value={password}
            onChange={setPassword}
            hint={text.fields.passwordHint}
            fault={fault("password")}
            isRequired
          />
          {form.code && !hasFields ? (
            <Fault>
              {form.code === "internal" || form.code === "unavailable" || form.code === "rate_limited"
                ? text.errors[form.code]
                : text.invitation.linkUsed}
            </Fault>
          ) : null}
          <Button type="submit" tone="primary" large wide isPending={form.pending}>
            {text.invitation.submit}
          </Button>
        </form>
      </div>
    </PageFrame>
  );
}
