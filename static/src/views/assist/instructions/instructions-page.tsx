import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Archive, ArchiveRestore, ListChecks, Plus } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { Link } from "react-aria-components";
import { ApiError } from "../../../state/api";
import { Templates, type WrittenTemplate } from "../../../state/assist/templates";
import { useApp, useLocale, useText } from "../../context";
import { More, useListing } from "../../pages/listing";
import pages from "../../pages/page.module.css";
import { Button, ButtonLink, IconButton } from "../../ui/button";
import { classes } from "../../ui/classes";
import { Fault } from "../../ui/dialog";
import { Select, TextField } from "../../ui/fields";
import { DeskFrame } from "../desk/desk-frame";
import styles from "./instructions.module.css";
import { useInstructionWords } from "./words";

const PAGE_SIZE = 50;
const UNDO_MS = 8_000;

/** The work instructions of one's organizations and of the park. */
export default function InstructionsPage() {
  const words = useInstructionWords();
  return (
    <DeskFrame title={words.title}>
      <Instructions />
    </DeskFrame>
  );
}

function Instructions() {
  const { api } = useApp();
  const text = useText();
  const words = useInstructionWords();
  const client = useQueryClient();
  const templates = useMemo(() => new Templates(api), [api]);
  const [archived, setArchived] = useState(false);
  const [search, setSearch] = useState("");
  const [away, setAway] = useState<WrittenTemplate | null>(null);
  useEffect(() => {
    if (!away) return;
    const timer = setTimeout(() => setAway(null), UNDO_MS);
    return () => clearTimeout(timer);
  }, [away]);
  const { query, rows: all } = useListing(
    ["templates", archived],
    (after) => templates.list({ archived, before: after, limit: PAGE_SIZE }),
    (page) => page.templates,
  );
  const put = useMutation({
    mutationFn: (change: { template: WrittenTemplate; archived: boolean }) =>
      templates.archive(change.template.id, change.archived),
    onSuccess: (kept) => {
      setAway(kept.archived ? kept : null);
      return client.invalidateQueries({ queryKey: ["templates"] });
    },
  });
  const wanted = search.trim().toLocaleLowerCase();
  const shown = all.filter(({ title }) => title.toLocaleLowerCase().includes(wanted));
  const failure = query.error ?? put.error;
  const isEmpty = query.isSuccess && all.length === 0;
  return (
    <>
      <div className={pages.titleRow}>
        <div className={pages.rowText}>
          <h1>{words.title}</h1>
          <p className={pages.soft}>{words.intro}</p>
        </div>
        {isEmpty && !archived ? null : (
          <div className={pages.actions}>
            <ButtonLink tone="primary" large href="/assist/instructions/new">
              <Plus size={18} aria-hidden />
              {words.write}
            </ButtonLink>
          </div>
        )}
      </div>
      <div className={styles.toolbar}>
        <TextField
          label={words.search}
          placeholder={words.search}
          type="search"
          hideLabel
          value={search}
          onChange={setSearch}
        />
        <Select
          label={words.show}
          hideLabel
          selected={archived ? "archived" : "current"}
          onChange={(id) => setArchived(id === "archived")}
          options={[
            { id: "current", label: words.current },
            { id: "archived", label: words.archived },
          ]}
        />
      </div>
      {failure ? (
        <Fault>
          {query.isError ? `${words.failed}: ` : ""}
          {text.errors[failure instanceof ApiError ? failure.code : "internal"]}{" "}
          {query.isError ? <Button onPress={() => void query.refetch()}>{text.common.retry}</Button> : null}
        </Fault>
      ) : null}
      {query.isPending ? <p className={pages.soft}>{text.common.loading}…</p> : null}
      {query.isSuccess && shown.length === 0 ? (
        <div className={pages.empty}>
          <ListChecks size={40} strokeWidth={1.5} aria-hidden />
          <h2>{all.length > 0 ? words.noMatch : archived ? words.emptyArchive : words.empty}</h2>
          {isEmpty && !archived ? (
            <>
              <p>{words.emptyText}</p>
              <ButtonLink tone="primary" large href="/assist/instructions/new">
                {words.write}
              </ButtonLink>
            </>
          ) : null}
        </div>
      ) : null}
      {shown.length > 0 ? (
        <ul className={pages.list}>
          {shown.map((template) => (
            <Row
              key={template.id}
              template={template}
              put={(change) => put.mutate({ template, archived: change })}
            />
          ))}
        </ul>
      ) : null}
      <More query={query} />
      <div role="status" aria-live="polite">
        {away ? (
          <div className={pages.snack}>
            {words.putAway({ title: away.title })}
            <Button tone="quiet" onPress={() => put.mutate({ template: away, archived: false })}>
              {text.common.undo}
            </Button>
          </div>
        ) : null}
      </div>
    </>
  );
}

function Row({ template, put }: { template: WrittenTemplate; put: (archived: boolean) => void }) {
  const words = useInstructionWords();
  const day = new Intl.DateTimeFormat(useLocale(), { dateStyle: "medium" });
  return (
    <li className={pages.row}>
      <div className={pages.rowText}>
        <div className={pages.rowTitle}>
          <Link className={styles.rowLink ?? ""} href={`/assist/instructions/${template.id}`}>
            {template.title}
          </Link>
        </div>
        <div className={classes(pages.rowMeta, "tabular")}>
          <span>{template.organization}</span>
          <span>{words.steps({ count: template.steps.length })}</span>
          <span>{words.version({ number: template.version })}</span>
          <span>{day.format(template.changed_at_ms)}</span>
        </div>
      </div>
      {!template.may_change ? null : template.archived ? (
        <Button onPress={() => put(false)}>
          <ArchiveRestore size={16} aria-hidden />
          {words.bringBack}
        </Button>
      ) : (
        <IconButton name={words.archive({ title: template.title })} onPress={() => put(true)}>
          <Archive size={18} aria-hidden />
        </IconButton>
      )}
    </li>
  );
}
