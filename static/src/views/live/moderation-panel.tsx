import { useMemo, useState } from "react";
import { HubClient, type HubMessage, type HubView } from "../../state/live/hub";
import { Livestreams } from "../../state/live/livestreams";
import { useApp, useStore } from "../context";
import { Button } from "../ui/button";
import { Confirm, type Question } from "../ui/dialog";
import { Select } from "../ui/fields";
import { MessageList, PinnedMessage, SayBox } from "./chat";
import styles from "./live.module.css";
import { PollCard } from "./polls";
import { QuestionList } from "./questions";
import { faultText, useOwnHub } from "./use-hub";
import { lines } from "../../state/live/plan";
import { useLiveWords } from "./words";

const ALL_ROOMS = "*";
type TabId = "chat" | "questions" | "polls" | "hands";

/**
 * The audience as those see it who look after it: chat of all groups with what waits, questions, polls, hands.
 * For the stage page and for moderators who only watch.
 */
export function ModerationPanel({ livestreamId }: { livestreamId: string }) {
  const { api } = useApp();
  const livestreams = useMemo(() => new Livestreams(api), [api]);
  const client = useOwnHub(livestreamId, livestreams);
  return <ModerationTabs client={client} livestreamId={livestreamId} livestreams={livestreams} />;
}

/** The same over a socket that the page has already. */
export function ModerationTabs({
  client,
  livestreamId,
  livestreams,
}: {
  client: HubClient;
  livestreamId: string;
  livestreams: Livestreams;
}) {
  const words = useLiveWords();
  const view = useStore(client.view);
  const line = useStore(client.line);
  const [tab, setTab] = useState<TabId>("chat");
  const [fault, setFault] = useState("");
  const [asked, setAsked] = useState<Question | null>(null);
  const [rooms, setRooms] = useState<ReadonlyMap<string, string> | null>(null);
  if (rooms === null) {
    setRooms(new Map());
    livestreams.get(livestreamId).then(
      (found) =>
        setRooms(new Map(found.groups.filter((one) => one.own_chat).map((one) => [one.id, one.name]))),
      () => undefined,
    );
  }
  const run = (type: string, fields: object): void => {
    client.ask(type, fields).then(
      () => setFault(""),
      (cause: unknown) => setFault(faultText(words, cause)),
    );
  };
  const ban = (viewerId: string, name: string): void =>
    setAsked({
      title: words.ban,
      text: words.banAsk({ name }),
      action: words.ban,
      run: () => run("ban", { viewer_id: viewerId }),
    });
  const held = view.messages.filter((one) => one.state === "held").length;
  const openQuestions = view.questions.filter((one) => one.state !== "answered").length;
  const counts: Readonly<Record<TabId, number>> = {
    chat: held,
    questions: openQuestions,
    polls: view.polls.filter((one) => one.state === "open").length,
    hands: view.hands.filter((one) => one.state === "raised").length,
  };
  const names: Readonly<Record<TabId, string>> = { ...words.tabs, hands: words.hands };
  const tabs: readonly TabId[] = ["chat", "questions", "polls", "hands"];
  return (
    <section className={styles.panel} aria-label={words.moderation} data-testid="live-moderation">
      <div className={styles.tabs} role="tablist" aria-label={words.moderation}>
        {tabs.map((one) => (
          <button
            key={one}
            type="button"
            role="tab"
            aria-selected={tab === one}
            className={styles.tab}
            onClick={() => setTab(one)}
            data-testid={`moderation-tab-${one}`}
          >
            {names[one]}
            {counts[one] > 0 ? <span className={styles.count}>{counts[one]}</span> : null}
          </button>
        ))}
      </div>
      <div className={styles.tabBody} role="tabpanel" aria-label={names[tab]}>
        {line.state === "connecting" ? <p className={styles.sayNote}>{words.lost}</p> : null}
        {fault ? (
          <p className={styles.sayNote} role="alert">
            {fault}
          </p>
        ) : null}
        {tab === "chat" ? (
          <Chat client={client} view={view} rooms={rooms ?? new Map()} run={run} ban={ban} />
        ) : tab === "questions" ? (
          <Questions view={view} run={run} ban={ban} />
        ) : tab === "polls" ? (
          <Polls client={client} view={view} run={run} />
        ) : (
          <Hands view={view} run={run} />
        )}
      </div>
      <Confirm question={asked} onClose={() => setAsked(null)} />
    </section>
  );
}

type Run = (type: string, fields: object) => void;
type Ban = (viewerId: string, name: string) => void;

function Chat({
  client,
  view,
  rooms,
  run,
  ban,
}: {
  client: HubClient;
  view: HubView;
  rooms: ReadonlyMap<string, string>;
  run: Run;
  ban: Ban;
}) {
  const words = useLiveWords();
  const [room, setRoom] = useState(ALL_ROOMS);
  const nameOf = (one: string): string =>
    one === ALL_ROOMS ? words.allRooms : one === "" ? words.common : (rooms.get(one) ?? "");
  const shown = view.messages.filter(
    (one) => room === ALL_ROOMS || one.room === room || one.room === ALL_ROOMS,
  );
  const waiting = shown.filter((one) => one.state === "held");
  const actions = (message: HubMessage) => (
    <>
      {message.state === "held" ? (
        <Button onPress={() => run("approve", { message_id: message.id })} testId="moderation-approve">
          {words.approve}
        </Button>
      ) : (
        <Button tone="quiet" onPress={() => run("pin", { message_id: message.id })} testId="moderation-pin">
          {words.pin}
        </Button>
      )}
      <Button
        tone="quiet"
        onPress={() => run("delete", { message_id: message.id })}
        testId="moderation-delete"
      >
        {words.delete}
      </Button>
      {message.role === "" ? (
        <Button tone="quiet" onPress={() => ban(message.viewer_id, message.name)} testId="moderation-ban">
          {words.ban}
        </Button>
      ) : null}
    </>
  );
  return (
    <>
      {rooms.size > 0 ? (
        <Select
          label={words.room}
          hideLabel
          selected={room === "" ? "common" : room}
          onChange={(id) => setRoom(id === "common" ? "" : id)}
          options={[
            { id: ALL_ROOMS, label: words.allRooms },
            { id: "common", label: words.common },
            ...[...rooms].map(([id, label]) => ({ id, label })),
          ]}
        />
      ) : null}
      {Object.entries(view.pinned).map(([of, message]) =>
        message ? (
          <PinnedMessage
            key={of}
            message={message}
            onUnpin={() => run("pin", { message_id: null, room: of })}
          />
        ) : null,
      )}
      {waiting.length > 0 ? <p className={styles.sayNote}>{words.waiting}</p> : null}
      <MessageList messages={shown} actions={actions} {...(rooms.size > 0 ? { roomName: nameOf } : {})} />
      <SayBox label={words.say} send={(text) => client.ask("say", { text, room })} testId="moderation-say" />
      <BannedList view={view} run={run} />
    </>
  );
}

function BannedList({ view, run }: { view: HubView; run: Run }) {
  const words = useLiveWords();
  if (view.banned.length === 0) return null;
  return (
    <details data-testid="moderation-banned">
      <summary className={styles.sayNote}>
        {words.banned} ({view.banned.length})
      </summary>
      <ul className={styles.rows}>
        {view.banned.map((one) => (
          <li key={one.viewer_id} className={styles.editRow}>
            <div className={styles.grow}>{one.name || words.someone}</div>
            <Button
              tone="quiet"
              onPress={() => run("ban", { viewer_id: one.viewer_id, on: false })}
              testId="moderation-unban"
            >
              {words.unban}
            </Button>
          </li>
        ))}
      </ul>
    </details>
  );
}

function Questions({ view, run, ban }: { view: HubView; run: Run; ban: Ban }) {
  const words = useLiveWords();
  const [answering, setAnswering] = useState("");
  const judge = (question_id: string, state: string, answer = ""): void =>
    run("judge_question", { question_id, state, answer });
  return (
    <QuestionList
      questions={view.questions}
      votes={[]}
      actions={(question) =>
        answering === question.id ? (
          <SayBox
            label={words.answer}
            send={(text) => {
              judge(question.id, "answered", text);
              setAnswering("");
              return Promise.resolve(false);
            }}
            testId="moderation-answer"
          />
        ) : (
          <>
            {question.state === "held" ? (
              <Button onPress={() => judge(question.id, "open")}>{words.approve}</Button>
            ) : null}
            {question.state !== "answered" ? (
              <>
                <Button tone="quiet" onPress={() => judge(question.id, "answered")}>
                  {words.answerLive}
                </Button>
                <Button
                  tone="quiet"
                  testId="moderation-answer-open"
                  onPress={() => setAnswering(question.id)}
                >
                  {words.answerText}
                </Button>
              </>
            ) : null}
            <Button tone="quiet" onPress={() => judge(question.id, "gone")}>
              {words.dismiss}
            </Button>
            <Button tone="quiet" onPress={() => ban(question.viewer_id, question.name)}>
              {words.ban}
            </Button>
          </>
        )
      }
    />
  );
}

function Polls({ client, view, run }: { client: HubClient; view: HubView; run: Run }) {
  const words = useLiveWords();
  const [question, setQuestion] = useState("");
  const [options, setOptions] = useState("");
  const [multiple, setMultiple] = useState(false);
  const [fault, setFault] = useState("");
  return (
    <>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          client.ask("poll_open", { question, options: lines(options), multiple }).then(
            () => {
              setQuestion("");
              setOptions("");
              setFault("");
            },
            (cause: unknown) => setFault(faultText(words, cause)),
          );
        }}
      >
        <label className={styles.labelled}>
          {words.pollQuestion}
          <input
            className={styles.input}
            value={question}
            maxLength={500}
            onChange={(event) => setQuestion(event.target.value)}
            data-testid="moderation-poll-question"
          />
        </label>
        <label className={styles.labelled}>
          {words.pollOptions}
          <textarea
            className={styles.input}
            rows={3}
            value={options}
            onChange={(event) => setOptions(event.target.value)}
            data-testid="moderation-poll-options"
          />
        </label>
        <label className={styles.optionRow}>
          <input type="checkbox" checked={multiple} onChange={() => setMultiple(!multiple)} />
          <span>{words.pollMultiple}</span>
        </label>
        {fault ? <p className={styles.sayNote}>{fault}</p> : null}
        <Button
          type="submit"
          tone="primary"
          isDisabled={question.trim() === "" || lines(options).length < 2}
          testId="moderation-poll-open"
        >
          {words.pollOpen}
        </Button>
      </form>
      {[...view.polls].reverse().map((poll) => (
        <PollCard
          key={poll.id}
          poll={poll}
          chosen={[]}
          client={null}
          actions={
            poll.state === "open" ? (
              <Button onPress={() => run("poll_close", { poll_id: poll.id })} testId="moderation-poll-close">
                {words.pollClose}
              </Button>
            ) : null
          }
        />
      ))}
    </>
  );
}

function Hands({ view, run }: { view: HubView; run: Run }) {
  const words = useLiveWords();
  if (view.hands.length === 0) return <p className={styles.hint}>{words.noHands}</p>;
  return (
    <ul className={styles.rows}>
      {view.hands.map((hand) => (
        <li key={hand.viewer_id} className={styles.editRow} data-testid="moderation-hand">
          <div className={styles.grow}>
            <b>{hand.name}</b> <span className={styles.tag}>{words.handStates[hand.state]}</span>
          </div>
          {hand.state === "raised" ? (
            <Button
              tone="primary"
              onPress={() => run("invite", { viewer_id: hand.viewer_id })}
              testId="moderation-invite"
            >
              {words.invite}
            </Button>
          ) : null}
          <Button
            tone="quiet"
            onPress={() => run("send_back", { viewer_id: hand.viewer_id })}
            testId="moderation-send-back"
          >
            {hand.state === "on_stage" ? words.sendBack : words.lowerHand}
          </Button>
        </li>
      ))}
    </ul>
  );
}
