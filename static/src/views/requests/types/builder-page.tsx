import { useQuery } from "@tanstack/react-query";
import { ChevronLeft } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { Link } from "react-aria-components";
import type { Code } from "../../../protocol.gen";
import { ApiError } from "../../../state/api";
import { systemClock } from "../../../state/clock";
import { emptyDefinition } from "../../../state/requests/builder";
import { said } from "../../../state/requests/form";
import { Requests } from "../../../state/requests/requests";
import type { Answers, Definition, RequestType } from "../../../state/requests/shapes";
import { TypeDraft } from "../../../state/requests/type-draft";
import { useApp, useLocale, useStore, useText } from "../../context";
import { MemberFrame } from "../../frame/member-frame";
import pages from "../../pages/page.module.css";
import { Button, ButtonLink } from "../../ui/button";
import { Confirm, Dialog, Fault, type Question } from "../../ui/dialog";
import { RequestForm } from "../form/request-form";
import requestStyles from "../request.module.css";
import { promiseWords, useRequestWords, whenFormat } from "../words";
import styles from "./builder.module.css";
import { BasicsSection, ClockSection } from "./sections";
import { DocumentsSection, FieldsSection, RepliesSection, StepsSection } from "./list-sections";
import { useTypeWords } from "./words";

const REFRESH_MS = 600_000;
const SECTIONS = ["basics", "fields", "clock", "steps", "documents", "replies"] as const;
type Section = (typeof SECTIONS)[number];
const PATHS: Record<Section, readonly string[]> = {
  basics: ["name", "summary", "code", "title_field", "keep_days"],
  fields: ["fields"],
  clock: ["clock", "escalations"],
  steps: ["steps", "outcomes"],
  documents: ["documents"],
  replies: ["replies"],
};

export default function BuilderPage({ id }: { id: string }) {
  const words = useTypeWords();
  return (
    <MemberFrame title={words.title} refreshMs={REFRESH_MS}>
      {() => <Loading id={id} />}
    </MemberFrame>
  );
}

function Loading({ id }: { id: string }) {
  const { api } = useApp();
  const text = useText();
  const words = useTypeWords();
  const requests = useMemo(() => new Requests(api), [api]);
  const type = useQuery({
    queryKey: ["request-type", id],
    queryFn: () => requests.type(id),
    refetchInterval: false,
    refetchOnWindowFocus: false,
  });
  if (type.isError)
    return (
      <div className={pages.empty}>
        <h1>{words.gone}</h1>
        <p>{text.errors[type.error instanceof ApiError ? type.error.code : "internal"]}</p>
        <ButtonLink href="/request-types">{words.back}</ButtonLink>
      </div>
    );
  if (!type.data) return <p className={pages.soft}>{text.common.loading}…</p>;
  return (
    <Builder
      key={`${type.data.id} ${type.dataUpdatedAt}`}
      requests={requests}
      type={type.data}
      onReload={() => void type.refetch()}
    />
  );
}

function Builder({
  requests,
  type,
  onReload,
}: {
  requests: Requests;
  type: RequestType;
  onReload: () => void;
}) {
  const text = useText();
  const words = useTypeWords();
  const requestWords = useRequestWords();
  const locale = useLocale();
  const [draft] = useState(
    () =>
      new TypeDraft(requests, type.id, systemClock, type, type.draft ?? type.definition ?? emptyDefinition()),
  );
  const view = useStore(draft.view);
  const [version, setVersion] = useState(type.version);
  const [isRetired, setRetired] = useState(type.retired);
  const [section, setSection] = useState<Section>("basics");
  const [side, setSide] = useState<"editor" | "preview">("editor");
  const [question, setQuestion] = useState<Question | null>(null);
  const [isHistory, setHistory] = useState(false);
  const [note, setNote] = useState("");
  const [code, setCode] = useState<Code | null>(null);
  useEffect(() => () => draft.close(), [draft]);
  const groups = useQuery({
    queryKey: ["request-groups"],
    queryFn: () => requests.groups(),
    refetchInterval: false,
  });
  const { definition, faults } = view;
  const count = Object.keys(faults).length;
  const change = (next: Definition): void => {
    setNote("");
    draft.change(next);
  };
  const publish = async (): Promise<void> => {
    setCode(null);
    const revision = await draft.settle();
    if (revision === null) return;
    try {
      const published = await requests.publish(type.id, revision);
      setVersion(published.version);
      setNote(words.publishedNow({ number: published.version }));
    } catch (cause) {
      setCode(cause instanceof ApiError ? cause.code : "internal");
    }
  };
  const retire = (wish: boolean): void => {
    setCode(null);
    requests.retire(type.id, wish).then(
      (changed) => setRetired(changed.retired),
      (cause: unknown) => setCode(cause instanceof ApiError ? cause.code : "internal"),
    );
  };
  const name = said(definition.name, locale) || type.key;
  const wrongIn = (one: Section): number =>
    Object.keys(faults).filter((path) =>
      PATHS[one].some((root) => path === root || path.startsWith(`${root}.`)),
    ).length;
  const parts = { definition, faults, groups: groups.data?.groups ?? [], onChange: change };
  return (
    <>
      <div className={styles.head}>
        <Link href="/request-types" className={requestStyles.back ?? ""}>
          <ChevronLeft size={16} aria-hidden />
          {words.back}
        </Link>
        <h1>{name}</h1>
        <p className={requestStyles.soft}>
          {version > 0 ? words.published({ number: version }) : words.unpublished}
          {isRetired ? ` · ${words.retired}` : ""} · {type.key}
        </p>
      </div>
      <div className={styles.bar}>
        <span role="status" data-testid="type-saving" data-saving={view.saving}>
          {note || words.saving[view.saving]}
          {count > 0 ? ` · ${words.faultsCount({ count })}` : ""}
        </span>
        {view.saving === "conflict" ? <Button onPress={onReload}>{words.reload}</Button> : null}
        <Button onPress={() => setHistory(true)}>{words.versions}</Button>
        {version > 0 ? (
          <Button
            onPress={() =>
              isRetired
                ? retire(false)
                : setQuestion({
                    title: words.retireTitle,
                    text: words.retireText({ name }),
                    action: words.retire,
                    run: () => retire(true),
                  })
            }
          >
            {isRetired ? words.unretire : words.retire}
          </Button>
        ) : null}
        <Button
          tone="primary"
          isDisabled={count > 0 || view.saving === "conflict"}
          onPress={() => void publish()}
          testId="publish"
        >
          {words.publish}
        </Button>
      </div>
      {code ? <Fault>{text.errors[code]}</Fault> : null}
      <div className={styles.sides} role="group" aria-label={words.preview}>
        {(["editor", "preview"] as const).map((one) => (
          <button key={one} type="button" aria-pressed={side === one} onClick={() => setSide(one)}>
            {words[one]}
          </button>
        ))}
      </div>
      <div className={styles.columns} data-side={side}>
        <div className={styles.left}>
          <div className={styles.tabs} role="group" aria-label={words.editor}>
            {SECTIONS.map((one) => {
              const wrong = wrongIn(one);
              return (
                <button
                  key={one}
                  type="button"
                  aria-pressed={section === one}
                  onClick={() => setSection(one)}
                  data-testid={`section-${one}`}
                >
                  {words.sections[one]}
                  {wrong > 0 ? <span className={styles.wrong}>{wrong}</span> : null}
                </button>
              );
            })}
          </div>
          <section className={styles.panel} aria-label={words.sections[section]}>
            {section === "basics" ? <BasicsSection {...parts} /> : null}
            {section === "fields" ? <FieldsSection {...parts} /> : null}
            {section === "clock" ? <ClockSection {...parts} /> : null}
            {section === "steps" ? <StepsSection {...parts} /> : null}
            {section === "documents" ? <DocumentsSection {...parts} /> : null}
            {section === "replies" ? <RepliesSection {...parts} /> : null}
          </section>
        </div>
        <aside className={styles.preview} aria-label={words.preview} data-testid="preview">
          <h2>{said(definition.name, locale) || words.preview}</h2>
          <p className={requestStyles.soft}>{said(definition.summary, locale)}</p>
          <p className={requestStyles.soft}>
            {promiseWords(requestWords, definition.clock)}
            {view.dueAtMs > 0
              ? ` · ${words.previewDue({ when: whenFormat(locale).format(view.dueAtMs) })}`
              : ""}
          </p>
          <Preview definition={definition} />
          <p className={requestStyles.soft}>{words.previewText}</p>
        </aside>
      </div>
      <Confirm question={question} onClose={() => setQuestion(null)} />
      {isHistory ? (
        <History
          requests={requests}
          id={type.id}
          version={version}
          onTake={(taken) => {
            change(taken);
            setHistory(false);
          }}
          onClose={() => setHistory(false)}
        />
      ) : null}
    </>
  );
}

function Preview({ definition }: { definition: Definition }) {
  const [answers, setAnswers] = useState<Answers>({});
  return (
    <RequestForm
      definition={definition}
      answers={answers}
      faults={{}}
      files={null}
      onAnswer={(fieldId, answer) => setAnswers((now) => ({ ...now, [fieldId]: answer }))}
    />
  );
}

function History({
  requests,
  id,
  version,
  onTake,
  onClose,
}: {
  requests: Requests;
  id: string;
  version: number;
  onTake: (definition: Definition) => void;
  onClose: () => void;
}) {
  const words = useTypeWords();
  const locale = useLocale();
  const versions = useQuery({
    queryKey: ["type-versions", id, version],
    queryFn: () => requests.versions(id),
    refetchInterval: false,
  });
  return (
    <Dialog title={words.versions} isOpen onClose={onClose}>
      {versions.data?.versions.length === 0 ? (
        <p className={requestStyles.soft}>{words.noVersions}</p>
      ) : (
        <ul className={styles.versions} data-testid="versions">
          {versions.data?.versions.map((one) => (
            <li key={one.version}>
              <span>
                <strong>{words.published({ number: one.version })}</strong>
                <span className={requestStyles.soft}>
                  {words.versionBy({ name: one.name, when: whenFormat(locale).format(one.made_at_ms) })}
                </span>
              </span>
              <Button
                onPress={() =>
                  void requests.definition(id, one.version).then(
                    (found) => onTake(found.definition),
                    () => undefined,
                  )
                }
              >
                {words.takeVersion}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}
