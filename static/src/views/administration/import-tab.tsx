import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { ApiError } from "../../state/api";
import {
  FATES,
  KINDS,
  type Administration,
  type Fate,
  type Import,
  type ImportKind,
  type ImportRow,
} from "../../state/administration";
import { newKey } from "../../state/new-key";
import { useApp, useLocale, useText } from "../context";
import { Failed } from "../directory/parts";
import { listed } from "../directory/words";
import { useSubmit } from "../pages/use-submit";
import { Button } from "../ui/button";
import { Fault } from "../ui/dialog";
import { Select, Switch } from "../ui/fields";
import styles from "./administration.module.css";
import { useAdministrationWords, wordOf, type AdministrationWords } from "./words";

const POLL_MS = 700;

/** `of`: the import that is looked at, as it stands in the address. */
export function ImportTab({ administration, of }: { administration: Administration; of: string }) {
  const { router } = useApp();
  const words = useAdministrationWords();
  return of ? (
    <Planned
      key={of}
      administration={administration}
      id={of}
      onAnother={() => router.go("/administration/import")}
    />
  ) : (
    <>
      <p className={styles.lead}>{words.import.lead}</p>
      <Choose
        administration={administration}
        onPlanned={(made) => router.go(`/administration/import?of=${made.key}`)}
      />
    </>
  );
}

function Choose({
  administration,
  onPlanned,
}: {
  administration: Administration;
  onPlanned: (made: Import) => void;
}) {
  const text = useText();
  const words = useAdministrationWords();
  const locale = useLocale();
  const input = useRef<HTMLInputElement>(null);
  const [kind, setKind] = useState<ImportKind>("people");
  const [pending, setPending] = useState(false);
  const [fault, setFault] = useState("");
  const upload = async (file: File): Promise<void> => {
    setPending(true);
    setFault("");
    try {
      onPlanned(await administration.plan(newKey(), kind, file));
    } catch (cause) {
      const missing = cause instanceof ApiError ? Object.keys(cause.fields) : [];
      const names = missing.map((one) => wordOf(words.import.fields, one));
      if (names.length > 0) setFault(words.import.missing({ names: listed(names, locale) }));
      else setFault(text.errors[cause instanceof ApiError ? cause.code : "internal"]);
    } finally {
      setPending(false);
    }
  };
  return (
    <div className={styles.form}>
      <Select
        label={words.import.kind}
        selected={kind}
        onChange={(id) => setKind(id as ImportKind)}
        options={KINDS.map((id) => ({ id, label: words.import.kinds[id] }))}
      />
      <p className={styles.soft}>{words.import.columns[kind]}</p>
      <input
        ref={input}
        className={styles.file}
        type="file"
        tabIndex={-1}
        aria-hidden
        accept=".csv,.xlsx,.txt"
        data-testid="import-file"
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = "";
          if (file) void upload(file);
        }}
      />
      {fault ? <Fault>{fault}</Fault> : null}
      <div>
        <Button tone="primary" isPending={pending} onPress={() => input.current?.click()}>
          {words.import.choose}
        </Button>
      </div>
    </div>
  );
}

function Planned({
  administration,
  id,
  onAnother,
}: {
  administration: Administration;
  id: string;
  onAnother: () => void;
}) {
  const text = useText();
  const words = useAdministrationWords();
  const locale = useLocale();
  const [invite, setInvite] = useState(false);
  const [fate, setFate] = useState<Fate | "">("");
  const query = useQuery({
    queryKey: ["import", id],
    queryFn: () => administration.import(id),
    refetchInterval: ({ state }) =>
      state.data?.state === "applying" || state.data?.state === "reading" ? POLL_MS : false,
  });
  const made = query.data;
  const rows = useInfiniteQuery({
    queryKey: ["import", id, "rows", fate, made?.state ?? ""],
    queryFn: ({ pageParam }) => administration.rows(id, fate, pageParam),
    initialPageParam: 0,
    getNextPageParam: (page) => (page.more ? (page.rows.at(-1)?.number ?? null) : null),
    enabled: made?.state === "planned" || made?.state === "done",
    refetchInterval: false,
  });
  const form = useSubmit(async () => {
    await administration.apply(id, invite);
    await query.refetch();
  });
  if (!made)
    return query.isError ? (
      <>
        <Failed cause={query.error} retry={() => void query.refetch()} />
        <Button onPress={onAnother}>{words.import.another}</Button>
      </>
    ) : (
      <p className={styles.soft}>{text.common.loading}…</p>
    );
  const title = (
    <h2 className={styles.title}>
      {made.file_name || words.import.kinds[made.kind]} · {words.import.rows({ count: made.total })}
    </h2>
  );
  if (made.state === "reading" || made.state === "unreadable")
    return (
      <>
        {title}
        <p className={styles.lead} role="status" data-testid="import-state">
          {made.state === "reading" ? words.import.reading : unreadable(made, words, locale)}
        </p>
        <Button onPress={onAnother}>{words.import.another}</Button>
      </>
    );
  const shown = rows.data?.pages.flatMap((page) => page.rows) ?? [];
  const changes = made.counts.created + made.counts.changed > 0;
  return (
    <>
      {title}
      <p className={styles.lead} role="status" data-testid="import-state">
        {made.state === "planned"
          ? words.import.tried
          : made.state === "done"
            ? words.import.done
            : words.import.applying({ done: made.done, total: made.total })}
      </p>
      {made.state === "applying" ? <progress max={made.total} value={made.done} /> : null}
      {made.ignored.length > 0 ? (
        <p className={styles.soft}>{words.import.ignored({ names: listed(made.ignored, locale) })}</p>
      ) : null}
      <div className={styles.bar} role="group">
        <Button tone={fate === "" ? "primary" : "secondary"} onPress={() => setFate("")}>
          {words.import.all} {made.total}
        </Button>
        {FATES.map((one) => (
          <Button
            key={one}
            tone={fate === one ? "primary" : "secondary"}
            onPress={() => setFate(one)}
            testId={`fate-${one}`}
          >
            {words.import.fates[one]} {made.counts[one]}
          </Button>
        ))}
      </div>
      {rows.isError ? <Failed cause={rows.error} retry={() => void rows.refetch()} /> : null}
      {shown.length > 0 ? (
        <ul className={styles.lines} data-testid="import-rows">
          {shown.map((row) => (
            <Row key={row.number} row={row} words={words} />
          ))}
        </ul>
      ) : rows.isSuccess ? (
        <p className={styles.soft}>{words.import.noRows}</p>
      ) : null}
      {rows.hasNextPage ? (
        <div className={styles.bar}>
          <Button onPress={() => void rows.fetchNextPage()} isPending={rows.isFetchingNextPage}>
            {words.more}
          </Button>
        </div>
      ) : null}
      {form.code ? <Fault>{text.errors[form.code]}</Fault> : null}
      {made.state === "planned" && made.kind === "people" ? (
        <Switch isSelected={invite} onChange={setInvite}>
          {words.import.invite}
        </Switch>
      ) : null}
      <div className={styles.bar}>
        {made.state === "planned" ? (
          <Button
            tone="primary"
            isPending={form.pending}
            isDisabled={!changes && !invite}
            onPress={() => void form.run()}
            testId="import-apply"
          >
            {words.import.apply}
          </Button>
        ) : null}
        <Button onPress={onAnother}>{words.import.another}</Button>
      </div>
    </>
  );
}

function unreadable(made: Import, words: AdministrationWords, locale: string): string {
  if (made.missing.length > 0)
    return words.import.missing({
      names: listed(
        made.missing.map((one) => wordOf(words.import.fields, one)),
        locale,
      ),
    });
  return words.import.faults[made.fault ?? "bad_file"];
}

function Row({ row, words }: { row: ImportRow; words: AdministrationWords }) {
  const locale = useLocale();
  const { fields, reasons } = words.import;
  const column = row.column ? wordOf(fields, row.column) : "";
  const why = row.reason ? `${column} ${wordOf(reasons, row.reason)}`.trim() : "";
  const changed = row.changes.map((one) => wordOf(fields, one));
  return (
    <li className={styles.line}>
      <span className={styles.soft}>{words.import.row({ number: row.number })}</span>
      <span className={styles.what}>
        {Object.entries(row.cells).map(([name, value]) => (value ? <span key={name}>{value}</span> : null))}
      </span>
      <span>
        <strong>{words.import.fates[row.fate]}</strong>{" "}
        {why || (changed.length > 0 ? words.import.changes({ columns: listed(changed, locale) }) : "")}
      </span>
    </li>
  );
}
