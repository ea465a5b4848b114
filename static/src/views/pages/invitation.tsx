import { useEffect, useState } from "react";
import type { Invitation } from "../../state/api";
import { useApp, usePasswordMin, useText } from "../context";
import { Button } from "../ui/button";
import { Fault } from "../ui/dialog";
import { TextField } from "../ui/fields";
import { PageFrame } from "./page-frame";
import styles from "./page.module.css";
import { fieldFault, linkFault, useSubmit } from "./use-submit";

export default function InvitationPage({ token }: { token: string }) {
  const { api, account, router } = useApp();
  const text = useText();
  const passwordMin = usePasswordMin();
  const [name, setName] = useState("");
  const [invitation, setInvitation] = useState<Invitation | null>(null);
  useEffect(() => {
    api.invitation(token).then(
      (found) => {
        setInvitation(found);
        setName(found.name);
      },
      // A link that is used up is told when it is sent off.
      () => undefined,
    );
  }, [api, token]);
  const existing = invitation?.has_account === true;
  const [password, setPassword] = useState("");
  const form = useSubmit(async () => {
    account.know(
      await api.acceptInvitation({
        token,
        password,
        ...(name.trim() && !existing ? { name: name.trim() } : {}),
      }),
    );
    router.replace("/home");
  });
  const fault = (field: string): string | null => fieldFault(text, field, form.fields[field], passwordMin);
  const hasFields = Object.keys(form.fields).some((field) => field !== "token");
  return (
    <PageFrame title={text.invitation.title}>
      <div className={styles.narrow}>
        <h1>{text.invitation.title}</h1>
        <p className={styles.soft}>{existing ? text.invitation.existing : text.invitation.text}</p>
        {invitation ? <p>{text.invitation.to(invitation)}</p> : null}
        <form className={styles.form} onSubmit={form.onSubmit}>
          {existing ? null : (
            <TextField
              label={`${text.fields.name} (${text.common.optional})`}
              name="name"
              autoComplete="name"
              value={name}
              onChange={setName}
              fault={fault("name")}
            />
          )}
          <TextField
            label={existing ? text.fields.password : text.fields.newPassword}
            type="password"
            name="password"
            autoComplete={existing ? "current-password" : "new-password"}
            value={password}
            onChange={setPassword}
            hint={existing ? undefined : text.fields.passwordHint({ count: passwordMin })}
            fault={fault("password")}
            isRequired
          />
          {form.code && !hasFields ? (
            <Fault>{linkFault(form.code, text.invitation.linkUsed, text.errors)}</Fault>
          ) : null}
          <Button type="submit" tone="primary" large wide isPending={form.pending}>
            {text.invitation.submit}
          </Button>
        </form>
      </div>
    </PageFrame>
  );
}
