import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Undo2 } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { Announcements, TEXT_MAX, TITLE_MAX, type AnnouncementCard } from "../../state/announcements";
import { ApiError } from "../../state/api";
import type { Code } from "../../protocol.gen";
import { useApp, useText } from "../context";
import { MemberFrame } from "../frame/member-frame";
import { LinesField } from "../directory/parts";
import pages from "../pages/page.module.css";
import { useSubmit } from "../pages/use-submit";
import { Button, ButtonLink } from "../ui/button";
import { classes } from "../ui/classes";
import { Confirm, Dialog, DialogActions, Fault, type Question } from "../ui/dialog";
import { Switch, TextField } from "../ui/fields";
import styles from "./announcements.module.css";
import { Body, Failed, FileLinks } from "./parts";
import { useAnnouncementWords, useWhen } from "./words";

const REFRESH_MS = 30_000;

export default function AnnouncementPage({ id }: { id: string }) {
  const words = useAnnouncementWords();
  return (
    <MemberFrame title={words.title} refreshMs={REFRESH_MS}>
      {() => <Loaded id={id} />}
    </MemberFrame>
  );
}

function Loaded({ id }: { id: string }) {
  const { api } = useApp();
  const announcements = useMemo(() => new Announcements(api), [api]);
  const query = useQuery({ queryKey: ["announcement", id], queryFn: () => announcements.get(id) });
  if (query.isError) return <Failed cause={query.error} retry={() => void query.refetch()} />;
  return query.isSuccess ? <Known card={query.data} announcements={announcements} /> : null;
}

/** Whoever has it in front of them has read it: this version, once the page is really shown. */
function useReading(card: AnnouncementCard, announcements: Announcements): void {
  const client = useQueryClient();
  const sent = useRef(0);
  const { id, unread, version } = card;
  useEffect(() => {
    if (!unread) return;
    const read = (): void => {
      if (document.visibilityState !== "visible" || sent.current === version) return;
      sent.current = version;
      announcements.read(id, version).then(
        (changed) => client.setQueryData(["announcement", id], changed),
        () => (sent.current = 0),
      );
    };
    read();
    document.addEventListener("visibilitychange", read);
    return () => document.removeEventListener("visibilitychange", read);
  }, [announcements, client, id, unread, version]);
}

function Known({ card, announcements }: { card: AnnouncementCard; announcements: Announcements }) {
  const text = useText();
  const words = useAnnouncementWords();
  const when = useWhen();
  const client = useQueryClient();
  const [question, setQuestion] = useState<Question | null>(null);
  const [isRevising, setRevising] = useState(false);
  const [fault, setFault] = useState<Code | null>(null);
  useReading(card, announcements);
  const take = (change: Promise<AnnouncementCard>): void => {
    setFault(null);
    change.then(
      (changed) => client.setQueryData(["announcement", card.id], changed),
      (cause: unknown) => setFault(cause instanceof ApiError ? cause.code : "internal"),
    );
  };
  const isMine = card.audience !== null;
  const at = card.published_at_ms || card.publish_at_ms || card.changed_at_ms;
  const withdrawn = words.withdrawnText({
    organization: card.organization.name,
    when: when(card.withdrawn_at_ms),
  });
  return (
    <>
      <div className={styles.bar}>
        <ButtonLink tone="quiet" href="/announcements">
          <Undo2 size={16} aria-hidden />
          {words.back}
        </ButtonLink>
        {isMine ? (
          <div className={pages.actions}>
            {card.version > 0 ? (
              <ButtonLink href={`/announcements/${card.id}/receipts`}>{words.actions.receipts}</ButtonLink>
            ) : null}
            {card.actions.includes("edit") ? (
              <ButtonLink tone="primary" href={`/announcements/${card.id}/edit`}>
                {words.actions.edit}
              </ButtonLink>
            ) : null}
            {card.actions.includes("unschedule") ? (
              <Button
                onPress={() => take(announcements.unschedule(card.id, card.revision))}
                testId="unschedule"
              >
                {words.actions.unschedule}
              </Button>
            ) : null}
            {card.actions.includes("revise") ? (
              <Button onPress={() => setRevising(true)} testId="revise">
                {words.actions.revise}
              </Button>
            ) : null}
            {card.actions.includes("withdraw") ? (
              <Button
                testId="withdraw"
                onPress={() =>
                  setQuestion({
                    title: words.actions.withdraw,
                    text: words.form.withdrawSure({ title: card.title }),
                    action: words.actions.withdraw,
                    run: () => take(announcements.withdraw(card.id, card.revision)),
                  })
                }
              >
                {words.actions.withdraw}
              </Button>
            ) : null}
          </div>
        ) : null}
      </div>
      {fault ? <Fault>{text.errors[fault]}</Fault> : null}
      <article className={styles.paper} data-testid="announcement-card" data-state={card.state}>
        {card.state === "withdrawn" ? (
          <div className={pages.note} data-testid="withdrawn">
            <strong>{words.withdrawnTitle}</strong>
            {withdrawn}
          </div>
        ) : null}
        {card.title ? (
          <header className={styles.column}>
            <h1>{card.title}</h1>
            <p className={classes(pages.small, styles.meta)}>
              <span>{words.from({ organization: card.organization.name, when: when(at) })}</span>
              {card.version > 1 ? (
                <span>{words.versionOf({ number: card.version, when: when(card.changed_at_ms) })}</span>
              ) : null}
              {isMine ? <Facts card={card} /> : null}
            </p>
          </header>
        ) : null}
        {card.text ? <Body text={card.text} /> : null}
        <FileLinks files={card.files} />
        {card.read_at_ms && !card.unread && card.state === "published" ? (
          <p className={pages.small} data-testid="is-read">
            {words.isRead({ when: when(card.read_at_ms) })}
          </p>
        ) : null}
      </article>
      <Confirm question={question} onClose={() => setQuestion(null)} />
      {isRevising ? (
        <ReviseDialog
          card={card}
          announcements={announcements}
          onClose={() => setRevising(false)}
          onDone={(changed) => {
            client.setQueryData(["announcement", card.id], changed);
            setRevising(false);
          }}
        />
      ) : null}
    </>
  );
}

function Facts({ card }: { card: AnnouncementCard }) {
  const words = useAnnouncementWords();
  const { audience } = card;
  if (audience === null) return null;
  const names = audience.organizations.map((one) => one.name).join(" · ");
  const roles = audience.roles.map((one) => words.form.roleNames[one]).join(" · ");
  return (
    <>
      <span className={pages.badge}>{words.states[card.state]}</span>
      <span>{words.by({ name: card.author_name })}</span>
      <span>{audience.scope === "park" ? words.toAll : names}</span>
      {roles ? <span>{roles}</span> : null}
    </>
  );
}

function ReviseDialog({
  card,
  announcements,
  onClose,
  onDone,
}: {
  card: AnnouncementCard;
  announcements: Announcements;
  onClose: () => void;
  onDone: (changed: AnnouncementCard) => void;
}) {
  const text = useText();
  const words = useAnnouncementWords();
  const [title, setTitle] = useState(card.title);
  const [body, setBody] = useState(card.text);
  const [tell, setTell] = useState(true);
  const sending = useSubmit(async () => {
    onDone(await announcements.revise(card.id, card.revision, title, body, tell));
  });
  return (
    <Dialog title={words.actions.revise} isOpen wide onClose={onClose}>
      <form className={pages.form} onSubmit={sending.onSubmit}>
        <TextField
          label={words.form.heading}
          value={title}
          onChange={setTitle}
          maxLength={TITLE_MAX}
          isRequired
          testId="announcement-title"
        />
        <LinesField label={words.form.text} value={body} onChange={setBody} max={TEXT_MAX} rows={10} />
        <Switch isSelected={tell} onChange={setTell} note={words.form.tellNote} testId="tell">
          {words.form.tell}
        </Switch>
        {sending.code ? <Fault>{text.errors[sending.code]}</Fault> : null}
        <DialogActions>
          <Button onPress={onClose}>{text.common.cancel}</Button>
          <Button
            type="submit"
            tone="primary"
            isDisabled={!title.trim() || !body.trim()}
            isPending={sending.pending}
            testId="save-version"
          >
            {words.form.newVersion}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
