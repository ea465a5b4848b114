import { UserPlus } from "lucide-react";
import { useState } from "react";
import { machineTitle, type Session } from "../../../state/assist/desk";
import { useLocale } from "../../context";
import pages from "../../pages/page.module.css";
import { ButtonLink, IconButton } from "../../ui/button";
import { classes } from "../../ui/classes";
import { ReportsButton } from "../reports-button";
import { InviteDialog } from "./invite-dialog";
import { useDeskWords } from "./words";

export function SessionRow({ session }: { session: Session }) {
  const words = useDeskWords();
  const when = new Intl.DateTimeFormat(useLocale(), { dateStyle: "medium", timeStyle: "short" });
  const [inviting, setInviting] = useState(false);
  const isOpen = session.phase === "open";
  return (
    <li className={pages.row}>
      <div className={pages.rowText}>
        <div className={pages.rowTitle}>
          <span>{session.title}</span>
          {isOpen ? (
            session.people_count > 0 ? (
              <span className={classes(pages.badge, pages.live)}>
                {words.inside({ count: session.people_count })}
              </span>
            ) : null
          ) : (
            <span className={pages.badge}>{words.ended}</span>
          )}
        </div>
        <div className={classes(pages.rowMeta, "tabular")}>
          <span>{when.format(session.created_at_ms)}</span>
          <span>{words.yourRole[session.you.role]}</span>
          {session.machine && machineTitle(session.machine) !== session.title ? (
            <span className={pages.wideOnly}>{machineTitle(session.machine)}</span>
          ) : null}
        </div>
      </div>
      <ReportsButton sessionId={session.id} mayMake={session.you.role !== "observer"} />
      {isOpen && session.you.manages ? (
        <IconButton name={words.invite} onPress={() => setInviting(true)}>
          <UserPlus size={18} aria-hidden />
        </IconButton>
      ) : null}
      {isOpen ? (
        <ButtonLink
          href={`/assist/${session.code}`}
          tone={session.people_count > 0 ? "primary" : "secondary"}
        >
          {words.enter}
        </ButtonLink>
      ) : null}
      {inviting ? <InviteDialog session={session} onClose={() => setInviting(false)} /> : null}
    </li>
  );
}
