import { useEffect, useMemo, useState } from "react";
import { oidc as english } from "../../i18n/en-oidc";
import type { Words } from "../../i18n/catalogue";
import { oidc as chinese } from "../../i18n/zh-oidc";
import { Oidc, refusedIn, type OidcProvider } from "../../state/oidc";
import { useApp, useLocale, useStore } from "../context";
import { Button } from "../ui/button";
import { Fault } from "../ui/dialog";
import styles from "./page.module.css";
import { useSubmit } from "./use-submit";

const NONE: OidcProvider = { name: "", sign_out_url: "" };

/** Signing in by the installation's OpenID provider, or linking it to who is signed in: nothing where there is none. */
export function OidcSignIn({ next }: { next: string }) {
  const { api, account } = useApp();
  const words: Words<typeof english> = useLocale() === "en" ? english : chinese;
  const oidc = useMemo(() => new Oidc(api), [api]);
  const [{ name, sign_out_url: leave }, setProvider] = useState<OidcProvider>(NONE);
  const state = useStore(account.state);
  const who = state.kind === "known" ? state.me.account : null;
  const form = useSubmit(async () => {
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
  }, [oidc]);
  const refused = refusedIn(window.location.search);
  if (!name && !refused) return null;
  return (
    <div className={styles.form} data-testid="oidc">
      {refused && !form.pending ? <Fault>{words.faults[refused]}</Fault> : null}
      {form.code ? <Fault>{words.away}</Fault> : null}
      {name ? (
        <>
          {who ? <p className={styles.small}>{words.linkText({ account: who.name, name })}</p> : null}
          <Button large wide isPending={form.pending} onPress={() => void form.run()} testId="oidc-begin">
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
      ) : null}
    </div>
  );
}
