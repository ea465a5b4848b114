import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useMemo } from "react";
import { clockText } from "../../i18n/language";
import { Livestreams, type Numbers } from "../../state/live/livestreams";
import { useApp, useLocale, useText } from "../context";
import { MemberFrame } from "../frame/member-frame";
import pages from "../pages/page.module.css";
import recordings from "../recordings/recordings.module.css";
import styles from "./live.module.css";
import { Section } from "./section";
import { useLiveWords } from "./words";

const REFRESH_MS = 15_000;
const KINDS = ["visits", "people", "chat", "questions", "polls", "registrations"] as const;

export default function NumbersPage({ id }: { id: string }) {
  const words = useLiveWords();
  return (
    <MemberFrame title={words.numbers} refreshMs={REFRESH_MS}>
      {() => <Loaded id={id} />}
    </MemberFrame>
  );
}

function Loaded({ id }: { id: string }) {
  const { api } = useApp();
  const words = useLiveWords();
  const text = useText();
  const livestreams = useMemo(() => new Livestreams(api), [api]);
  const one = useQuery({ queryKey: ["livestream", id], queryFn: () => livestreams.get(id) });
  const query = useQuery({ queryKey: ["livestream-numbers", id], queryFn: () => livestreams.numbers(id) });
  if (one.isError || query.isError)
    return (
      <div className={pages.empty}>
        <h1>{words.gone}</h1>
      </div>
    );
  if (!one.data || !query.data) return <p className={pages.soft}>{text.common.loading}…</p>;
  const numbers = query.data;
  return (
    <>
      <div className={pages.titleRow}>
        <h1>{words.numbersTitle({ title: one.data.title })}</h1>
      </div>
      {numbers.people === 0 ? <p className={pages.soft}>{words.nothingYet}</p> : <Shown numbers={numbers} />}
      <Section title={words.exports}>
        <ul className={styles.rows}>
          {KINDS.map((kind) => (
            <li key={kind} className={styles.editRow}>
              <span className={styles.grow}>{words.exportKinds[kind]}</span>
              {(["csv", "xlsx"] as const).map((format) => (
                <a
                  key={format}
                  className={recordings.save}
                  href={livestreams.exportUrl(id, kind, format)}
                  download
                >
                  <Download size={16} aria-hidden />
                  {format.toUpperCase()}
                </a>
              ))}
            </li>
          ))}
        </ul>
      </Section>
    </>
  );
}

function Shown({ numbers }: { numbers: Numbers }) {
  const words = useLiveWords();
  const figures = [
    [words.peak, String(numbers.peak)],
    [words.peopleCount, String(numbers.people)],
    [words.averageTime, clockText(numbers.average_ms)],
    [words.totalTime, clockText(numbers.watched_ms)],
  ] as const;
  return (
    <>
      <dl className={styles.figures} data-testid="live-figures">
        {figures.map(([name, value]) => (
          <div key={name} className={styles.figure}>
            <dt className={pages.small}>{name}</dt>
            <dd>
              <b className="tabular">{value}</b>
            </dd>
          </div>
        ))}
      </dl>
      <Section title={words.chart}>
        <Chart numbers={numbers} />
      </Section>
      <Section title={words.byGroup}>
        <table className={`${styles.table ?? ""} tabular`}>
          <thead>
            <tr>
              <th>{words.group}</th>
              <th>{words.peopleCount}</th>
              <th>{words.time}</th>
            </tr>
          </thead>
          <tbody>
            {numbers.groups.map((group) => (
              <tr key={group.name}>
                <td>{group.name || words.noGroup}</td>
                <td>{group.people}</td>
                <td>{clockText(group.watched_ms)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Section>
      <Section title={words.byPerson}>
        <table className={`${styles.table ?? ""} tabular`}>
          <thead>
            <tr>
              <th>{words.person}</th>
              <th>{words.group}</th>
              <th>{words.time}</th>
            </tr>
          </thead>
          <tbody>
            {numbers.persons.map((person, index) => (
              <tr key={`${person.name}-${index}`}>
                <td>{person.name || "—"}</td>
                <td>{person.group || words.noGroup}</td>
                <td>{clockText(person.watched_ms)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Section>
    </>
  );
}

const WIDTH = 640;
const HEIGHT = 220;
const LEFT = 40;
const BOTTOM = 24;

function Chart({ numbers }: { numbers: Numbers }) {
  const words = useLiveWords();
  const time = new Intl.DateTimeFormat(useLocale(), { timeStyle: "short" });
  const steps = Math.max(1, numbers.viewers.length - 1);
  const top = Math.max(1, numbers.peak);
  const x = (index: number): number => LEFT + (index * (WIDTH - LEFT - 8)) / steps;
  const y = (value: number): number => HEIGHT - BOTTOM - (value * (HEIGHT - BOTTOM - 12)) / top;
  const points = numbers.viewers.map((value, index) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`);
  const marks = [0, Math.round(top / 2), top].filter((one, index, all) => all.indexOf(one) === index);
  return (
    <svg className={styles.chart} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={words.chart}>
      {marks.map((mark) => (
        <g key={mark}>
          <line className={styles.chartGrid} x1={LEFT} x2={WIDTH - 8} y1={y(mark)} y2={y(mark)} />
          <text x={LEFT - 6} y={y(mark) + 4} textAnchor="end">
            {mark}
          </text>
        </g>
      ))}
      <polygon
        className={styles.chartArea}
        points={`${x(0)},${y(0)} ${points.join(" ")} ${x(steps)},${y(0)}`}
      />
      <polyline className={styles.chartLine} points={points.join(" ")} />
      <text x={LEFT} y={HEIGHT - 6}>
        {time.format(numbers.began_at_ms)}
      </text>
      <text x={WIDTH - 8} y={HEIGHT - 6} textAnchor="end">
        {time.format(numbers.ended_at_ms)}
      </text>
    </svg>
  );
}
