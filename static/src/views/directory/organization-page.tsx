import { useQuery, useQueryClient } from "@tanstack/react-query";
import { FileText, HardHat, Paperclip, Plus } from "lucide-react";
import { useMemo, useState, type ReactNode } from "react";
import { ApiError, type Me } from "../../state/api";
import {
  Directory,
  validity,
  type Certificate,
  type Crew,
  type OrganizationPage,
} from "../../state/directory";
import { useApp, useLocale, useText } from "../context";
import { CallButton } from "../calls/call-button";
import { CallRecordSection } from "../calls/call-record";
import { MemberFrame } from "../frame/member-frame";
import desk from "../assist/desk/desk.module.css";
import pages from "../pages/page.module.css";
import { Button } from "../ui/button";
import { classes } from "../ui/classes";
import { Confirm, Fault, type Question } from "../ui/dialog";
import { AttendanceSwitch } from "./attendance-switch";
import { BusyDialog, CertificateDialog, CrewDialog, StatusDialog } from "./crew-dialogs";
import { Logo } from "./directory-page";
import styles from "./directory.module.css";
import { CalendarStrip, Chips, Failed } from "./parts";
import { ProfileDialog } from "./profile-dialog";
import { WhoIsIn } from "./who-is-in";
import { dayText, regionText, useDirectoryWords } from "./words";

const REFRESH_MS = 60_000;

type Open =
  | { readonly dialog: "profile" }
  | { readonly dialog: "certificate"; readonly certificate: Certificate | null }
  | { readonly dialog: "crew"; readonly crew: Crew | null }
  | { readonly dialog: "busy" | "status"; readonly crew: Crew };

export default function OrganizationPageView({ id }: { id: string }) {
  const words = useDirectoryWords();
  return (
    <MemberFrame title={words.title} refreshMs={REFRESH_MS}>
      {(me) => <Loaded id={id} me={me} />}
    </MemberFrame>
  );
}

function Loaded({ id, me }: { id: string; me: Me }) {
  const { api } = useApp();
  const directory = useMemo(() => new Directory(api), [api]);
  const query = useQuery({ queryKey: ["organization", id], queryFn: () => directory.organization(id) });
  if (query.isError)
    return <Failed cause={query.error} retry={() => void query.refetch()} back="/directory" />;
  return query.isSuccess ? <Known page={query.data} directory={directory} me={me} /> : null;
}

function Known({ page, directory, me }: { page: OrganizationPage; directory: Directory; me: Me }) {
  const words = useDirectoryWords();
  const locale = useLocale();
  const client = useQueryClient();
  const [open, setOpen] = useState<Open | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  const refresh = (): void => void client.invalidateQueries({ queryKey: ["organization", page.id] });
  const close = (): void => {
    setOpen(null);
    refresh();
  };
  const summary = locale === "en" ? page.summary_en || page.summary_zh : page.summary_zh || page.summary_en;
  const facts: readonly (readonly [string, ReactNode])[] = [
    [words.kind, words.kinds[page.kind]],
    [words.industry, page.industry ? words.industries[page.industry] : ""],
    [words.page.size, page.headcount ? words.headcounts[page.headcount] : ""],
    [words.region, page.region ? regionText(words, page.region) : ""],
    [words.page.address, page.address],
    [words.page.founded, page.founded_on ? dayText(page.founded_on, locale) : ""],
    [
      words.page.website,
      page.website ? (
        <a href={page.website} target="_blank" rel="noopener noreferrer nofollow">
          {page.website.replace(/^https?:\/\//, "")}
        </a>
      ) : (
        ""
      ),
    ],
  ];
  const isInstaller = page.kind === "installer";
  return (
    <>
      <div className={pages.titleRow}>
        <div className={styles.rowBody}>
          <Logo source={page.logo} large />
          <h1>{page.name}</h1>
        </div>
        {page.may_edit ? (
          <div className={pages.actions}>
            <Button large onPress={() => setOpen({ dialog: "profile" })} testId="edit-page">
              {words.page.edit}
            </Button>
          </div>
        ) : null}
      </div>
      <p className={styles.lead}>
        {summary || (page.may_edit ? words.page.unwrittenOwn : words.page.unwritten)}
      </p>
      <section className={desk.section}>
        <dl className={desk.facts}>
          {facts
            .filter(([, value]) => value !== "")
            .map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
        </dl>
      </section>
      <Contacts page={page} />
      <WhoIsIn page={page} me={me} />
      <AttendanceSwitch id={page.id} me={me} />
      <CallRecordSection about={{ kind: "organization", id: page.id }} className={desk.section ?? ""} />
      {isInstaller ? (
        <>
          <section className={desk.section}>
            <div className={desk.sectionHead}>
              <h2>{words.page.crews}</h2>
              {page.may_edit ? (
                <Button onPress={() => setOpen({ dialog: "crew", crew: null })} testId="add-crew">
                  <Plus size={16} aria-hidden />
                  {words.page.addCrew}
                </Button>
              ) : null}
            </div>
            {page.crews.length === 0 ? (
              <p className={desk.none}>{words.page.noCrews}</p>
            ) : (
              <ul className={styles.cards} data-testid="crews">
                {page.crews.map((crew) => (
                  <CrewCard
                    key={crew.id}
                    crew={crew}
                    page={page}
                    onOpen={setOpen}
                    onFree={(busyId) => void directory.removeBusy(crew.id, busyId).then(refresh)}
                  />
                ))}
              </ul>
            )}
          </section>
          <section className={desk.section}>
            <div className={desk.sectionHead}>
              <h2>{words.page.certificates}</h2>
              {page.may_edit ? (
                <Button onPress={() => setOpen({ dialog: "certificate", certificate: null })}>
                  <Plus size={16} aria-hidden />
                  {words.page.addCertificate}
                </Button>
              ) : null}
            </div>
            {page.certificates.length === 0 ? (
              <p className={desk.none}>
                <strong>{words.page.noCertificates}</strong>
                {page.may_edit ? words.page.noCertificatesText : null}
              </p>
            ) : (
              <ul className={pages.list} data-testid="certificates">
                {page.certificates.map((one) => (
                  <CertificateRow
                    key={one.id}
                    one={one}
                    page={page}
                    directory={directory}
                    onChanged={refresh}
                    onEdit={() => setOpen({ dialog: "certificate", certificate: one })}
                    onRemove={() =>
                      setQuestion({
                        title: words.form.remove,
                        text: words.form.removeSure({ title: one.title }),
                        action: words.form.remove,
                        run: () => void directory.removeCertificate(one.id).then(refresh),
                      })
                    }
                  />
                ))}
              </ul>
            )}
          </section>
        </>
      ) : null}
      {open?.dialog === "profile" ? (
        <ProfileDialog page={page} directory={directory} onClose={close} />
      ) : null}
      {open?.dialog === "certificate" ? (
        <CertificateDialog
          organizationId={page.id}
          certificate={open.certificate}
          directory={directory}
          onClose={close}
        />
      ) : null}
      {open?.dialog === "crew" ? (
        <CrewDialog
          organizationId={page.id}
          crew={open.crew}
          directory={directory}
          onClose={close}
          onRetire={(crew) =>
            setQuestion({
              title: words.form.retire,
              text: words.form.retireSure({ name: crew.name }),
              action: words.form.retire,
              run: () => void directory.retireCrew(crew.id).then(close),
            })
          }
        />
      ) : null}
      {open?.dialog === "busy" ? <BusyDialog crew={open.crew} directory={directory} onClose={close} /> : null}
      {open?.dialog === "status" ? (
        <StatusDialog crew={open.crew} directory={directory} onClose={close} />
      ) : null}
      <Confirm question={question} onClose={() => setQuestion(null)} />
    </>
  );
}

function Contacts({ page }: { page: OrganizationPage }) {
  const words = useDirectoryWords();
  const officer = page.officer;
  const acting = officer?.cover ?? officer;
  return (
    <section className={desk.section}>
      <div className={desk.sectionHead}>
        <h2>{words.page.contacts}</h2>
      </div>
      {page.contacts.length === 0 && (!page.within || page.kind === "park") ? (
        <p className={desk.none}>{words.page.noContacts}</p>
      ) : (
        <ul className={styles.cards} data-testid="contacts">
          {page.within && page.kind !== "park" ? (
            <li className={styles.card}>
              <div className={styles.cardHead}>
                <h3>{officer?.name ?? words.page.noOfficer}</h3>
                <span className={styles.chip}>{words.page.officer}</span>
              </div>
              {officer?.cover ? (
                <span className={pages.small}>{words.page.covering({ name: officer.cover.name })}</span>
              ) : null}
              {acting ? (
                <div className={styles.cardActions}>
                  <CallButton
                    about={{ kind: "organization", id: page.id }}
                    to={acting.id}
                    name={acting.name}
                  />
                </div>
              ) : null}
            </li>
          ) : null}
          {page.contacts.map((one, place) => (
            <li key={place} className={styles.card}>
              <div className={styles.cardHead}>
                <h3>{one.name}</h3>
                <span className={styles.chip}>{words.roles[one.role]}</span>
              </div>
              {one.phone ? <a href={`tel:${one.phone.replace(/[^0-9+]/g, "")}`}>{one.phone}</a> : null}
              {one.email ? <a href={`mailto:${one.email}`}>{one.email}</a> : null}
              {one.public ? null : <span className={pages.small}>{words.page.internal}</span>}
              {one.account_id ? (
                <div className={styles.cardActions}>
                  <CallButton
                    about={{ kind: "organization", id: page.id }}
                    to={one.account_id}
                    name={one.name}
                  />
                </div>
              ) : null}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function CrewCard({
  crew,
  page,
  onOpen,
  onFree,
}: {
  crew: Crew;
  page: OrganizationPage;
  onOpen: (open: Open) => void;
  onFree: (busyId: string) => void;
}) {
  const words = useDirectoryWords();
  const locale = useLocale();
  const days = (from: string, until: string): string =>
    words.needs.days({ from: dayText(from, locale), until: dayText(until, locale) });
  const place = crew.goes_to.map((one) => regionText(words, one)).join(locale === "en" ? ", " : "、");
  return (
    <li className={styles.card}>
      <div className={styles.cardHead}>
        <h3>{crew.name}</h3>
        <span className={styles.chip} data-testid="crew-status">
          {words.statuses[crew.status]}
        </span>
      </div>
      <div className={pages.rowMeta}>
        <span>{words.page.people({ count: crew.size })}</span>
        <span>{regionText(words, crew.region)}</span>
        <span>{words.page.jobs({ count: crew.past_jobs })}</span>
      </div>
      {crew.status_note ? <span className={pages.small}>{crew.status_note}</span> : null}
      <Chips of={crew.trades.map((one) => words.trades[one])} />
      <span className={pages.small}>
        {[
          crew.languages.map((one) => words.languages[one]).join(locale === "en" ? ", " : "、"),
          `${words.page.goesTo}${locale === "en" ? ": " : "："}${place || words.page.everywhere}`,
        ]
          .filter(Boolean)
          .join(" · ")}
      </span>
      <CalendarStrip busy={crew.busy} today={page.today} />
      {crew.busy.length > 0 ? (
        <ul className={styles.reasons}>
          {crew.busy.slice(0, 6).map((one, index) => (
            <li key={index}>
              <span>
                {[days(one.starts_on, one.ends_on), one.note].filter(Boolean).join(" · ")}
                {one.job_id ? (
                  <>
                    {" · "}
                    <a href={`/jobs/${one.job_id}`}>{words.page.aJob}</a>
                  </>
                ) : null}
              </span>
              {one.id ? (
                <Button
                  tone="quiet"
                  label={words.page.removeBusy({ days: days(one.starts_on, one.ends_on) })}
                  onPress={() => onFree(one.id)}
                >
                  {words.form.remove}
                </Button>
              ) : null}
            </li>
          ))}
        </ul>
      ) : null}
      {page.within ? (
        <div className={styles.cardActions}>
          <Button onPress={() => onOpen({ dialog: "status", crew })}>
            <HardHat size={16} aria-hidden />
            {words.page.setStatus}
          </Button>
          <Button onPress={() => onOpen({ dialog: "busy", crew })} testId="add-busy">
            {words.page.addBusy}
          </Button>
          {page.may_edit ? (
            <Button tone="quiet" onPress={() => onOpen({ dialog: "crew", crew })}>
              {words.need.edit}
            </Button>
          ) : null}
        </div>
      ) : null}
    </li>
  );
}

function CertificateRow({
  one,
  page,
  directory,
  onChanged,
  onEdit,
  onRemove,
}: {
  one: Certificate;
  page: OrganizationPage;
  directory: Directory;
  onChanged: () => void;
  onEdit: () => void;
  onRemove: () => void;
}) {
  const text = useText();
  const words = useDirectoryWords();
  const day = dayText(one.valid_until, useLocale());
  const state = validity(one.valid_until, page.today);
  const [failed, setFailed] = useState<unknown>(null);
  const say = { valid: words.page.validUntil, soon: words.page.endsSoon, over: words.page.ended }[state];
  const look = { valid: undefined, soon: styles.weak, over: styles.bad }[state];
  return (
    <li className={classes(pages.row, styles.wraps)}>
      <div className={pages.rowText}>
        <div className={pages.rowTitle}>
          <span>{one.title}</span>
          <span className={styles.chip}>{words.trades[one.trade]}</span>
        </div>
        <div className={pages.rowMeta}>
          <span className={look}>{say({ day })}</span>
          {one.issuer ? <span>{one.issuer}</span> : null}
          {one.number ? <span>{one.number}</span> : null}
        </div>
        {failed !== null ? (
          <Fault>{text.errors[failed instanceof ApiError ? failed.code : "internal"]}</Fault>
        ) : null}
      </div>
      {one.file ? (
        <a className={styles.fileButton} href={one.file} target="_blank" rel="noopener">
          <FileText size={16} aria-hidden />
          {words.page.paper}
        </a>
      ) : page.may_edit ? (
        <label className={styles.fileButton}>
          <Paperclip size={16} aria-hidden />
          {words.page.bringPaper}
          <input
            type="file"
            accept="application/pdf,image/jpeg,image/png"
            onChange={(event) => {
              const chosen = event.target.files?.[0];
              setFailed(null);
              if (chosen) void directory.bringCertificate(one.id, chosen).then(onChanged, setFailed);
            }}
          />
        </label>
      ) : null}
      {page.may_edit ? (
        <>
          <Button onPress={onEdit}>{words.need.edit}</Button>
          <Button tone="quiet" onPress={onRemove}>
            {words.form.remove}
          </Button>
        </>
      ) : null}
    </li>
  );
}
