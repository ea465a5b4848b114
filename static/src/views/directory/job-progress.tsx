import { useQuery } from "@tanstack/react-query";
import { CircleCheck, CircleDashed } from "lucide-react";
import { useMemo, useState } from "react";
import type { Me } from "../../state/api";
import { Officers, type MilestoneState } from "../../state/officers";
import { Patrols } from "../../state/patrols";
import { useApp, useLocale, useText } from "../context";
import desk from "../assist/desk/desk.module.css";
import pages from "../pages/page.module.css";
import { useSubmit } from "../pages/use-submit";
import { Button } from "../ui/button";
import { Dialog, DialogActions, Fault } from "../ui/dialog";
import styles from "./directory.module.css";
import { BeginDialog } from "./patrol-page";
import { CheckRow } from "./patrols-page";
import { isStaff } from "./parts";
import { dayText, useDirectoryWords } from "./words";

/** On the page of an installation job: how far it has come, and its spot checks. */
export default function JobProgress({ jobId, state, me }: { jobId: string; state: string; me: Me }) {
  const { api, router } = useApp();
  const words = useDirectoryWords();
  const officers = useMemo(() => new Officers(api), [api]);
  const patrols = useMemo(() => new Patrols(api), [api]);
  const steps = useQuery({ queryKey: ["milestones", jobId], queryFn: () => officers.milestones(jobId) });
  const checks = useQuery({ queryKey: ["checks", jobId], queryFn: () => patrols.ofJob(jobId) });
  const [changing, setChanging] = useState<MilestoneState | null>(null);
  const [beginning, setBeginning] = useState(false);
  const isRunning = state === "accepted" || state === "scheduled" || state === "in_progress";
  const found = checks.data?.checks ?? [];
  return (
    <>
      <section className={desk.section}>
        <div className={desk.sectionHead}>
          <h2>{words.officers.milestones}</h2>
        </div>
        <Steps of={steps.data?.milestones ?? []} onPress={isRunning ? setChanging : null} />
      </section>
      <section className={desk.section}>
        <div className={desk.sectionHead}>
          <h2>{words.patrols.ofJob}</h2>
          {isStaff(me) && (state === "scheduled" || state === "in_progress") ? (
            <Button onPress={() => setBeginning(true)} testId="begin-check">
              {words.patrols.begin}
            </Button>
          ) : null}
        </div>
        {found.length === 0 ? (
          <p className={desk.none}>{words.patrols.noneOfJob}</p>
        ) : (
          <ul className={pages.list}>
            {found.map((one) => (
              <CheckRow key={one.id} one={one} today={checks.data?.today ?? ""} ofJob />
            ))}
          </ul>
        )}
      </section>
      {changing ? (
        <StepDialog
          step={changing}
          onClose={() => setChanging(null)}
          onSave={async (plannedOn, isDone) => {
            await officers.setMilestone(jobId, {
              milestone: changing.milestone,
              planned_on: plannedOn || null,
              done: isDone,
            });
            setChanging(null);
            await steps.refetch();
          }}
        />
      ) : null}
      {beginning ? (
        <BeginDialog
          jobId={jobId}
          patrols={patrols}
          onClose={() => setBeginning(false)}
          onBegun={(card) => router.go(`/patrols/${card.check.id}`)}
        />
      ) : null}
    </>
  );
}

/** Arrived, installed, commissioned: a word and a sign each, never colour alone. */
export function Steps({
  of,
  onPress,
}: {
  of: readonly MilestoneState[];
  onPress: ((step: MilestoneState) => void) | null;
}) {
  const words = useDirectoryWords();
  const locale = useLocale();
  const when = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
  return (
    <ul className={styles.steps}>
      {of.map((one) => (
        <li key={one.milestone} className={styles.step} {...(one.done_at_ms ? { "data-done": true } : {})}>
          <strong>
            {one.done_at_ms ? (
              <CircleCheck className={styles.good} size={16} aria-hidden />
            ) : (
              <CircleDashed size={16} aria-hidden />
            )}
            {words.officers.milestone[one.milestone]}
          </strong>
          <div className={pages.small}>
            {one.done_at_ms
              ? words.officers.reached({ day: when.format(one.done_at_ms), name: one.name })
              : one.planned_on
                ? words.officers.planned({ day: dayText(one.planned_on, locale) })
                : words.officers.notPlanned}
          </div>
          {onPress ? (
            <Button
              tone="quiet"
              label={`${words.need.edit} · ${words.officers.milestone[one.milestone]}`}
              onPress={() => onPress(one)}
              testId={`milestone-${one.milestone}`}
            >
              {words.need.edit}
            </Button>
          ) : null}
        </li>
      ))}
    </ul>
  );
}

function StepDialog({
  step,
  onClose,
  onSave,
}: {
  step: MilestoneState;
  onClose: () => void;
  onSave: (plannedOn: string, isDone: boolean) => Promise<void>;
}) {
  const text = useText();
  const words = useDirectoryWords();
  const [planned, setPlanned] = useState(step.planned_on ?? "");
  const [isDone, setDone] = useState(step.done_at_ms > 0);
  const saving = useSubmit(() => onSave(planned, isDone));
  return (
    <Dialog title={words.officers.milestone[step.milestone]} isOpen onClose={onClose}>
      <form className={pages.form} onSubmit={saving.onSubmit}>
        <label className={styles.choices}>
          <span>{words.officers.plannedOn}</span>
          <input
            className={styles.day}
            type="date"
            value={planned}
            onChange={(event) => setPlanned(event.target.value)}
          />
        </label>
        <label className={styles.choice}>
          <input type="checkbox" checked={isDone} onChange={(event) => setDone(event.target.checked)} />
          {words.officers.markDone}
        </label>
        {saving.code ? <Fault>{text.errors[saving.code]}</Fault> : null}
        <DialogActions>
          <Button onPress={onClose}>{text.common.cancel}</Button>
          <Button type="submit" tone="primary" isPending={saving.pending} testId="save">
            {text.common.save}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
