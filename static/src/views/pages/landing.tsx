import { useEffect, useState } from "react";
import { roomCodeIn } from "../../state/router";
import { useApp, useStore, useText } from "../context";
import { Button, ButtonLink } from "../ui/button";
import { TextField } from "../ui/fields";
import { PageFrame } from "./page-frame";
import styles from "./page.module.css";

export default function LandingPage() {
  const { account, router } = useApp();
  const state = useStore(account.state);
  const text = useText();
  const me = state.kind === "known" ? state.me : null;
  const signedIn = me?.account != null;
  useEffect(() => {
    if (signedIn) router.replace("/meetings");
  }, [signedIn, router]);
  if (signedIn) return null;
  return (
    <PageFrame title={text.landing.joinTitle}>
      <div className={styles.hero}>
        <div className={styles.heroText}>
          <h1>{text.landing.headline}</h1>
          <p>{text.landing.text}</p>
        </div>
        <div className={styles.card}>
          <JoinByCode />
          <div className={styles.divider} />
          {me?.setup_needed ? (
            <p className={styles.note}>
              <strong>{text.landing.setUpTitle}</strong>
              {text.landing.setUpText}
            </p>
          ) : (
            <ButtonLink href="/sign-in" large wide>
              {text.landing.signIn}
            </ButtonLink>
          )}
        </div>
      </div>
    </PageFrame>
  );
}

export function JoinByCode({ autoFocus }: { autoFocus?: boolean }) {
  const { router } = useApp();
  const text = useText();
  const [code, setCode] = useState("");
  const [tried, setTried] = useState(false);
  const found = roomCodeIn(code);
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (found) router.go(`/m/${found}`);
      }}
    >
      <TextField
        label={text.landing.codeLabel}
        value={code}
        onChange={setCode}
        placeholder={text.landing.codeExample}
        autoComplete="off"
        fault={tried && !found ? text.landing.codeInvalid : null}
        {...(autoFocus ? { autoFocus } : {})}
      />
      <Button type="submit" tone="primary" large wide>
        {text.landing.join}
      </Button>
    </form>
  );
}
