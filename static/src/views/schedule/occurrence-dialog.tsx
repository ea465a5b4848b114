import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "../../state/api";
import { parseRule } from "../../state/schedule/rule";
import type { Answer, Occurrence, Schedule, ScheduledEvent, Scope } from "../../state/schedule/schedule";
import { useLocale, useText } from "../context";
import { useSubmit } from "../pages/use-submit";
import { Avatar } from "../ui/avatar";
import { Button, ButtonLink } from "../ui/button";
import { CopyField } from "../ui/copy-field";
import { Dialog, DialogActions, DialogText, Fault } from "../ui/dialog";
import { Select } from "../ui/fields";
import { AnswerButtons } from "./answer-buttons";
import styles from "./calendar.module.css";
import { ruleWords, useScheduleWords, whenText, zoneName } from "./words";

/** One meeting on one day: when, who comes, one's answer, and the ways on. */
export function OccurrenceDialog({
  occurrence,
  schedule,
  zone,
  now,
  onClose,
  onChange,
  onDone,
}: {
  occurrence: Occurrence;
  schedule: Schedule;
  zone: string;
  now: number;
  onClose: () => void;
  onChange: (event: ScheduledEvent) => void;
  onDone: () => void;
}) {
  const text = useText();
  const words = useScheduleWords();
  const locale = useLocale();
  const [scope, setScope] = useState<Scope>(occurrence.rrule ? "one" : "all");
  const [cancelling, setCancelling] = useState(false);
  const event = useQuery({
    queryKey: ["event", occurrence.event_id, occurrence.sequence],
    queryFn: () => schedule.event(occurrence.event_id),
  });
  const { starts_at_ms, ends_at_ms } = occurrence;
  const scopes = (occurrence.rrule ? (["one", "following", "all"] as const) : (["all"] as const)).map(
    (id) => ({
      id,
      label: words.scopes[id],
    }),
  );
  const cancel = useSubmit(async () => {
    await schedule.cancel(occurrence.event_id, { sequence: occurrence.sequence, scope, key: occurrence.key });
    onDone();
  });
  const [answerFault, setAnswerFault] = useState<string | null>(null);
  const answer = async (given: Answer): Promise<void> => {
    try {
      await schedule.answer(occurrence.event_id, given, scope === "one" ? occurrence.key : "");
      onDone();
    } catch (cause) {
      setAnswerFault(text.errors[cause instanceof ApiError ? cause.code : "internal"]);
    }
  };
  if (cancelling)
    return (
      <Dialog title={words.cancelTitle} isOpen onClose={() => setCancelling(false)} role="alertdialog">
        <DialogText>{words.cancelText({ title: occurrence.title })}</DialogText>
        {scopes.length > 1 ? (
          <Select
            label={words.scope}
            options={scopes}
            selected={scope}
            onChange={(id) => setScope(id as Scope)}
          />
        ) : null}
        {cancel.code ? <Fault>{text.errors[cancel.code]}</Fault> : null}
        <DialogActions>
          <Button onPress={() => setCancelling(false)} autoFocus>
            {words.keep}
          </Button>
          <Button tone="danger" isPending={cancel.pending} onPress={() => void cancel.run()} testId="confirm">
            {words.cancelDone}
          </Button>
        </DialogActions>
      </Dialog>
    );
  const people = event.data?.invitees.filter((one) => one.organization_id === null) ?? [];
  const organizations = event.data?.invitees.filter((one) => one.organization_id !== null) ?? [];
  return (
    <Dialog title={occurrence.title} isOpen onClose={onClose}>
      <div className={styles.facts}>
        <p>
          <strong>{whenText(starts_at_ms, ends_at_ms, zone, locale)}</strong>
          {occurrence.zone === zone ? null : (
            <span>
              {words.inZone({
                time: whenText(starts_at_ms, ends_at_ms, occurrence.zone, locale),
                zone: zoneName(occurrence.zone, locale, starts_at_ms),
              })}
            </span>
          )}
          {occurrence.rrule ? <span>{ruleWords(parseRule(occurrence.rrule), words, locale)}</span> : null}
          {occurrence.changed ? <span>{words.changedOnce}</span> : null}
          <span>
            {occurrence.answer === null || !occurrence.organizer
              ? words.yours
              : words.organizer({ name: occurrence.organizer.name })}
          </span>
        </p>
        {event.data?.description ? <p className={styles.description}>{event.data.description}</p> : null}
        {organizations.length > 0 || people.length > 0 ? (
          <ul className={styles.people}>
            {organizations.map((one) => (
              <li key={one.id}>
                <Avatar name={one.name} identity={one.id} size={28} />
                <span>{one.name}</span>
                <small>{words.form.organization}</small>
              </li>
            ))}
            {people.map((one) => (
              <li key={one.id} data-answer={one.answer}>
                <Avatar name={one.name} identity={one.account_id ?? one.email} size={28} />
                <span>{one.name}</span>
                <small>{words.answers[one.answer]}</small>
              </li>
            ))}
          </ul>
        ) : null}
        <CopyField label={words.room} value={occurrence.link} />
      </div>
      {occurrence.answer !== null && ends_at_ms > now ? (
        <div className={styles.answering}>
          {scopes.length > 1 ? (
            <Select
              label={words.answerScope}
              options={scopes.filter(({ id }) => id !== "following")}
              selected={scope === "one" ? "one" : "all"}
              onChange={(id) => setScope(id as Scope)}
            />
          ) : null}
          <AnswerButtons answer={occurrence.answer} onAnswer={(given) => void answer(given)} />
          {answerFault ? <Fault>{answerFault}</Fault> : null}
        </div>
      ) : null}
      <DialogActions>
        {occurrence.may_change ? (
          <>
            <Button tone="quiet" onPress={() => setCancelling(true)} testId="cancel-event">
              {words.cancelMeeting}
            </Button>
            <Button
              isDisabled={!event.data}
              onPress={() => event.data && onChange(event.data)}
              testId="change-event"
            >
              {words.change}
            </Button>
          </>
        ) : null}
        <ButtonLink href={`/calendar/${occurrence.event_id}?at=${occurrence.key}`}>
          {words.details}
        </ButtonLink>
        <ButtonLink tone="primary" href={`/m/${occurrence.code}`}>
          {words.join}
        </ButtonLink>
      </DialogActions>
    </Dialog>
  );
}
