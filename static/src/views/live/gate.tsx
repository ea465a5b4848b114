import { CalendarClock } from "lucide-react";
import { useState } from "react";
import { ApiError } from "../../state/api";
import { untilParts, type CustomField, type Livestreams, type Watch } from "../../state/live/livestreams";
import { useLocale, useText } from "../context";
import { Button, ButtonLink } from "../ui/button";
import { Fault } from "../ui/dialog";
import { Select, Switch, TextField } from "../ui/fields";
import styles from "./live.module.css";
import { useTick } from "./use-hub";
import { useLiveWords } from "./words";

/** When it begins: in one's own time, and in the livestream's where that is another. */
export function When({ watch }: { watch: Pick<Watch, "starts_at_ms" | "zone"> }) {
  const words = useLiveWords();
  const locale = useLocale();
  const shown = (zone?: string): string =>
    new Intl.DateTimeFormat(locale, {
      dateStyle: "full",
      timeStyle: "short",
      ...(zone ? { timeZone: zone } : {}),
    }).format(watch.starts_at_ms);
  const mine = shown();
  const there = shown(watch.zone);
  return (
    <p className={styles.when}>
      <CalendarClock size={18} aria-hidden />
      <span>
        {mine === there ? mine : words.yourTime({ when: mine })}
        {mine === there ? null : (
          <>
            <br />
            {words.theirTime({ when: there, zone: watch.zone })}
          </>
        )}
      </span>
    </p>
  );
}

/** `skewMs`: how far this device's clock is behind the server's. */
export function Countdown({ watch, skewMs }: { watch: Watch; skewMs: number }) {
  const words = useLiveWords();
  const now = useTick(1_000) + skewMs;
  if (watch.starts_at_ms <= now || watch.phase === "rehearsal")
    return <p className={styles.countdown}>{words.soon}</p>;
  return (
    <div className={styles.countdown} data-testid="live-countdown">
      <p>{words.begins}</p>
      <p className={`${styles.countdownTime ?? ""} tabular`}>
        {words.countdown(untilParts(watch.starts_at_ms - now))}
      </p>
    </div>
  );
}

/** What is missing before one may watch. */
export function Gate({
  watch,
  livestreams,
  link,
  onChange,
}: {
  watch: Watch;
  livestreams: Livestreams;
  link: string;
  onChange: () => void;
}) {
  const words = useLiveWords();
  if (watch.needs === "") return null;
  const here = window.location.pathname + window.location.search;
  return (
    <section className={styles.gate} data-testid={`live-needs-${watch.needs}`}>
      <h2>{words.needs[watch.needs]}</h2>
      <p>{words.needsText[watch.needs]}</p>
      {watch.needs === "sign_in" ? (
        <ButtonLink tone="primary" href={`/sign-in?next=${encodeURIComponent(here)}`}>
          {words.signIn}
        </ButtonLink>
      ) : null}
      {watch.needs === "registration" ? (
        <RegistrationForm watch={watch} livestreams={livestreams} link={link} onChange={onChange} />
      ) : null}
    </section>
  );
}

function RegistrationForm({
  watch,
  livestreams,
  link,
  onChange,
}: {
  watch: Watch;
  livestreams: Livestreams;
  link: string;
  onChange: () => void;
}) {
  const words = useLiveWords();
  const text = useText();
  const locale = useLocale();
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [answers, setAnswers] = useState<Readonly<Record<string, string>>>({});
  const [fault, setFault] = useState<ApiError | null>(null);
  const [isPending, setIsPending] = useState(false);
  const [state, setState] = useState("");
  if (state !== "")
    return (
      <div className={styles.done} role="status" data-testid="live-registered">
        <h3>{state === "confirmed" ? words.registered : words.registrationStates[state as "pending"]}</h3>
        <p>{state === "confirmed" ? words.registeredText : words.pendingText}</p>
      </div>
    );
  const faultOf = (field: string): string | null => (fault?.fields[field] ? text.errors.invalid : null);
  return (
    <form
      className={styles.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setIsPending(true);
        const given = Object.fromEntries(Object.entries(answers).filter(([, value]) => value !== ""));
        livestreams
          .register(watch.id, { name, email, locale: locale === "en" ? "en" : "zh-CN", link, answers: given })
          .then(
            (answer) => {
              setState(answer.state);
              onChange();
            },
            (cause: unknown) =>
              setFault(cause instanceof ApiError ? cause : new ApiError("internal", 0, 0, {})),
          )
          .finally(() => setIsPending(false));
      }}
    >
      <TextField
        label={words.yourName}
        value={name}
        onChange={setName}
        autoComplete="name"
        fault={faultOf("name")}
        testId="live-register-name"
      />
      <TextField
        label={words.yourEmail}
        value={email}
        onChange={setEmail}
        type="email"
        autoComplete="email"
        fault={faultOf("email")}
        testId="live-register-email"
      />
      {watch.fields.map((field) => (
        <CustomInput
          key={field.key}
          field={field}
          value={answers[field.key] ?? ""}
          onChange={(value) => setAnswers({ ...answers, [field.key]: value })}
          fault={faultOf(field.key)}
        />
      ))}
      {fault && Object.keys(fault.fields).length === 0 ? <Fault>{text.errors[fault.code]}</Fault> : null}
      <Button type="submit" tone="primary" wide isPending={isPending} testId="live-register">
        {words.register}
      </Button>
    </form>
  );
}

function CustomInput({
  field,
  value,
  onChange,
  fault,
}: {
  field: CustomField;
  value: string;
  onChange: (value: string) => void;
  fault: string | null;
}) {
  const words = useLiveWords();
  const label = field.required ? `${field.label} *` : field.label;
  if (field.kind === "choice")
    return (
      <>
        <Select
          label={label}
          selected={value}
          onChange={onChange}
          options={[
            { id: "", label: words.choose },
            ...field.options.map((one) => ({ id: one, label: one })),
          ]}
        />
        {fault ? <Fault>{fault}</Fault> : null}
      </>
    );
  if (field.kind === "check")
    return (
      <>
        <Switch isSelected={value === "yes"} onChange={(on) => onChange(on ? "yes" : "")}>
          {label}
        </Switch>
        {fault ? <Fault>{fault}</Fault> : null}
      </>
    );
  return (
    <TextField
      label={label}
      value={value}
      onChange={onChange}
      fault={fault}
      testId={`live-register-${field.key}`}
    />
  );
}
