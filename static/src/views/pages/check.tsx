import { CircleAlert, CircleCheck, CircleDashed, CircleX, Copy, Download, LoaderCircle } from "lucide-react";
import { useMemo, useState, type ReactNode } from "react";
import { check as english } from "../../i18n/en-check";
import { check as chinese } from "../../i18n/zh-check";
import { browserPort } from "../../state/check/browser-port";
import { CheckupModel, STEPS, type Abilities, type Checkup } from "../../state/check/checkup";
import type { Conclusion } from "../../state/check/conclude";
import { reportOf, reportText } from "../../state/check/report";
import { UP_CAP_KBITS } from "../../state/check/try-way";
import { measuredWay, type WayResult, type WayState } from "../../state/check/ways";
import { systemClock } from "../../state/clock";
import type { Finding } from "../../state/doctor";
import { useApp, useLocale, useStore, useText } from "../context";
import { fill, sentenceOf } from "../doctor-words";
import { Button } from "../ui/button";
import { classes } from "../ui/classes";
import { copyText } from "../ui/copy-text";
import { Switch } from "../ui/fields";
import { PageFrame } from "./page-frame";
import page from "./page.module.css";
import styles from "./check.module.css";

type Mark = "ok" | "warning" | "fault" | "running" | "none";

function useCheckText() {
  return useLocale() === "zh-CN" ? chinese : english;
}

/** Examines the way from this browser to the server, and says in one sentence what to do. */
export default function CheckPage() {
  const { api } = useApp();
  const text = useCheckText();
  const model = useMemo(() => new CheckupModel(api, browserPort(), systemClock), [api]);
  const checkup = useStore(model.state);
  const { step, conclusion } = checkup;
  const running = step !== "idle" && step !== "done";
  return (
    <PageFrame title={text.title}>
      <div className={styles.column}>
        <h1>{text.title}</h1>
        {conclusion ? <Verdict conclusion={conclusion} /> : <p className={page.soft}>{text.intro}</p>}
        {running ? <Progress step={step} /> : null}
        <div>
          <Button
            tone={conclusion ? "secondary" : "primary"}
            large
            isPending={running}
            testId="check-start"
            onPress={() => void model.run()}
          >
            {running ? `${text.running}…` : conclusion ? text.again : text.start}
          </Button>
        </div>
        {step === "idle" ? null : <Results checkup={checkup} />}
        {conclusion ? <Report checkup={checkup} conclusion={conclusion} /> : null}
      </div>
    </PageFrame>
  );
}

function Verdict({ conclusion: { verdict, grade, values } }: { conclusion: Conclusion }) {
  const text = useCheckText();
  const advice = fill(text.advice[verdict], values);
  return (
    <section
      className={classes(styles.verdict, styles[grade])}
      role="status"
      data-testid="check-verdict"
      data-verdict={verdict}
    >
      <Icon mark={grade} size={28} />
      <div>
        <h2>{fill(text.verdicts[verdict], values)}</h2>
        {advice ? <p>{advice}</p> : null}
      </div>
    </section>
  );
}

function Progress({ step }: { step: Checkup["step"] }) {
  const text = useCheckText();
  return (
    <div className={styles.progress} role="status">
      <progress max={STEPS.length} value={STEPS.indexOf(step) + 0.5} aria-label={text.running} />
      <span>{text.steps[step]}…</span>
    </div>
  );
}

function Results({ checkup }: { checkup: Checkup }) {
  const text = useCheckText();
  const best = measuredWay(checkup.ways);
  return (
    <>
      <Section title={text.ways}>
        {checkup.ways.map((result) => (
          <WayRow key={result.way} result={result} />
        ))}
      </Section>
      {best ? <Figures best={best} downloadKbits={checkup.downloadKbits} /> : null}
      {checkup.abilities ? <Browser abilities={checkup.abilities} /> : null}
      <Section title={text.server}>
        {checkup.socket === null ? null : (
          <Row mark={checkup.socket ? "ok" : "fault"}>{checkup.socket ? text.socketOk : text.socketBad}</Row>
        )}
        {checkup.findings.map((finding) => (
          <FindingRow key={finding.name} finding={finding} />
        ))}
      </Section>
    </>
  );
}

const WAY_MARKS: Record<WayState, Mark> = {
  waiting: "none",
  running: "running",
  ok: "ok",
  blocked: "fault",
  silent: "fault",
  denied: "fault",
  absent: "none",
  refused: "warning",
};

function WayRow({ result }: { result: WayResult }) {
  const text = useCheckText();
  const locale = useLocale();
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  return (
    <Row mark={WAY_MARKS[result.state]} testId={`way-${result.way}`} state={result.state}>
      <span className={styles.wayName}>{text.way[result.way]}</span>
      <span className={styles.soft}>
        {result.state === "ok" && result.roundTripMs !== null
          ? text.roundTrip({ ms: result.roundTripMs < 1 ? "< 1" : whole.format(result.roundTripMs) })
          : text.states[result.state]}
      </span>
    </Row>
  );
}

function Figures({ best, downloadKbits }: { best: WayResult; downloadKbits: number | null }) {
  const text = useCheckText();
  const locale = useLocale();
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const one = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const rate = (kbits: number | null): string =>
    kbits === null
      ? "–"
      : kbits >= 1_000
        ? `${one.format(kbits / 1_000)} Mbit/s`
        : `${whole.format(kbits)} kbit/s`;
  const milliseconds = (ms: number | null): string =>
    ms === null ? "–" : ms < 1 ? "< 1 ms" : `${whole.format(ms)} ms`;
  const capped = (best.upKbits ?? 0) >= 0.9 * UP_CAP_KBITS;
  const figures: readonly (readonly [string, string, string, number | null])[] = [
    ["up", text.up, capped ? text.atLeast({ text: rate(best.upKbits) }) : rate(best.upKbits), best.upKbits],
    ["back", text.back, rate(best.downKbits), best.downKbits],
    ["download", text.download, rate(downloadKbits), downloadKbits],
    ["loss", text.loss, `${one.format(best.lossPercent ?? 0)} %`, best.lossPercent],
    ["jitter", text.jitter, milliseconds(best.jitterMs), best.jitterMs],
    ["delay", text.delay, milliseconds(best.roundTripMs), best.roundTripMs],
  ];
  return (
    <section className={styles.section}>
      <h2>{text.figures}</h2>
      <dl className={styles.figures}>
        {figures.map(([name, label, shown, value]) => (
          <div key={name} data-testid={`figure-${name}`} data-value={value ?? ""}>
            <dt>{label}</dt>
            <dd>{shown}</dd>
          </div>
        ))}
      </dl>
      <p className={page.small}>{text.capNote}</p>
    </section>
  );
}

function Browser({ abilities }: { abilities: Abilities }) {
  const text = useCheckText();
  const devices = [
    ["camera", abilities.camera],
    ["microphone", abilities.microphone],
  ] as const;
  return (
    <Section title={text.browser}>
      {abilities.videoCodecs.length > 0 ? (
        <Row mark="ok">{text.codecs({ names: abilities.videoCodecs.join(" · ") })}</Row>
      ) : null}
      <Row mark={abilities.screenShare ? "ok" : "warning"}>
        {abilities.screenShare ? text.screenOk : text.screenBad}
      </Row>
      <Row mark={abilities.encryption ? "ok" : "warning"}>
        {abilities.encryption ? text.encryptionOk : text.encryptionBad}
      </Row>
      {devices.map(([device, state]) =>
        state === null ? null : (
          <Row key={device} mark={state === "denied" ? "fault" : state === "granted" ? "ok" : "none"}>
            {text.permission[device][state]}
          </Row>
        ),
      )}
    </Section>
  );
}

function FindingRow({ finding }: { finding: Finding }) {
  const text = useText();
  const cure = text.doctor.cures[finding.cure];
  return (
    <Row mark={finding.state}>
      <span>{sentenceOf(text, finding)}</span>
      {finding.state !== "ok" && cure ? (
        <span className={styles.soft}>{fill(cure, finding.values)}</span>
      ) : null}
    </Row>
  );
}

function Report({ checkup, conclusion }: { checkup: Checkup; conclusion: Conclusion }) {
  const text = useCheckText();
  const [withAddresses, setWithAddresses] = useState(false);
  const [copied, setCopied] = useState(false);
  const report = reportOf(checkup, { page: location.origin, browser: navigator.userAgent }, withAddresses);
  const summary = [
    fill(text.verdicts[conclusion.verdict], report.values),
    fill(text.advice[conclusion.verdict], report.values),
  ].filter(Boolean);
  const body = reportText(report, summary);
  const save = (): void => {
    const url = URL.createObjectURL(
      new Blob([JSON.stringify(report, null, 2)], { type: "application/json" }),
    );
    const link = document.createElement("a");
    link.href = url;
    link.download = `tongxin-check-${report.at.slice(0, 16).replace(/[:T]/g, "-")}.json`;
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <section className={styles.section}>
      <h2>{text.report}</h2>
      <p className={page.small}>{text.reportText}</p>
      <pre className={styles.report} tabIndex={0} aria-label={text.report} data-testid="check-report">
        {body}
      </pre>
      <Switch isSelected={withAddresses} onChange={setWithAddresses}>
        {text.withAddresses}
      </Switch>
      <div className={page.actions}>
        <Button testId="check-copy" onPress={() => void copyText(body).then(setCopied)}>
          <Copy size={16} aria-hidden />
          <span aria-live="polite">{copied ? text.copied : text.copy}</span>
        </Button>
        <Button onPress={save}>
          <Download size={16} aria-hidden />
          {text.save}
        </Button>
      </div>
    </section>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={styles.section}>
      <h2>{title}</h2>
      <ul className={styles.rows}>{children}</ul>
    </section>
  );
}

function Row({
  mark,
  children,
  testId,
  state,
}: {
  mark: Mark;
  children: ReactNode;
  testId?: string;
  state?: string;
}) {
  return (
    <li className={styles.row} {...(testId ? { "data-testid": testId, "data-state": state } : {})}>
      <Icon mark={mark} size={20} />
      <div className={styles.rowText}>{children}</div>
    </li>
  );
}

function Icon({ mark, size }: { mark: Mark; size: number }) {
  const text = useText();
  const name =
    mark === "none" ? { "aria-hidden": true } : { "aria-label": text.doctor.state[mark], role: "img" };
  switch (mark) {
    case "ok":
      return <CircleCheck size={size} className={styles.well} {...name} />;
    case "warning":
      return <CircleAlert size={size} className={styles.weak} {...name} />;
    case "fault":
      return <CircleX size={size} className={styles.bad} {...name} />;
    case "running":
      return <LoaderCircle size={size} className={styles.turning} {...name} />;
    case "none":
      return <CircleDashed size={size} className={styles.faint} {...name} />;
  }
}
