import type { ReactNode } from "react";
import styles from "./live.module.css";

/** A part of a form, with its title. */
export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={styles.section}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}
