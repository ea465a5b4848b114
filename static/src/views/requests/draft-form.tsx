import { useEffect, useMemo, useState } from "react";
import { ChevronLeft, Clock } from "lucide-react";
import { Link } from "react-aria-components";
import { ApiError, type Me } from "../../state/api";
import type { Code } from "../../protocol.gen";
import { systemClock } from "../../state/clock";
import { Draft } from "../../state/requests/draft";
import { faultOf, faultsOf, progressOf, said, shownFields, type Brought } from "../../state/requests/form";
import type { Requests } from "../../state/requests/requests";
import type { Answers, Definition, RequestCard, RequestFile, RequestType } from "../../state/requests/shapes";
import { Uploads } from "../../state/requests/uploads";
import { uploading } from "../../state/uploading";
import { useApp, useLocale, useStore, useText } from "../context";
import { Button } from "../ui/button";
import { Confirm, Fault, type Question } from "../ui/dialog";
import { Select } from "../ui/fields";
import { FaultSummary } from "./form/fault-summary";
import { RequestForm } from "./form/request-form";
import { useFormWords } from "./form/words";
import styles from "./requests.module.css";
import { promiseWords, useRequestWords } from "./words";

export const broughtBy = (files: readonly RequestFile[]): Brought => {
  const fields: Record<string, number> = {};
  for (const file of files) if (file.field_id) fields[file.field_id] = (fields[file.field_id] ?? 0) + 1;
  return { fields, documents: new Set(files.map((file) => file.document_id).filter(Boolean)) };
};

/** A form that saves itself, until it is submitted. */
export function DraftForm({
  me,
  requests,
  type,
  definition,
  card,
  start,
}: {
  me: Me;
  requests: Requests;
  type: RequestType;
  definition: Definition;
  card: RequestCard | null;
  start: Answers;
}) {
  const { router } = useApp();
  const text = useText();
  const words = useFormWords();
  const requestWords = useRequestWords();
  const locale = useLocale();
  const owner = me.account?.id ?? "";
  const [draft] = useState(
    () => new Draft(requests, type.id, definition, systemClock, window.sessionStorage, owner, card, start),
  );
  const view = useStore(draft.view);
  const [files, setFiles] = useState<readonly RequestFile[]>(card?.files ?? []);
  const [uploads] = useState(
    () =>
      new Uploads(
        requests,
        () => draft.exist(),
        (onSent) => uploading(onSent),
        (kept) => setFiles((now) => [...now.filter((one) => one.key !== kept.key), kept]),
      ),
  );
  const sending = useStore(uploads.list).some((one) => one.state !== "failed");
  const [tried, setTried] = useState(0);
  const [isSubmitting, setSubmitting] = useState(false);
  const [code, setCode] = useState<Code | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  useEffect(() => () => draft.close(), [draft]);
  useEffect(() => {
    // A reload, or the way back from elsewhere, finds the draft by the address.
    if (view.id && new URLSearchParams(window.location.search).get("draft") !== view.id)
      router.replace(`/requests/new?type=${type.id}&draft=${view.id}`);
  }, [view.id, type.id, router]);
  useEffect(() => {
    const settle = (): void => void (view.saving === "typing" ? draft.settle().catch(() => undefined) : null);
    window.addEventListener("pagehide", settle);
    return () => window.removeEventListener("pagehide", settle);
  }, [draft, view.saving]);

  const brought = useMemo(() => broughtBy(files), [files]);
  const faults = useMemo(() => {
    const own: Record<string, string> = {};
    if (tried > 0) Object.assign(own, faultsOf(definition, view.answers, brought));
    else if (view.saving === "partly")
      for (const field of shownFields(definition, view.answers)) {
        const fault = faultOf(field, view.answers[field.id]);
        if (fault) own[field.id] = fault;
      }
    for (const [name, fault] of Object.entries(view.faults)) own[name] ??= fault;
    return own;
  }, [definition, view, brought, tried]);
  const progress = progressOf(definition, view.answers, brought);

  const submit = async (): Promise<void> => {
    setCode(null);
    if (Object.keys(faultsOf(definition, view.answers, brought)).length > 0) {
      setTried((now) => now + 1);
      return;
    }
    setSubmitting(true);
    try {
      const id = await draft.settle();
      await requests.move(id, { action: "submit" });
      draft.forget();
      router.replace(`/requests/${id}?filed=1`);
    } catch (cause) {
      const refused = cause instanceof ApiError ? cause : null;
      if (refused?.code === "invalid") draft.fail(refused.fields);
      setCode(refused?.code ?? "internal");
      setTried((now) => now + 1);
    } finally {
      setSubmitting(false);
    }
  };
  const remove = (): void =>
    void requests.remove(view.id).then(
      () => {
        draft.forget();
        router.replace("/requests");
      },
      (cause: unknown) => setCode(cause instanceof ApiError ? cause.code : "internal"),
    );
  const name = said(definition.name, locale);
  const companies = me.memberships
    .filter(({ organization, roles }) => {
      const { kinds = [], roles: wanted = [] } = definition.filers ?? {};
      return (
        (kinds.length === 0 || kinds.includes(organization.kind)) &&
        (wanted.length === 0 || wanted.some((role) => roles.includes(role)))
      );
    })
    .map(({ organization }) => ({ id: organization.id, label: organization.name }));
  const [company, setCompany] = useState(card?.request.organization.id ?? companies[0]?.id ?? "");
  return (
    <form
      className={styles.formPage}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <div className={styles.formHead}>
        <Link href="/requests/new" className={styles.promise ?? ""}>
          <ChevronLeft size={14} aria-hidden />
          {words.other}
        </Link>
        <h1>{name}</h1>
        <p>{said(definition.summary, locale)}</p>
        <span className={styles.promise}>
          <Clock size={14} aria-hidden />
          {promiseWords(requestWords, definition.clock)}
        </span>
      </div>
      {companies.length > 1 ? (
        <Select
          label={words.forCompany}
          options={companies}
          selected={company}
          isDisabled={view.id !== ""}
          onChange={(id) => {
            setCompany(id);
            draft.organizationId = id;
          }}
        />
      ) : null}
      {tried > 0 ? (
        <FaultSummary definition={definition} answers={view.answers} faults={faults} round={tried} />
      ) : null}
      {code && code !== "invalid" ? <Fault>{text.errors[code]}</Fault> : null}
      <RequestForm
        definition={definition}
        answers={view.answers}
        faults={faults}
        onAnswer={(fieldId, answer) => draft.set(fieldId, answer)}
        files={{
          kept: files,
          uploads,
          onRemove: (file) => {
            setFiles((now) => now.filter((one) => one.key !== file.key));
            requests.removeFile(view.id, file.key).catch(() => setFiles((now) => [...now, file]));
          },
        }}
      />
      <div className={styles.formBar}>
        <span className={styles.formState}>
          <span>{words.progress(progress)}</span>
          <span role="status" data-testid="saving" data-saving={view.saving}>
            <SavingText view={view} />
          </span>
        </span>
        {view.id ? (
          <Button
            tone="quiet"
            onPress={() =>
              setQuestion({
                title: words.deleteTitle,
                text: words.deleteText({ title: name }),
                action: words.deleteDraft,
                run: remove,
              })
            }
          >
            {words.deleteDraft}
          </Button>
        ) : null}
        <Button tone="primary" type="submit" isPending={isSubmitting} isDisabled={sending} testId="submit">
          {words.submit}
        </Button>
      </div>
      <Confirm question={question} onClose={() => setQuestion(null)} />
    </form>
  );
}

function SavingText({
  view,
}: {
  view: { readonly saving: keyof ReturnType<typeof useFormWords>["saving"]; readonly savedAtMs: number };
}) {
  const words = useFormWords();
  const locale = useLocale();
  if (view.saving !== "saved") return words.saving[view.saving];
  const time = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  return words.saving.saved({ when: time.format(view.savedAtMs) });
}
