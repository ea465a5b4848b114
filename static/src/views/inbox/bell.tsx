import { Bell as BellIcon } from "lucide-react";
import { Link } from "react-aria-components";
import type { DeskLine } from "../../state/desk/line";
import { useStore } from "../context";
import controls from "../ui/controls.module.css";
import { WithTooltip } from "../ui/button";
import { classes } from "../ui/classes";
import styles from "./inbox.module.css";
import { useInboxWords } from "./words";

const SHOWN_MAX = 99;

/** The way to the inbox, with the count as it is now. */
export function Bell({ line }: { line: DeskLine }) {
  const words = useInboxWords();
  const unread = useStore(line.unread) ?? 0;
  const name = unread > 0 ? words.bell({ count: unread }) : words.bellEmpty;
  return (
    <WithTooltip text={name}>
      <Link
        className={classes(controls.icon, styles.bell)}
        href="/inbox"
        aria-label={name}
        data-testid="bell"
        data-unread={unread}
      >
        <BellIcon size={20} aria-hidden />
        {unread > 0 ? (
          <span className={styles.count} aria-hidden>
            {unread > SHOWN_MAX ? `${SHOWN_MAX}+` : unread}
          </span>
        ) : null}
      </Link>
    </WithTooltip>
  );
}
