import { useMemo } from "react";
import { Reports, sessionReports } from "../../state/assist/reports";
import { report as english } from "../../i18n/en-report";
import { report as chinese } from "../../i18n/zh-report";
import { useApp, useLocale } from "../context";
import { ReportPanel } from "./report-panel";
import styles from "./report.module.css";
import { useSession } from "./session-context";

/** After the session: what was done, as a file to take along. */
export function EndReport() {
  const { api } = useApp();
  const { id, token, role } = useSession();
  const words = useLocale() === "en" ? english : chinese;
  const reports = useMemo(() => new Reports(sessionReports(api, id, token)), [api, id, token]);
  return (
    <section className={styles.atTheEnd} aria-label={words.title} data-testid="end-report">
      <h2>{words.title}</h2>
      <ReportPanel reports={reports} mayMake={role !== "observer"} />
    </section>
  );
}
