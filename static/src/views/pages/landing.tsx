import { useEffect, useState, type CSSProperties } from "react";
import { roomCodeIn } from "../../state/router";
import { Link } from "react-aria-components";
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
    if (signedIn) router.replace("/home");
  }, [signedIn, router]);
  if (signedIn) return null;
  return (
    <PageFrame title={text.landing.joinTitle}>
      <div className={styles.hero}>
        <div className={styles.heroText}>
          <h1>{text.landing.headline}</h1>
          <p>{text.landing.text}</p>
          <StagePicture />
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
          <Link className={styles.quiet ?? ""} href="/check">
            {text.landing.check}
          </Link>
        </div>
      </div>
    </PageFrame>
  );
}

const HUES = [176, 28, 212, 330] as const;

/** The product in one glance: a face that speaks, and those who listen. */
function StagePicture() {
  return (
    <div className={styles.picture} aria-hidden>
      {HUES.map((hue) => (
        <span key={hue} style={{ "--hue": hue } as CSSProperties}>
          <svg viewBox="0 0 80 70" fill="currentColor">
            <circle cx="40" cy="24" r="17" fill={`hsl(${hue} 36% 82%)`} />
            <path d="M6 70c2-19 15-27 34-27s32 8 34 27z" fill={`hsl(${hue} 30% 30%)`} />
          </svg>
        </span>
      ))}
    </div>
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
