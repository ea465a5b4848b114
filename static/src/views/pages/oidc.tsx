import { useEffect, useMemo, useState } from "react";
import type { Words } from "../../i18n/catalogue";
import { oidc as english } from "../../i18n/en-oidc";
import { oidc as chinese } from "../../i18n/zh-oidc";
import type { Account } from "../../state/api";
import { Oidc, refusedIn, type OidcProvider } from "../../state/oidc";
import { useApp, useLocale, useStore } from "../context";
import { Button } from "../ui/button";
import { Fault } from "../ui/dialog";
import styles from "./page.module.css";
import { useSubmit } from "./use-submit";

const NONE: OidcProvider = { name: "", sign_out_url: "", linked: false };

function useWords(): Words<typeof english> {
  return useLocale() === "en" ? english : chinese;
}

/** Signing in by the installation's OpenID provider, or linking it to who is signed in: nothing where there is none. */
export default function OidcSignIn({ next }: { next: string }) {
  const { api, account } = useApp();
  const words = useWords();
  const oidc = useMemo(() => new Oidc(api), [api]);
  const [provider, setProvider] = useState(NONE);
  const state = useStore(account.state);
  const who = state.kind === "known" ? state.me.account : null;
  const whoId = who?.id;
  const begin = useSubmit(async () => {
    window.location.assign(await oidc.begin(next, who !== null));
  });
  useEffect(() => {
    let gone = false;
    oidc.provider().then(
      (found) => {
        if (!gone) setProvider(found);
      },
      // The password's form is there all the same.
      () => undefined,
    );
    return () => {
      gone = true;
    };
  }, [oidc, whoId]);
  const refused = refusedIn(window.location.search);
  const { name, sign_out_url: leave } = provider;
  if (!name && !refused) return null;
  return (
    <div className={styles.form} data-testid="oidc">
      {refused && !begin.pending ? <Fault>{words.faults[refused]}</Fault> : null}
      {begin.code ? <Fault>{words.away}</Fault> : null}
      {!name ? null : who && provider.linked ? (
        <Linked
          oidc={oidc}
          who={who}
          name={name}
          onGone={() => setProvider({ ...provider, linked: false })}
        />
      ) : (
        <>
          {who ? <p className={styles.small}>{words.linkText({ account: who.name, name })}</p> : null}
          <Button large wide isPending={begin.pending} onPress={() => void begin.run()} testId="oidc-begin">
            {who ? words.link({ name }) : words.signIn({ name })}
          </Button>
          {leave.startsWith("http") && !who ? (
            <p className={styles.small}>
              {words.shared}{" "}
              <a href={leave} rel="noreferrer">
                {words.leave({ name })}
              </a>
            </p>
          ) : null}
        </>
      )}
    </div>
  );
}

interface LinkedProps {
  readonly oidc: Oidc;
  readonly who: Account;
  readonly name: string;
  readonly onGone: () => void;
}

function Linked({ oidc, who, name, onGone }: LinkedProps) {
  const words = useWords();
  const form = useSubmit(async () => {
    await oidc.unlink();
    onGone();
  });
  return (
    <>
      <p className={styles.small}>{words.linked({ account: who.name, name })}</p>
      {form.code ? <Fault>{form.code === "wrong_state" ? words.noPassword : words.away}</Fault> : null}
      <Button isPending={form.pending} onPress={() => void form.run()} testId="oidc-unlink">
        {words.unlink}
      </Button>
    </>
  );
}
