import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useMemo, useState } from "react";
import { ApiError, type Me } from "../../state/api";
import {
  Livestreams,
  type LiveGroup,
  type Livestream,
  type Plan,
  type StaffRole,
  type Tier,
} from "../../state/live/livestreams";
import { fieldsOf, lines, localInput, textOf } from "../../state/live/plan";
import { Schedule } from "../../state/schedule/schedule";
import { useApp, useText } from "../context";
import { MemberFrame } from "../frame/member-frame";
import pages from "../pages/page.module.css";
import { Button, ButtonLink, IconButton } from "../ui/button";
import { CopyField } from "../ui/copy-field";
import { Confirm, Fault, type Question } from "../ui/dialog";
import { Select, Switch, TextField } from "../ui/fields";
import { CaptionUpload } from "./caption-upload";
import { EncoderKeys } from "./encoder-keys";
import styles from "./live.module.css";
import { Section } from "./section";
import { RegistrationList } from "./registration-list";
import { RestreamTargets } from "./restream-targets";
import { useLiveWords } from "./words";

const REFRESH_MS = 60_000;
const HOUR_MS = 3_600_000;
const TIERS: readonly Tier[] = ["anyone", "signed_in", "named"];
const ROLES: readonly StaffRole[] = ["host", "presenter", "moderator"];

export default function PlanPage({ id }: { id: string }) {
  const words = useLiveWords();
  return (
    <MemberFrame title={words.plan} refreshMs={REFRESH_MS}>
      {(me) => (id === "new" ? <Editor me={me} before={null} /> : <Loaded id={id} me={me} />)}
    </MemberFrame>
  );
}

function Loaded({ id, me }: { id: string; me: Me }) {
  const { api } = useApp();
  const words = useLiveWords();
  const text = useText();
  const livestreams = useMemo(() => new Livestreams(api), [api]);
  const query = useQuery({ queryKey: ["livestream", id], queryFn: () => livestreams.get(id) });
  if (query.isPending) return <p className={pages.soft}>{text.common.loading}…</p>;
  if (query.isError)
    return (
      <div className={pages.empty}>
        <h1>{words.gone}</h1>
        <p>{words.goneText}</p>
      </div>
    );
  return <Editor key={query.data.version} me={me} before={query.data} />;
}

function planOf(before: Livestream | null): Plan {
  if (before) return before;
  const next = Math.ceil((Date.now() + HOUR_MS) / HOUR_MS) * HOUR_MS;
  return {
    title: "",
    description: "",
    starts_at_ms: next,
    minutes: 60,
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone || "Asia/Shanghai",
    tier: "signed_in",
    chat: { enabled: true, questions: true, slow_s: 0, held: false, words: [] },
    registration: { enabled: false, approval: false, capacity: 0, remind_before_min: 60, fields: [] },
    keep_replay: true,
  };
}

function Editor({ me, before }: { me: Me; before: Livestream | null }) {
  const { api, router } = useApp();
  const words = useLiveWords();
  const text = useText();
  const client = useQueryClient();
  const livestreams = useMemo(() => new Livestreams(api), [api]);
  const [plan, setPlan] = useState<Plan>(() => planOf(before));
  const [chatWords, setChatWords] = useState(() => plan.chat.words.join("\n"));
  const [fields, setFields] = useState(() => textOf(plan.registration.fields));
  const [fault, setFault] = useState<ApiError | null>(null);
  const [saved, setSaved] = useState(false);
  const [isPending, setIsPending] = useState(false);
  const [asked, setAsked] = useState<Question | null>(null);
  const change = (part: Partial<Plan>): void => {
    setSaved(false);
    setPlan({ ...plan, ...part });
  };
  const chat = (part: Partial<Plan["chat"]>): void => change({ chat: { ...plan.chat, ...part } });
  const registration = (part: Partial<Plan["registration"]>): void =>
    change({ registration: { ...plan.registration, ...part } });
  const run = (work: Promise<Livestream>, then: (after: Livestream) => void = () => undefined): void => {
    setIsPending(true);
    work
      .then((after) => {
        setFault(null);
        client.setQueryData(["livestream", after.id], after);
        then(after);
      })
      .catch((cause: unknown) =>
        setFault(cause instanceof ApiError ? cause : new ApiError("internal", 0, 0, {})),
      )
      .finally(() => setIsPending(false));
  };
  const save = (): void => {
    const wish: Plan = {
      title: plan.title,
      description: plan.description,
      starts_at_ms: plan.starts_at_ms,
      minutes: plan.minutes,
      zone: plan.zone,
      tier: plan.tier,
      keep_replay: plan.keep_replay,
      chat: { ...plan.chat, words: lines(chatWords) },
      registration: { ...plan.registration, fields: fieldsOf(fields) },
    };
    if (before) run(livestreams.change(before.id, before.version, wish), () => setSaved(true));
    else run(livestreams.create(wish), (after) => router.go(`/livestreams/${after.id}`));
  };
  const act = (action: string): void => {
    if (before) run(livestreams.act(before.id, action));
  };
  return (
    <>
      <div className={pages.titleRow}>
        <h1>{before ? before.title : words.plan}</h1>
        {before ? <span className={pages.badge}>{words.states[before.state]}</span> : null}
        <div className={pages.actions}>
          {before?.state === "draft" ? (
            <Button tone="primary" onPress={() => act("schedule")} testId="live-announce">
              {words.announce}
            </Button>
          ) : null}
          {before?.state === "scheduled" ? (
            <Button onPress={() => act("unschedule")}>{words.unannounce}</Button>
          ) : null}
          {before?.state === "ended" ? (
            <Button onPress={() => act("publish_replay")}>{words.publishReplay}</Button>
          ) : null}
          {before?.state === "replay" ? (
            <Button onPress={() => act("hide_replay")}>{words.hideReplay}</Button>
          ) : null}
          {before && before.state !== "ended" && before.state !== "replay" ? (
            <ButtonLink href={`/live/${before.id}/stage`}>{words.stage}</ButtonLink>
          ) : null}
          {before && before.live_at_ms > 0 ? (
            <ButtonLink href={`/livestreams/${before.id}/numbers`}>{words.numbers}</ButtonLink>
          ) : null}
        </div>
      </div>
      {before ? <CopyField label={words.link} value={before.link} /> : null}
      <form
        className={styles.editor}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <Section title={words.tabs.about}>
          <TextField
            label={words.name}
            value={plan.title}
            onChange={(title) => change({ title })}
            maxLength={120}
            fault={fault?.fields["title"] ? text.errors.invalid : null}
            testId="live-title"
          />
          <Area
            label={words.description}
            value={plan.description}
            onChange={(description) => change({ description })}
          />
          <div className={styles.pair}>
            <label className={styles.labelled}>
              {words.when}
              <input
                className={styles.input}
                type="datetime-local"
                value={localInput(plan.starts_at_ms)}
                onChange={(event) => {
                  const at = new Date(event.target.value).getTime();
                  if (!Number.isNaN(at)) change({ starts_at_ms: at });
                }}
              />
            </label>
            <NumberField
              label={words.minutes}
              value={plan.minutes}
              onChange={(minutes) => change({ minutes })}
            />
          </div>
          <Select
            label={words.tier}
            selected={plan.tier}
            onChange={(tier) => change({ tier: tier as Tier })}
            options={TIERS.map((id) => ({ id, label: words.tiers[id] }))}
          />
          <Switch isSelected={plan.keep_replay} onChange={(keep_replay) => change({ keep_replay })}>
            {words.keepReplay}
          </Switch>
        </Section>
        <Section title={words.chat}>
          <Switch isSelected={plan.chat.enabled} onChange={(enabled) => chat({ enabled })}>
            {words.chatOn}
          </Switch>
          <Switch isSelected={plan.chat.questions} onChange={(questions) => chat({ questions })}>
            {words.questionsOn}
          </Switch>
          <Switch isSelected={plan.chat.held} onChange={(held) => chat({ held })}>
            {words.held}
          </Switch>
          <NumberField label={words.slow} value={plan.chat.slow_s} onChange={(slow_s) => chat({ slow_s })} />
          <Area label={words.words} value={chatWords} onChange={setChatWords} />
        </Section>
        <Section title={words.registration}>
          <Switch
            isSelected={plan.registration.enabled}
            onChange={(enabled) => registration({ enabled })}
            testId="live-registration-on"
          >
            {words.registrationOn}
          </Switch>
          {plan.registration.enabled ? (
            <>
              <Switch
                isSelected={plan.registration.approval}
                onChange={(approval) => registration({ approval })}
              >
                {words.approval}
              </Switch>
              <div className={styles.pair}>
                <NumberField
                  label={words.capacity}
                  value={plan.registration.capacity}
                  onChange={(capacity) => registration({ capacity })}
                />
                <NumberField
                  label={words.remind}
                  value={plan.registration.remind_before_min}
                  onChange={(remind_before_min) => registration({ remind_before_min })}
                />
              </div>
              <Area label={words.fields} value={fields} onChange={setFields} hint={words.fieldsHint} />
            </>
          ) : null}
        </Section>
        {fault ? <Fault>{text.errors[fault.code]}</Fault> : null}
        <div className={styles.buttons}>
          {saved ? (
            <span className={pages.soft} role="status">
              {words.saved}
            </span>
          ) : null}
          {before?.may_change ? (
            <Button
              tone="quiet"
              onPress={() =>
                setAsked({
                  title: words.trash,
                  text: words.trashAsk({ title: before.title }),
                  action: words.trash,
                  run: () => {
                    livestreams.trash(before.id).then(
                      () => router.go("/livestreams"),
                      (cause: unknown) => setFault(cause instanceof ApiError ? cause : null),
                    );
                  },
                })
              }
            >
              {words.trash}
            </Button>
          ) : null}
          <Button type="submit" tone="primary" isPending={isPending} testId="live-save">
            {words.save}
          </Button>
        </div>
      </form>
      {before ? (
        <>
          <People before={before} me={me} save={(people) => run(livestreams.setPeople(before.id, people))} />
          <Groups before={before} me={me} save={(groups) => run(livestreams.setGroups(before.id, groups))} />
          {before.may_change && before.state !== "ended" && before.state !== "replay" ? (
            <>
              <EncoderKeys id={before.id} />
              <RestreamTargets id={before.id} />
            </>
          ) : null}
          {before.registration.enabled ? <RegistrationList id={before.id} livestreams={livestreams} /> : null}
          {before.state === "ended" || before.state === "replay" ? <CaptionUpload id={before.id} /> : null}
        </>
      ) : null}
      <Confirm question={asked} onClose={() => setAsked(null)} />
    </>
  );
}

function Area({
  label,
  value,
  onChange,
  hint,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  hint?: string;
}) {
  return (
    <label className={styles.labelled}>
      {label}
      <textarea
        className={styles.input}
        rows={4}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
      {hint ? <span className={styles.fieldHint}>{hint}</span> : null}
    </label>
  );
}

function NumberField({
  label,
  value,
  onChange,
}: {
  label: string;
  value: number;
  onChange: (value: number) => void;
}) {
  return (
    <label className={styles.labelled}>
      {label}
      <input
        className={styles.input}
        type="number"
        min={0}
        value={value}
        onChange={(event) => onChange(Math.max(0, Math.floor(Number(event.target.value) || 0)))}
      />
    </label>
  );
}

function People({
  before,
  save,
}: {
  before: Livestream;
  me: Me;
  save: (people: readonly { account_id: string; role: StaffRole }[]) => void;
}) {
  const { api } = useApp();
  const words = useLiveWords();
  const schedule = useMemo(() => new Schedule(api), [api]);
  const [typed, setTyped] = useState("");
  const search = typed.trim();
  const found = useQuery({
    queryKey: ["people", search],
    queryFn: () => schedule.people(search),
    enabled: search !== "",
    refetchInterval: false,
  });
  const staff = before.staff.map(({ account_id, role }) => ({ account_id, role }));
  const taken = new Set(staff.map((one) => one.account_id));
  const offers = (found.data?.people ?? []).filter((one) => !taken.has(one.id)).slice(0, 6);
  return (
    <Section title={words.people}>
      <p className={pages.small}>{words.peopleText}</p>
      <ul className={styles.rows}>
        {before.staff.map((one) => (
          <li key={one.account_id} className={styles.editRow}>
            <span className={styles.grow}>{one.name}</span>
            <Select
              label={words.role}
              hideLabel
              selected={one.role}
              onChange={(role) =>
                save(
                  staff.map((other) =>
                    other.account_id === one.account_id ? { ...other, role: role as StaffRole } : other,
                  ),
                )
              }
              options={ROLES.map((id) => ({ id, label: words.roles[id] }))}
            />
            <IconButton
              name={words.remove({ name: one.name })}
              onPress={() => save(staff.filter((other) => other.account_id !== one.account_id))}
            >
              <Trash2 size={18} aria-hidden />
            </IconButton>
          </li>
        ))}
      </ul>
      <TextField label={words.addPerson} placeholder={words.findPerson} value={typed} onChange={setTyped} />
      <ul className={styles.rows}>
        {offers.map((one) => (
          <li key={one.id} className={styles.editRow}>
            <span className={styles.grow}>
              {one.name} <span className={pages.small}>{one.organization}</span>
            </span>
            <Button
              onPress={() => {
                save([...staff, { account_id: one.id, role: "presenter" }]);
                setTyped("");
              }}
            >
              {words.addPerson}
            </Button>
          </li>
        ))}
      </ul>
    </Section>
  );
}

type GroupWish = Pick<LiveGroup, "kind" | "name" | "tier" | "own_chat" | "emails"> & {
  readonly id: string;
  readonly organization_id: string;
};

const wishOf = (group: LiveGroup): GroupWish => ({
  id: group.id,
  kind: group.kind,
  name: group.name,
  tier: group.tier,
  own_chat: group.own_chat,
  emails: group.emails,
  organization_id: group.organization_id ?? "",
});

function Groups({
  before,
  me,
  save,
}: {
  before: Livestream;
  me: Me;
  save: (groups: readonly GroupWish[]) => void;
}) {
  const words = useLiveWords();
  const [groups, setGroups] = useState<readonly GroupWish[]>(() => before.groups.map(wishOf));
  const links = new Map(before.groups.map((one) => [one.id, one.link]));
  const put = (index: number, part: Partial<GroupWish>): void =>
    setGroups(groups.map((one, at) => (at === index ? { ...one, ...part } : one)));
  const add = (kind: LiveGroup["kind"], name: string, organization_id = ""): void =>
    setGroups([
      ...groups,
      { id: "", kind, name, tier: "anyone", own_chat: false, emails: [], organization_id },
    ]);
  return (
    <Section title={words.groups}>
      <p className={pages.small}>{words.groupsText}</p>
      <ul className={styles.rows}>
        {groups.map((group, index) => (
          <li key={group.id || `new-${index}`} className={styles.groupRow}>
            <div className={styles.editRow}>
              <div className={styles.grow}>
                <TextField
                  label={`${words.groupName}（${words.groupKinds[group.kind]}）`}
                  value={group.name}
                  onChange={(name) => put(index, { name })}
                />
              </div>
              <IconButton
                name={words.remove({ name: group.name })}
                onPress={() => setGroups(groups.filter((_, at) => at !== index))}
              >
                <Trash2 size={18} aria-hidden />
              </IconButton>
            </div>
            <Switch isSelected={group.own_chat} onChange={(own_chat) => put(index, { own_chat })}>
              {words.ownChat}
            </Switch>
            {group.kind === "list" ? (
              <Area
                label={words.emails}
                value={group.emails.join("\n")}
                onChange={(text) => put(index, { emails: text.split("\n") })}
              />
            ) : null}
            {links.get(group.id) ? <CopyField label={words.link} value={links.get(group.id) ?? ""} /> : null}
          </li>
        ))}
      </ul>
      <div className={styles.buttons}>
        {me.memberships.slice(0, 1).map(({ organization }) => (
          <Button
            key={organization.id}
            onPress={() => add("organization", organization.name, organization.id)}
          >
            {words.addOrganization}
          </Button>
        ))}
        <Button onPress={() => add("list", words.groupKinds.list)}>{words.addList}</Button>
        <Button onPress={() => add("link", words.groupKinds.link)}>{words.addLink}</Button>
        <Button
          tone="primary"
          onPress={() =>
            save(
              groups.map((one) => ({
                ...one,
                emails: one.emails.map((email) => email.trim()).filter(Boolean),
              })),
            )
          }
        >
          {words.save}
        </Button>
      </div>
    </Section>
  );
}
