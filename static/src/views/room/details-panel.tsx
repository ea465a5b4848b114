import type { TrackRates } from "../../state/media/stats";
import { useLocale, useStore, useText } from "../context";
import styles from "./panel.module.css";
import { useMeeting } from "./room-context";
import { SidePanel } from "./side-panel";

/** The figures behind the word "weak": what goes out, and what comes in from each person. */
export function DetailsPanel() {
  const meeting = useMeeting();
  const text = useText();
  const locale = useLocale();
  const measured = useStore(meeting.monitor.measurements);
  const view = useStore(meeting.view);
  const signalRtt = useStore(meeting.connection.roundTripMs);
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const milliseconds = (ms: number | null): string => (ms === null ? "–" : `${number.format(ms)} ms`);
  const people = new Map<string, TrackRates[]>();
  for (const rates of measured?.received ?? []) {
    const list = people.get(rates.participantId) ?? [];
    list.push(rates);
    people.set(rates.participantId, list);
  }
  return (
    <SidePanel testId="stats-panel" title={text.details.title} closeName={text.details.close}>
      <div className={styles.scroll} role="region" tabIndex={0} aria-label={text.details.title}>
        {measured ? (
          <>
            <section className={styles.figures}>
              <h3>{text.details.you}</h3>
              <p className={styles.verdict}>
                {measured.verdict.cause
                  ? text.quality.cause({ name: text.common.you, cause: measured.verdict.cause })
                  : text.quality[measured.verdict.quality]}
              </p>
              <dl>
                <Figure name={text.details.rtt} value={milliseconds(measured.rttMs)} />
                <Figure name={text.details.signal} value={milliseconds(signalRtt)} />
                <Figure name={text.details.transport} value={measured.transport.toUpperCase() || "–"} />
                {measured.availableBps === null ? null : (
                  <Figure
                    name={text.details.available}
                    value={`${number.format(measured.availableBps / 1000)} kbit/s`}
                  />
                )}
              </dl>
            </section>
            {measured.sent.length > 0 ? (
              <section className={styles.figures}>
                <h3>{text.details.sending}</h3>
                {measured.sent.filter(isSent).map((rates) => (
                  <Track key={rates.mid} rates={rates} sent />
                ))}
              </section>
            ) : null}
            {[...people].map(([id, list]) => (
              <section key={id} className={styles.figures}>
                <h3>{text.details.receiving({ name: view?.participants[id]?.name ?? "" })}</h3>
                {list.map((rates) => (
                  <Track key={rates.mid} rates={rates} />
                ))}
              </section>
            ))}
          </>
        ) : (
          <p className={styles.emptyChat}>{text.details.nothing}</p>
        )}
      </div>
    </SidePanel>
  );
}

/** What was shared once keeps its place in the connection, and carries nothing. */
function isSent({ source, bitsPerSecond }: TrackRates): boolean {
  return bitsPerSecond > 0 || (source !== "screen" && source !== "screen_audio");
}

function Track({ rates, sent }: { rates: TrackRates; sent?: boolean }) {
  const text = useText();
  const locale = useLocale();
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
  const video = rates.kind === "video";
  return (
    <dl>
      <Figure
        name={rates.source ? text.details.sources[rates.source] : rates.mid}
        value={[rates.codec, `${number.format(rates.bitsPerSecond / 1000)} kbit/s`]
          .filter(Boolean)
          .join(" · ")}
      />
      <Figure name={text.details.loss} value={percent.format(rates.lossShare)} />
      {video && rates.width > 0 ? (
        <Figure
          name={text.details.resolution}
          value={`${rates.width}×${rates.height} · ${number.format(rates.framesPerSecond)} fps`}
        />
      ) : null}
      {!video && !sent ? (
        <Figure name={text.details.jitter} value={`${number.format(rates.jitterMs)} ms`} />
      ) : null}
      {video && !sent ? (
        <Figure name={text.details.freezes} value={`${number.format(rates.freezesMs)} ms`} />
      ) : null}
      {video && sent ? (
        <Figure name={text.details.limitedBy} value={text.details.limited[rates.limitedBy]} />
      ) : null}
    </dl>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="tabular">{value}</dd>
    </div>
  );
}
