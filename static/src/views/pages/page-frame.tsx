import { Languages } from "lucide-react";
import { useEffect, type ReactNode } from "react";
import { Link } from "react-aria-components";
import { useChooseLocale, useLocale, useText } from "../context";
import { IconButton } from "../ui/button";
import { Menu, MenuItem } from "../ui/menu";
import styles from "./page.module.css";

/** The mark: two circles that share a heart. */
export function Mark({ size = 28 }: { size?: number }) {
  return <img src="/favicon.svg" width={size} height={size} alt="" />;
}

/** A management page: header with the brand, a language switch and what the page adds, and the content. */
export function PageFrame({
  title,
  header,
  rail,
  children,
}: {
  title: string;
  header?: ReactNode;
  /** What stands beside the page and leads to the others; it bears the brand then. */
  rail?: ReactNode;
  children: ReactNode;
}) {
  const text = useText();
  useEffect(() => {
    document.title = `${title} · ${text.brand}`;
    delete document.documentElement.dataset["theme"];
  }, [title, text]);
  const skip = (
    <a className={styles.skip} href="#content">
      {text.common.skipToContent}
    </a>
  );
  const page = (
    <div className={styles.page}>
      {rail ? null : skip}
      <header className={styles.header}>
        <Link className={styles.brand ?? ""} href="/">
          <Mark />
          {text.brand}
        </Link>
        <span className={styles.spacer} />
        <LanguageMenu />
        {header}
      </header>
      <main className={styles.main} id="content" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
  return rail ? (
    <div className={styles.withRail}>
      {skip}
      {rail}
      {page}
    </div>
  ) : (
    page
  );
}

export function LanguageMenu() {
  const choose = useChooseLocale();
  const text = useText();
  const locale = useLocale();
  return (
    <Menu
      label={text.language.label}
      trigger={
        <IconButton name={text.language.label}>
          <Languages size={20} aria-hidden />
        </IconButton>
      }
    >
      <MenuItem isChecked={locale === "zh-CN"} onAction={() => choose("zh-CN")}>
        {text.language.zh}
      </MenuItem>
      <MenuItem isChecked={locale === "en"} onAction={() => choose("en")}>
        {text.language.en}
      </MenuItem>
    </Menu>
  );
}
