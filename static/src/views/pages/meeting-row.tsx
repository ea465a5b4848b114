import { Copy, EllipsisVertical, Settings, Trash2 } from "lucide-react";
import { useState } from "react";
import type { Meeting } from "../../state/api";
import { useLocale, useText } from "../context";
import { Button, ButtonLink, IconButton } from "../ui/button";
import { classes } from "../ui/classes";
import { copyText } from "../ui/copy-text";
import { Menu, MenuItem, MenuSeparator } from "../ui/menu";
import styles from "./page.module.css";

const COPIED_SHOWN_MS = 2_000;

export function MeetingRow({
  meeting,
  onChange,
  onTrash,
  onRestore,
}: {
  meeting: Meeting;
  onChange: () => void;
  onTrash: () => void;
  onRestore: () => void;
}) {
  const text = useText();
  const locale = useLocale();
  const [copied, setCopied] = useState(false);
  const ended = meeting.phase === "ended";
  const trashed = meeting.trashed_at_ms > 0;
  const when = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const copy = (): void => {
    void copyText(meeting.link).then((done) => {
      setCopied(done);
      setTimeout(() => setCopied(false), COPIED_SHOWN_MS);
    });
  };
  return (
    <li className={styles.row}>
      <div className={styles.rowText}>
        <div className={styles.rowTitle}>
          <span>{meeting.title}</span>
          {ended ? (
            <span className={styles.badge}>{text.meetings.ended}</span>
          ) : meeting.people_count > 0 ? (
            <span className={classes(styles.badge, styles.live)}>
              {text.meetings.inside({ count: meeting.people_count })}
            </span>
          ) : null}
        </div>
        <div className={classes(styles.rowMeta, "tabular")}>
          <span>{meeting.code}</span>
          <span className={styles.wideOnly}>
            {text.meetings.created({ when: when.format(meeting.created_at_ms) })}
          </span>
          <span className={styles.narrowOnly}>{when.format(meeting.created_at_ms)}</span>
          {meeting.lobby_enabled ? <span className={styles.wideOnly}>{text.meetings.lobbyOn}</span> : null}
          {meeting.encrypted ? <span className={styles.wideOnly}>{text.meetings.encrypted}</span> : null}
          {meeting.guests_allowed ? null : (
            <span className={styles.wideOnly}>{text.meetings.membersOnly}</span>
          )}
        </div>
      </div>
      <span role="status" className={styles.small}>
        {copied ? text.common.copied : ""}
      </span>
      {trashed ? (
        <Button onPress={onRestore}>{text.meetings.restore}</Button>
      ) : ended ? null : (
        <ButtonLink href={`/m/${meeting.code}`} tone={meeting.people_count > 0 ? "primary" : "secondary"}>
          {text.meetings.enter}
        </ButtonLink>
      )}
      {trashed ? null : (
        <Menu
          label={text.meetings.options({ title: meeting.title })}
          trigger={
            <IconButton name={text.meetings.options({ title: meeting.title })}>
              <EllipsisVertical size={18} aria-hidden />
            </IconButton>
          }
        >
          <MenuItem icon={<Copy size={16} aria-hidden />} onAction={copy}>
            {text.meetings.copyLink}
          </MenuItem>
          <MenuItem icon={<Settings size={16} aria-hidden />} onAction={onChange}>
            {text.meetings.settings}
          </MenuItem>
          <MenuSeparator />
          <MenuItem icon={<Trash2 size={16} aria-hidden />} onAction={onTrash} danger>
            {text.meetings.trash}
          </MenuItem>
        </Menu>
      )}
    </li>
  );
}
