import { Link } from "react-aria-components";
import type { Words } from "../../i18n/catalogue";
import { recovery as english } from "../../i18n/en-recovery";
import { recovery as chinese } from "../../i18n/zh-recovery";
import { useLocale } from "../context";
import styles from "./page.module.css";

export function useRecoveryWords(): Words<typeof english> {
  return useLocale() === "en" ? english : chinese;
}

/** From a password that is not known, or a link that does not work any more, to a new link. */
export function ForgotLink({ again = false }: { again?: boolean }) {
  const words = useRecoveryWords();
  return (
    <p className={styles.small}>
      <Link href="/forgot" data-testid="forgot">
        {again ? words.again : words.way}
      </Link>
    </p>
  );
}
