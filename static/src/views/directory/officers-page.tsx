import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Users } from "lucide-react";
import { useDeferredValue, useMemo, useState } from "react";
import { Link } from "react-aria-components";
import { ApiError, type Me } from "../../state/api";
import { Officers, type BoardCompany, type Company } from "../../state/officers";
import { useApp, useLocale, useText } from "../context";
import { MemberFrame } from "../frame/member-frame";
import desk from "../assist/desk/desk.module.css";
import pages from "../pages/page.module.css";
import { useSubmit } from "../pages/use-submit";
import { Button } from "../ui/button";
import { classes } from "../ui/classes";
import { Dialog, Fault } from "../ui/dialog";
import { Select, TextField } from "../ui/fields";
import { Ends } from "./crew-dialogs";
import styles from "./directory.module.css";
import { Steps } from "./job-progress";
import { DayField, Empty, Failed } from "./parts";
import { dayText, useDirectoryWords } from "./words";

const REFRESH_MS = 30_000;
const TABS = ["board", "all", "covers"] as const;
type Tab = (typeof TABS)[number];

export default function OfficersPage() {
  const words = useDirectoryWords();
  return (
    <MemberFrame title={words.officers.title} refreshMs={REFRESH_MS}>
      {(me) => <Tabs me={me} />}
    </MemberFrame>
  );
}

function Tabs({ me }: { me: Me }) {
  const { api } = useApp();
  const words = useDirectoryWords();
  const officers = useMemo(() => new Officers(api), [api]);
  const [tab, setTab] = useState<Tab>("board");
  return (
    <>
      <div className={pages.titleRow}>
        <h1>{words.officers.title}</h1>
      </div>
      <div className={styles.tabs} role="group" aria-label={words.officers.title}>
        {TABS.map((one) => (
          <Button
            key={one}
            tone={one === tab ? "primary" : "secondary"}
            onPress={() => setTab(one)}
            testId={`tab-${one}`}
          >
            {words.officers[one]}
          </Button>
        ))}
      </div>
      {tab === "board" ? <Board officers={officers} /> : null}
      {tab === "all" ? <All officers={officers} me={me} /> : null}
      {tab === "covers" ? <Covers officers={officers} me={me} /> : null}
    </>
  );
}

function Board({ officers }: { officers: Officers }) {
  const text = useText();
  const words = useDirectoryWords();
  const client = useQueryClient();
  const query = useQuery({ queryKey: ["officers", "board"], queryFn: officers.board });
  const [handing, setHanding] = useState<Company | null>(null);
  const refresh = (): void => void client.invalidateQueries({ queryKey: ["officers"] });
  const taking = useTaking(refresh);
  if (query.isError) return <Failed cause={query.error} retry={() => void query.refetch()} />;
  if (!query.isSuccess) return <p className={pages.soft}>{text.common.loading}…</p>;
  const { companies, offers } = query.data;
  return (
    <>
      {taking.fault}
      {offers.map((one) => (
        <div key={one.id} className={styles.card} data-testid="officer-offer">
          <strong>{words.officers.offered({ company: one.name, name: one.officer?.name ?? "" })}</strong>
          <div className={styles.cardActions}>
            <Button
              tone="primary"
              onPress={() => taking.take(officers.move(one.id, "accepted"))}
              testId="accept-company"
            >
              {words.officers.accept}
            </Button>
            <Button tone="quiet" onPress={() => taking.take(officers.move(one.id, "declined"))}>
              {words.officers.decline}
            </Button>
          </div>
        </div>
      ))}
      {companies.length === 0 ? (
        <Empty icon={<Users size={40} strokeWidth={1.5} aria-hidden />} title={words.officers.none}>
          <p>{words.officers.noneText}</p>
        </Empty>
      ) : (
        <ul className={styles.cards} data-testid="officer-board">
          {companies.map((one) => (
            <CompanyCard
              key={one.company.id}
              one={one}
              onHandOver={() => setHanding(one.company)}
              onWithdraw={() => taking.take(officers.move(one.company.id, "withdrawn"))}
            />
          ))}
        </ul>
      )}
      {handing ? (
        <ChooseDialog
          title={words.officers.handOverTo({ company: handing.name })}
          label={words.officers.to}
          officers={officers}
          without={handing.officer?.id ?? ""}
          onClose={() => setHanding(null)}
          onChosen={async (id) => {
            await officers.move(handing.id, "offered", id);
            setHanding(null);
            refresh();
          }}
        />
      ) : null}
    </>
  );
}

function CompanyCard({
  one,
  onHandOver,
  onWithdraw,
}: {
  one: BoardCompany;
  onHandOver: () => void;
  onWithdraw: () => void;
}) {
  const words = useDirectoryWords();
  const locale = useLocale();
  const when = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
  const last = one.last_contact;
  return (
    <li className={styles.card}>
      <div className={styles.cardHead}>
        <h3>
          <Link className={desk.rowLink ?? ""} href={`/directory/${one.company.id}`}>
            {one.company.name}
          </Link>
        </h3>
        {one.late.length === 0 ? <span className={styles.chip}>{words.officers.inOrder}</span> : null}
      </div>
      {one.covered_for ? (
        <span className={pages.small}>{words.officers.covering({ name: one.covered_for })}</span>
      ) : null}
      {one.late.length > 0 ? (
        <ul className={styles.chips}>
          {one.late.map((late) => (
            <li key={late} className={`${styles.chip ?? ""} ${styles.bad ?? ""}`}>
              {words.officers.late[late]}
            </li>
          ))}
        </ul>
      ) : null}
      <div className={classes(pages.rowMeta, styles.meta)}>
        <span>{words.officers.requests({ count: one.open_requests })}</span>
        {one.late_requests > 0 ? (
          <span className={styles.bad}>{words.officers.lateRequests({ count: one.late_requests })}</span>
        ) : null}
        <span>
          {last
            ? `${words.officers.contact[last.kind]} ${when.format(last.at_ms)}`
            : words.officers.noContact}
        </span>
      </div>
      {one.jobs.length === 0 ? (
        <span className={pages.small}>{words.officers.noJobs}</span>
      ) : (
        one.jobs.map((job) => (
          <div key={job.id} className={styles.lines}>
            <span>
              <Link className={desk.rowLink ?? ""} href={`/jobs/${job.id}`}>
                {job.title}
              </Link>
              <span className={pages.small}>{` · ${job.installer}`}</span>
            </span>
            <Steps of={job.milestones} onPress={null} />
          </div>
        ))
      )}
      <div className={styles.cardActions}>
        {one.covered_for ? null : one.company.offered_to ? (
          <>
            <span className={pages.small}>
              {words.officers.waiting({ name: one.company.offered_to.name })}
            </span>
            <Button tone="quiet" onPress={onWithdraw}>
              {words.officers.withdraw}
            </Button>
          </>
        ) : (
          <Button tone="quiet" onPress={onHandOver}>
            {words.officers.handOver}
          </Button>
        )}
      </div>
    </li>
  );
}

function All({ officers, me }: { officers: Officers; me: Me }) {
  const text = useText();
  const words = useDirectoryWords();
  const client = useQueryClient();
  const [typed, setTyped] = useState("");
  const [naming, setNaming] = useState<Company | null>(null);
  const search = useDeferredValue(typed.trim());
  const query = useQuery({
    queryKey: ["officers", "all", search],
    queryFn: () => officers.companies(search, ""),
  });
  if (query.isError) return <Failed cause={query.error} retry={() => void query.refetch()} />;
  const found = query.data?.companies ?? [];
  return (
    <>
      <div className={pages.toolbar}>
        <TextField
          label={words.officers.search}
          placeholder={words.officers.search}
          type="search"
          hideLabel
          value={typed}
          onChange={setTyped}
        />
      </div>
      {query.isPending ? (
        <p className={pages.soft}>{text.common.loading}…</p>
      ) : (
        <ul className={pages.list} data-testid="officer-companies">
          {found.map((one) => (
            <li key={one.id} className={pages.row}>
              <div className={pages.rowText}>
                <Link
                  className={`${pages.rowTitle ?? ""} ${desk.rowLink ?? ""}`}
                  href={`/directory/${one.id}`}
                >
                  {one.name}
                </Link>
                <div className={classes(pages.rowMeta, styles.meta)}>
                  <span className={one.officer ? undefined : styles.weak}>
                    {one.officer?.name ?? words.officers.noOfficer}
                  </span>
                  {one.offered_to ? (
                    <span>{words.officers.waiting({ name: one.offered_to.name })}</span>
                  ) : null}
                </div>
              </div>
              {me.features.administer_park ? (
                <Button onPress={() => setNaming(one)} testId="name-officer">
                  {words.officers.name}
                </Button>
              ) : null}
            </li>
          ))}
        </ul>
      )}
      {naming ? (
        <ChooseDialog
          title={words.officers.nameFor({ company: naming.name })}
          label={words.officers.officer}
          officers={officers}
          without={naming.officer?.id ?? ""}
          onClose={() => setNaming(null)}
          onChosen={async (id) => {
            await officers.name(naming.id, id);
            setNaming(null);
            await client.invalidateQueries({ queryKey: ["officers"] });
          }}
        />
      ) : null}
    </>
  );
}

function Covers({ officers, me }: { officers: Officers; me: Me }) {
  const words = useDirectoryWords();
  const locale = useLocale();
  const client = useQueryClient();
  const [adding, setAdding] = useState(false);
  const query = useQuery({ queryKey: ["officers", "covers"], queryFn: officers.covers });
  const refresh = (): void => void client.invalidateQueries({ queryKey: ["officers"] });
  const taking = useTaking(refresh);
  if (query.isError) return <Failed cause={query.error} retry={() => void query.refetch()} />;
  const found = query.data?.covers ?? [];
  return (
    <section className={desk.section}>
      <div className={desk.sectionHead}>
        <h2>{words.officers.covers}</h2>
        <Button onPress={() => setAdding(true)} testId="add-cover">
          {words.officers.addCover}
        </Button>
      </div>
      {taking.fault}
      {found.length === 0 ? (
        <p className={desk.none}>{words.officers.noCovers}</p>
      ) : (
        <ul className={pages.list}>
          {found.map((one) => (
            <li key={one.id} className={pages.row}>
              <div className={pages.rowText}>
                <span className={pages.rowTitle}>
                  {words.officers.coverLine({ cover: one.cover.name, officer: one.officer.name })}
                </span>
                <div className={classes(pages.rowMeta, styles.meta)}>
                  <span>
                    {words.needs.days({
                      from: dayText(one.starts_on, locale),
                      until: dayText(one.ends_on, locale),
                    })}
                  </span>
                </div>
              </div>
              {one.officer.id === me.account?.id || me.features.administer_park ? (
                <Button tone="quiet" onPress={() => taking.take(officers.uncover(one.id))}>
                  {words.officers.endCover}
                </Button>
              ) : null}
            </li>
          ))}
        </ul>
      )}
      {adding ? (
        <CoverDialog
          officers={officers}
          without={me.account?.id ?? ""}
          onClose={() => setAdding(false)}
          onDone={() => {
            setAdding(false);
            refresh();
          }}
        />
      ) : null}
    </section>
  );
}

/** Presses that are refused when somebody else was faster: what is new is shown, and why nothing came of the press. */
function useTaking(refresh: () => void) {
  const text = useText();
  const [failed, setFailed] = useState<unknown>(null);
  return {
    take: (change: Promise<unknown>): void => {
      setFailed(null);
      void change.catch(setFailed).finally(refresh);
    },
    fault:
      failed === null ? null : (
        <Fault>{text.errors[failed instanceof ApiError ? failed.code : "internal"]}</Fault>
      ),
  };
}

function useColleagues(officers: Officers, without: string) {
  const query = useQuery({ queryKey: ["officers", "staff"], queryFn: officers.staff });
  return (query.data?.staff ?? [])
    .filter((one) => one.id !== without)
    .map((one) => ({ id: one.id, label: one.name }));
}

function ChooseDialog({
  title,
  label,
  officers,
  without,
  onClose,
  onChosen,
}: {
  title: string;
  label: string;
  officers: Officers;
  without: string;
  onClose: () => void;
  onChosen: (id: string) => Promise<void>;
}) {
  const options = useColleagues(officers, without);
  const [chosen, setChosen] = useState("");
  const id = chosen || (options[0]?.id ?? "");
  const saving = useSubmit(() => onChosen(id));
  return (
    <Dialog title={title} isOpen onClose={onClose}>
      <form className={pages.form} onSubmit={saving.onSubmit}>
        <Select label={label} selected={id} onChange={setChosen} options={options} />
        <Ends saving={saving} onClose={onClose} isReady={id !== ""} />
      </form>
    </Dialog>
  );
}

function CoverDialog({
  officers,
  without,
  onClose,
  onDone,
}: {
  officers: Officers;
  without: string;
  onClose: () => void;
  onDone: () => void;
}) {
  const words = useDirectoryWords();
  const options = useColleagues(officers, without);
  const [chosen, setChosen] = useState("");
  const [from, setFrom] = useState("");
  const [until, setUntil] = useState("");
  const id = chosen || (options[0]?.id ?? "");
  const saving = useSubmit(async () => {
    await officers.cover(id, from, until);
    onDone();
  });
  return (
    <Dialog title={words.officers.addCover} isOpen onClose={onClose}>
      <form className={pages.form} onSubmit={saving.onSubmit}>
        <Select label={words.officers.cover} selected={id} onChange={setChosen} options={options} />
        <div className={styles.two}>
          <DayField label={words.form.firstDay} value={from} onChange={setFrom} />
          <DayField label={words.form.lastDay} value={until} onChange={setUntil} />
        </div>
        <Ends
          saving={saving}
          from={from}
          until={until}
          onClose={onClose}
          isReady={id !== "" && from !== "" && until !== ""}
        />
      </form>
    </Dialog>
  );
}
