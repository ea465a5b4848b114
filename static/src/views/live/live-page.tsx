import { Users } from "lucide-react";
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { ApiError } from "../../state/api";
import type { HubClient } from "../../state/live/hub";
import { Livestreams, type Ticket, type Watch } from "../../state/live/livestreams";
import { useApp, useLocale, useStore, useText } from "../context";
import { PageFrame } from "../pages/page-frame";
import pages from "../pages/page.module.css";
import { Film } from "../recordings/film";
import { Button, ButtonLink } from "../ui/button";
import { classes } from "../ui/classes";
import { ChatTab } from "./chat";
import { Countdown, Gate, When } from "./gate";
import { HandButton } from "./hand";
import styles from "./live.module.css";
import { PollCard } from "./polls";
import { ModerationTabs } from "./moderation-panel";
import { LivePlayer } from "./player";
import { QuestionsTab } from "./questions";
import { ReactionBar } from "./reactions";
import { useHub, useTick } from "./use-hub";
import { useLiveWords } from "./words";

const OnStage = lazy(() => import("./stage/on-stage"));

const AGAIN_MS = 15_000;
const RENEW_BEFORE_MS = 60_000;
const WAITING: ReadonlySet<string> = new Set(["approval", "seat"]);
const NAME_KEY = "tongxin.live.name";

/** A livestream for its audience: before, while it is on, and afterwards. */
export default function LivePage({ id }: { id: string }) {
  const { api } = useApp();
  const words = useLiveWords();
  const text = useText();
  const livestreams = useMemo(() => new Livestreams(api), [api]);
  const [link] = useState(() => new URLSearchParams(window.location.search).get("link") ?? "");
  const [registration] = useState(
    () => new URLSearchParams(window.location.hash.slice(1)).get("registration") ?? "",
  );
  const [name, setName] = useState(() => window.sessionStorage.getItem(NAME_KEY) ?? "");
  const [watch, setWatch] = useState<Watch | "gone" | "failed" | null>(null);
  const load = useCallback(
    (as = name): Promise<Watch> =>
      livestreams.watch(id, link, registration, as).then(
        (found) => {
          setWatch(found);
          return found;
        },
        (cause: unknown) => {
          const code = cause instanceof ApiError ? cause.code : "internal";
          setWatch((before) => (code === "not_found" ? "gone" : (before ?? "failed")));
          throw cause;
        },
      ),
    [livestreams, id, link, registration, name],
  );
  useEffect(() => {
    load().catch(() => undefined);
  }, [load]);
  // What no socket tells is asked again: often by who waits for an answer, else now and then.
  const waits = watch === "failed" || (typeof watch === "object" && WAITING.has(watch?.needs ?? ""));
  useEffect(() => {
    const timer = setInterval(() => void load().catch(() => undefined), waits ? AGAIN_MS : AGAIN_MS * 20);
    return () => clearInterval(timer);
  }, [load, waits]);
  if (watch === null) return null;
  if (watch === "gone" || watch === "failed")
    return (
      <PageFrame title={words.title}>
        <div className={pages.empty}>
          <h1>{watch === "gone" ? words.gone : text.errors.unavailable}</h1>
          {watch === "gone" ? <p>{words.goneText}</p> : null}
          {watch === "failed" ? (
            <Button onPress={() => void load().catch(() => undefined)}>{text.common.retry}</Button>
          ) : null}
        </div>
      </PageFrame>
    );
  const skewMs = watch.server_ms - Date.now();
  if (watch.needs !== "")
    return (
      <PageFrame title={watch.title || words.title}>
        <Cover watch={watch} />
        <Head watch={watch} />
        {watch.starts_at_ms > 0 ? <When watch={watch} /> : null}
        {["draft", "scheduled", "rehearsal"].includes(watch.phase) && watch.starts_at_ms > 0 ? (
          <Countdown watch={watch} skewMs={skewMs} />
        ) : null}
        <Gate
          watch={watch}
          livestreams={livestreams}
          link={link}
          onChange={() => void load().catch(() => undefined)}
        />
        {watch.description ? <p className={styles.description}>{watch.description}</p> : null}
      </PageFrame>
    );
  return (
    <Watching
      watch={watch}
      livestreams={livestreams}
      load={load}
      skewMs={skewMs}
      onName={(chosen) => {
        window.sessionStorage.setItem(NAME_KEY, chosen);
        setName(chosen);
      }}
    />
  );
}

function Cover({ watch }: { watch: Watch }) {
  return watch.cover_url ? <img className={styles.cover} src={watch.cover_url} alt="" /> : null;
}

function Head({ watch, viewers }: { watch: Watch; viewers?: number }) {
  const words = useLiveWords();
  const locale = useLocale();
  return (
    <header className={styles.head}>
      <h1>{watch.title}</h1>
      <p className={styles.meta}>
        {watch.phase === "live" ? <span className={styles.liveBadge}>{words.liveBadge}</span> : null}
        {watch.organization ? <span>{words.by({ name: watch.organization })}</span> : null}
        {watch.hosts.length > 0 ? <span>{new Intl.ListFormat(locale).format(watch.hosts)}</span> : null}
        {viewers !== undefined && viewers > 0 ? (
          <span className="tabular" data-testid="live-viewers">
            <Users size={14} aria-hidden /> {words.viewers({ count: viewers })}
          </span>
        ) : null}
      </p>
    </header>
  );
}

function Watching({
  watch,
  livestreams,
  load,
  skewMs,
  onName,
}: {
  watch: Watch;
  livestreams: Livestreams;
  load: (as?: string) => Promise<Watch>;
  skewMs: number;
  onName: (name: string) => void;
}) {
  const words = useLiveWords();
  const locale = useLocale();
  const client = useHub(watch.id, async () => {
    const fresh = await load();
    if (fresh.token === "") throw new Error("may not watch any more");
    return fresh.token;
  });
  const view = useStore(client.view);
  const line = useStore(client.line);
  const [delayMs, setDelayMs] = useState<number | null>(null);
  const onTier = useCallback((_tier: string | null, behindMs: number | null) => setDelayMs(behindMs), []);
  const [ticket, setTicket] = useState<Ticket | null>(null);
  const now = useTick(RENEW_BEFORE_MS / 4);
  const renewing = useRef("");

  // A token is made anew before it runs out, and when a name was chosen.
  useEffect(() => {
    const runsOut = watch.token_expires_at_ms - (now + skewMs) < RENEW_BEFORE_MS;
    if (runsOut && renewing.current !== watch.token) {
      renewing.current = watch.token;
      load().catch(() => (renewing.current = ""));
    }
  }, [now, watch, skewMs, load]);
  useEffect(() => {
    if (line.state === "open" && watch.token) client.renew(watch.token).catch(() => undefined);
  }, [client, line.state, watch.token]);

  // Removed by a moderator, or called off: the page is asked what is left of it, and shows nothing more.
  const isOut = line.state === "closed" && (line.code === "removed" || line.code === "not_found");
  useEffect(() => {
    if (isOut) load().catch(() => undefined);
  }, [isOut, load]);

  // Another phase brings other addresses.
  const phase = view.phase || watch.phase;
  useEffect(() => {
    if (view.phase === "" || view.phase === watch.phase) return;
    const spread = setTimeout(() => void load().catch(() => undefined), Math.random() * 1_000);
    return () => clearTimeout(spread);
  }, [view.phase, watch.phase, load]);

  const hand = view.you?.hand ?? "down";
  const isOnStage = ticket !== null && hand === "on_stage";
  const goOnStage = async (): Promise<void> => {
    setTicket(await livestreams.ticket(watch.id, watch.token));
  };
  const raiseAs = async (name: string): Promise<void> => {
    onName(name);
    await client.renew((await load(name)).token);
    await client.ask("raise_hand");
  };
  const wantsTicket = ticket === null && hand === "on_stage";
  useEffect(() => {
    // The page was loaded again meanwhile: back onto the stage.
    if (wantsTicket && phase === "live")
      livestreams.ticket(watch.id, watch.token).then(setTicket, () => undefined);
  }, [wantsTicket, phase, livestreams, watch.id, watch.token]);
  const leaveStage = (): void => {
    setTicket(null);
    client.ask("lower_hand").catch(() => undefined);
  };
  const countdownAtMs = view.stage?.countdown_ends_at_ms ?? 0;
  return (
    <PageFrame title={watch.title}>
      <div className={styles.watch}>
        <div className={styles.videoSide}>
          <div className={watch.replay && !isOnStage ? undefined : styles.sticky}>
            {isOnStage ? (
              <Suspense fallback={<div className={styles.screen} />}>
                <OnStage
                  ticket={ticket}
                  name={watch.you?.name ?? ""}
                  spoken={view.spoken}
                  onLeave={leaveStage}
                />
              </Suspense>
            ) : phase === "live" ? (
              <LivePlayer
                whep={watch.whep}
                token={watch.token}
                hls={watch.hls}
                stage={view.stage}
                spoken={view.spoken}
                clockMs={() => Date.now() + skewMs}
                onTier={onTier}
              />
            ) : watch.replay ? (
              <Film
                url={watch.replay.film_url}
                title={watch.title}
                chapters={watch.replay.chapters}
                captions={watch.replay.captions.map((one) => ({
                  ...one,
                  label: one.label || words.automatic({ language: languageName(locale, one.language) }),
                }))}
              />
            ) : (
              <div className={styles.screen} data-testid="live-waiting">
                <Cover watch={watch} />
                <div className={styles.screenText}>
                  {phase === "ended" || phase === "replay" ? (
                    <>
                      <h2>{words.ended}</h2>
                      <p>{words.endedText}</p>
                    </>
                  ) : countdownAtMs > now + skewMs ? (
                    <Countdown
                      watch={{ ...watch, phase: "scheduled", starts_at_ms: countdownAtMs }}
                      skewMs={skewMs}
                    />
                  ) : (
                    <Countdown watch={{ ...watch, phase }} skewMs={skewMs} />
                  )}
                </div>
              </div>
            )}
          </div>
          <Head watch={{ ...watch, phase }} viewers={view.viewers} />
          {watch.replay && phase !== "live" ? (
            <p className={styles.meta}>
              {watch.replay.captions.map((one) => (
                <a
                  key={one.language}
                  href={`${one.url}&form=text`}
                  download={`${watch.title}-${one.language}.txt`}
                >
                  {words.transcript({ language: languageName(locale, one.language) })}
                </a>
              ))}
            </p>
          ) : null}
          <div className={styles.tools}>
            {phase === "live" && delayMs !== null && !isOnStage ? (
              <span className={`${styles.delay ?? ""} tabular`} data-testid="live-delay">
                {words.behind({ seconds: (delayMs / 1_000).toFixed(1) })}
              </span>
            ) : null}
            {line.state === "connecting" && view.you !== null ? (
              <span className={styles.delay} role="status">
                {words.lost}
              </span>
            ) : null}
            <span className={styles.spacer} />
            {phase === "live" || phase === "rehearsal" || phase === "scheduled" ? (
              <ReactionBar client={client} />
            ) : null}
            {phase === "live" && watch.you?.role == null && !isOnStage ? (
              <HandButton
                client={client}
                state={hand}
                name={watch.you?.name ?? ""}
                onNamed={raiseAs}
                onStage={goOnStage}
              />
            ) : null}
            {watch.you?.role != null && phase !== "ended" && phase !== "replay" ? (
              <ButtonLink tone="primary" href={`/live/${watch.id}/stage`}>
                {words.stage}
              </ButtonLink>
            ) : null}
          </div>
          {phase === "live" || phase === "ended" || phase === "replay" ? null : <When watch={watch} />}
        </div>
        {watch.you?.role === "host" || watch.you?.role === "moderator" ? (
          <ModerationTabs client={client} livestreamId={watch.id} livestreams={livestreams} />
        ) : (
          <AudienceTabs client={client} watch={watch} onName={onName} />
        )}
      </div>
    </PageFrame>
  );
}

function languageName(locale: string, language: string): string {
  return new Intl.DisplayNames(locale, { type: "language" }).of(language) ?? language;
}

type TabId = "chat" | "questions" | "about";

function AudienceTabs({
  client,
  watch,
  onName,
}: {
  client: HubClient;
  watch: Watch;
  onName: (name: string) => void;
}) {
  const words = useLiveWords();
  const view = useStore(client.view);
  const [tab, setTab] = useState<TabId>("chat");
  const [voted, setVoted] = useState<Readonly<Record<string, boolean>>>({});
  const known = view.you?.votes ?? [];
  const votes = [
    ...known.filter((one) => voted[one] !== false),
    ...Object.keys(voted).filter((one) => voted[one] && !known.includes(one)),
  ];
  const open = view.polls.filter((poll) => poll.state === "open").at(-1);
  const name = watch.you?.name ?? "";
  const tabs: readonly TabId[] = ["chat", "questions", "about"];
  return (
    <section className={styles.panel}>
      <div className={styles.tabs} role="tablist" aria-label={words.moderation}>
        {tabs.map((one) => (
          <button
            key={one}
            type="button"
            role="tab"
            id={`live-tab-${one}`}
            aria-selected={tab === one}
            aria-controls="live-panel"
            className={styles.tab}
            onClick={() => setTab(one)}
            data-testid={`live-tab-${one}`}
          >
            {words.tabs[one]}
            {one === "questions" && view.questions.length > 0 ? (
              <span className={styles.count}>{view.questions.length}</span>
            ) : null}
          </button>
        ))}
      </div>
      <div className={styles.tabBody} role="tabpanel" id="live-panel" aria-labelledby={`live-tab-${tab}`}>
        {open ? (
          <PollCard
            key={`${open.id}-${view.you ? "known" : ""}`}
            poll={open}
            chosen={view.you?.answers?.[open.id] ?? []}
            client={client}
          />
        ) : null}
        {tab === "chat" ? (
          <ChatTab client={client} view={view} room="" name={name} onName={onName} />
        ) : tab === "questions" ? (
          <QuestionsTab
            client={client}
            view={view}
            name={name}
            onName={onName}
            votes={votes}
            onVoted={(questionId, on) => setVoted({ ...voted, [questionId]: on })}
          />
        ) : (
          <div className={styles.about}>
            <p className={classes(styles.description)}>{watch.description}</p>
            {view.polls
              .filter((poll) => poll.state === "closed")
              .map((poll) => (
                <PollCard key={poll.id} poll={poll} chosen={[]} client={null} />
              ))}
          </div>
        )}
      </div>
    </section>
  );
}
