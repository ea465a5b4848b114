import { useState } from "react";
import type { Me } from "../../state/api";
import type { Guest, Occurrence, Schedule, ScheduledEvent, Scope } from "../../state/schedule/schedule";
import {
  dateText,
  dayOf,
  localIn,
  localText,
  momentOf,
  parseLocal,
  timeText,
  viewerZone,
} from "../../state/schedule/zones";
import { useLocale, useText } from "../context";
import pages from "../pages/page.module.css";
import { fieldFault, useSubmit } from "../pages/use-submit";
import { Button } from "../ui/button";
import { Dialog, DialogActions, Fault } from "../ui/dialog";
import { Select, Switch, TextField } from "../ui/fields";
import styles from "./form.module.css";
import { FreeStrip } from "./free-strip";
import { PeopleField } from "./people-field";
import { RepeatField } from "./repeat-field";
import { useScheduleWords, zoneName, type ScheduleWords } from "./words";

const TITLE_MAX_CHARS = 120;
const DESCRIPTION_MAX_CHARS = 8_000;
const OPENS = [-1, 0, 5, 15, 30, 60] as const;
const REMINDS = [-1, 0, 5, 10, 30, 60] as const;

export interface Slot {
  readonly startsAtMs: number;
  readonly minutes: number;
}

/** Schedules a meeting, or changes one: this time only, from now on, or as a whole. */
export function EventDialog({
  schedule,
  me,
  slot,
  changing,
  about,
  onClose,
  onDone,
}: {
  schedule: Schedule;
  me: Me;
  slot: Slot;
  /** What a meeting about something begins with. */
  about?: { readonly title: string; readonly guests: readonly Guest[]; readonly description: string };
  changing?: { readonly event: ScheduledEvent; readonly occurrence: Occurrence };
  onClose: () => void;
  onDone: (event: ScheduledEvent) => void;
}) {
  const text = useText();
  const words = useScheduleWords();
  const locale = useLocale();
  const former = changing?.event;
  const [zone, setZone] = useState(former?.zone ?? viewerZone());
  const begins = localIn(slot.startsAtMs, zone);
  const [title, setTitle] = useState(changing?.occurrence.title ?? about?.title ?? "");
  const [date, setDate] = useState(dateText(begins));
  const [from, setFrom] = useState(timeText(begins));
  const [to, setTo] = useState(timeText(localIn(slot.startsAtMs + slot.minutes * 60_000, zone)));
  const [rule, setRule] = useState(former?.rrule ?? "");
  const [guests, setGuests] = useState<readonly Guest[]>(former ? guestsOf(former) : (about?.guests ?? []));
  const [description, setDescription] = useState(former?.description ?? about?.description ?? "");
  const [opens, setOpens] = useState(former?.opens_before_min ?? 15);
  const [remind, setRemind] = useState(former?.remind_before_min ?? 10);
  const [lobby, setLobby] = useState(false);
  const [open, setOpen] = useState(true);
  const [scope, setScope] = useState<Scope>(former?.rrule ? "one" : "all");

  const starts = parseLocal(date, from);
  const ends = parseLocal(date, to);
  const startsAtMs = starts ? momentOf(starts, zone) : 0;
  const endsRaw = ends ? momentOf(ends, zone) : 0;
  // A meeting may go past midnight; one that ends before it begins by less than half a day is a slip.
  const endsAtMs =
    endsRaw <= startsAtMs && startsAtMs - endsRaw > 12 * 3_600_000 ? endsRaw + 86_400_000 : endsRaw;
  const minutes = Math.round((endsAtMs - startsAtMs) / 60_000);
  const isRight = starts !== null && minutes >= 5;
  const onlyOne = scope === "one" && former !== undefined;

  const form = useSubmit(async () => {
    if (!starts) return;
    const when = { title: title.trim(), starts: localText(starts), minutes };
    const wish = {
      ...when,
      zone,
      description,
      rrule: rule,
      invitees: guests,
      opens_before_min: opens,
      remind_before_min: remind,
    };
    if (!former) onDone(await schedule.create({ ...wish, lobby_enabled: lobby, guests_allowed: open }));
    else {
      const at = { sequence: former.sequence, scope, key: changing.occurrence.key };
      const whole = scope === "all" && former.rrule ? { ...wish, starts: seriesStart(former, starts) } : wish;
      onDone(await schedule.change(former.id, { ...at, ...(onlyOne ? when : whole) }));
    }
  });
  const titleFault = fieldFault(text, "title", form.fields["title"]);
  const ruleFault = form.fields["rrule"] ? words.form.ruleFault : null;
  const faultText =
    form.code === "conflict"
      ? words.form.changed
      : form.code === "too_many"
        ? words.form.tooMany
        : form.fields["invitees"]
          ? words.form.peopleFault
          : form.code && !titleFault && !ruleFault
            ? text.errors[form.code]
            : null;
  const start = (atMs: number): void => {
    const local = localIn(atMs, zone);
    setDate(dateText(local));
    setFrom(timeText(local));
    setTo(timeText(localIn(atMs + Math.max(5, minutes) * 60_000, zone)));
  };
  return (
    <Dialog title={former ? words.form.change : words.form.create} isOpen onClose={onClose} wide>
      <form className={pages.form} onSubmit={form.onSubmit}>
        {former?.rrule ? (
          <Select
            label={words.scope}
            options={(["one", "following", "all"] as const).map((id) => ({ id, label: words.scopes[id] }))}
            selected={scope}
            onChange={(id) => setScope(id as Scope)}
          />
        ) : null}
        <TextField
          label={words.form.title}
          placeholder={words.form.titleExample}
          value={title}
          onChange={setTitle}
          maxLength={TITLE_MAX_CHARS}
          autoComplete="off"
          fault={titleFault}
          autoFocus
          isRequired
          testId="event-title"
        />
        <div className={styles.when}>
          <label className={styles.field}>
            {words.form.date}
            <input
              type="date"
              value={date}
              onChange={(event) => setDate(event.target.value)}
              data-testid="event-date"
            />
          </label>
          <label className={styles.field}>
            {words.form.from}
            <input
              type="time"
              value={from}
              data-testid="event-from"
              onChange={(event) => {
                setFrom(event.target.value);
                const local = parseLocal(date, event.target.value);
                if (local && minutes > 0)
                  setTo(timeText(localIn(momentOf(local, zone) + minutes * 60_000, zone)));
              }}
            />
          </label>
          <label className={styles.field}>
            {words.form.to}
            <input
              type="time"
              value={to}
              onChange={(event) => setTo(event.target.value)}
              data-testid="event-to"
            />
          </label>
          {onlyOne ? null : (
            <Select
              label={words.form.zone}
              options={zonesWith(zone, locale, startsAtMs)}
              selected={zone}
              onChange={setZone}
            />
          )}
        </div>
        {date && from && to && !isRight ? <Fault>{words.form.endsFirst}</Fault> : null}
        {onlyOne ? null : (
          <>
            <RepeatField
              rule={rule}
              day={starts ? dayOf(starts) : dayOf(begins)}
              onChange={setRule}
              fault={ruleFault}
            />
            <PeopleField guests={guests} schedule={schedule} onChange={setGuests} />
          </>
        )}
        {me.account && isRight && (onlyOne || guests.some((one) => one.account_id)) ? (
          <FreeStrip
            guests={guests}
            me={me.account}
            schedule={schedule}
            startsAtMs={startsAtMs}
            endsAtMs={endsAtMs}
            zone={zone}
            but={former?.id ?? ""}
            onChoose={start}
          />
        ) : null}
        {onlyOne ? null : (
          <>
            <label className={styles.field}>
              {`${words.form.description} (${text.common.optional})`}
              <textarea
                value={description}
                maxLength={DESCRIPTION_MAX_CHARS}
                onChange={(event) => setDescription(event.target.value)}
              />
            </label>
            <details className={styles.options}>
              <summary>{words.form.more}</summary>
              <div className={styles.row}>
                <Select
                  label={words.form.opens}
                  options={numbers(OPENS, opens, (count) => opensText(count, words))}
                  selected={String(opens)}
                  onChange={(id) => setOpens(Number(id))}
                />
                <Select
                  label={words.form.remind}
                  options={numbers(REMINDS, remind, (count) =>
                    count < 0 ? words.form.remindNever : words.form.remindBefore({ count }),
                  )}
                  selected={String(remind)}
                  onChange={(id) => setRemind(Number(id))}
                />
              </div>
              {former ? null : (
                <>
                  <Switch isSelected={lobby} onChange={setLobby}>
                    {words.form.lobby}
                  </Switch>
                  <Switch isSelected={open} onChange={setOpen}>
                    {words.form.guests}
                  </Switch>
                </>
              )}
            </details>
          </>
        )}
        {faultText ? <Fault>{faultText}</Fault> : null}
        <DialogActions>
          <Button onPress={onClose}>{text.common.cancel}</Button>
          <Button
            type="submit"
            tone="primary"
            isPending={form.pending}
            isDisabled={title.trim() === "" || !isRight}
            testId="event-submit"
          >
            {former ? text.common.save : guests.length > 0 ? words.form.submit : words.form.submitAlone}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** A new hour of the whole series begins with its first day, not with the day that was opened. */
function seriesStart(
  former: ScheduledEvent,
  starts: { readonly hour: number; readonly minute: number },
): string {
  return `${former.starts.slice(0, 10)}T${timeText({ year: 0, month: 1, day: 1, ...starts }).slice(0, 5)}`;
}

function guestsOf(event: ScheduledEvent): readonly Guest[] {
  return event.invitees
    .filter((one) => one.named)
    .map((one) =>
      one.account_id
        ? { account_id: one.account_id, name: one.name }
        : one.organization_id
          ? { organization_id: one.organization_id, name: one.name }
          : { email: one.email, name: one.name },
    );
}

function zonesWith(chosen: string, locale: string, atMs: number): { id: string; label: string }[] {
  const all = typeof Intl.supportedValuesOf === "function" ? Intl.supportedValuesOf("timeZone") : [];
  return [...new Set([chosen, ...all])].map((id) => ({
    id,
    label: zoneName(id, locale, atMs || Date.now()),
  }));
}

function opensText(count: number, words: ScheduleWords): string {
  return count < 0 ? words.form.opensAlways : words.form.opensBefore({ count });
}

function numbers(
  offered: readonly number[],
  chosen: number,
  name: (count: number) => string,
): { id: string; label: string }[] {
  const all = offered.includes(chosen) ? offered : [...offered, chosen].sort((a, b) => a - b);
  return all.map((count) => ({ id: String(count), label: name(count) }));
}
