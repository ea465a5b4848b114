import { Mic } from "lucide-react";
import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { Requests } from "../../state/requests/requests";
import { currentOf, nextOf, type Issue, type SymposiumCard } from "../../state/symposiums";
import { useApp, useStore } from "../context";
import { DayField, LinesField } from "../directory/parts";
import { Button } from "../ui/button";
import { Select, TextField } from "../ui/fields";
import { Byline, Decision, Details } from "./issue-card";
import styles from "./symposiums.module.css";
import type { CardInHand } from "./use-card";
import { useSymposiumWords } from "./words";

const NOBODY = "none";

/** What is talked about now, who speaks, what was decided.  Who leads takes it forward here. */
export function Board({
  card,
  hand,
  people,
}: {
  card: SymposiumCard;
  hand: Pick<CardInHand, "api" | "take">;
  /** Who is in the room, as far as it is known. */
  people: readonly string[];
}) {
  const words = useSymposiumWords();
  const { symposium } = card;
  const current = currentOf(card);
  const next = nextOf(card);
  const show = (issueId: string, speaker: string): void =>
    void hand.take((latest) => hand.api.show(symposium.id, latest.symposium.revision, issueId, speaker));
  return (
    <section className={styles.board} aria-label={words.board} data-testid="symposium-board">
      <h2>{words.board}</h2>
      <div aria-live="polite">
        {current ? (
          <>
            <h3 data-testid="current-issue">{current.title}</h3>
            <Byline issue={current} />
          </>
        ) : (
          <p className={styles.soft}>{next || card.issues.length === 0 ? words.nothingNow : words.allDone}</p>
        )}
        {symposium.speaker ? (
          <p className={styles.speaker} data-testid="speaker">
            <Mic size={16} aria-hidden />
            {words.speaks({ name: symposium.speaker })}
          </p>
        ) : null}
      </div>
      {current ? <Details key={current.id} issue={current} /> : null}
      {current ? <Decision issue={current} /> : null}
      {card.leads && current ? (
        <>
          <Speaker
            key={`speaker-${current.id}`}
            names={[...new Set([current.name, ...people].filter(Boolean))]}
            now={symposium.speaker}
            onGive={(name) => show(current.id, name)}
          />
          <DecisionForm key={`decision-${current.id}`} issue={current} card={card} hand={hand} />
        </>
      ) : null}
      {card.leads && next ? (
        <div className={styles.buttons}>
          <Button
            tone={current && current.state === "agenda" ? "secondary" : "primary"}
            large
            onPress={() => show(next.id, next.name)}
            testId="next-issue"
          >
            {words.next({ title: next.title })}
          </Button>
        </div>
      ) : null}
    </section>
  );
}

const NAMES_SHOWN = 8;

function Speaker({
  names,
  now,
  onGive,
}: {
  names: readonly string[];
  now: string;
  onGive: (name: string) => void;
}) {
  const words = useSymposiumWords();
  const [name, setName] = useState("");
  const others = names.filter((one) => one !== now).slice(0, NAMES_SHOWN);
  return (
    <form
      className={styles.word}
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== "") onGive(name);
        setName("");
      }}
    >
      <TextField label={words.speaker} value={name} onChange={setName} maxLength={64} testId="speaker-name" />
      <Button type="submit" isDisabled={name.trim() === ""} testId="give-word">
        {words.giveWord}
      </Button>
      {others.length > 0 ? (
        <div className={styles.names}>
          {others.map((one) => (
            <Button key={one} tone="quiet" label={words.wordTo({ name: one })} onPress={() => onGive(one)}>
              {one}
            </Button>
          ))}
        </div>
      ) : null}
    </form>
  );
}

function DecisionForm({
  issue,
  card,
  hand,
}: {
  issue: Issue;
  card: SymposiumCard;
  hand: Pick<CardInHand, "api" | "take">;
}) {
  const { api, account } = useApp();
  const state = useStore(account.state);
  const words = useSymposiumWords();
  const [decision, setDecision] = useState(issue.decision);
  const [owner, setOwner] = useState(issue.owner?.id ?? "");
  const [due, setDue] = useState(issue.due_on ?? "");
  const [saving, setSaving] = useState(false);
  const staff = useQuery({
    queryKey: ["request-staff"],
    queryFn: () => new Requests(api).staff(),
    staleTime: Infinity,
    refetchInterval: false,
  });
  const me = state.kind === "known" ? state.me.account : null;
  const others = (staff.data?.staff ?? []).filter((one) => one.id !== me?.id);
  const people = [...(me ? [me] : []), ...others].map((one) => ({ id: one.id, label: one.name }));
  const isSaved =
    decision === issue.decision && owner === (issue.owner?.id ?? "") && due === (issue.due_on ?? "");
  const submit = async (): Promise<void> => {
    setSaving(true);
    await hand.take(() =>
      hand.api.decide(card.symposium.id, issue.id, { decision, owner_id: owner, due_on: due || null }),
    );
    setSaving(false);
  };
  return (
    <form
      className={styles.decide}
      onSubmit={(event) => {
        event.preventDefault();
        if (decision.trim() !== "" && !saving) void submit();
      }}
    >
      <LinesField label={words.decision} value={decision} onChange={setDecision} max={1_000} rows={2} />
      <Select
        label={words.owner}
        options={[{ id: NOBODY, label: words.noOwner }, ...people]}
        selected={owner || NOBODY}
        onChange={(id) => setOwner(id === NOBODY ? "" : id)}
      />
      <DayField label={words.due} value={due} onChange={setDue} isOptional testId="decision-due" />
      <Button
        type="submit"
        tone={issue.decision ? "secondary" : "primary"}
        isDisabled={decision.trim() === "" || isSaved}
        isPending={saving}
        testId="decide"
      >
        {issue.decision ? words.decideAnew : words.decide}
      </Button>
    </form>
  );
}
