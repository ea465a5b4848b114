import { ListChecks, ListOrdered } from "lucide-react";
import { useEffect, useState } from "react";
import { Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import type { AssistRole } from "../../../protocol.gen";
import type { Checklist, ShownRun } from "../../../state/assist/checklist";
import { stepsOfMarks, type Template } from "../../../state/assist/checklist-rules";
import { useStore } from "../../context";
import { Button, ButtonLink } from "../../ui/button";
import styles from "./checklist.module.css";
import { SignOff } from "./sign-off";
import { StepCard } from "./step-card";
import { useChecklistWords } from "./words";

export interface NumberedMark {
  readonly id: string;
  readonly number: number;
  readonly text: string;
  readonly still_id: string;
}

export interface ChecklistPanelProps {
  readonly checklist: Checklist;
  readonly role: AssistRole;
  readonly name: string;
  /** Members have work instructions; who came by a link works on what is there. */
  readonly isMember: boolean;
  readonly numberedMarks: readonly NumberedMark[];
  /** The id of a still that has been taken; null when it was not. Only where there is a camera. */
  readonly takePhoto: (() => Promise<string | null>) | null;
  readonly showMark: ((markId: string) => void) | null;
}

/** What is worked through in this session, on the phone and at the expert's desk. */
export function ChecklistPanel(props: ChecklistPanelProps) {
  const { checklist, role } = props;
  const words = useChecklistWords();
  const state = useStore(checklist.state);
  const isFixed = role === "observer" || state.signatures.length > 1;
  const open = state.runs.reduce(
    (count, run) => count + run.progress.all - run.progress.done - run.progress.failed,
    0,
  );
  return (
    <div className={styles.panel} data-testid="checklist">
      {state.isOffline ? (
        <p className={styles.notice} role="status">
          {words.offline({ count: state.waiting })}
        </p>
      ) : null}
      {state.refused ? (
        <p className={styles.bad} role="alert">
          {words.refused}
        </p>
      ) : null}
      {!state.isLoaded && !state.isOffline ? <p className={styles.soft}>{words.loading}…</p> : null}
      {state.isLoaded && state.runs.length === 0 ? (
        <div className={styles.empty}>
          <ListChecks aria-hidden="true" />
          <h3>{words.empty}</h3>
          <p className={styles.soft}>{role === "on_site" ? words.emptyOnSite : words.emptyHint}</p>
        </div>
      ) : null}
      {state.runs.map((run) => (
        <RunView key={run.id} run={run} isFixed={isFixed} {...props} />
      ))}
      {isFixed ? null : <Begin {...props} />}
      {state.runs.length > 0 ? (
        <SignOff
          checklist={checklist}
          signatures={state.signatures}
          openSteps={open}
          role={role}
          name={props.name}
        />
      ) : null}
    </div>
  );
}

function RunView({
  run,
  isFixed,
  checklist,
  role,
  takePhoto,
  showMark,
}: { run: ShownRun; isFixed: boolean } & ChecklistPanelProps) {
  const words = useChecklistWords();
  const { done, failed, all, next } = run.progress;
  return (
    <section className={styles.run} aria-label={run.title}>
      <header>
        <h3>{run.title}</h3>
        <p className={styles.soft}>
          {words.progress({ done, all })}
          {failed > 0 ? <span className={styles.bad}> · {words.failures({ count: failed })}</span> : null}
        </p>
        <progress className={styles.progress} value={done + failed} max={all} aria-label={run.title} />
      </header>
      <ol className={styles.steps}>
        {run.steps.map((shown, index) => (
          <StepCard
            key={shown.step.id}
            shown={shown}
            number={index + 1}
            // The expert watches; a step opens there only by choice.
            isCurrent={role === "on_site" && shown.step.id === next}
            isFixed={isFixed}
            give={(stepId, state, fields) => checklist.answer(run.id, stepId, state, fields)}
            takePhoto={takePhoto}
            showMark={showMark}
          />
        ))}
      </ol>
    </section>
  );
}

function Begin({ checklist, role, isMember, numberedMarks }: ChecklistPanelProps) {
  const words = useChecklistWords();
  const [templates, setTemplates] = useState<readonly Template[] | null>(null);
  const [fault, setFault] = useState(false);
  useEffect(() => {
    if (!isMember) return;
    let gone = false;
    checklist.templates().then(
      (found) => {
        if (!gone) setTemplates(found);
      },
      () => undefined, // without a line there is nothing to begin
    );
    return () => {
      gone = true;
    };
  }, [checklist, isMember]);
  const begin = (body: Parameters<Checklist["begin"]>[0]) => {
    setFault(false);
    checklist.begin(body).catch(() => setFault(true));
  };
  const numbered = numberedMarks.filter(({ number }) => number > 0);
  return (
    <div className={styles.begin}>
      {templates && templates.length > 0 ? (
        <MenuTrigger>
          <Button large wide testId="begin-run">
            <ListChecks aria-hidden="true" /> {words.begin}
          </Button>
          <Popover className={styles.popover ?? ""}>
            <Menu
              className={styles.menu ?? ""}
              aria-label={words.begin}
              onAction={(id) => begin({ template_id: String(id) })}
            >
              {templates.map((template) => (
                <MenuItem key={template.id} id={template.id} textValue={template.title}>
                  <strong>{template.title}</strong>
                  <span>{words.version(template)}</span>
                </MenuItem>
              ))}
            </Menu>
          </Popover>
        </MenuTrigger>
      ) : null}
      {templates?.length === 0 && role !== "observer" ? (
        <p className={styles.soft}>
          {words.noTemplates}{" "}
          <ButtonLink tone="quiet" href="/assist/instructions">
            {words.writeOne}
          </ButtonLink>
        </p>
      ) : null}
      {numbered.length > 0 ? (
        <Button
          large
          wide
          testId="steps-from-marks"
          onPress={() =>
            begin({
              title: words.fromMarksTitle,
              steps: stepsOfMarks(numbered, (number) => words.markTitle({ number })),
            })
          }
        >
          <ListOrdered aria-hidden="true" /> {words.fromMarks}
        </Button>
      ) : null}
      {fault ? (
        <p className={styles.bad} role="alert">
          {words.failed}
        </p>
      ) : null}
    </div>
  );
}
