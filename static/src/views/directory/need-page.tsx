import { useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleCheck, CircleX } from "lucide-react";
import { useMemo, useState } from "react";
import { Link } from "react-aria-components";
import { ApiError } from "../../state/api";
import {
  Directory,
  type Candidate,
  type NeedAction,
  type NeedCard,
  type Offer,
  type OfferAction,
} from "../../state/directory";
import { useApp, useLocale, useText } from "../context";
import { MemberFrame } from "../frame/member-frame";
import desk from "../assist/desk/desk.module.css";
import pages from "../pages/page.module.css";
import { Button, ButtonLink } from "../ui/button";
import { classes } from "../ui/classes";
import { Confirm, Dialog, DialogActions, Fault, type Question } from "../ui/dialog";
import { TextField } from "../ui/fields";
import styles from "./directory.module.css";
import { NeedDialog } from "./need-dialog";
import { Failed } from "./parts";
import { dayText, reasonText, regionText, useDirectoryWords } from "./words";

const REFRESH_MS = 15_000;

export default function NeedPage({ id }: { id: string }) {
  const words = useDirectoryWords();
  return (
    <MemberFrame title={words.needs.title} refreshMs={REFRESH_MS}>
      {() => <Loaded id={id} />}
    </MemberFrame>
  );
}

function Loaded({ id }: { id: string }) {
  const { api } = useApp();
  const directory = useMemo(() => new Directory(api), [api]);
  const query = useQuery({ queryKey: ["need", id], queryFn: () => directory.need(id) });
  if (query.isError) return <Failed cause={query.error} retry={() => void query.refetch()} />;
  return query.isSuccess ? <Known card={query.data} directory={directory} /> : null;
}

function Known({ card, directory }: { card: NeedCard; directory: Directory }) {
  const { need } = card;
  const text = useText();
  const words = useDirectoryWords();
  const locale = useLocale();
  const client = useQueryClient();
  const when = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const [editing, setEditing] = useState(false);
  const [question, setQuestion] = useState<Question | null>(null);
  const [answering, setAnswering] = useState<{ offer: Offer; action: OfferAction } | null>(null);
  const [failed, setFailed] = useState<unknown>(null);
  const days = words.needs.days({
    from: dayText(need.starts_on, locale),
    until: dayText(need.ends_on, locale),
  });
  const take = async (change: Promise<NeedCard>): Promise<void> => {
    setFailed(null);
    try {
      client.setQueryData(["need", need.id], await change);
    } catch (cause) {
      setFailed(cause);
    }
    await client.invalidateQueries();
  };
  const move = (action: NeedAction): void => {
    const run = (): void => void take(directory.move(need.id, action));
    if (action !== "close") run();
    else
      setQuestion({
        title: words.need.actions.close,
        text: words.need.closeSure({ title: need.title }),
        action: words.need.actions.close,
        run,
      });
  };
  const answer = (offer: Offer, action: OfferAction): void => {
    if (action === "accept")
      setQuestion({
        title: words.need.offerActions.accept,
        text: words.need.acceptSure({ crew: offer.crew.name, days }),
        action: words.need.offerActions.accept,
        run: () => void take(directory.moveOffer(need.id, offer.id, action, "")),
      });
    else setAnswering({ offer, action });
  };
  const facts: readonly (readonly [string, string])[] = [
    [words.kinds.enterprise, need.organization.name],
    [words.need.machine, need.machine?.name ?? words.need.noMachine],
    [words.need.dates, days],
    [words.region, [regionText(words, need.region), need.site].filter(Boolean).join(" · ")],
    [words.form.trades, need.trades.map((one) => words.trades[one]).join(locale === "en" ? ", " : "、")],
    [words.need.size, words.needs.people({ count: need.crew_size })],
    [
      words.form.languages,
      need.languages.map((one) => words.languages[one]).join(locale === "en" ? ", " : "、"),
    ],
  ];
  const mayEdit = card.within && (need.state === "draft" || need.state === "open") && need.asked === 0;
  return (
    <>
      <div className={pages.titleRow}>
        <div className={pages.rowText}>
          <h1>{need.title}</h1>
          <p className={pages.soft} data-testid="need-state" data-state={need.state}>
            {words.needs.states[need.state]}
          </p>
        </div>
        <div className={pages.actions}>
          {need.job_id ? (
            <ButtonLink large tone="primary" href={`/jobs/${need.job_id}`}>
              {words.need.job}
            </ButtonLink>
          ) : null}
          {card.actions.map((action) => (
            <Button
              key={action}
              large
              tone={action === "close" ? "quiet" : "primary"}
              onPress={() => move(action)}
              testId={`need-${action}`}
            >
              {words.need.actions[action]}
            </Button>
          ))}
          {mayEdit ? (
            <Button large onPress={() => setEditing(true)}>
              {words.need.edit}
            </Button>
          ) : null}
        </div>
      </div>
      {failed !== null ? (
        <Fault>
          {failed instanceof ApiError
            ? failed.code === "conflict"
              ? words.need.taken
              : failed.fields["machine_id"]
                ? words.need.machineHint
                : text.errors[failed.code]
            : text.errors.internal}
        </Fault>
      ) : null}
      {card.job_called_off && card.actions.includes("reopen") ? (
        <p className={pages.note}>{words.need.calledOff}</p>
      ) : null}
      <section className={desk.section}>
        <dl className={desk.facts}>
          {facts
            .filter(([, value]) => value)
            .map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
        </dl>
        {card.note ? <p className={desk.note}>{card.note}</p> : null}
      </section>
      {card.offers.length > 0 || card.within ? (
        <section className={desk.section}>
          <div className={desk.sectionHead}>
            <h2>{words.need.offers}</h2>
          </div>
          {card.offers.length === 0 ? (
            <p className={desk.none}>{words.need.noOffers}</p>
          ) : (
            <ul className={pages.list} data-testid="offers">
              {card.offers.map((offer) => (
                <li key={offer.id} className={classes(pages.row, styles.wraps)}>
                  <div className={pages.rowText}>
                    <div className={pages.rowTitle}>
                      <Link className={desk.rowLink ?? ""} href={`/directory/${offer.installer.id}`}>
                        {`${offer.installer.name} · ${offer.crew.name}`}
                      </Link>
                      <span className={pages.badge} data-testid="offer-state" data-state={offer.state}>
                        {words.need.offerStates[offer.state]}
                      </span>
                    </div>
                    <div className={pages.rowMeta}>
                      <span>{when.format(offer.changed_at_ms)}</span>
                      {offer.note ? <span className={desk.note}>{offer.note}</span> : null}
                    </div>
                  </div>
                  {offer.actions.map((action) => (
                    <Button
                      key={action}
                      tone={action === "accept" || action === "offer" ? "primary" : "quiet"}
                      onPress={() => answer(offer, action)}
                      testId={`offer-${action}`}
                    >
                      {words.need.offerActions[action]}
                    </Button>
                  ))}
                </li>
              ))}
            </ul>
          )}
        </section>
      ) : null}
      {card.within && (need.state === "open" || need.state === "draft") ? (
        <Candidates
          card={card}
          directory={directory}
          onInvite={(crewId) => take(directory.invite(need.id, [crewId]))}
        />
      ) : null}
      <section className={desk.section}>
        <div className={desk.sectionHead}>
          <h2>{words.need.history}</h2>
        </div>
        <ol className={desk.timeline}>
          {card.events.map((event) => (
            <li key={event.number}>
              <strong>{[words.need.events[event.action], event.crew].filter(Boolean).join(" · ")}</strong>
              {event.note ? <div className={desk.note}>{event.note}</div> : null}
              <div className={pages.small}>{`${event.name} · ${when.format(event.at_ms)}`}</div>
            </li>
          ))}
        </ol>
      </section>
      {editing ? (
        <NeedDialog
          card={card}
          directory={directory}
          onClose={() => setEditing(false)}
          onSaved={(saved) => {
            setEditing(false);
            void take(Promise.resolve(saved));
          }}
        />
      ) : null}
      {answering ? (
        <NoteDialog
          title={words.need.offerActions[answering.action]}
          onClose={() => setAnswering(null)}
          onSend={(note) => {
            setAnswering(null);
            void take(directory.moveOffer(need.id, answering.offer.id, answering.action, note));
          }}
        />
      ) : null}
      <Confirm question={question} onClose={() => setQuestion(null)} />
    </>
  );
}

function Candidates({
  card,
  directory,
  onInvite,
}: {
  card: NeedCard;
  directory: Directory;
  onInvite: (crewId: string) => Promise<void>;
}) {
  const text = useText();
  const words = useDirectoryWords();
  const [isWhole, setWhole] = useState(false);
  const [asking, setAsking] = useState("");
  const query = useQuery({
    queryKey: ["candidates", card.need.id, card.revision],
    queryFn: () => directory.candidates(card.need.id),
    refetchInterval: false,
  });
  const found = query.data?.candidates ?? [];
  const unfit = found.filter((one) => !one.fits).length;
  const shown = isWhole ? found : found.filter((one) => one.fits);
  const under = new Set(
    card.offers.filter((one) => one.state === "invited" || one.state === "offered").map((one) => one.crew.id),
  );
  if (query.isError) return <Failed cause={query.error} retry={() => void query.refetch()} />;
  if (!query.isSuccess) return <p className={pages.soft}>{text.common.loading}…</p>;
  return (
    <section className={desk.section}>
      <div className={desk.sectionHead}>
        <h2>{words.need.candidates}</h2>
      </div>
      <p className={pages.small}>{found.length > 0 ? words.need.candidatesText : words.need.noCandidates}</p>
      <ul className={styles.cards} data-testid="candidates">
        {shown.map((one) => (
          <CandidateCard
            key={one.crew.id}
            one={one}
            isAsked={under.has(one.crew.id)}
            isPending={asking === one.crew.id}
            onInvite={
              card.need.state === "open"
                ? () => {
                    setAsking(one.crew.id);
                    void onInvite(one.crew.id).finally(() => setAsking(""));
                  }
                : null
            }
          />
        ))}
      </ul>
      {unfit > 0 && !isWhole ? (
        <div>
          <Button tone="quiet" onPress={() => setWhole(true)} testId="show-unfit">
            {words.need.showUnfit({ count: unfit })}
          </Button>
        </div>
      ) : null}
    </section>
  );
}

function CandidateCard({
  one,
  isAsked,
  isPending,
  onInvite,
}: {
  one: Candidate;
  isAsked: boolean;
  isPending: boolean;
  onInvite: (() => void) | null;
}) {
  const words = useDirectoryWords();
  const locale = useLocale();
  return (
    <li className={styles.card} data-testid="candidate" data-fits={one.fits}>
      <div className={styles.cardHead}>
        <h3>
          <Link className={desk.rowLink ?? ""} href={`/directory/${one.crew.organization.id}`}>
            {`${one.crew.organization.name} · ${one.crew.name}`}
          </Link>
        </h3>
        <span className={classes(styles.score, one.fits ? styles.good : styles.bad)}>
          {one.fits ? words.need.score({ score: one.score }) : words.need.unfit}
        </span>
      </div>
      <ul className={styles.reasons}>
        {one.reasons.map((reason, place) => (
          <li key={place}>
            {reason.good ? (
              <CircleCheck className={styles.good} size={16} aria-hidden />
            ) : (
              <CircleX className={one.fits ? styles.weak : styles.bad} size={16} aria-hidden />
            )}
            <span>{reasonText(words, reason, locale)}</span>
          </li>
        ))}
      </ul>
      {one.fits && onInvite ? (
        <div className={styles.cardActions}>
          <Button onPress={onInvite} isDisabled={isAsked} isPending={isPending} testId="invite-crew">
            {isAsked ? words.need.invited : words.need.invite}
          </Button>
        </div>
      ) : null}
    </li>
  );
}

function NoteDialog({
  title,
  onClose,
  onSend,
}: {
  title: string;
  onClose: () => void;
  onSend: (note: string) => void;
}) {
  const text = useText();
  const words = useDirectoryWords();
  const [note, setNote] = useState("");
  return (
    <Dialog title={title} isOpen onClose={onClose}>
      <form
        className={pages.form}
        onSubmit={(event) => {
          event.preventDefault();
          onSend(note);
        }}
      >
        <TextField label={words.need.noteFor} value={note} onChange={setNote} maxLength={500} autoFocus />
        <DialogActions>
          <Button onPress={onClose}>{text.common.cancel}</Button>
          <Button type="submit" tone="primary" testId="send-answer">
            {title}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
