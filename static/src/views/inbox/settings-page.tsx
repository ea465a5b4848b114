import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Inbox } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { ApiError } from "../../state/api";
import { Notices, type Area, type MailChoice, type NoticeSettings } from "../../state/desk/notices";
import { BrowserPush, type PushState } from "../../state/desk/push";
import { useApp, useLocale, useText } from "../context";
import { MemberFrame } from "../frame/member-frame";
import pages from "../pages/page.module.css";
import { scriptUrl } from "../room/worker-of";
import { Button, ButtonLink } from "../ui/button";
import { Fault } from "../ui/dialog";
import { Select, Switch } from "../ui/fields";
import styles from "./inbox.module.css";
import { useInboxWords } from "./words";

const NEVER_MS = 3_600_000; // what somebody is choosing must not change under the hand
const HALF_HOURS = Array.from({ length: 48 }, (_, index) => index * 30);
const EVENING = 22 * 60;
const MORNING = 7 * 60;
const MAILS: readonly MailChoice[] = ["now", "digest", "off"];
const AREAS: readonly Area[] = ["requests", "schedule", "calls", "directory", "park"];

export default function NoticeSettingsPage() {
  const words = useInboxWords();
  return (
    <MemberFrame title={words.settingsTitle} refreshMs={NEVER_MS}>
      {() => <SettingsView />}
    </MemberFrame>
  );
}

function SettingsView() {
  const { api } = useApp();
  const text = useText();
  const words = useInboxWords();
  const locale = useLocale();
  const client = useQueryClient();
  const notices = useMemo(() => new Notices(api, locale), [api, locale]);
  const key = ["notice-settings", locale];
  const query = useQuery({ queryKey: key, queryFn: notices.settings });
  const save = useMutation({
    mutationFn: (wanted: NoticeSettings) => notices.choose(wanted),
    onMutate: (wanted) => client.setQueryData(key, wanted),
    onError: () => client.invalidateQueries({ queryKey: key }),
  });
  const settings = query.data;
  if (!settings)
    return query.isError ? (
      <div className={pages.empty}>
        <h1>{words.failed}</h1>
        <Button onPress={() => void query.refetch()}>{text.common.retry}</Button>
      </div>
    ) : (
      <p className={pages.soft}>{text.common.loading}…</p>
    );
  const change = (changed: Partial<NoticeSettings>): void => save.mutate({ ...settings, ...changed });
  const changeKind = (kind: string, changed: { mail?: MailChoice; push?: boolean }): void =>
    change({ kinds: settings.kinds.map((one) => (one.kind === kind ? { ...one, ...changed } : one)) });
  return (
    <>
      <div className={pages.titleRow}>
        <h1>{words.settingsTitle}</h1>
        <div className={pages.actions}>
          <ButtonLink href="/inbox">
            <Inbox size={16} aria-hidden />
            {words.backToInbox}
          </ButtonLink>
        </div>
      </div>
      <div className={styles.sections}>
        <p className={pages.soft}>{words.settingsText}</p>
        {save.isError ? (
          <Fault>{text.errors[save.error instanceof ApiError ? save.error.code : "internal"]}</Fault>
        ) : null}
        <section className={pages.card} aria-label={words.settingsTitle}>
          {AREAS.map((area) => {
            const kinds = settings.kinds.filter((one) => one.area === area);
            return kinds.length === 0 ? null : (
              <div key={area} className={styles.kinds}>
                <h2 className={styles.areaTitle}>{words.areas[area]}</h2>
                {kinds.map((one) => (
                  <div key={one.kind} className={styles.kindRow} data-testid={`kind-${one.kind}`}>
                    <span>{one.name}</span>
                    <Select
                      label={words.mailFor({ name: one.name })}
                      hideLabel
                      selected={one.mail}
                      onChange={(id) => changeKind(one.kind, { mail: id as MailChoice })}
                      options={MAILS.map((id) => ({ id, label: words.mails[id] }))}
                    />
                    <Switch isSelected={one.push} onChange={(push) => changeKind(one.kind, { push })}>
                      {words.push}
                    </Switch>
                  </div>
                ))}
              </div>
            );
          })}
        </section>
        <Times settings={settings} onChange={change} />
        <ThisBrowser pushKey={settings.push_key} />
      </div>
    </>
  );
}

function Times({
  settings,
  onChange,
}: {
  settings: NoticeSettings;
  onChange: (changed: Partial<NoticeSettings>) => void;
}) {
  const words = useInboxWords();
  const { quiet } = settings;
  const zones = useMemo(
    () => [...new Set([settings.time_zone, ...Intl.supportedValuesOf("timeZone")])].sort(),
    [settings.time_zone],
  );
  return (
    <section className={pages.card} aria-label={words.times}>
      <h2>{words.times}</h2>
      <Switch
        isSelected={quiet !== null}
        note={words.quietNote}
        onChange={(on) => onChange({ quiet: on ? { from_minute: EVENING, until_minute: MORNING } : null })}
        testId="quiet"
      >
        {words.quiet}
      </Switch>
      {quiet ? (
        <div className={styles.fields}>
          <TimeOfDay
            label={words.from}
            minute={quiet.from_minute}
            onChange={(from_minute) => onChange({ quiet: { ...quiet, from_minute } })}
          />
          <TimeOfDay
            label={words.until}
            minute={quiet.until_minute}
            onChange={(until_minute) => onChange({ quiet: { ...quiet, until_minute } })}
          />
        </div>
      ) : null}
      <div className={styles.fields}>
        <TimeOfDay
          label={words.digest}
          minute={settings.digest_minute}
          onChange={(digest_minute) => onChange({ digest_minute })}
        />
        <Select
          label={words.zone}
          selected={settings.time_zone}
          onChange={(time_zone) => onChange({ time_zone })}
          options={zones.map((id) => ({ id, label: id.replaceAll("_", " ") }))}
        />
      </div>
    </section>
  );
}

function TimeOfDay({
  label,
  minute,
  onChange,
}: {
  label: string;
  minute: number;
  onChange: (minute: number) => void;
}) {
  const minutes = HALF_HOURS.includes(minute) ? HALF_HOURS : [...HALF_HOURS, minute].sort((a, b) => a - b);
  return (
    <Select
      label={label}
      selected={String(minute)}
      onChange={(id) => onChange(Number(id))}
      options={minutes.map((one) => ({
        id: String(one),
        label: `${String(Math.floor(one / 60)).padStart(2, "0")}:${String(one % 60).padStart(2, "0")}`,
      }))}
    />
  );
}

function ThisBrowser({ pushKey }: { pushKey: string }) {
  const { api } = useApp();
  const text = useText();
  const words = useInboxWords();
  const locale = useLocale();
  const push = useMemo(() => new BrowserPush(api, scriptUrl), [api]);
  const [state, setState] = useState<PushState | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [hasFailed, setFailed] = useState(false);
  useEffect(() => {
    let isShown = true;
    void push.state().then((found) => isShown && setState(found));
    return () => {
      isShown = false;
    };
  }, [push]);
  const run = (work: Promise<PushState>): void => {
    setBusy(true);
    setFailed(false);
    work.then(setState, () => setFailed(true)).finally(() => setBusy(false));
  };
  if (state === null) return null;
  return (
    <section className={pages.card} aria-label={words.browser} data-testid="browser-push" data-state={state}>
      <h2>{words.browser}</h2>
      {hasFailed ? <Fault>{text.errors.unavailable}</Fault> : null}
      <div className={styles.browserRow}>
        <p>{words.browserStates[state]}</p>
        {state === "off" ? (
          <Button tone="primary" isPending={isBusy} onPress={() => run(push.switchOn(pushKey, locale))}>
            {words.switchOn}
          </Button>
        ) : state === "on" ? (
          <Button isPending={isBusy} onPress={() => run(push.switchOff())}>
            {words.switchOff}
          </Button>
        ) : null}
      </div>
    </section>
  );
}
