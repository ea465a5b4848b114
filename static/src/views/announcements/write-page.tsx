import { useQuery } from "@tanstack/react-query";
import { Paperclip, Undo2, X } from "lucide-react";
import { useMemo, useState } from "react";
import {
  Announcements,
  FILES_MAX,
  publishersOf,
  TEXT_MAX,
  TITLE_MAX,
  type AnnouncementCard,
  type Audience,
} from "../../state/announcements";
import { ApiError, type Me } from "../../state/api";
import { newKey } from "../../state/new-key";
import { localInput } from "../../state/live/plan";
import type { Code } from "../../protocol.gen";
import { useApp, useText } from "../context";
import directory from "../directory/directory.module.css";
import { LinesField } from "../directory/parts";
import { MemberFrame } from "../frame/member-frame";
import pages from "../pages/page.module.css";
import { Button, ButtonLink, IconButton } from "../ui/button";
import { Confirm, Dialog, DialogActions, DialogText, Fault, type Question } from "../ui/dialog";
import { Select, TextField } from "../ui/fields";
import styles from "./announcements.module.css";
import { AudienceField, type Chosen } from "./audience-field";
import { Body, Failed, FileLinks, FileSize, Gone } from "./parts";
import { useAnnouncementWords } from "./words";

const REFRESH_MS = 60_000;
const HOUR_MS = 3_600_000;

/** `id` is "new" for one that is not written yet. */
export default function WritePage({ id }: { id: string }) {
  const words = useAnnouncementWords();
  return (
    <MemberFrame title={words.write} refreshMs={REFRESH_MS}>
      {(me) => <Loaded id={id} me={me} />}
    </MemberFrame>
  );
}

function Loaded({ id, me }: { id: string; me: Me }) {
  const { api } = useApp();
  const announcements = useMemo(() => new Announcements(api), [api]);
  const [opened] = useState(id); // a new one gets its address when it is saved, and the form stays
  const query = useQuery({
    queryKey: ["draft", opened],
    queryFn: () => (opened === "new" ? null : announcements.get(opened)),
    gcTime: 0,
    refetchInterval: false,
    refetchOnWindowFocus: false,
  });
  if (query.isError) return <Failed cause={query.error} retry={() => void query.refetch()} />;
  if (!query.isSuccess) return null;
  if (publishersOf(me).length === 0 || (query.data && !query.data.actions.includes("edit"))) return <Gone />;
  return <Form me={me} draft={query.data} announcements={announcements} />;
}

function Form({
  me,
  draft,
  announcements,
}: {
  me: Me;
  draft: AnnouncementCard | null;
  announcements: Announcements;
}) {
  const { router } = useApp();
  const text = useText();
  const words = useAnnouncementWords();
  const { form } = words;
  const publishers = publishersOf(me);
  const [card, setCard] = useState(draft);
  const [publisherId, setPublisherId] = useState(draft?.organization.id ?? publishers[0]?.id ?? "");
  const [title, setTitle] = useState(draft?.title ?? "");
  const [body, setBody] = useState(draft?.text ?? "");
  const [chosen, setChosen] = useState<Chosen>({
    scope: draft?.audience?.scope ?? "park",
    organizations: draft?.audience?.organizations ?? [],
    roles: draft?.audience?.roles ?? [],
  });
  const [isPreview, setPreview] = useState(false);
  const [isScheduling, setScheduling] = useState(false);
  const [question, setQuestion] = useState<Question | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [isSaved, setSaved] = useState(false);
  const [fault, setFault] = useState<Code | null>(null);
  const publisher = publishers.find((one) => one.id === publisherId) ?? publishers[0];
  const audience: Audience = publisher?.isPark
    ? {
        scope: chosen.scope,
        organization_ids: chosen.scope === "park" ? [] : chosen.organizations.map((one) => one.id),
        roles: chosen.roles,
      }
    : { scope: "organizations", organization_ids: [publisherId], roles: chosen.roles };
  const hasAudience = audience.scope === "park" || audience.organization_ids.length > 0;
  const reach = useQuery({
    queryKey: ["reach", publisherId, audience],
    queryFn: () => announcements.reach(publisherId, audience),
    enabled: hasAudience,
    refetchInterval: false,
  });
  if (!publisher) return null;
  const people = hasAudience ? (reach.data?.people ?? null) : 0;
  const isWhole = title.trim() !== "" && hasAudience;
  const isReady = isWhole && body.trim() !== "" && people !== null && people > 0;

  const save = async (): Promise<AnnouncementCard> => {
    const written = { title, text: body, audience };
    const saved = card
      ? await announcements.edit(card.id, card.revision, written)
      : await announcements.write(publisherId, written);
    setCard(saved);
    if (!card) router.replace(`/announcements/${saved.id}/edit`);
    return saved;
  };
  const run = (work: () => Promise<unknown>): void => {
    setBusy(true);
    setFault(null);
    setSaved(false);
    work()
      .catch((cause: unknown) => setFault(cause instanceof ApiError ? cause.code : "internal"))
      .finally(() => setBusy(false));
  };
  const publish = async (atMs: number): Promise<void> => {
    const saved = await save();
    const out = await announcements.publish(saved.id, saved.revision, atMs);
    router.go(`/announcements/${out.id}`);
  };
  const attach = async (file: File): Promise<void> => {
    const saved = await save();
    setCard(await announcements.attach(saved.id, newKey(), file));
  };
  const changed =
    <T,>(set: (value: T) => void) =>
    (value: T): void => {
      setSaved(false);
      set(value);
    };
  return (
    <>
      <div className={styles.bar}>
        <ButtonLink tone="quiet" href="/announcements">
          <Undo2 size={16} aria-hidden />
          {words.back}
        </ButtonLink>
        <Button onPress={() => setPreview(!isPreview)} testId="preview">
          {isPreview ? form.writing : form.preview}
        </Button>
      </div>
      <div className={styles.write}>
        {isPreview ? (
          <article className={styles.paper} data-testid="announcement-preview">
            <h2>{title || form.untitled}</h2>
            <p className={pages.small}>{publisher.name}</p>
            <Body text={body} />
            <FileLinks files={card?.files ?? []} />
          </article>
        ) : (
          <div className={styles.column}>
            <h1>{words.write}</h1>
            <TextField
              label={form.heading}
              value={title}
              onChange={changed(setTitle)}
              maxLength={TITLE_MAX}
              isRequired
              testId="announcement-title"
            />
            <LinesField label={form.text} value={body} onChange={changed(setBody)} max={TEXT_MAX} rows={14} />
            <p className={pages.small}>{form.textHint}</p>
            <section className={styles.column} aria-label={form.files}>
              <ul className={styles.files}>
                {card?.files.map((file) => (
                  <li key={file.key}>
                    <Paperclip size={16} aria-hidden />
                    <span className={styles.heading}>{file.name}</span>
                    <FileSize bytes={file.size_bytes} />
                    <IconButton
                      name={form.remove({ name: file.name })}
                      onPress={() => run(async () => setCard(await announcements.detach(card.id, file.key)))}
                    >
                      <X size={16} aria-hidden />
                    </IconButton>
                  </li>
                ))}
              </ul>
              <div>
                <label className={directory.fileButton}>
                  <Paperclip size={16} aria-hidden />
                  {form.attach}
                  <input
                    type="file"
                    accept="application/pdf,image/jpeg,image/png"
                    disabled={!isWhole || isBusy || (card?.files.length ?? 0) >= FILES_MAX}
                    data-testid="attach"
                    onChange={(event) => {
                      const file = event.target.files?.[0];
                      event.target.value = "";
                      if (file) run(() => attach(file));
                    }}
                  />
                </label>
              </div>
              <p className={pages.small}>{form.filesHint}</p>
            </section>
          </div>
        )}
        <aside className={pages.card}>
          {publishers.length > 1 && !card ? (
            <Select
              label={form.publisher}
              selected={publisherId}
              onChange={changed(setPublisherId)}
              options={publishers.map(({ id, name }) => ({ id, label: name }))}
            />
          ) : (
            <p className={pages.small}>{`${form.publisher}: ${publisher.name}`}</p>
          )}
          <AudienceField publisher={publisher} value={chosen} onChange={changed(setChosen)} />
          <p className={styles.reach} role="status" data-testid="reach" data-people={people ?? ""}>
            {people === null
              ? `${form.counting}…`
              : people === 0
                ? form.reachesNobody
                : form.reaches({ people, organizations: reach.data?.organizations ?? 0 })}
          </p>
          {fault ? <Fault>{text.errors[fault]}</Fault> : null}
          <Button
            wide
            tone="primary"
            isDisabled={!isReady}
            isPending={isBusy}
            testId="publish"
            onPress={() =>
              setQuestion({
                title: words.actions.publish,
                text: form.publishSure({
                  title,
                  people: people ?? 0,
                  organizations: reach.data?.organizations ?? 0,
                }),
                action: words.actions.publish,
                run: () => run(() => publish(0)),
              })
            }
          >
            {words.actions.publish}
          </Button>
          <Button
            wide
            isDisabled={!isReady}
            isPending={isBusy}
            onPress={() => setScheduling(true)}
            testId="schedule"
          >
            {words.actions.schedule}
          </Button>
          <Button
            wide
            isDisabled={!isWhole}
            isPending={isBusy}
            testId="save-draft"
            onPress={() =>
              run(async () => {
                await save();
                setSaved(true);
              })
            }
          >
            {isSaved ? form.saved : form.save}
          </Button>
          {card ? (
            <Button
              wide
              tone="quiet"
              testId="delete-draft"
              onPress={() =>
                setQuestion({
                  title: words.actions.delete,
                  text: form.deleteSure({ title: title || form.untitled }),
                  action: words.actions.delete,
                  run: () =>
                    run(async () => {
                      await announcements.remove(card.id);
                      router.go("/announcements");
                    }),
                })
              }
            >
              {words.actions.delete}
            </Button>
          ) : null}
        </aside>
      </div>
      <Confirm question={question} onClose={() => setQuestion(null)} />
      {isScheduling ? (
        <ScheduleDialog
          onClose={() => setScheduling(false)}
          onChosen={(atMs) => {
            setScheduling(false);
            run(() => publish(atMs));
          }}
        />
      ) : null}
    </>
  );
}

function ScheduleDialog({ onClose, onChosen }: { onClose: () => void; onChosen: (atMs: number) => void }) {
  const text = useText();
  const words = useAnnouncementWords();
  const [at, setAt] = useState(() => localInput(Date.now() + HOUR_MS));
  const [isWrong, setWrong] = useState(false);
  return (
    <Dialog title={words.actions.schedule} isOpen onClose={onClose}>
      <form
        className={pages.form}
        onSubmit={(event) => {
          event.preventDefault();
          const atMs = new Date(at).getTime();
          const ahead = atMs - Date.now();
          if (ahead > 0 && ahead < 365 * 24 * HOUR_MS) onChosen(atMs);
          else setWrong(true);
        }}
      >
        <DialogText>{words.form.scheduleText}</DialogText>
        <label className={directory.choices}>
          <span>{words.form.at}</span>
          <input
            className={directory.day}
            type="datetime-local"
            value={at}
            required
            data-testid="publish-at"
            onChange={(event) => {
              setWrong(false);
              setAt(event.target.value);
            }}
          />
        </label>
        {isWrong ? <Fault>{words.form.wrongTime}</Fault> : null}
        <DialogActions>
          <Button onPress={onClose}>{text.common.cancel}</Button>
          <Button type="submit" tone="primary" testId="save-time">
            {words.actions.schedule}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
