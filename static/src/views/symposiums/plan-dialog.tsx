import { useState } from "react";
import type { Symposium, SymposiumCard, SymposiumWish } from "../../state/symposiums";
import { LinesField } from "../directory/parts";
import lists from "../directory/directory.module.css";
import pages from "../pages/page.module.css";
import { Button } from "../ui/button";
import { Dialog, DialogActions, Fault } from "../ui/dialog";
import { TextField } from "../ui/fields";
import { useFaultText, useSymposiumWords } from "./words";

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;

/** A moment as an input of the browser has it, in the reader's zone. */
function localOf(ms: number): string {
  const at = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** Next week at ten, issues until the evening before. */
function usual(): readonly [string, string] {
  const starts = new Date(Date.now() + WEEK_MS);
  starts.setHours(10, 0, 0, 0);
  const until = new Date(starts.getTime() - DAY_MS);
  until.setHours(18, 0, 0, 0);
  return [localOf(until.getTime()), localOf(starts.getTime())];
}

/** What a symposium is about, and when. */
export function PlanDialog({
  symposium,
  save,
  onClose,
  onSaved,
}: {
  symposium: Symposium | null;
  save: (wish: SymposiumWish) => Promise<SymposiumCard>;
  onClose: () => void;
  onSaved: (card: SymposiumCard) => void;
}) {
  const words = useSymposiumWords();
  const faultText = useFaultText();
  const [title, setTitle] = useState(symposium?.title ?? "");
  const [note, setNote] = useState(symposium?.note ?? "");
  const [[until, starts], setTimes] = useState<readonly [string, string]>(() =>
    symposium ? [localOf(symposium.collects_until_ms), localOf(symposium.starts_at_ms)] : usual(),
  );
  const [failed, setFailed] = useState<unknown>(null);
  const [saving, setSaving] = useState(false);
  const wrong = until > starts;
  const isWhole = title.trim() !== "" && until !== "" && starts !== "" && !wrong;
  const submit = async (): Promise<void> => {
    setSaving(true);
    setFailed(null);
    try {
      onSaved(
        await save({
          title,
          note,
          starts_at_ms: new Date(starts).getTime(),
          collects_until_ms: new Date(until).getTime(),
        }),
      );
    } catch (cause) {
      setFailed(cause);
      setSaving(false);
    }
  };
  return (
    <Dialog title={symposium ? words.edit : words.add} isOpen onClose={onClose}>
      <form
        className={pages.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (isWhole && !saving) void submit();
        }}
      >
        <TextField
          label={words.plan.title}
          value={title}
          onChange={setTitle}
          maxLength={120}
          isRequired
          autoFocus
          testId="symposium-title"
        />
        <LinesField label={words.plan.note} value={note} onChange={setNote} max={4_000} rows={4} />
        <Moment
          label={words.plan.until}
          value={until}
          onChange={(value) => setTimes([value, starts])}
          testId="symposium-until"
        />
        <Moment
          label={words.plan.starts}
          value={starts}
          onChange={(value) => setTimes([until, value])}
          testId="symposium-starts"
        />
        {wrong ? <Fault>{words.plan.wrong}</Fault> : null}
        {failed !== null ? <Fault>{faultText(failed)}</Fault> : null}
        <DialogActions>
          <Button
            type="submit"
            tone="primary"
            isDisabled={!isWhole}
            isPending={saving}
            testId="save-symposium"
          >
            {symposium ? words.plan.save : words.plan.add}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function Moment({
  label,
  value,
  onChange,
  testId,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  testId: string;
}) {
  return (
    <label className={lists.choices}>
      <span>{label}</span>
      <input
        className={lists.day}
        type="datetime-local"
        value={value}
        required
        onChange={(event) => onChange(event.target.value)}
        data-testid={testId}
      />
    </label>
  );
}
