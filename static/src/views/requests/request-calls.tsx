import { CalendarPlus } from "lucide-react";
import { lazy, Suspense, useMemo, useState } from "react";
import type { Me } from "../../state/api";
import type { Requests } from "../../state/requests/requests";
import { newKey } from "../../state/new-key";
import { isOpen } from "../../state/requests/clock";
import type { RequestCard } from "../../state/requests/shapes";
import { Schedule } from "../../state/schedule/schedule";
import { CallButton } from "../calls/call-button";
import { CallRecord } from "../calls/call-record";
import { useApp, useLocale } from "../context";
import { placeName } from "../schedule/words";
import { Button } from "../ui/button";
import { useRequestTitle } from "./request-row";
import styles from "./request.module.css";
import { useRequestWords } from "./words";

const EventDialog = lazy(() =>
  import("../schedule/event-dialog").then((loaded) => ({ default: loaded.EventDialog })),
);

/** "2026-11-24T10:00" as people write it; it is the local time of a zone that stands beside it. */
function localText(starts: string, locale: string): string {
  const format = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "short", timeZone: "UTC" });
  return format.format(Date.parse(`${starts.slice(0, 16)}Z`));
}

const HOUR_MS = 3_600_000;
const CALL_MINUTES = 30;

/** Talking about a request: now, or at a time that suits both; and what came of it. */
export function RequestCalls({
  me,
  card,
  requests,
  onStale,
}: {
  me: Me;
  card: RequestCard;
  requests: Requests;
  onStale: () => void;
}) {
  const { api } = useApp();
  const words = useRequestWords();
  const locale = useLocale();
  const titleOf = useRequestTitle();
  const { request } = card;
  const about = useMemo(() => ({ kind: "request", id: request.id }), [request.id]);
  const schedule = useMemo(() => new Schedule(api), [api]);
  const [isArranging, setArranging] = useState(false);
  const other = request.internal ? request.requester : request.owner;
  const canTalk = other !== null && other.id !== "" && other.id !== me.account?.id;
  // Free times are open to those two only.
  const isParty = [request.requester.id, request.owner?.id].includes(me.account?.id);
  const mayArrange = isParty && (isOpen(request) || request.state === "decided");
  const arrangedAt = Math.ceil(card.server_time_ms / HOUR_MS) * HOUR_MS;
  const title = words.one.callTitle({ number: request.number, title: titleOf(request) });
  return (
    <section className={styles.card} data-testid="calls">
      <h2>{words.one.calls}</h2>
      {canTalk ? (
        <div className={styles.callButtons}>
          <CallButton about={about} to={other.id} name={other.name} />
          {mayArrange ? (
            <Button onPress={() => setArranging(true)} testId="arrange">
              <CalendarPlus size={16} aria-hidden />
              {words.one.arrange}
            </Button>
          ) : null}
        </div>
      ) : null}
      <CallRecord about={about} />
      {isArranging && canTalk ? (
        <Suspense fallback={null}>
          <EventDialog
            schedule={schedule}
            me={me}
            slot={{ startsAtMs: arrangedAt, minutes: CALL_MINUTES }}
            about={{
              title: [...title].slice(0, 120).join(""),
              guests: [{ account_id: other.id, name: other.name }],
              description: `${window.location.origin}/requests/${request.id}`,
            }}
            onClose={() => setArranging(false)}
            onDone={(event) => {
              setArranging(false);
              const when = words.one.when({
                time: localText(event.starts, locale),
                zone: placeName(event.zone),
              });
              const said = words.one.arranged({ when, title: event.title, link: event.link });
              void requests.comment(request.id, newKey(), said, false).then(onStale, onStale);
            }}
          />
        </Suspense>
      ) : null}
    </section>
  );
}
