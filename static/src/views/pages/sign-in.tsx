import { useState } from "react";
import { useApp, useText } from "../context";
import { Button } from "../ui/button";
import { Fault } from "../ui/dialog";
import { TextField } from "../ui/fields";
import OidcSignIn from "./oidc";
import { PageFrame } from "./page-frame";
import styles from "./page.module.css";
import { ForgotLink } from "./recovery";
import { useSubmit } from "./use-submit";

export default function SignInPage({ next }: { next: string }) {
  const { api, account, router } = useApp();
  const text = useText();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const form = useSubmit(async () => {
    account.know(await api.signIn({ email: email.trim(), password }));
    router.replace(next);
  });
  const wrong = form.code === "unauthenticated" || form.code === "forbidden" || form.code === "invalid";
  return (
    <PageFrame title={text.signIn.title}>
      <div className={styles.narrow}>
        <h1>{text.signIn.title}</h1>
        <form
          className={styles.form}
          onSubmit={(event) => {
            setTried(true);
            if (email.trim() && password) form.onSubmit(event);
            else event.preventDefault();
          }}
        >
          <TextField
            label={text.fields.email}
            type="email"
            name="email"
            autoComplete="username"
            value={email}
            onChange={setEmail}
            fault={tried && !email.trim() ? text.fields.missing : null}
            autoFocus
            isRequired
          />
          <TextField
            label={text.fields.password}
            type="password"
            name="password"
            autoComplete="current-password"
            value={password}
            onChange={setPassword}
            fault={tried && !password ? text.fields.missing : null}
            isRequired
          />
          {form.code ? <Fault>{wrong ? text.signIn.wrong : text.errors[form.code]}</Fault> : null}
          <Button type="submit" tone="primary" large wide isPending={form.pending}>
            {text.signIn.submit}
          </Button>
        </form>
        <ForgotLink />
        <OidcSignIn next={next} />
        <p className={styles.small}>{text.signIn.guest}</p>
      </div>
    </PageFrame>
  );
}
