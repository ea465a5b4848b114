import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { archiveUrl, Personal, type Erasure, type Export, type PersonalData } from "../../state/personal";
import { sizeText } from "../../state/recordings";
import { useApp, useLocale, useText } from "../context";
import { Failed } from "../directory/parts";
import { useSubmit } from "../pages/use-submit";
import { Button } from "../ui/button";
import { Confirm, Fault, type Question } from "../ui/dialog";
import { TextField } from "../ui/fields";
import styles from "./personal.module.css";
import { usePersonalWords } from "./words";

const WHILE_BUSY_MS = 2_000;

const isBusy = (data: PersonalData | undefined): boolean =>
  data !== undefined &&
  (data.erasure?.state === "running" || data.exports.some((one) => one.state === "waiting"));

/** A person's export and erasure. */
export function PersonalPanel({ of, isOwn }: { of: string; isOwn: boolean }) {
  const { api } = useApp();
  const personal = useMemo(() => new Personal(api), [api]);
  const client = useQueryClient();
  const key = ["personal", of];
  const query = useQuery({
    queryKey: key,
    queryFn: () => personal.get(of),
    refetchInterval: (asked) => (isBusy(asked.state.data) ? WHILE_BUSY_MS : false),
  });
  const refresh = (): void => void client.invalidateQueries({ queryKey: key });
  if (query.isError) return <Failed cause={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return null;
  const parts = { of, personal, data: query.data, refresh, isOwn };
  return (
    <div data-testid="personal-data">
      <Exporting {...parts} />
      <Erasing {...parts} />
    </div>
  );
}

interface PartProps {
  readonly of: string;
  readonly personal: Personal;
  readonly data: PersonalData;
  readonly refresh: () => void;
  readonly isOwn: boolean;
}

function Exporting({ of, personal, data, refresh }: PartProps) {
  const words = usePersonalWords();
  return (
    <section className={styles.part}>
      <h2>{words.export.title}</h2>
      <p className={styles.soft}>{words.export.lead}</p>
      {data.exports.length > 0 ? (
        <ul className={styles.exports}>
          {data.exports.map((one) => (
            <Line key={one.id} of={of} one={one} />
          ))}
        </ul>
      ) : null}
      <Confirmed
        label={words.export.ask}
        testId="ask-export"
        data={data}
        send={async (password) => {
          await personal.ask(of, password);
          refresh();
        }}
      />
    </section>
  );
}

function Line({ of, one }: { of: string; one: Export }) {
  const words = usePersonalWords().export;
  const locale = useLocale();
  const time = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  return (
    <li>
      <span>{words.made({ when: time.format(one.created_at_ms) })}</span>
      {one.files_left_out > 0 ? (
        <span className={styles.soft}>{words.leftOut({ count: one.files_left_out })}</span>
      ) : null}
      {one.state === "ready" ? (
        <>
          <span className={styles.soft}>{words.until({ when: time.format(one.expires_at_ms) })}</span>
          <a href={archiveUrl(of, one.id)} download data-testid="download-export">
            {words.download} ({sizeText(one.size_bytes, locale)})
          </a>
        </>
      ) : one.state === "waiting" ? (
        <span role="status">
          {words.waiting} <progress value={one.done} max={one.total || 1} aria-label={words.waiting} />
          {one.total > 0 ? ` ${words.progress(one)}` : ""}
        </span>
      ) : (
        <span className={styles.soft}>{one.state === "failed" ? words.failed : words.gone}</span>
      )}
    </li>
  );
}

function Erasing({ of, personal, data, refresh, isOwn }: PartProps) {
  const words = usePersonalWords().erase;
  const { requests, companies, only_administrator: isOnly } = data.obstacles;
  const erasure = data.erasure;
  return (
    <section className={styles.part}>
      <h2>{words.title}</h2>
      <p className={styles.soft}>{words.lead}</p>
      <dl className={styles.fates}>
        <dt>{words.deleted}</dt>
        <dd>{words.deletedWhat}</dd>
        <dt>{words.anonymised}</dt>
        <dd>{words.anonymisedWhat}</dd>
        <dt>{words.kept}</dt>
        <dd>{words.keptWhat}</dd>
      </dl>
      {erasure?.state === "planned" || erasure?.state === "running" ? (
        <Planned {...{ of, personal, erasure, refresh, isOwn }} />
      ) : requests > 0 || companies > 0 || isOnly ? (
        <div data-testid="obstacles">
          <p>{words.obstacles}</p>
          <ul>
            {requests > 0 ? <li>{words.requests({ count: requests })}</li> : null}
            {companies > 0 ? <li>{words.companies({ count: companies })}</li> : null}
            {isOnly ? <li>{words.administrator}</li> : null}
          </ul>
        </div>
      ) : (
        <>
          {erasure?.state === "refused" ? <Fault>{words.refused}</Fault> : null}
          <Confirmed
            label={words.ask}
            testId="ask-erasure"
            ask={{ title: words.confirm({ name: data.name }), text: words.confirmText }}
            data={data}
            send={async (password) => {
              await personal.erase(of, password);
              refresh();
            }}
          />
        </>
      )}
    </section>
  );
}

function Planned({
  of,
  personal,
  erasure,
  refresh,
  isOwn,
}: Omit<PartProps, "data"> & { readonly erasure: Erasure }) {
  const words = usePersonalWords().erase;
  const text = useText();
  const time = new Intl.DateTimeFormat(useLocale(), { dateStyle: "long", timeStyle: "short" });
  const form = useSubmit(() => personal.undo(of).finally(refresh));
  if (erasure.state === "running") return <p role="status">{words.running(erasure)}</p>;
  return (
    <div className={styles.form} role="status" data-testid="erasure-planned">
      <strong>{words.planned({ when: time.format(erasure.due_at_ms) })}</strong>
      {isOwn && erasure.by_administrator ? (
        <span>{words.byAdministrator}</span>
      ) : (
        <Button onPress={() => void form.run()} isPending={form.pending} testId="undo-erasure">
          {words.undo}
        </Button>
      )}
      {form.code ? <Fault>{text.errors[form.code]}</Fault> : null}
    </div>
  );
}

/** Asks for one's password, and once more where much would be lost. */
function Confirmed({
  label,
  testId,
  ask,
  data,
  send,
}: {
  label: string;
  testId: string;
  ask?: { readonly title: string; readonly text: string };
  data: PersonalData;
  send: (password: string) => Promise<void>;
}) {
  const words = usePersonalWords();
  const text = useText();
  const [password, setPassword] = useState("");
  const [question, setQuestion] = useState<Question | null>(null);
  const form = useSubmit(async () => {
    await send(password);
    setPassword("");
  });
  if (!data.has_password) return <p>{words.noPassword}</p>;
  const isWrong = form.fields["password"] !== undefined;
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        if (!ask) {
          form.onSubmit(event);
          return;
        }
        event.preventDefault();
        setQuestion({ ...ask, action: label, run: () => void form.run() });
      }}
    >
      <TextField
        label={words.password}
        type="password"
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
        fault={isWrong ? words.passwordWrong : null}
        testId={`${testId}-password`}
      />
      {form.code && !isWrong ? <Fault>{text.errors[form.code]}</Fault> : null}
      <Button
        type="submit"
        tone={ask ? "danger" : "primary"}
        isPending={form.pending}
        isDisabled={password === ""}
        testId={testId}
      >
        {label}
      </Button>
      <Confirm question={question} onClose={() => setQuestion(null)} />
    </form>
  );
}
