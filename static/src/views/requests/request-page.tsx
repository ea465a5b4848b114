import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ChevronLeft, Printer } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { Link } from "react-aria-components";
import { ApiError, type Me } from "../../state/api";
import { printUrl, Requests } from "../../state/requests/requests";
import { useApp, useLocale, useText } from "../context";
import { MemberFrame } from "../frame/member-frame";
import pages from "../pages/page.module.css";
import { Button, ButtonLink } from "../ui/button";
import { AnswersView } from "./answers-view";
import type { AtHand } from "./at-hand";
import { AttachmentsView } from "./attachments-view";
import { ClockChip, EscalatedChip, StateChip } from "./chips";
import { Comments } from "./comments";
import { DocumentsView } from "./documents-view";
import { RequestActions } from "./request-actions";
import { RequestCalls } from "./request-calls";
import { RequestFacts } from "./request-facts";
import { useRequestTitle } from "./request-row";
import styles from "./request.module.css";
import { Timeline } from "./timeline";
import { useFiles } from "./use-files";
import { useServerNow } from "./use-server-now";
import { useRequestWords } from "./words";

const REFRESH_MS = 15_000;
const UNDO_MS = 10_000;

export default function RequestPage({ id, isNew }: { id: string; isNew: boolean }) {
  const words = useRequestWords();
  return (
    <MemberFrame title={words.title} refreshMs={REFRESH_MS}>
      {(me) => <Loading me={me} id={id} isNew={isNew} />}
    </MemberFrame>
  );
}

function Loading({ me, id, isNew }: { me: Me; id: string; isNew: boolean }) {
  const { api, router } = useApp();
  const text = useText();
  const words = useRequestWords();
  const client = useQueryClient();
  const requests = useMemo(() => new Requests(api), [api]);
  const card = useQuery({ queryKey: ["request", id], queryFn: () => requests.get(id) });
  const isDraft = card.data?.request.state === "draft";
  useEffect(() => {
    if (isDraft) router.replace(`/requests/new?draft=${id}`);
  }, [isDraft, id, router]);
  if (card.isError && !card.data) {
    const isGone = card.error instanceof ApiError && card.error.code === "not_found";
    return (
      <div className={pages.empty}>
        <h1>{isGone ? words.one.gone : words.failed}</h1>
        <p>
          {isGone
            ? words.one.goneText
            : text.errors[card.error instanceof ApiError ? card.error.code : "internal"]}
        </p>
        {isGone ? (
          <ButtonLink href="/requests">{words.one.toList}</ButtonLink>
        ) : (
          <Button onPress={() => void card.refetch()}>{text.common.retry}</Button>
        )}
      </div>
    );
  }
  if (!card.data || isDraft) return <p className={pages.soft}>{text.common.loading}…</p>;
  return (
    <RequestSheet
      me={me}
      card={card.data}
      requests={requests}
      isNew={isNew}
      onCard={(next) => client.setQueryData(["request", id], next)}
      onStale={() => void card.refetch()}
    />
  );
}

/** What every part of the page works with. */
function RequestSheet({ me, isNew, ...at }: AtHand & { me: Me; isNew: boolean }) {
  const words = useRequestWords();
  const locale = useLocale();
  const { card } = at;
  const { request } = card;
  const nowMs = useServerNow(card.server_time_ms);
  const title = useRequestTitle()(request);
  const files = useFiles(at);
  useEffect(() => {
    document.title = `${request.number} ${title}`;
  }, [request.number, title]);
  return (
    <>
      <div className={styles.head}>
        <Link href="/requests" className={styles.back ?? ""}>
          <ChevronLeft size={16} aria-hidden />
          {words.one.toList}
        </Link>
        <h1 data-testid="request-title">{title}</h1>
        <div className={styles.headChips}>
          <span className="tabular">{request.number}</span>
          <StateChip request={request} />
          <ClockChip request={request} nowMs={nowMs} />
          <EscalatedChip request={request} />
        </div>
      </div>
      <RequestActions {...at} files={files}>
        <a className={styles.print} href={printUrl(request.id, locale)} target="_blank" rel="noreferrer">
          <Printer size={16} aria-hidden />
          {words.one.print}
        </a>
      </RequestActions>
      <div className={styles.columns}>
        <div className={styles.main}>
          <AnswersView definition={card.definition} answers={card.answers} files={files.at.kept} />
          <DocumentsView {...at} files={files} />
          <Comments {...at} me={me} />
          <AttachmentsView {...at} files={files} />
        </div>
        <aside className={styles.side} aria-label={words.one.about}>
          <RequestFacts card={card} />
          <RequestCalls me={me} card={card} requests={at.requests} onStale={at.onStale} />
          <Timeline card={card} />
        </aside>
      </div>
      {isNew ? <JustFiled {...at} /> : null}
    </>
  );
}

/** For some seconds, what was just filed can be taken back by one press: it becomes a draft to write on. */
function JustFiled({ card, requests, onStale }: AtHand) {
  const { router } = useApp();
  const words = useRequestWords();
  const [isShown, setShown] = useState(true);
  const { id, actions, type } = card.request;
  useEffect(() => {
    const timer = setTimeout(() => setShown(false), UNDO_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!isShown || !actions.includes("withdraw")) return null;
  const takeBack = (): void =>
    void requests.move(id, { action: "withdraw" }).then(
      () => router.replace(`/requests/new?type=${type.id}&from=${id}`),
      () => onStale(),
    );
  return (
    <div className={pages.snack} role="status" data-testid="just-filed">
      <span>{words.one.filedNow}</span>
      <Button tone="quiet" onPress={takeBack} testId="take-back">
        {words.one.takeBack}
      </Button>
    </div>
  );
}
