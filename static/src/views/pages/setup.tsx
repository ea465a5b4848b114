import { useState } from "react";
import { useApp, usePasswordMin, useText } from "../context";
import { Button } from "../ui/button";
import { Fault } from "../ui/dialog";
import { TextField } from "../ui/fields";
import { PageFrame } from "./page-frame";
import styles from "./page.module.css";
import { fieldFault, linkFault, useSubmit } from "./use-submit";

export default function SetupPage({ token }: { token: string }) {
  const { api, account, router } = useApp();
  const text = useText();
  const passwordMin = usePasswordMin();
  const [organization, setOrganization] = useState("");
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const form = useSubmit(async () => {
    account.know(
      await api.setup({
        token,
        name: name.trim(),
        email: email.trim(),
        password,
        organization: organization.trim(),
      }),
    );
    router.replace("/home");
  });
  const fault = (field: string): string | null => fieldFault(text, field, form.fields[field], passwordMin);
  const hasFields = Object.keys(form.fields).some((field) => field !== "token");
  return (
    <PageFrame title={text.setup.title}>
      <div className={styles.narrow}>
        <h1>{text.setup.title}</h1>
        <p className={styles.soft}>{text.setup.text}</p>
        <form className={styles.form} onSubmit={form.onSubmit}>
          <TextField
            label={text.setup.organization}
            name="organization"
            autoComplete="organization"
            value={organization}
            onChange={setOrganization}
            fault={fault("organization")}
            isRequired
          />
          <TextField
            label={text.fields.name}
            name="name"
            autoComplete="name"
            value={name}
            onChange={setName}
            fault={fault("name")}
            isRequired
          />
          <TextField
            label={text.fields.email}
            type="email"
            name="email"
            autoComplete="username"
            value={email}
            onChange={setEmail}
            fault={fault("email")}
            isRequired
          />
          <TextField
            label={text.fields.password}
            type="password"
            name="password"
            autoComplete="new-password"
            value={password}
            onChange={setPassword}
            hint={text.fields.passwordHint({ count: passwordMin })}
            fault={fault("password")}
            isRequired
          />
          {form.code && !hasFields ? (
            <Fault>{linkFault(form.code, text.setup.linkUsed, text.errors)}</Fault>
          ) : null}
          <Button type="submit" tone="primary" large wide isPending={form.pending}>
            {text.setup.submit}
          </Button>
        </form>
      </div>
    </PageFrame>
  );
}
