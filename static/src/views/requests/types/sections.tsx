import { Plus } from "lucide-react";
import { said } from "../../../state/requests/form";
import type {
  Asked,
  Audience,
  Definition,
  Escalation,
  EscalatedTo,
  Group,
  RequestClock,
  Reviewer,
} from "../../../state/requests/shapes";
import { useLocale } from "../../context";
import { Button } from "../../ui/button";
import { Select } from "../../ui/fields";
import form from "../form/form.module.css";
import styles from "./builder.module.css";
import { CountInput, FaultLine, Pick, PhraseInput, PlainInput, Tick, Ticks } from "./inputs";
import { ListEditor } from "./list-editor";
import { useTypeWords } from "./words";

export interface SectionProps {
  readonly definition: Definition;
  readonly faults: Readonly<Record<string, string>>;
  readonly groups: readonly Group[];
  readonly onChange: (definition: Definition) => void;
}

export function BasicsSection({ definition, faults, onChange }: SectionProps) {
  const words = useTypeWords();
  const locale = useLocale();
  const set = (change: Partial<Definition>): void => onChange({ ...definition, ...change });
  const titles = definition.fields.filter((one) => one.kind === "text" || one.kind === "choice");
  const { filers = {} } = definition;
  return (
    <div className={styles.editor}>
      <PhraseInput
        label={words.name}
        value={definition.name}
        fault={faults["name"]}
        onChange={(name) => set({ name })}
        testId="type-name"
      />
      <PhraseInput
        label={words.summary}
        value={definition.summary}
        fault={faults["summary"]}
        lines
        onChange={(summary) => set({ summary })}
        testId="type-summary"
      />
      <PlainInput
        label={words.code}
        hint={words.codeHint}
        value={definition.code}
        fault={faults["code"]}
        onChange={(code) =>
          set({
            code: code
              .toUpperCase()
              .replace(/[^A-Z]/g, "")
              .slice(0, 4),
          })
        }
        testId="type-code"
      />
      <Ticks
        label={words.filers}
        names={words.kinds}
        picked={filers.kinds ?? []}
        hint={words.anyone}
        onChange={(kinds) => set({ filers: { ...filers, kinds } })}
      />
      <Ticks
        label={words.filerRoles}
        names={words.roles}
        picked={filers.roles ?? []}
        hint={words.anyone}
        onChange={(roles) => set({ filers: { ...filers, roles } })}
      />
      <Select
        label={words.titleField}
        selected={definition.title_field || "none"}
        options={[
          { id: "none", label: words.noTitleField },
          ...titles.map((one) => ({ id: one.id, label: said(one.label, locale) || one.id })),
        ]}
        onChange={(id) => set({ title_field: id === "none" ? "" : id })}
      />
      <FaultLine fault={faults["title_field"]} />
      <Pick<Audience>
        label={words.audience}
        names={words.audiences}
        selected={definition.audience ?? "company"}
        onChange={(audience) => set({ audience })}
      />
      <div className={form.choices}>
        <Tick isOn={definition.confidential ?? false} onChange={(confidential) => set({ confidential })}>
          {words.confidential}
        </Tick>
      </div>
      <p className={form.hint}>{words.confidentialHint}</p>
      <CountInput
        label={words.keepDays}
        value={definition.keep_days ?? 1_095}
        fault={faults["keep_days"]}
        onChange={(days) => set({ keep_days: days ?? NaN })}
      />
    </div>
  );
}

export function ClockSection({ definition, faults, groups, onChange }: SectionProps) {
  const words = useTypeWords();
  const { clock } = definition;
  const set = (change: Partial<Definition>): void => onChange({ ...definition, ...change });
  const escalations = definition.escalations ?? [];
  return (
    <div className={styles.editor}>
      <Pick<RequestClock["kind"]>
        label={words.clock}
        names={words.clocks}
        selected={clock.kind}
        onChange={(kind) => set({ clock: clockOf(kind) })}
      />
      {clock.kind === "minutes" ? (
        <div className={styles.row}>
          <CountInput
            label={words.minutes}
            value={clock.minutes}
            onChange={(minutes) => set({ clock: { ...clock, minutes: minutes ?? NaN } })}
            testId="clock-minutes"
          />
          <Tick
            isOn={clock.around_the_clock ?? false}
            onChange={(around_the_clock) => set({ clock: { ...clock, around_the_clock } })}
          >
            {words.aroundTheClock}
          </Tick>
        </div>
      ) : null}
      {clock.kind === "same_day" ? (
        <div className={styles.row}>
          <PlainInput
            label={words.before}
            type="time"
            value={clock.before ?? "18:00"}
            onChange={(before) => set({ clock: { ...clock, before: before || "18:00" } })}
          />
          <PlainInput
            label={words.filedBy}
            type="time"
            value={clock.filed_by ?? "16:00"}
            onChange={(filed_by) => set({ clock: { ...clock, filed_by: filed_by || "16:00" } })}
          />
        </div>
      ) : null}
      {clock.kind === "working_days" ? (
        <CountInput
          label={words.days}
          value={clock.days}
          onChange={(days) => set({ clock: { ...clock, days: days ?? NaN } })}
        />
      ) : null}
      <FaultLine fault={faults["clock"]} />
      <WhoPick
        label={words.asked}
        kinds={["officers", "service_officer", "group"]}
        value={definition.asked}
        groups={groups}
        onChange={(asked) => set({ asked: asked as Asked })}
      />
      <h2>{words.escalations}</h2>
      <ListEditor<Escalation>
        items={escalations}
        path="escalations"
        faults={faults}
        nameOf={(one) => `${words.afterMinutes}: ${one.after_minutes}`}
        noteOf={(one) => words.askedKinds[one.to.kind]}
        onChange={(next) => set({ escalations: next })}
        add={(open) => (
          <Button
            isDisabled={escalations.length >= 4}
            onPress={() => {
              const after = escalations.at(-1)?.after_minutes;
              const minutes = after === undefined ? 0 : after + 60;
              set({ escalations: [...escalations, { after_minutes: minutes, to: { kind: "officers" } }] });
              open(escalations.length);
            }}
          >
            <Plus size={16} aria-hidden />
            {words.addEscalation}
          </Button>
        )}
      >
        {(one, _at, change, inside) => (
          <div className={styles.editor}>
            <CountInput
              label={words.afterMinutes}
              value={one.after_minutes}
              fault={inside["after_minutes"]}
              onChange={(minutes) => change({ ...one, after_minutes: minutes ?? NaN })}
            />
            <WhoPick
              label={words.tell}
              kinds={["officers", "service_officer", "administrators", "group"]}
              value={one.to}
              groups={groups}
              onChange={(to) => change({ ...one, to: to as EscalatedTo })}
            />
          </div>
        )}
      </ListEditor>
      <FaultLine fault={faults["escalations"]} />
    </div>
  );
}

function clockOf(kind: RequestClock["kind"]): RequestClock {
  switch (kind) {
    case "minutes":
      return { kind, minutes: 60, around_the_clock: false };
    case "same_day":
      return { kind, before: "18:00", filed_by: "16:00" };
    case "working_days":
      return { kind, days: 2 };
  }
}

type Who = Asked | Reviewer | EscalatedTo;

/** Officers, a service officer, a group...: whoever may stand there. */
export function WhoPick({
  label,
  kinds,
  value,
  groups,
  onChange,
}: {
  label: string;
  kinds: readonly Who["kind"][];
  value: Who;
  groups: readonly Group[];
  onChange: (who: Who) => void;
}) {
  const words = useTypeWords();
  const locale = useLocale();
  const group = value.kind === "group" ? value.group : "";
  const known = groups.some((one) => one.key === group) || group === "";
  return (
    <div className={styles.row}>
      <Select
        label={label}
        selected={value.kind}
        options={kinds
          .filter((kind) => kind !== "group" || groups.length > 0 || value.kind === "group")
          .map((kind) => ({ id: kind, label: words.askedKinds[kind] }))}
        onChange={(id) =>
          onChange(
            id === "group"
              ? { kind: "group", group: groups[0]?.key ?? "" }
              : ({ kind: id as "officers" } satisfies Asked),
          )
        }
      />
      {value.kind === "group" ? (
        <Select
          label={words.groupName}
          selected={group}
          options={[
            ...(known ? [] : [{ id: group, label: group }]),
            ...groups.map((one) => ({ id: one.key, label: locale === "en" ? one.name_en : one.name_zh })),
          ]}
          onChange={(key) => onChange({ kind: "group", group: key })}
        />
      ) : null}
    </div>
  );
}
