import { X } from "lucide-react";
import {
  CLAUSES_MAX,
  CONDITIONS_MAX,
  FIELDS,
  OPS_OF,
  freshCondition,
  withPlace,
  type Clause,
  type Condition,
  type RuleField,
  type RuleOp,
  type Rules,
} from "../../state/policies";
import { Choices, DayField } from "../directory/parts";
import { optionsOf, useDirectoryWords, type DirectoryWords } from "../directory/words";
import pages from "../pages/page.module.css";
import { Button, IconButton } from "../ui/button";
import { Select, TextField } from "../ui/fields";
import styles from "./policies.module.css";
import { usePolicyWords } from "./words";

const FIRST = freshCondition("industry");
const TEXT_MAX = 300;

/** Who may apply: conditions that must all hold, each with alternatives. */
export function RulesEditor({ rules, onChange }: { rules: Rules; onChange: (rules: Rules) => void }) {
  const words = usePolicyWords();
  const set = (place: number, clause: Clause | null): void =>
    onChange({ all: withPlace(rules.all, place, clause) });
  return (
    <div className={styles.rules} data-testid="policy-rules">
      <h3>{words.form.rules}</h3>
      <p className={pages.small}>{words.form.rulesText}</p>
      {rules.all.map((clause, place) => (
        <fieldset key={place} className={styles.clause}>
          <legend>{words.form.clause({ number: place + 1 })}</legend>
          {clause.any.map((one, number) => (
            <div key={number}>
              {number > 0 ? <p className={styles.or}>{words.form.or}</p> : null}
              <ConditionEditor
                one={one}
                onChange={(changed) => {
                  const any = withPlace(clause.any, number, changed);
                  set(place, any.length > 0 ? { any } : null);
                }}
              />
            </div>
          ))}
          {clause.any.length < CONDITIONS_MAX ? (
            <div>
              <Button tone="quiet" onPress={() => set(place, { any: [...clause.any, FIRST] })}>
                {words.form.addOr}
              </Button>
            </div>
          ) : null}
        </fieldset>
      ))}
      {rules.all.length < CLAUSES_MAX ? (
        <div>
          <Button onPress={() => onChange({ all: [...rules.all, { any: [FIRST] }] })} testId="add-clause">
            {words.form.addClause}
          </Button>
        </div>
      ) : null}
    </div>
  );
}

function ConditionEditor({
  one,
  onChange,
}: {
  one: Condition;
  onChange: (changed: Condition | null) => void;
}) {
  const words = usePolicyWords();
  const directory = useDirectoryWords();
  const ops = OPS_OF[one.field];
  return (
    <div className={styles.condition}>
      <div>
        <Select
          label={words.form.field}
          selected={one.field}
          onChange={(field) => onChange(freshCondition(field as RuleField))}
          options={FIELDS.map((id) => ({ id, label: words.fields[id] }))}
        />
      </div>
      <div>
        <Select
          label={words.form.op}
          selected={one.op}
          onChange={(op) => onChange(freshCondition(one.field, op as RuleOp))}
          options={ops.map((id) => ({ id, label: words.ops[id] }))}
        />
      </div>
      <IconButton name={words.form.remove} onPress={() => onChange(null)}>
        <X size={18} aria-hidden />
      </IconButton>
      <div className={styles.values}>
        <Values one={one} directory={directory} onChange={(values) => onChange({ ...one, values })} />
      </div>
    </div>
  );
}

function namesOf(field: RuleField, directory: DirectoryWords): Readonly<Record<string, string>> {
  switch (field) {
    case "kind":
      return {
        enterprise: directory.kinds.enterprise,
        institution: directory.kinds.institution,
        installer: directory.kinds.installer,
      };
    case "industry":
      return directory.industries;
    case "headcount":
      return directory.headcounts;
    default:
      return directory.regions;
  }
}

function Values({
  one,
  directory,
  onChange,
}: {
  one: Condition;
  directory: DirectoryWords;
  onChange: (values: readonly string[]) => void;
}) {
  const words = usePolicyWords();
  const first = one.values[0] ?? "";
  switch (one.field) {
    case "founded":
      return <DayField label={words.fields.founded} value={first} onChange={(day) => onChange([day])} />;
    case "age":
      return (
        <TextField
          label={words.form.years}
          value={first}
          onChange={(years) => onChange([years.replace(/\D/g, "")])}
          maxLength={3}
          testId="rule-years"
        />
      );
    case "address":
      return (
        <TextField
          label={words.form.texts}
          value={one.values.join(",")}
          onChange={(typed) => onChange(typed.split(/[,，]/))}
          maxLength={TEXT_MAX}
        />
      );
    default: {
      const names = namesOf(one.field, directory);
      return one.op === "at_least" || one.op === "at_most" ? (
        <Select
          label={words.form.value}
          selected={first}
          onChange={(value) => onChange([value])}
          options={optionsOf(names)}
        />
      ) : (
        <Choices
          label={words.form.value}
          names={names}
          chosen={one.values}
          onChange={onChange}
          scrolls={one.field === "region"}
        />
      );
    }
  }
}
