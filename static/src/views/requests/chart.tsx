import { useEffect, useRef } from "react";
import UPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useLocale } from "../context";
import styles from "./statistics.module.css";

const DAY_S = 86_400;
const HEIGHT = 240;

export interface ChartLine {
  readonly name: string;
  readonly values: readonly number[];
}

/** Counts by day, as lines.  Days on which nothing was filed count as none. */
export default function Chart({
  label,
  days,
  lines,
}: {
  label: string;
  days: readonly number[];
  lines: readonly ChartLine[];
}) {
  const locale = useLocale();
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const box = place.current;
    const first = days[0];
    const last = days.at(-1);
    if (!box || first === undefined || last === undefined) return;
    const colours = getComputedStyle(document.documentElement);
    const colour = (name: string): string => colours.getPropertyValue(name).trim();
    const all = Array.from({ length: last - first + 1 }, (_, at) => first + at);
    const at = new Map(days.map((day, index) => [day, index]));
    const filled = (values: readonly number[]): number[] => all.map((day) => values[at.get(day) ?? -1] ?? 0);
    const short = new Intl.DateTimeFormat(locale, { month: "short", day: "numeric", timeZone: "UTC" });
    const strokes = [colour("--accent"), colour("--weak")];
    const axis = {
      stroke: colour("--text-soft"),
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { show: false },
      font: "12px system-ui",
    };
    const chart = new UPlot(
      {
        width: box.clientWidth,
        height: HEIGHT,
        tzDate: (seconds) => UPlot.tzDate(new Date(seconds * 1_000), "Etc/UTC"),
        legend: { live: false },
        cursor: { drag: { x: false, y: false } },
        scales: { y: { range: (_chart, _least, most) => [0, Math.max(4, most * 1.1)] } },
        axes: [
          { ...axis, values: (_chart, ticks) => ticks.map((tick) => short.format(tick * 1_000)) },
          { ...axis, size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000] },
        ],
        series: [
          { value: (_chart, seconds) => short.format(seconds * 1_000), label: "" },
          ...lines.map((line, index) => ({
            label: line.name,
            stroke: strokes[index % strokes.length] ?? "",
            width: 2,
            points: { show: all.length < 3 },
            // Told apart without colours, too.
            ...(index > 0 ? { dash: [6, 4] } : {}),
          })),
        ],
      },
      [all.map((day) => day * DAY_S), ...lines.map((line) => filled(line.values))],
      box,
    );
    const resized = new ResizeObserver(() => chart.setSize({ width: box.clientWidth, height: HEIGHT }));
    resized.observe(box);
    return () => {
      resized.disconnect();
      chart.destroy();
    };
  }, [days, lines, locale]);
  return <div ref={place} className={styles.chart} role="img" aria-label={label} data-testid="chart" />;
}
