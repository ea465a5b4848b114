import { useMemo } from "react";
import type { Me } from "../../state/api";
import { Administration } from "../../state/administration";
import { useApp } from "../context";
import styles from "../directory/directory.module.css";
import { MemberFrame } from "../frame/member-frame";
import pages from "../pages/page.module.css";
import { PeopleTab } from "../personal/people-tab";
import { ButtonLink } from "../ui/button";
import { AuditTab } from "./audit-tab";
import { ImportTab } from "./import-tab";
import { TokensTab } from "./tokens-tab";
import { WebhooksTab } from "./webhooks-tab";
import { useAdministrationWords } from "./words";

const REFRESH_MS = 60_000;
export type AdministrationTab = "audit" | "import" | "people" | "webhooks" | "tokens";

export default function AdministrationPage({ tab, of }: { tab: AdministrationTab; of: string }) {
  const words = useAdministrationWords();
  return (
    <MemberFrame title={words.title} refreshMs={REFRESH_MS}>
      {(me) => <Tabs me={me} tab={tab} of={of} />}
    </MemberFrame>
  );
}

function Tabs({ me, tab, of }: { me: Me; tab: AdministrationTab; of: string }) {
  const { api } = useApp();
  const words = useAdministrationWords();
  const administration = useMemo(() => new Administration(api), [api]);
  const administers = me.memberships.some((one) => one.roles.includes("administrator"));
  const tabs: readonly AdministrationTab[] = [
    ...(administers ? (["audit"] as const) : []),
    ...(me.features.administer_park ? (["import", "people"] as const) : []),
    ...(administers ? (["webhooks"] as const) : []),
    "tokens",
  ];
  const shown = tabs.includes(tab) ? tab : (tabs[0] ?? "tokens");
  return (
    <>
      <div className={pages.titleRow}>
        <h1>{tabs.length > 1 ? words.title : words.tabs.tokens}</h1>
      </div>
      {tabs.length > 1 ? (
        <nav className={styles.tabs} aria-label={words.title}>
          {tabs.map((one) => (
            <ButtonLink
              key={one}
              tone={one === shown ? "primary" : "secondary"}
              href={`/administration/${one}`}
            >
              {words.tabs[one]}
            </ButtonLink>
          ))}
        </nav>
      ) : null}
      {shown === "audit" ? <AuditTab administration={administration} /> : null}
      {shown === "import" ? <ImportTab administration={administration} of={of} /> : null}
      {shown === "people" ? <PeopleTab own={me.account?.id ?? ""} /> : null}
      {shown === "webhooks" ? <WebhooksTab me={me} of={of} /> : null}
      {shown === "tokens" ? <TokensTab administration={administration} me={me} /> : null}
    </>
  );
}
