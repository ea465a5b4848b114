import { useState } from "react";
import type { KeptRecording, Recordings } from "../../state/recordings";
import { useLocale, useText } from "../context";
import { useSubmit } from "../pages/use-submit";
import { Button } from "../ui/button";
import { CopyField } from "../ui/copy-field";
import { Dialog, Fault } from "../ui/dialog";
import { Select } from "../ui/fields";
import styles from "./recordings.module.css";
import { useRecordingWords } from "./words";

const HOURS = { day: 24, week: 168, month: 720 } as const;
type Lasts = keyof typeof HOURS;

export function ShareDialog({
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
  const locale = useLocale();
  const [lasts, setLasts] = useState<Lasts>("week");
  const [made, setMade] = useState<{ url: string; expires_at_ms: number } | null>(null);
  const when = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const share = useSubmit(async () => {
    setMade(await recordings.share(recording.id, HOURS[lasts]));
    onDone();
  });
  const end = useSubmit(async () => {
    await recordings.unshare(recording.id);
    onDone();
    onClose();
  });
  const code = share.code ?? end.code;
  const until = made?.expires_at_ms ?? recording.shared_until_ms;
  return (
    <Dialog title={words.share} isOpen onClose={onClose}>
      <div className={styles.share}>
        <p>{words.shareText}</p>
        {code ? <Fault>{text.errors[code]}</Fault> : null}
        {made ? (
          <CopyField label={words.link} value={made.url} />
        ) : (
          <Select
            label={words.lasts}
            selected={lasts}
            onChange={(id) => setLasts(id as Lasts)}
            options={(Object.keys(HOURS) as Lasts[]).map((id) => ({ id, label: words[id] }))}
          />
        )}
        {until > Date.now() ? <p>{words.until({ when: when.format(until) })}</p> : null}
        <div className={styles.buttons}>
          {until > Date.now() ? (
            <Button isPending={end.pending} onPress={() => void end.run()}>
              {words.endLink}
            </Button>
          ) : null}
          {made ? null : (
            <Button
              tone="primary"
              testId="make-link"
              isPending={share.pending}
              onPress={() => void share.run()}
            >
              {words.makeLink}
            </Button>
          )}
        </div>
      </div>
    </Dialog>
  );
}
