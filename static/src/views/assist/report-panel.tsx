import { Download, FilePlus2, ShieldCheck } from "lucide-react";
import { useEffect, useState } from "react";
import type { Words } from "../../i18n/catalogue";
import { report as english } from "../../i18n/en-report";
import { report as chinese } from "../../i18n/zh-report";
import { chainText, type Report, type ReportLanguage, type Reports } from "../../state/assist/reports";
import { useLocale, useStore, useText } from "../context";
import { Button } from "../ui/button";
import { Fault } from "../ui/dialog";
import { Select } from "../ui/fields";
import styles from "./report.module.css";

type ReportWords = Words<typeof english>;

/** How long a saved blob stays readable. */
const FORGET_MS = 60_000;

/** The reports of a session, and the way to make one. `mayMake`: on site and experts. */
export function ReportPanel({ reports, mayMake }: { reports: Reports; mayMake: boolean }) {
  const locale = useLocale();
  const words: ReportWords = locale === "en" ? english : chinese;
  const text = useText();
  const state = useStore(reports.state);
  const [language, setLanguage] = useState<ReportLanguage>(locale === "en" ? "en" : "zh");
  useEffect(() => void reports.load(), [reports]);
  const code = state.fault as keyof typeof text.errors;
  return (
    <div className={styles.panel} data-testid="reports">
      {state.isLoaded && state.reports.length === 0 ? (
        <p className={styles.soft}>
          <strong>{words.empty}.</strong> {mayMake ? words.emptyText : words.emptyWatching}
        </p>
      ) : null}
      {mayMake ? (
        <div className={styles.make}>
          <Select
            label={words.language}
            options={[
              { id: "zh", label: words.languages.zh },
              { id: "en", label: words.languages.en },
            ]}
            selected={language}
            onChange={(id) => setLanguage(id === "en" ? "en" : "zh")}
          />
          <Button
            tone={state.reports.length > 0 ? "secondary" : "primary"}
            large
            isPending={state.making !== null}
            onPress={() => void reports.make(language, timeZone())}
            testId="make-report"
          >
            <FilePlus2 aria-hidden /> {state.reports.length > 0 ? words.again : words.make}
          </Button>
        </div>
      ) : null}
      {state.making ? (
        <div className={styles.making} role="status">
          <progress className={styles.bar} aria-label={words.making} />
          <p className={styles.soft}>{words.making}</p>
        </div>
      ) : null}
      {state.fault ? (
        <>
          <Fault>
            {state.isLoaded ? words.notMade : words.failed}:{" "}
            {code === "too_many" ? words.tooMany : text.errors[code]}
          </Fault>
          {state.isLoaded ? null : <Button onPress={() => void reports.load()}>{text.common.retry}</Button>}
        </>
      ) : null}
      {state.reports.length > 0 ? (
        <ul>
          {state.reports.map((report) => (
            <ReportRow key={report.id} report={report} reports={reports} words={words} />
          ))}
        </ul>
      ) : null}
    </div>
  );
}

function ReportRow({ report, reports, words }: { report: Report; reports: Reports; words: ReportWords }) {
  const when = new Intl.DateTimeFormat(useLocale(), { dateStyle: "medium", timeStyle: "short" });
  return (
    <li className={styles.report} data-testid="report">
      <span className={styles.number}>{report.number}</span>
      <span className={styles.soft}>
        {words.languages[report.language]} ·{" "}
        {words.of({ name: report.name, when: when.format(report.made_at_ms) })}
      </span>
      <div className={styles.files}>
        {(["pdf", "html"] as const).map((kind) => (
          <FileLink
            key={kind}
            reports={reports}
            url={kind === "pdf" ? report.pdf_url : report.html_url}
            fileName={`${report.number}.${kind}`}
            label={words.save({ number: report.number, kind: words[kind] })}
          >
            {words[kind]}
          </FileLink>
        ))}
      </div>
      <details className={styles.seal}>
        <summary>
          <ShieldCheck aria-hidden /> {words.seal}
        </summary>
        <span className={styles.soft}>{words.chain}</span>
        <code className={styles.chain}>{chainText(report.chain)}</code>
        <p>{words.verify}</p>
      </details>
    </li>
  );
}

/** Members' browsers load the file by themselves; a guest's page fetches it with the bearer and hands it over. */
function FileLink({
  reports,
  url,
  fileName,
  label,
  children,
}: {
  reports: Reports;
  url: string;
  fileName: string;
  label: string;
  children: string;
}) {
  const [isPending, setPending] = useState(false);
  if (!reports.needsBearer)
    return (
      <a className={styles.file} href={url} download={fileName} aria-label={label}>
        <Download aria-hidden /> {children}
      </a>
    );
  const save = () => {
    setPending(true);
    void reports
      .read(url)
      .then((blob) => {
        if (blob) saveBlob(blob, fileName);
      })
      .finally(() => setPending(false));
  };
  return (
    <Button large isPending={isPending} label={label} onPress={save}>
      <Download aria-hidden /> {children}
    </Button>
  );
}

function saveBlob(blob: Blob, fileName: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), FORGET_MS); // the browser may still be reading it
}

function timeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
