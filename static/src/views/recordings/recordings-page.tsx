import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Clapperboard } from "lucide-react";
import { useDeferredValue, useEffect, useMemo, useState } from "react";
import { clockText } from "../../i18n/language";
import { Recordings, sizeText, type KeptRecording } from "../../state/recordings";
import { useApp, useLocale } from "../context";
import { MemberFrame } from "../frame/member-frame";
import { ListOf, useListing } from "../pages/listing";
import styles from "../pages/page.module.css";
import { Button, ButtonLink } from "../ui/button";
import { classes } from "../ui/classes";
import { Select, TextField } from "../ui/fields";
import own from "./recordings.module.css";
import { useRecordingWords, type RecordingWords } from "./words";

const REFRESH_MS = 5_000;

export default function RecordingsPage() {
  const words = useRecordingWords();
  return (
    <MemberFrame title={words.title} refreshMs={REFRESH_MS}>
      {() => <RecordingList />}
    </MemberFrame>
  );
}

function RecordingList() {
  const { api } = useApp();
  const words = useRecordingWords();
  const client = useQueryClient();
  const recordings = useMemo(() => new Recordings(api), [api]);
  const [typed, setTyped] = useState("");
  const [shown, setShown] = useState<"all" | "trash">("all");
  const search = useDeferredValue(typed.trim());
  const listing = useListing(
    ["recordings", shown, search],
    (after) => recordings.list(search, shown === "trash", after),
    (page) => page.recordings,
  );
  const restore = useMutation({
    mutationFn: (id: string) => recordings.restore(id),
    onSuccess: () => client.invalidateQueries({ queryKey: ["recordings"] }),
  });
  const untouched = search === "" && shown === "all";
  useEffect(() => {
    window.scrollTo({ top: 0 });
  }, [shown]);
  return (
    <>
      <div className={styles.titleRow}>
        <h1>{words.title}</h1>
      </div>
      {listing.rows.length > 0 || !untouched ? (
        <div className={styles.toolbar}>
          <TextField
            label={words.search}
            placeholder={words.search}
            type="search"
            hideLabel
            value={typed}
            onChange={setTyped}
          />
          <Select
            label={words.shown}
            hideLabel
            selected={shown}
            onChange={(id) => setShown(id as "all" | "trash")}
            options={[
              { id: "all", label: words.all },
              { id: "trash", label: words.inTrash },
            ]}
          />
        </div>
      ) : null}
      <ListOf
        listing={listing}
        testId="recordings"
        empty={
          <div className={styles.empty}>
            <Clapperboard size={40} strokeWidth={1.5} aria-hidden />
            <h2>{untouched ? words.empty : search ? words.noMatch : words.emptyTrash}</h2>
            {untouched ? <p>{words.emptyText}</p> : null}
          </div>
        }
      >
        {(recording) => <Row recording={recording} onRestore={() => restore.mutate(recording.id)} />}
      </ListOf>
    </>
  );
}

function Row({ recording, onRestore }: { recording: KeptRecording; onRestore: () => void }) {
  const words = useRecordingWords();
  const locale = useLocale();
  const when = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const state = stateText(words, recording);
  return (
    <li className={styles.row}>
      <div className={styles.rowText}>
        <div className={styles.rowTitle}>
          <span>{recording.title}</span>
          {state ? (
            <span
              className={classes(styles.badge, recording.state === "recording" ? styles.live : undefined)}
            >
              {state}
            </span>
          ) : null}
        </div>
        <div className={classes(styles.rowMeta, "tabular")}>
          <span>{clockText(recording.film_ms)}</span>
          <span>{when.format(recording.started_at_ms)}</span>
          {recording.size_bytes > 0 ? (
            <span className={styles.wideOnly}>{sizeText(recording.size_bytes, locale)}</span>
          ) : null}
          {recording.shared_until_ms > Date.now() ? (
            <span className={styles.wideOnly}>
              {words.shared({ when: when.format(recording.shared_until_ms) })}
            </span>
          ) : null}
        </div>
      </div>
      {recording.trashed_at_ms > 0 ? (
        <Button onPress={onRestore}>{words.restore}</Button>
      ) : recording.state === "finishing" ? (
        <progress className={own.progress} value={recording.done} aria-label={words.waiting} />
      ) : recording.film_url ? (
        <ButtonLink href={`/recordings/${recording.id}`}>{words.watch}</ButtonLink>
      ) : null}
    </li>
  );
}

/** What is to be said of one that is not ready yet; "" when it is. */
export function stateText(words: RecordingWords, recording: KeptRecording): string {
  switch (recording.state) {
    case "recording":
      return words.recording;
    case "finishing":
      return recording.done > 0
        ? words.finishing({ percent: Math.round(recording.done * 100) })
        : words.waiting;
    case "empty":
      return words.nothing;
    case "ready":
      return "";
  }
}
