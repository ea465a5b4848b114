import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useMemo, useState } from "react";
import { ApiError } from "../../state/api";
import { rounded } from "../../state/requests/clock";
import { said } from "../../state/requests/form";
import { exportUrl, Requests } from "../../state/requests/requests";
import type { Statistics } from "../../state/requests/shapes";
import { useApp, useLocale, useText } from "../context";
import { MemberFrame } from "../frame/member-frame";
import pages from "../pages/page.module.css";
import { Button, ButtonLink } from "../ui/button";
import { Select } from "../ui/fields";
import { Menu, MenuItem } from "../ui/menu";
import styles from "./statistics.module.css";
import { useRequestWords } from "./words";

const Chart = lazy(() => import("./chart"));

const REFRESH_MS = 60_000;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const SPANS = ["7", "30", "90", "365"] as const;

export default function StatisticsPage() {
  const words = useRequestWords();
  return (
    <MemberFrame title={words.numbers.title} refreshMs={REFRESH_MS}>
      {() => <StatisticsView />}
    </MemberFrame>
  );
}

function StatisticsView() {
  const { api } = useApp();
  const text = useText();
  const words = useRequestWords();
  const locale = useLocale();
  const requests = useMemo(() => new Requests(api), [api]);
  const [days, setDays] = useState<(typeof SPANS)[number]>("90");
  const [type, setType] = useState("");
  const span = () => {
    const toMs = Date.now() + DAY_MS;
    return { from_ms: toMs - (Number(days) + 1) * DAY_MS, to_ms: toMs, type_id: type };
  };
  const found = useQuery({
    queryKey: ["statistics", days, type],
    queryFn: () => requests.statistics(span()),
  });
  if (found.isError && !found.data) {
    const code = found.error instanceof ApiError ? found.error.code : "internal";
    return (
      <div className={pages.empty}>
        <h1>{code === "forbidden" ? words.desk.forbidden : words.numbers.failed}</h1>
        <p>{text.errors[code]}</p>
        {code === "forbidden" ? (
          <ButtonLink href="/requests">{words.one.toList}</ButtonLink>
        ) : (
          <Button onPress={() => void found.refetch()}>{text.common.retry}</Button>
        )}
      </div>
    );
  }
  const names = found.data?.names ?? [];
  const save = (kind: "csv" | "xlsx") =>
    window.location.assign(exportUrl({ scope: "desk", ...span() }, kind, locale));
  return (
    <>
      <div className={pages.titleRow}>
        <h1>{words.numbers.title}</h1>
        <div className={pages.actions}>
          <ButtonLink href="/requests/board">{words.board}</ButtonLink>
          <Menu label={words.exportAs} trigger={<Button>{words.exportAs}</Button>}>
            <MenuItem onAction={() => save("csv")}>{words.exportCsv}</MenuItem>
            <MenuItem onAction={() => save("xlsx")}>{words.exportXlsx}</MenuItem>
          </Menu>
        </div>
      </div>
      <div className={styles.bar}>
        <Select
          label={words.numbers.span}
          selected={days}
          onChange={(id) => setDays(id as (typeof SPANS)[number])}
          options={SPANS.map((id) => ({ id, label: words.numbers.spans[id] }))}
        />
        <Select
          label={words.type}
          selected={type || "any"}
          onChange={(id) => setType(id === "any" ? "" : id)}
          options={[
            { id: "any", label: words.anyType },
            ...names.map((one) => ({ id: one.id, label: said(one.name, locale) })),
          ]}
        />
      </div>
      {found.data ? <Figures found={found.data} /> : <p className={pages.soft}>{text.common.loading}…</p>}
    </>
  );
}

function Figures({ found }: { found: Statistics }) {
  const words = useRequestWords();
  const locale = useLocale();
  const numbers = new Intl.NumberFormat(locale);
  const percents = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
  const sum = (pick: (one: Statistics["types"][number]) => number): number =>
    found.types.reduce((total, one) => total + pick(one), 0);
  const filed = sum((one) => one.filed);
  const inTime = sum((one) => one.in_time);
  const late = sum((one) => one.late);
  const decided = sum((one) => one.approved + one.rejected + one.answered);
  if (filed === 0)
    return (
      <div className={pages.empty}>
        <h2>{words.numbers.empty}</h2>
      </div>
    );
  const edges = found.hour_edges;
  const lengths = edges.map((hours) => words.numbers.upTo(rounded(hours * HOUR_MS)));
  const last = edges.at(-1);
  if (last !== undefined) lengths.push(words.numbers.longer(rounded(last * HOUR_MS)));
  const tiles: [string, string][] = [
    [words.numbers.filed, numbers.format(filed)],
    [words.numbers.open, numbers.format(sum((one) => one.open))],
    [words.numbers.decided, numbers.format(decided)],
    [
      words.numbers.inTimeShare,
      inTime + late > 0 ? percents.format(inTime / (inTime + late)) : words.numbers.never,
    ],
    [words.numbers.late, numbers.format(late)],
  ];
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" });
  return (
    <>
      <dl className={styles.tiles}>
        {tiles.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <div className={styles.cards}>
        <section className={styles.wide}>
          <h2>{words.numbers.days}</h2>
          <p className={styles.soft}>{words.numbers.daysNote}</p>
          <Suspense fallback={<div className={styles.chart} />}>
            <Chart
              label={words.numbers.days}
              days={found.days.map((one) => one.day)}
              lines={[
                { name: words.numbers.filed, values: found.days.map((one) => one.filed) },
                { name: words.numbers.decided, values: found.days.map((one) => one.decided) },
              ]}
            />
          </Suspense>
          <details>
            <summary>{words.numbers.asTable}</summary>
            <Table
              heads={[words.numbers.day, words.numbers.filed, words.numbers.decided]}
              rows={found.days.map((one) => [
                day.format(one.day * DAY_MS),
                numbers.format(one.filed),
                numbers.format(one.decided),
              ])}
            />
          </details>
        </section>
        <section>
          <h2>{words.numbers.hours}</h2>
          <Bars rows={found.hours.map((count, at) => [lengths[at] ?? "", count])} />
        </section>
        <section>
          <h2>{words.numbers.companies}</h2>
          <Bars rows={found.companies.map((one) => [one.name, one.filed])} />
        </section>
        <section className={styles.wide}>
          <h2>{words.numbers.types}</h2>
          <Table
            heads={[
              words.type,
              words.numbers.filed,
              words.numbers.open,
              words.outcomes.approved,
              words.outcomes.rejected,
              words.outcomes.answered,
              words.numbers.inTime,
              words.numbers.late,
              words.numbers.taken,
              words.numbers.took,
            ]}
            rows={[...found.types]
              .sort((one, other) => other.filed - one.filed)
              .map((one) => [
                said(found.names.find((name) => name.id === one.type_id)?.name, locale),
                ...[one.filed, one.open, one.approved, one.rejected, one.answered, one.in_time, one.late].map(
                  (count) => numbers.format(count),
                ),
                one.take_ms > 0 ? words.numbers.length(rounded(one.take_ms)) : words.numbers.never,
                one.decide_ms > 0 ? words.numbers.length(rounded(one.decide_ms)) : words.numbers.never,
              ])}
          />
        </section>
      </div>
    </>
  );
}

/** A list whose bars say what its numbers say. */
function Bars({ rows }: { rows: readonly (readonly [string, number])[] }) {
  const most = Math.max(1, ...rows.map(([, count]) => count));
  const numbers = new Intl.NumberFormat(useLocale());
  return (
    <dl className={styles.bars}>
      {rows.map(([name, count]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <span className={styles.barLine} style={{ width: `${(count / most) * 100}%` }} aria-hidden />
            <span className="tabular">{numbers.format(count)}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Table({ heads, rows }: { heads: readonly string[]; rows: readonly (readonly string[])[] }) {
  return (
    <div className={styles.tableBox} tabIndex={0} role="group" aria-label={heads.join(", ")}>
      <table className={styles.table}>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={at}>
              {row.map((cell, column) =>
                column === 0 ? (
                  <th key={column} scope="row">
                    {cell}
                  </th>
                ) : (
                  <td key={column} className="tabular">
                    {cell}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
