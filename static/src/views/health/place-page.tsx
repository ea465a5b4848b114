import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { ApiError } from "../../state/api";
import {
  CONCERN_STATES,
  Health,
  type Concern,
  type ConcernAction,
  type Notified,
  type PlaceCard,
  type Purpose,
} from "../../state/health";
import desk from "../assist/desk/desk.module.css";
import { useApp, useLocale, useText } from "../context";
import { Ends } from "../directory/crew-dialogs";
import styles from "../directory/directory.module.css";
import { Failed, LinesField } from "../directory/parts";
import { listed } from "../directory/words";
import { MemberFrame } from "../frame/member-frame";
import { More, useListing } from "../pages/listing";
import pages from "../pages/page.module.css";
import { useSubmit } from "../pages/use-submit";
import { Button, ButtonLink } from "../ui/button";
import { classes } from "../ui/classes";
import { Confirm, Dialog, DialogText, Fault } from "../ui/dialog";
import { Select } from "../ui/fields";
import { PlaceDialog, Reasons, spanText, useHealthWords } from "./parts";

const REFRESH_MS = 60_000;
const PURPOSES = ["tracing", "notifying", "follow_up", "correction"] as const;

export default function PlacePage({ id }: { id: string }) {
  const words = useHealthWords();
  return (
    <MemberFrame title={words.title} refreshMs={REFRESH_MS}>
      {() => <Loaded id={id} />}
    </MemberFrame>
  );
}

function Loaded({ id }: { id: string }) {
  const { api } = useApp();
  const health = useMemo(() => new Health(api), [api]);
  const query = useQuery({ queryKey: ["health-place", id], queryFn: () => health.place(id) });
  if (query.isError) return <Failed cause={query.error} retry={() => void query.refetch()} />;
  return query.isSuccess ? <Known card={query.data} health={health} /> : null;
}

function Known({ card, health }: { card: PlaceCard; health: Health }) {
  const { place } = card;
  const text = useText();
  const words = useHealthWords();
  const locale = useLocale();
  const client = useQueryClient();
  const when = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const [open, setOpen] = useState<"" | "change" | "retract" | "notify">("");
  const [told, setTold] = useState<Notified | null>(null);
  const [failed, setFailed] = useState<unknown>(null);
  const isActive = place.state === "active";
  const renew = (): Promise<unknown> =>
    Promise.all([
      client.invalidateQueries({ queryKey: ["health-place", place.id] }),
      client.invalidateQueries({ queryKey: ["health-people", place.id] }),
    ]);
  const notify = async (): Promise<void> => {
    setFailed(null);
    try {
      setTold(await health.notify(place.id));
      await renew();
    } catch (cause) {
      setFailed(cause);
    }
  };
  return (
    <>
      <div className={pages.titleRow}>
        <div className={pages.rowText}>
          <h1>{place.address}</h1>
          <p className={pages.soft}>
            {[
              isActive ? words.levels[place.level] : words.retracted,
              spanText(words, place, locale),
              place.source,
            ].join(" · ")}
          </p>
        </div>
        <div className={pages.actions}>
          <ButtonLink large href="/health">
            {words.back}
          </ButtonLink>
          {isActive ? (
            <>
              <Button large onPress={() => setOpen("change")} testId="change-place">
                {words.correct}
              </Button>
              <Button large onPress={() => setOpen("retract")}>
                {words.retract}
              </Button>
              <Button
                large
                tone="primary"
                isDisabled={place.found === 0}
                onPress={() => setOpen("notify")}
                testId="notify"
              >
                {words.notify({ count: place.found })}
              </Button>
            </>
          ) : null}
        </div>
      </div>
      {failed !== null ? (
        <Fault>{text.errors[failed instanceof ApiError ? failed.code : "internal"]}</Fault>
      ) : null}
      {told ? (
        <p role="status" data-testid="notified">
          {words.notified(told)}{" "}
          {told.without_contact.length > 0
            ? words.silent({ names: listed(told.without_contact, locale) })
            : null}
        </p>
      ) : null}
      <People placeId={place.id} health={health} onMoved={renew} />
      <section className={desk.section}>
        <div className={desk.sectionHead}>
          <h2>{words.changes}</h2>
        </div>
        <ul className={desk.timeline}>
          {card.changes.map((one) => (
            <li key={one.number}>
              {words.changed[one.action]} · {one.name} ·{" "}
              <span className={pages.small}>{when.format(one.at_ms)}</span>
              {one.note ? <p className={desk.note}>{one.note}</p> : null}
              {one.former ? (
                <p
                  className={pages.small}
                >{`${one.former.address} · ${spanText(words, one.former, locale)}`}</p>
              ) : null}
            </li>
          ))}
        </ul>
      </section>
      {open === "change" ? (
        <PlaceDialog
          title={words.form.change}
          known={place}
          onClose={() => setOpen("")}
          onSave={async (facts, note) => {
            await health.change(place.id, place.revision, facts, note);
            setOpen("");
            await renew();
          }}
        />
      ) : null}
      {open === "retract" ? (
        <NoteDialog
          title={words.retractTitle}
          lead={words.retractText}
          isRequired
          onClose={() => setOpen("")}
          onSave={async (note) => {
            await health.retract(place.id, place.revision, note);
            setOpen("");
            await renew();
          }}
        />
      ) : null}
      <Confirm
        question={
          open === "notify"
            ? {
                title: words.notifyTitle,
                text: words.notifyText,
                action: words.notify({ count: place.found }),
                run: () => void notify(),
              }
            : null
        }
        onClose={() => setOpen("")}
      />
    </>
  );
}

/** Asked for once one says what for, and never by itself: every look is on record. */
function People({
  placeId,
  health,
  onMoved,
}: {
  placeId: string;
  health: Health;
  onMoved: () => Promise<unknown>;
}) {
  const words = useHealthWords();
  const [purpose, setPurpose] = useState<string>("tracing");
  const [state, setState] = useState("all");
  const [looks, setLooks] = useState(false);
  const { query, rows: found } = useListing(
    ["health-people", placeId, purpose, state],
    (after) => health.people(placeId, purpose as Purpose, state === "all" ? "" : state, after),
    (page) => page.people,
    { onlyWhen: looks },
  );
  return (
    <section className={desk.section}>
      <div className={desk.sectionHead}>
        <h2>{words.people}</h2>
      </div>
      <div className={styles.two}>
        <Select
          label={words.purpose}
          selected={purpose}
          onChange={(id) => {
            setPurpose(id);
            setLooks(false);
          }}
          options={PURPOSES.map((id) => ({ id, label: words.purposes[id] }))}
        />
        {looks ? (
          <Select
            label={words.shown}
            selected={state}
            onChange={setState}
            options={[
              { id: "all", label: words.anyState },
              ...CONCERN_STATES.map((id) => ({ id, label: words.states[id] })),
            ]}
          />
        ) : null}
      </div>
      {looks ? null : (
        <>
          <p className={pages.small}>{words.lookText}</p>
          <Button onPress={() => setLooks(true)} testId="look">
            {words.look}
          </Button>
        </>
      )}
      {query.isError ? <Failed cause={query.error} retry={() => void query.refetch()} /> : null}
      {query.isSuccess && found.length === 0 ? <p className={desk.none}>{words.nobody}</p> : null}
      {found.length > 0 ? (
        <ul className={pages.list} data-testid="people">
          {found.map((one) => (
            <PersonRow key={one.id} one={one} health={health} onMoved={onMoved} />
          ))}
        </ul>
      ) : null}
      <More query={query} />
    </section>
  );
}

function PersonRow({
  one,
  health,
  onMoved,
}: {
  one: Concern;
  health: Health;
  onMoved: () => Promise<unknown>;
}) {
  const words = useHealthWords();
  const locale = useLocale();
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
  const [action, setAction] = useState<ConcernAction | null>(null);
  const [history, setHistory] = useState(false);
  return (
    <li className={pages.row} data-testid="person" data-state={one.state}>
      <div className={pages.rowText}>
        <div className={pages.rowTitle}>
          <span>{one.person.name}</span>
          <span className={classes(pages.badge, one.state === "cleared" && pages.live)}>
            {words.states[one.state]}
          </span>
        </div>
        <div className={classes(pages.rowMeta, styles.meta)}>
          <span>{one.organization.name}</span>
          <span>{words.forgotten({ day: day.format(one.delete_at_ms) })}</span>
          {one.stands ? null : <span className={styles.weak}>{words.withdrawn}</span>}
        </div>
        <Reasons of={one.reasons} linked />
        <div className={pages.actions}>
          {one.actions.map((id) => (
            <Button key={id} onPress={() => setAction(id)} testId={`move-${id}`}>
              {words.actions[id]}
            </Button>
          ))}
          <Button tone="quiet" onPress={() => setHistory(true)}>
            {words.history}
          </Button>
        </div>
      </div>
      {action ? (
        <NoteDialog
          title={`${one.person.name}: ${words.actions[action]}`}
          isRequired={action === "clear" || action === "reopen"}
          onClose={() => setAction(null)}
          onSave={async (note) => {
            await health.move(one.id, one.revision, action, note);
            setAction(null);
            await onMoved();
          }}
        />
      ) : null}
      {history ? <History id={one.id} health={health} onClose={() => setHistory(false)} /> : null}
    </li>
  );
}

function History({ id, health, onClose }: { id: string; health: Health; onClose: () => void }) {
  const words = useHealthWords();
  const locale = useLocale();
  const when = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const query = useQuery({
    queryKey: ["health-concern", id],
    queryFn: () => health.concern(id, "follow_up"),
    refetchInterval: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    staleTime: 0,
  });
  return (
    <Dialog title={words.history} isOpen onClose={onClose}>
      {query.isError ? <Failed cause={query.error} /> : null}
      <ul className={desk.timeline}>
        {query.data?.events.map((event) => (
          <li key={event.number}>
            {words.actions[event.action]} · {event.name} ·{" "}
            <span className={pages.small}>{when.format(event.at_ms)}</span>
            {event.note ? <p className={desk.note}>{event.note}</p> : null}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

function NoteDialog({
  title,
  lead,
  isRequired,
  onClose,
  onSave,
}: {
  title: string;
  lead?: string;
  isRequired: boolean;
  onClose: () => void;
  onSave: (note: string) => Promise<void>;
}) {
  const words = useHealthWords();
  const [note, setNote] = useState("");
  const saving = useSubmit(() => onSave(note));
  return (
    <Dialog title={title} isOpen onClose={onClose}>
      <form className={pages.form} onSubmit={saving.onSubmit}>
        {lead ? <DialogText>{lead}</DialogText> : null}
        <LinesField label={words.note} value={note} onChange={setNote} max={500} />
        <Ends saving={saving} onClose={onClose} isReady={!isRequired || note.trim() !== ""} />
      </form>
    </Dialog>
  );
}
