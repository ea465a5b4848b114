import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Clapperboard, FileText, MessageSquareText } from "lucide-react";
import { useMemo, useState } from "react";
import { Link } from "react-aria-components";
import { callRecord as english } from "../../i18n/en-call-record";
import { callRecord as chinese } from "../../i18n/zh-call-record";
import { ApiError } from "../../state/api";
import { Calls, type Call, type CallAbout } from "../../state/desk/calls";
import { sizeText } from "../../state/recordings";
import { useApp, useLocale } from "../context";
import { Button } from "../ui/button";
import { saveFrom } from "../ui/save-from";
import styles from "./record.module.css";

const NOTE_MAX_CHARS = 4_000;
const MINUTE_MS = 60_000;

function useRecordWords() {
  return useLocale() === "en" ? english : chinese;
}

/** What was talked about a thing: when, who was there, its recording, and what came of it. */
export function CallRecord({ about }: { about: CallAbout }) {
  const { api } = useApp();
  const words = useRecordWords();
  const calls = useMemo(() => new Calls(api), [api]);
  const query = useQuery({
    queryKey: ["calls", about.kind, about.id],
    queryFn: () => calls.about(about),
  });
  const found = query.data?.calls ?? [];
  if (query.data && found.length === 0) return <p className={styles.soft}>{words.none}</p>;
  return (
    <ul className={styles.record} data-testid="call-record">
      {found.map((call) => (
        <Row key={call.id} call={call} calls={calls} about={about} />
      ))}
    </ul>
  );
}

/** The same with its heading, where there have been calls. */
export function CallRecordSection({ about, className }: { about: CallAbout; className?: string }) {
  const { api } = useApp();
  const words = useRecordWords();
  const query = useQuery({
    queryKey: ["calls", about.kind, about.id],
    queryFn: () => new Calls(api).about(about),
  });
  if (!query.data || query.data.calls.length === 0) return null;
  return (
    <section className={className ?? ""} data-testid="calls">
      <h2>{words.title}</h2>
      <CallRecord about={about} />
    </section>
  );
}

function Row({ call, calls, about }: { call: Call; calls: Calls; about: CallAbout }) {
  const words = useRecordWords();
  const locale = useLocale();
  const when = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const from = Math.min(...call.attendees.map((one) => one.joined_at_ms));
  const to = Math.max(...call.attendees.map((one) => one.left_at_ms));
  const minutes =
    call.attendees.length > 0 && to > from ? Math.max(1, Math.round((to - from) / MINUTE_MS)) : 0;
  const names = [...new Set(call.attendees.map((one) => one.name))];
  return (
    <li data-testid="call" data-state={call.state}>
      <p>
        <strong>{words.states[call.state]}</strong>
        {minutes > 0 ? <span className="tabular"> · {words.length({ minutes })}</span> : null}
      </p>
      <p className={styles.soft}>
        {words.between({ from: call.caller.name, to: call.callee.name })}
        {" · "}
        <time className="tabular">{when.format(call.created_at_ms)}</time>
      </p>
      {names.length > 0 ? (
        <p className={styles.soft}>
          {words.people({ names: new Intl.ListFormat(locale, { type: "conjunction" }).format(names) })}
        </p>
      ) : null}
      {call.recordings.map((one) => (
        <p key={one.id} className={styles.film}>
          <Clapperboard size={16} aria-hidden />
          {one.state !== "ready" ? (
            words.made
          ) : one.may_watch ? (
            <Link href={`/recordings/${one.id}`}>
              {words.recording({ length: words.length({ minutes: minutesOf(one.film_ms) }) })}
            </Link>
          ) : (
            words.recording({ length: words.length({ minutes: minutesOf(one.film_ms) }) })
          )}
        </p>
      ))}
      {call.files.map((file) => (
        <SharedFile key={file.key} call={call} calls={calls} file={file} />
      ))}
      {call.messages > 0 ? (
        <p className={styles.film} data-testid="call-chat">
          <MessageSquareText size={16} aria-hidden />
          {words.chat({ count: call.messages })}
          <Link href={calls.chatPath(call.id, "text", locale)} download>
            {words.chatText}
          </Link>
          <Link href={calls.chatPath(call.id, "csv", locale)} download>
            {words.chatTable}
          </Link>
        </p>
      ) : null}
      <Note call={call} calls={calls} about={about} />
    </li>
  );
}

function SharedFile({ call, calls, file }: { call: Call; calls: Calls; file: Call["files"][number] }) {
  const words = useRecordWords();
  const locale = useLocale();
  const [gone, setGone] = useState(false);
  const said = words.file({ name: file.name, size: sizeText(file.size_bytes, locale), by: file.by });
  const save = () =>
    calls.fileLink(call.id, file.key).then(
      ({ path }) => saveFrom(path, file.name),
      () => setGone(true),
    );
  return (
    <p className={styles.film} data-testid="call-file">
      <FileText size={16} aria-hidden />
      {file.may_open ? <Link onPress={() => void save()}>{said}</Link> : said}
      {gone ? <span role="alert">{words.fileGone}</span> : null}
    </p>
  );
}

function minutesOf(ms: number): number {
  return Math.max(1, Math.round(ms / MINUTE_MS));
}

function Note({ call, calls, about }: { call: Call; calls: Calls; about: CallAbout }) {
  const words = useRecordWords();
  const locale = useLocale();
  const client = useQueryClient();
  const [draft, setDraft] = useState<string | null>(null);
  const [fault, setFault] = useState("");
  const save = async () => {
    try {
      await calls.writeNote(call.id, call.note.revision, draft ?? "");
      setDraft(null);
      setFault("");
    } catch (error) {
      setFault(error instanceof ApiError && error.code === "conflict" ? words.stale : words.failed);
    }
    await client.invalidateQueries({ queryKey: ["calls", about.kind, about.id] });
  };
  const when = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  return (
    <>
      {call.note.text ? (
        <div className={styles.note} data-testid="call-note">
          <p>{call.note.text}</p>
          <p className={styles.soft}>
            {words.by({ name: call.note.by, when: when.format(call.note.at_ms) })}
          </p>
        </div>
      ) : null}
      {draft !== null ? (
        <div className={styles.writing}>
          <textarea
            className={styles.area}
            aria-label={words.note}
            placeholder={words.writeNote}
            rows={3}
            maxLength={NOTE_MAX_CHARS}
            value={draft}
            onChange={(event) => setDraft(event.target.value)}
            data-testid="call-note-text"
          />
          {fault ? <p role="alert">{fault}</p> : null}
          <div className={styles.buttons}>
            <Button tone="primary" onPress={() => void save()} testId="save-call-note">
              {words.save}
            </Button>
            <Button onPress={() => setDraft(null)}>{words.cancel}</Button>
          </div>
        </div>
      ) : call.may_write ? (
        <Button onPress={() => setDraft(call.note.text)} testId="write-call-note">
          {call.note.text ? words.change : words.writeNote}
        </Button>
      ) : null}
    </>
  );
}
