import { useQuery } from "@tanstack/react-query";
import type { Me } from "../../state/api";
import type { OrganizationPage } from "../../state/directory";
import desk from "../assist/desk/desk.module.css";
import { CallButton } from "../calls/call-button";
import { useApp } from "../context";
import pages from "../pages/page.module.css";
import { classes } from "../ui/classes";
import styles from "./directory.module.css";
import { useDirectoryWords } from "./words";

const LOOK_AGAIN_MS = 10_000;

interface Present {
  readonly id: string;
  readonly name: string;
  readonly state: "call" | "here" | "away";
}

/** Who of the company is in a call, here or away: for its own people and the officer who looks after it. */
export function WhoIsIn({ page, me }: { page: OrganizationPage; me: Me }) {
  const { api } = useApp();
  const words = useDirectoryWords().presence;
  const mine = me.memberships.some((one) => one.organization.id === page.id);
  const looksAfter = [page.officer, page.officer?.cover].some(
    (one) => one != null && one.id === me.account?.id,
  );
  const query = useQuery({
    queryKey: ["presence", page.id],
    queryFn: () =>
      api.ask<{ people: readonly Present[] }>("GET", `/api/directory/organizations/${page.id}/people`),
    enabled: mine || looksAfter,
    refetchInterval: LOOK_AGAIN_MS,
  });
  const people = query.data?.people ?? [];
  if (people.length === 0) return null;
  const away = people.filter((one) => one.state === "away");
  const there = people.filter((one) => one.state !== "away");
  return (
    <section className={desk.section} data-testid="presence">
      <div className={desk.sectionHead}>
        <h2>{words.title}</h2>
        <span className={pages.small}>{words.count({ count: there.length, all: people.length })}</span>
      </div>
      <ul className={styles.presence}>
        {there.map((one) => (
          <li key={one.id} data-testid="present" data-state={one.state}>
            <span className={classes(styles.dot, styles[one.state])} aria-hidden />
            <span>{one.name}</span>
            <span className={pages.small}>{words.states[one.state]}</span>
            <CallButton about={{ kind: "account", id: one.id }} to={one.id} name={one.name} />
          </li>
        ))}
      </ul>
      {away.length > 0 ? (
        <p className={pages.small} data-testid="away">
          {words.away({ names: away.map((one) => one.name).join(words.comma) })}
        </p>
      ) : null}
    </section>
  );
}
