import { useQuery, useQueryClient } from "@tanstack/react-query";
import { AudioLines, Download, Pencil, Share2, Trash2 } from "lucide-react";
import { useMemo, useState } from "react";
import { clockText } from "../../i18n/language";
import { ApiError } from "../../state/api";
import { Recordings, savingUrl, sizeText, type KeptRecording } from "../../state/recordings";
import { useApp, useLocale, useText } from "../context";
import { MemberFrame } from "../frame/member-frame";
import styles from "../pages/page.module.css";
import { useSubmit } from "../pages/use-submit";
import { Button, ButtonLink } from "../ui/button";
import { Dialog, Fault } from "../ui/dialog";
import { TextField } from "../ui/fields";
import { Film } from "./film";
import own from "./recordings.module.css";
import { stateText } from "./recordings-page";
import { ShareDialog } from "./share-dialog";
import { Tracks } from "./tracks";
import { useRecordingWords } from "./words";

const REFRESH_MS = 5_000;
const SOON_MS = 500; // while something is made

export default function RecordingPage({ id }: { id: string }) {
  const words = useRecordingWords();
  return (
    <MemberFrame title={words.title} refreshMs={REFRESH_MS}>
      {() => <Known id={id} />}
    </MemberFrame>
  );
}

function Known({ id }: { id: string }) {
  const { api } = useApp();
  const text = useText();
  const words = useRecordingWords();
  const recordings = useMemo(() => new Recordings(api), [api]);
  const query = useQuery({
    queryKey: ["recording", id],
    queryFn: () => recordings.get(id),
    refetchInterval: ({ state }) =>
      state.data?.state === "finishing" || (state.data?.sound_done ?? null) !== null
        ? SOON_MS
        : state.data?.state === "recording"
          ? REFRESH_MS
          : false,
  });
  if (query.isSuccess) return <Shown recording={query.data} recordings={recordings} />;
  if (query.isPending) return <p className={styles.soft}>{text.common.loading}…</p>;
  const gone = query.error instanceof ApiError && query.error.code === "not_found";
  return (
    <div className={styles.empty}>
      <h1>{gone ? words.gone : words.failed}</h1>
      {gone ? <p>{words.goneText}</p> : null}
      <ButtonLink href="/recordings">{words.title}</ButtonLink>
    </div>
  );
}

function Shown({ recording, recordings }: { recording: KeptRecording; recordings: Recordings }) {
  const text = useText();
  const words = useRecordingWords();
  const locale = useLocale();
  const client = useQueryClient();
  const [dialog, setDialog] = useState<"rename" | "share" | null>(null);
  const refresh = (): Promise<void> => client.invalidateQueries({ queryKey: ["recording", recording.id] });
  const trash = useSubmit(async () => {
    await recordings.trash(recording.id);
    await refresh(); // it can be taken back here and now
  });
  const restore = useSubmit(async () => {
    await recordings.restore(recording.id);
    await refresh();
  });
  const sound = useSubmit(async () => {
    await recordings.makeSound(recording.id);
    await refresh();
  });
  const when = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "short" });
  const code = trash.code ?? restore.code ?? sound.code;
  return (
    <>
      <div className={styles.titleRow}>
        <h1>{recording.title}</h1>
        <div className={styles.actions}>
          {recording.film_url ? (
            <a className={own.save} href={savingUrl(recording.film_url)} download data-testid="save">
              <Download size={18} aria-hidden />
              {words.save}
            </a>
          ) : null}
          {recording.sound_url ? (
            <a className={own.save} href={savingUrl(recording.sound_url)} download data-testid="save-sound">
              <AudioLines size={18} aria-hidden />
              {words.saveSound}
            </a>
          ) : null}
          {recording.may_change && recording.trashed_at_ms === 0 ? (
            <>
              {recording.film_url && !recording.sound_url ? (
                <Button
                  testId="sound"
                  isPending={sound.pending || recording.sound_done !== null}
                  onPress={() => void sound.run()}
                >
                  <AudioLines size={18} aria-hidden />
                  {recording.sound_done === null
                    ? words.sound
                    : words.soundMaking({ percent: Math.floor(recording.sound_done * 100) })}
                </Button>
              ) : null}
              {recording.film_url ? (
                <Button testId="share" onPress={() => setDialog("share")}>
                  <Share2 size={18} aria-hidden />
                  {words.share}
                </Button>
              ) : null}
              <Button onPress={() => setDialog("rename")}>
                <Pencil size={18} aria-hidden />
                {words.rename}
              </Button>
              {recording.state === "recording" ? null : (
                <Button testId="trash" isPending={trash.pending} onPress={() => void trash.run()}>
                  <Trash2 size={18} aria-hidden />
                  {words.toTrash}
                </Button>
              )}
            </>
          ) : null}
          {recording.trashed_at_ms > 0 ? (
            <Button testId="restore" isPending={restore.pending} onPress={() => void restore.run()}>
              {words.restore}
            </Button>
          ) : null}
        </div>
      </div>
      <p className={`${styles.soft ?? ""} tabular`}>
        {when.format(recording.started_at_ms)} · {clockText(recording.film_ms)}
        {recording.size_bytes > 0 ? ` · ${sizeText(recording.size_bytes, locale)}` : ""}
      </p>
      {recording.trashed_at_ms > 0 ? <p role="status">{words.trashed({ title: recording.title })}</p> : null}
      {code ? <Fault>{text.errors[code]}</Fault> : null}
      {recording.film_url ? (
        <Film url={recording.film_url} title={recording.title} chapters={recording.chapters} />
      ) : (
        <>
          <p role="status">{stateText(words, recording)}</p>
          {recording.state === "finishing" ? (
            <progress className={own.progress} value={recording.done} aria-label={words.waiting} />
          ) : null}
        </>
      )}
      {recording.may_change && recording.film_url ? (
        <Tracks recordingId={recording.id} recordings={recordings} />
      ) : null}
      {dialog === "share" ? (
        <ShareDialog
          recording={recording}
          recordings={recordings}
          onClose={() => setDialog(null)}
          onDone={() => void refresh()}
        />
      ) : null}
      {dialog === "rename" ? (
        <RenameDialog
          recording={recording}
          recordings={recordings}
          onClose={() => setDialog(null)}
          onDone={() => void refresh()}
        />
      ) : null}
    </>
  );
}

function RenameDialog({
  recording,
  recordings,
  onClose,
  onDone,
}: {
  recording: KeptRecording;
  recordings: Recordings;
  onClose: () => void;
  onDone: () => void;
}) {
  const text = useText();
  const words = useRecordingWords();
  const [title, setTitle] = useState(recording.title);
  const rename = useSubmit(async () => {
    await recordings.rename(recording.id, title.trim());
    onDone();
    onClose();
  });
  return (
    <Dialog title={words.rename} isOpen onClose={onClose}>
      <form
        className={own.share}
        onSubmit={(event) => {
          event.preventDefault();
          void rename.run();
        }}
      >
        {rename.code ? <Fault>{text.errors[rename.code]}</Fault> : null}
        <TextField label={words.name} value={title} onChange={setTitle} autoFocus />
        <div className={own.buttons}>
          <Button onPress={onClose}>{text.common.cancel}</Button>
          <Button tone="primary" type="submit" isPending={rename.pending} isDisabled={title.trim() === ""}>
            {words.rename}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
