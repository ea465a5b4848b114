import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, Clock, FilePlus2 } from "lucide-react";
import { useMemo, useState } from "react";
import { Link } from "react-aria-components";
import { ApiError, type Me } from "../../state/api";
import { said } from "../../state/requests/form";
import { Requests } from "../../state/requests/requests";
import type { RequestType } from "../../state/requests/shapes";
import { useApp, useLocale, useText } from "../context";
import { MemberFrame } from "../frame/member-frame";
import pages from "../pages/page.module.css";
import { Button, ButtonLink } from "../ui/button";
import { TextField } from "../ui/fields";
import { DraftForm } from "./draft-form";
import { useFormWords } from "./form/words";
import { requestPath, useRequestTitle } from "./request-row";
import styles from "./requests.module.css";
import { promiseWords, useRequestWords } from "./words";

const REFRESH_MS = 600_000;
const DRAFTS_SHOWN = 6;

export default function NewRequestPage({ type, draft, from }: { type: string; draft: string; from: string }) {
  const words = useRequestWords();
  return (
    <MemberFrame title={words.newRequest} refreshMs={REFRESH_MS}>
      {(me) => (type || draft ? <Filling me={me} type={type} draft={draft} from={from} /> : <TypeChooser />)}
    </MemberFrame>
  );
}

type GroupName = "hours" | "today" | "days";

function groupOf(type: RequestType): GroupName {
  switch (type.definition?.clock.kind) {
    case "minutes":
      return "hours";
    case "same_day":
      return "today";
    default:
      return "days";
  }
}

/** What can be asked for, by how soon it is promised. */
function TypeChooser() {
  const { api } = useApp();
  const text = useText();
  const words = useFormWords();
  const requestWords = useRequestWords();
  const locale = useLocale();
  const titleOf = useRequestTitle();
  const requests = useMemo(() => new Requests(api), [api]);
  const [search, setSearch] = useState("");
  const types = useQuery({ queryKey: ["request-types"], queryFn: () => requests.types() });
  const drafts = useQuery({
    queryKey: ["drafts"],
    queryFn: () => requests.list({ scope: "mine", state: "draft", limit: DRAFTS_SHOWN }),
  });
  const wanted = search.trim().toLowerCase();
  const offered = (types.data?.types ?? []).filter((type) => type.may_file && type.definition !== null);
  const found = offered.filter((type) => {
    const { name, summary } = type.definition ?? { name: null, summary: null };
    const all = [name?.zh, name?.en, summary?.zh, summary?.en].join(" ").toLowerCase();
    return wanted.split(/\s+/).every((word) => all.includes(word));
  });
  if (types.isError)
    return (
      <div className={pages.empty}>
        <h1>{words.failed}</h1>
        <p>{text.errors[types.error instanceof ApiError ? types.error.code : "internal"]}</p>
        <Button onPress={() => void types.refetch()}>{text.common.retry}</Button>
      </div>
    );
  if (types.isPending) return <p className={pages.soft}>{text.common.loading}…</p>;
  return (
    <>
      <div className={pages.titleRow}>
        <h1>{words.choose}</h1>
      </div>
      {offered.length > 0 ? (
        <TextField
          label={words.search}
          placeholder={words.search}
          type="search"
          hideLabel
          value={search}
          onChange={setSearch}
          testId="type-search"
        />
      ) : null}
      {offered.length === 0 || found.length === 0 ? (
        <div className={pages.empty}>
          <FilePlus2 size={40} strokeWidth={1.5} aria-hidden />
          <h2>{offered.length === 0 ? words.noTypes : words.noMatch}</h2>
          <p>{offered.length === 0 ? words.noTypesText : words.noMatchText}</p>
        </div>
      ) : null}
      <div className={styles.groups}>
        {wanted === "" && (drafts.data?.requests.length ?? 0) > 0 ? (
          <section>
            <h2>{words.drafts}</h2>
            <ul className={styles.typeGrid}>
              {drafts.data?.requests.map((draft) => (
                <li key={draft.id}>
                  <Link className={styles.typeCard ?? ""} href={requestPath(draft)} data-testid="draft">
                    <strong>{titleOf(draft)}</strong>
                    <p>{said(draft.type.name, locale)}</p>
                  </Link>
                </li>
              ))}
            </ul>
          </section>
        ) : null}
        {(["hours", "today", "days"] as const).map((group) => {
          const inside = found.filter((type) => groupOf(type) === group);
          return inside.length > 0 ? (
            <section key={group}>
              <h2>{words.groups[group]}</h2>
              <ul className={styles.typeGrid}>
                {inside.map((type) => (
                  <li key={type.id}>
                    <Link
                      className={styles.typeCard ?? ""}
                      href={`/requests/new?type=${type.id}`}
                      data-testid={`type-${type.key}`}
                    >
                      <strong>{said(type.definition?.name, locale)}</strong>
                      <p>{said(type.definition?.summary, locale)}</p>
                      {type.definition ? (
                        <span className={styles.promise}>
                          <Clock size={14} aria-hidden />
                          {promiseWords(requestWords, type.definition.clock)}
                        </span>
                      ) : null}
                    </Link>
                  </li>
                ))}
              </ul>
            </section>
          ) : null;
        })}
      </div>
    </>
  );
}

/** Finds the type and the draft, then shows the form.  `type` may be a type's key, as policies name it. */
function Filling({ me, type, draft, from }: { me: Me; type: string; draft: string; from: string }) {
  const { api } = useApp();
  const text = useText();
  const words = useFormWords();
  const requests = useMemo(() => new Requests(api), [api]);
  // The address learns the draft's id while one writes: what was there at first counts.
  const [first] = useState({ draft, from });
  const source = first.draft || first.from;
  const types = useQuery({
    queryKey: ["request-types"],
    queryFn: () => requests.types(),
    refetchInterval: false,
    refetchOnWindowFocus: false,
  });
  const card = useQuery({
    queryKey: ["draft", source],
    queryFn: () => requests.get(source),
    enabled: source !== "",
    refetchInterval: false,
    refetchOnWindowFocus: false,
  });
  const error = types.error ?? card.error;
  if (error)
    return (
      <div className={pages.empty}>
        <h1>{error instanceof ApiError && error.code === "not_found" ? words.draftGone : words.failed}</h1>
        <p>{text.errors[error instanceof ApiError ? error.code : "internal"]}</p>
        <ButtonLink href="/requests/new">{words.other}</ButtonLink>
      </div>
    );
  if (!types.data || (source !== "" && card.isPending))
    return <p className={pages.soft}>{text.common.loading}…</p>;
  const wanted = type || card.data?.request.type.id;
  const found = types.data.types.find((one) => one.id === wanted || one.key === wanted);
  const isGone = first.draft !== "" && card.data?.request.state !== "draft";
  if (!found?.definition || !found.may_file || isGone)
    return (
      <div className={pages.empty}>
        <h1>{isGone ? words.draftGone : words.noTypes}</h1>
        {isGone ? null : <p>{words.noTypesText}</p>}
        <ButtonLink href={isGone ? `/requests/${first.draft}` : "/requests/new"}>
          <ChevronLeft size={16} aria-hidden />
          {isGone ? words.title : words.other}
        </ButtonLink>
      </div>
    );
  return (
    <DraftForm
      key={`${found.id} ${first.from}`}
      me={me}
      requests={requests}
      type={found}
      definition={found.definition}
      card={first.draft ? (card.data ?? null) : null}
      start={first.from ? (card.data?.answers ?? {}) : {}}
    />
  );
}
