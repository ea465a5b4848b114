import { Ellipsis } from "lucide-react";
import { useState } from "react";
import { Button, Dialog, Link, Modal, ModalOverlay } from "react-aria-components";
import { rail as english } from "../../i18n/en-rail";
import { rail as chinese } from "../../i18n/zh-rail";
import type { Me } from "../../state/api";
import { useApp, useLocale, useStore, useText } from "../context";
import { Mark } from "../pages/page-frame";
import { classes } from "../ui/classes";
import { entriesOf, entryAt, placesOf, type RailEntry } from "./entries";
import styles from "./rail.module.css";

/** What exists, beside the page; on a phone a bar below it, with the rest in a sheet. */
export function Rail({ me }: { me: Me }) {
  const { router } = useApp();
  const text = useText();
  const words = useLocale() === "en" ? english : chinese;
  useStore(router.route);
  const [isOpen, setIsOpen] = useState(false);
  const entries = entriesOf(me);
  const current = entryAt(window.location.pathname, entries);
  const { bar, sheet } = placesOf(entries, current);
  const item = (entry: RailEntry, className?: string) => (
    <RailLink
      key={entry.id}
      entry={entry}
      name={words.entries[entry.id]}
      isCurrent={entry === current}
      {...(className ? { className } : {})}
      onPress={() => setIsOpen(false)}
    />
  );
  return (
    <nav className={styles.rail} aria-label={words.label} data-testid="rail">
      <Link className={styles.brand ?? ""} href="/">
        <Mark />
        <span>{text.brand}</span>
      </Link>
      <ul className={styles.list}>
        {entries.map((entry) => item(entry, bar.includes(entry) ? undefined : styles.wideOnly))}
        {sheet.length > 0 ? (
          <li className={styles.moreItem}>
            <Button className={styles.link ?? ""} onPress={() => setIsOpen(true)} data-testid="rail-more">
              <Ellipsis size={20} aria-hidden />
              <span>{words.more}</span>
            </Button>
          </li>
        ) : null}
      </ul>
      <ModalOverlay className={styles.scrim ?? ""} isOpen={isOpen} onOpenChange={setIsOpen} isDismissable>
        <Modal className={styles.sheet ?? ""}>
          <Dialog className={styles.sheetInside ?? ""} aria-label={words.more}>
            <ul className={styles.sheetList}>{sheet.map((entry) => item(entry))}</ul>
          </Dialog>
        </Modal>
      </ModalOverlay>
    </nav>
  );
}

function RailLink({
  entry,
  name,
  isCurrent,
  className,
  onPress,
}: {
  entry: RailEntry;
  name: string;
  isCurrent: boolean;
  className?: string;
  onPress: () => void;
}) {
  const Icon = entry.icon;
  return (
    <li className={classes(className)}>
      <Link
        className={styles.link ?? ""}
        href={entry.path}
        onPress={onPress}
        data-testid={`rail-${entry.id}`}
        {...(isCurrent ? { "aria-current": "page" as const } : {})}
      >
        <Icon size={20} aria-hidden />
        <span>{name}</span>
      </Link>
    </li>
  );
}
