import { AlarmClock, Clock, Pause } from "lucide-react";
import { readingOf } from "../../state/requests/clock";
import type { RequestView } from "../../state/requests/shapes";
import { useLocale } from "../context";
import styles from "./requests.module.css";
import { escalatedWords, stateWords, useRequestWords, whenFormat } from "./words";

export function StateChip({ request }: { request: Pick<RequestView, "state" | "outcome"> }) {
  const words = useRequestWords();
  const isOver = request.state === "decided" || request.state === "done";
  const tone = isOver ? (request.outcome ?? "done") : request.state;
  return (
    <span className={styles.state} data-tone={tone} data-testid="state">
      {stateWords(words, request)}
    </span>
  );
}

/** How long there is, or how late it is.  Its tone is said in words, not by colour alone. */
export function ClockChip({ request, nowMs }: { request: RequestView; nowMs: number }) {
  const words = useRequestWords();
  const locale = useLocale();
  const reading = readingOf(request, nowMs);
  if (!reading) return null;
  const Icon = reading.tone === "late" ? AlarmClock : reading.tone === "stopped" ? Pause : Clock;
  const due = request.due_at_ms
    ? words.clock.due({ when: whenFormat(locale).format(request.due_at_ms) })
    : undefined;
  return (
    <span className={styles.clock} data-tone={reading.tone} data-testid="clock" title={due}>
      <Icon size={14} aria-hidden />
      {words.clock[reading.tone](reading)}
    </span>
  );
}

export function EscalatedChip({ request }: { request: RequestView }) {
  const words = useRequestWords();
  if (!request.escalated_to) return null;
  return (
    <span className={styles.clock} data-tone="late" data-testid="escalated">
      {words.escalated({ to: escalatedWords(words, request.escalated_to) })}
    </span>
  );
}
