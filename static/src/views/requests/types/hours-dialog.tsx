import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { hours as english } from "../../../i18n/en-hours";
import { hours as chinese } from "../../../i18n/zh-hours";
import {
  extraText,
  holidaysText,
  readExtra,
  readHolidays,
  readSpans,
  spansText,
  type KeptHours,
} from "../../../state/requests/hours";
import type { Requests } from "../../../state/requests/requests";
import { useLocale, useText } from "../../context";
import { LinesField } from "../../directory/parts";
import { useSubmit } from "../../pages/use-submit";
import { Button } from "../../ui/button";
import { Dialog, DialogActions, DialogText, Fault } from "../../ui/dialog";
import { TextField } from "../../ui/fields";
import form from "../form/form.module.css";

const LINES_MAX = 20_000;

/** The park's working hours, holidays and days off that are worked. */
export function HoursDialog({ requests, onClose }: { requests: Requests; onClose: () => void }) {
  const text = useText();
  const words = useLocale() === "en" ? english : chinese;
  const kept = useQuery({
    queryKey: ["park-hours"],
    queryFn: () => requests.hours(),
    refetchInterval: false,
    refetchOnWindowFocus: false,
    gcTime: 0,
  });
  return (
    <Dialog title={words.title} isOpen wide onClose={onClose}>
      <DialogText>{words.text}</DialogText>
      {kept.isError ? <Fault>{text.errors.internal}</Fault> : null}
      {kept.data ? <HoursForm requests={requests} kept={kept.data} onClose={onClose} /> : null}
    </Dialog>
  );
}

function HoursForm({
  requests,
  kept,
  onClose,
}: {
  requests: Requests;
  kept: KeptHours;
  onClose: () => void;
}) {
  const text = useText();
  const words = useLocale() === "en" ? english : chinese;
  const [zone, setZone] = useState(kept.hours.time_zone);
  const [week, setWeek] = useState(() => kept.hours.week.map(spansText));
  const [holidays, setHolidays] = useState(() => holidaysText(kept.hours.holidays));
  const [extra, setExtra] = useState(() => extraText(kept.hours.extra_days));
  const days = week.map(readSpans);
  const off = readHolidays(holidays);
  const worked = readExtra(extra);
  const isRight = zone.trim() !== "" && days.every((one) => one !== null) && off !== null && worked !== null;
  const saving = useSubmit(async () => {
    if (!off || !worked) return;
    await requests.setHours({
      hours: {
        time_zone: zone.trim(),
        week: days.map((one) => one ?? []),
        holidays: off,
        extra_days: worked,
      },
      revision: kept.revision,
    });
    onClose();
  });
  return (
    <form className={form.form} onSubmit={saving.onSubmit}>
      <TextField
        label={words.zone}
        value={zone}
        onChange={setZone}
        maxLength={64}
        fault={saving.fields["time_zone"] ? words.zoneFault : null}
        testId="hours-zone"
      />
      {words.days.map((name, place) => (
        <TextField
          key={name}
          label={name}
          value={week[place] ?? ""}
          onChange={(typed) => setWeek(week.map((one, index) => (index === place ? typed : one)))}
          maxLength={80}
          hint={place === 0 ? words.dayHint : undefined}
          fault={days[place] === null ? words.fault : null}
          testId={`hours-${place}`}
        />
      ))}
      <LinesField label={words.holidays} value={holidays} onChange={setHolidays} max={LINES_MAX} rows={5} />
      <p className={form.hint}>{off ? words.holidaysHint : words.fault}</p>
      <LinesField label={words.extra} value={extra} onChange={setExtra} max={LINES_MAX} rows={3} />
      <p className={form.hint}>{worked ? words.extraHint : words.fault}</p>
      {saving.code ? (
        <Fault>{saving.code === "conflict" ? words.changed : text.errors[saving.code]}</Fault>
      ) : null}
      <DialogActions>
        <Button onPress={onClose}>{text.common.cancel}</Button>
        <Button
          type="submit"
          tone="primary"
          isDisabled={!isRight}
          isPending={saving.pending}
          testId="save-hours"
        >
          {text.common.save}
        </Button>
      </DialogActions>
    </form>
  );
}
