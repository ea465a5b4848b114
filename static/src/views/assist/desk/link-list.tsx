import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Link, NewLink } from "../../../state/assist/desk";
import { useLocale, useText } from "../../context";
import pages from "../../pages/page.module.css";
import { useSubmit } from "../../pages/use-submit";
import { Button } from "../../ui/button";
import { classes } from "../../ui/classes";
import { Fault } from "../../ui/dialog";
import { NotLoaded, useDesk } from "./desk-frame";
import styles from "./desk.module.css";
import { useDeskWords } from "./words";

/** The ways into a session that were given out: who made them, who came by them, until when. */
export function LinkList({
  sessionId,
  onReissued,
}: {
  sessionId: string;
  onReissued: (link: NewLink) => void;
}) {
  const { desk } = useDesk();
  const words = useDeskWords();
  const query = useQuery({ queryKey: ["links", sessionId], queryFn: () => desk.links(sessionId) });
  if (query.isError) return <NotLoaded cause={query.error} retry={() => void query.refetch()} />;
  const links = query.data?.links ?? [];
  if (links.length === 0) return null;
  return (
    <section className={styles.links} aria-label={words.links}>
      <h3>{words.links}</h3>
      <p className={pages.small}>{words.linksText}</p>
      <ul className={pages.list} data-testid="links">
        {links.map((link) => (
          <LinkRow key={link.id} sessionId={sessionId} link={link} onReissued={onReissued} />
        ))}
      </ul>
    </section>
  );
}

function LinkRow({
  sessionId,
  link,
  onReissued,
}: {
  sessionId: string;
  link: Link;
  onReissued: (link: NewLink) => void;
}) {
  const { desk } = useDesk();
  const text = useText();
  const words = useDeskWords();
  const client = useQueryClient();
  const when = new Intl.DateTimeFormat(useLocale(), { dateStyle: "medium", timeStyle: "short" });
  const [wish, setWish] = useState<"revoke" | "restore" | "reissue">("revoke");
  const refresh = (): Promise<void> => client.invalidateQueries({ queryKey: ["links", sessionId] });
  const act = async (wanted: typeof wish): Promise<void> => {
    setWish(wanted);
    if (wanted === "reissue") onReissued(await desk.reissueLink(sessionId, link.id));
    else if (wanted === "restore") await desk.restoreLink(sessionId, link.id);
    else await desk.revokeLink(sessionId, link.id);
    await refresh();
  };
  const revoke = useSubmit(() => act("revoke"));
  const restore = useSubmit(() => act("restore"));
  const reissue = useSubmit(() => act("reissue"));
  const leads = link.state === "fresh" || link.state === "opened";
  const code = { revoke, restore, reissue }[wish].code;
  return (
    <li className={classes(pages.row, styles.linkRow)} data-state={link.state}>
      <div className={pages.rowText}>
        <div className={pages.rowTitle}>
          <span>{link.name || words.roles[link.role]}</span>
          <span className={classes(pages.badge, leads ? styles.state : styles.stateOver)}>
            {words.linkStates[link.state]}
          </span>
        </div>
        <div className={classes(pages.rowMeta, "tabular")}>
          {link.name ? <span>{words.roles[link.role]}</span> : null}
          <span>{link.one_time ? words.forOne : words.forMany}</span>
          <span>{words.madeBy({ name: link.made_by, at: when.format(link.created_at_ms) })}</span>
          {leads ? <span>{words.goodUntil({ at: when.format(link.expires_at_ms) })}</span> : null}
        </div>
        {link.opened_by.length > 0 ? (
          <div className={pages.rowMeta}>
            {words.openedBy({ names: link.opened_by.map(({ name }) => name).join(words.comma) })}
          </div>
        ) : null}
        {code ? <Fault>{text.errors[code]}</Fault> : null}
      </div>
      <div className={styles.linkActions}>
        {leads ? (
          <Button isPending={revoke.pending} onPress={() => void revoke.run()} testId="revoke-link">
            {words.revoke}
          </Button>
        ) : link.state === "revoked" ? (
          <Button isPending={restore.pending} onPress={() => void restore.run()} testId="restore-link">
            {words.undoRevoke}
          </Button>
        ) : null}
        <Button isPending={reissue.pending} onPress={() => void reissue.run()} testId="reissue-link">
          {words.reissue}
        </Button>
      </div>
    </li>
  );
}
